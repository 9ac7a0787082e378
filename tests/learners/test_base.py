"""A batch keeps its rows together."""

import pytest
import torch

from learners.base import Batch, to_float, to_uint8


def test_adding_puts_new_rows_before_recalled_ones(tiny_batch):
    new, old = tiny_batch(0), tiny_batch(1, frames=2)
    recalled = Batch(old.images, old.labels, recalled=2)
    mixed = new + recalled
    assert (len(mixed), mixed.recalled) == (6, 2)
    assert torch.equal(mixed.images[:4], new.images)
    assert torch.equal(mixed.labels[4:], old.labels)
    with pytest.raises(ValueError, match="new rows come before recalled"):
        recalled + new


def test_adding_nothing_changes_nothing(tiny_batch):
    batch = tiny_batch(0)
    assert batch + batch[:0] is batch
    assert batch[:0] + batch is batch


def test_an_extra_that_one_side_lacks_is_no_answer(tiny_batch):
    new, old = tiny_batch(0, frames=1), tiny_batch(1, frames=1)
    extras = {"logits": torch.ones(1, 3, 4, 4), "class": torch.ones(1, dtype=torch.uint8), "step": torch.ones(1).long()}
    mixed = new + Batch(old.images, old.labels, extras)
    assert mixed.extras["logits"][0].isnan().all()
    assert (mixed.extras["logits"][1] == 1).all()
    assert mixed.extras["class"].tolist() == [255, 1]
    assert mixed.extras["step"].tolist() == [-1, 1]


def test_bytes_survive_the_way_to_floats_and_back():
    every = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.equal(to_uint8(to_float(every)), every)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (torch.zeros(2, 3, 8, 8, dtype=torch.int64), torch.zeros(2, 4, 4).byte(), "images are"),
        (torch.zeros(3, 8, 8), torch.zeros(2, 4, 4).byte(), "images are"),
        (torch.zeros(2, 3, 8, 8), torch.zeros(2, 4, 4), "labels are"),
        (torch.zeros(2, 3, 8, 8), torch.zeros(3, 4, 4).byte(), "2 images came with 3 labels"),
    ],
)
def test_what_does_not_fit_together_is_refused(images, labels, message):
    with pytest.raises(ValueError, match=message):
        Batch(images, labels)
