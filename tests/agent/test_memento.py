"""The state of objects: what is taken and put back is the same, and goes on the same."""

import json
from collections import deque
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
import torch

from agent.memento import Memento, MementoError, put_back, take
from agent.monitor.detectors import Adwin, PageHinkley
from agent.monitor.loss_alarm import LossAlarm
from agent.passage import Passage
from agent.place import Stream
from agent.recent import Recent
from garden_env.container import read, write


@dataclass(frozen=True)
class Leaf:
    weight: float


class Tree:
    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.rng = np.random.default_rng(3)
        self.leaves = {("a", 1): Leaf(float("inf")), 7: Leaf(float(np.float32(0.1)))}
        self.ring = np.float32(0.1)
        self.rings = deque([1, 2.5], maxlen=3)
        self.bark = np.asfortranarray(np.arange(6.0).reshape(2, 3))
        self.sap = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
        self.sap = self.sap.to(memory_format=torch.channels_last)
        self.halves = [self.sap.to(torch.bfloat16), self.sap.half()]
        self.same = [self.bark, None, True, (1, "x")]
        self.itself = self


KINDS = {Tree: ("owner",), Leaf: ()}


def through_a_file(memento, folder):
    write(folder / "m", memento.arrays, {"outline": memento.outline}, format_name="m", version=1)
    arrays, header = read(folder / "m", format_name="m", version=1)
    return Memento(header["outline"], arrays)


def test_what_is_put_back_is_what_was_taken_in_place_and_with_its_order_in_memory(tmp_path):
    tree = Tree("me")
    tree.rng.random(5)
    tree.leaves["new"] = Leaf(-2.0)
    kept = through_a_file(take(tree, KINDS), tmp_path)
    expected = tree.rng.random(3)
    other = Tree("somebody else")
    rng, leaves = other.rng, other.leaves
    assert put_back(kept, other, KINDS) is other
    assert other.owner == "somebody else"
    assert other.rng is rng
    assert other.leaves is leaves
    assert leaves == tree.leaves
    assert type(other.ring) is np.float32
    np.testing.assert_array_equal(other.rng.random(3), expected)
    assert other.bark.flags.f_contiguous
    assert other.same[0] is other.bark
    assert other.itself is other
    assert other.rings == tree.rings
    assert other.rings.maxlen == 3
    assert torch.equal(other.sap, tree.sap)
    assert other.sap.stride() == tree.sap.stride()
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(other.halves, tree.halves, strict=True))


def test_what_nobody_has_listed_is_named_by_its_place():
    tree = Tree("me")
    tree.same.append({"deep": lambda: 0})
    with pytest.raises(MementoError, match=r"/same/4/deep is a builtins.function"):
        take(tree, KINDS)
    tree.same[-1] = np.array(["text"])
    with pytest.raises(MementoError, match=r"/same/4 is an array of <U4; expected bool, integers or floats"):
        take(tree, KINDS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda outline: outline.update(object="Path"), "no class 'Path' has a state here"),
        (lambda outline: outline["state"].pop("bark"), "a Tree has bark, of which nothing is known here"),
        (lambda outline: outline["state"].update(bark={"again": 99}), "/bark: what is kept of it makes no sense"),
        (lambda outline: outline["state"].update(bark={"__class__": 0}), "/bark: '__class__' is no kind of thing"),
    ],
)
def test_a_state_from_a_stranger_makes_nothing_but_listed_objects(change, message):
    memento = take(Tree("me"), KINDS)
    outline = json.loads(json.dumps(memento.outline))
    change(outline)
    with pytest.raises(MementoError, match=message):
        put_back(Memento(outline, memento.arrays), Tree("me"), KINDS)


def test_a_later_change_does_not_reach_what_was_taken():
    recent = Recent(2)
    recent.add(np.zeros((2, 3, 2, 2), np.uint8), np.zeros((2, 1, 1), np.uint8))
    memento = take(recent, {Recent: ()})
    recent.latest(2)[0][:] = 9
    other = put_back(memento, Recent(2), {Recent: ()})
    assert not other.latest(2)[0].any()


@pytest.mark.parametrize(
    "make", [lambda: PageHinkley(delta=0.5, threshold=8.0), lambda: Adwin(threshold=0.002)], ids=["ph", "adwin"]
)
def test_a_compiled_detector_goes_on_from_the_numbers_that_it_heard(make):
    kinds, rng = {PageHinkley: (), Adwin: ()}, np.random.default_rng(0)
    heard = np.concatenate([rng.standard_normal(60), 1.2 + rng.standard_normal(60)])
    whole, half = make(), make()
    said = [whole.hear(z) for z in heard]
    assert any(said)
    first = [half.hear(z) for z in heard[:70]]
    made = put_back(take([half], kinds), [None], kinds)[0]
    assert first + [made.hear(z) for z in heard[70:]] == said


def test_a_loss_alarm_goes_on_where_it_was():
    kinds = {LossAlarm: ("_thresholds",), PageHinkley: (), Adwin: ()}
    losses = np.concatenate([1.0 + 0.1 * np.random.default_rng(1).standard_normal(50), np.full(20, 2.0)])
    whole, half = LossAlarm("er"), LossAlarm("er")
    told = [whole.hear(float(loss), day=i, step=i) for i, loss in enumerate(losses)]
    assert any(told)
    for i, loss in enumerate(losses[:40]):
        half.hear(float(loss), day=i, step=i)
    again = put_back(take(half, kinds), LossAlarm("er"), kinds)
    assert [again.hear(float(loss), day=i, step=i) for i, loss in enumerate(losses[40:], 40)] == told[40:]


def test_a_stream_that_cannot_set_itself_aside_is_passed_over_up_to_there():
    class Recorded:
        def __iter__(self):
            return iter("abcdef")

    passage, later = (Passage(cast(Stream, Recorded())) for _ in range(2))
    assert [next(passage) for _ in range(4)] == list("abcd")
    put_back(take(passage, {Passage: ()}), later, {Passage: ()})
    assert list(later) == ["e", "f"]
