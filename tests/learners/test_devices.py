"""A learner keeps to the device of its net. There may be no GPU, so the net lies on torch's `meta` device, which has
shapes and no numbers: what is read back to the processor is made up, and a tensor left on the wrong side is an error.
"""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.fx.experimental import _config

from learners.adamw import AdamW
from learners.base import Batch, to_float
from learners.nets import SegNet
from learners.recipes import RECIPES, make_learner

LIMIT_BYTES = 100_000
QUICK = ("er+ewc",)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A device that is not the processor's, from which numbers (all of them 1) and tensors (all zeros) can be read."""
    reading = {
        "item": lambda tensor: 1.0 if tensor.is_floating_point() else 1,
        "__bool__": lambda tensor: True,
        "__int__": lambda tensor: 1,
        "__float__": lambda tensor: 1.0,
        "tolist": lambda tensor: np.ones(tuple(tensor.shape)).tolist(),
        "cpu": lambda tensor: torch.zeros(tensor.shape, dtype=tensor.dtype),
    }
    for name, made_up in reading.items():
        real = getattr(Tensor, name)
        monkeypatch.setattr(
            Tensor, name, lambda tensor, real=real, made_up=made_up: (made_up if tensor.is_meta else real)(tensor)
        )
    move, equal = Tensor.to, torch.equal

    def moved(tensor: Tensor, *wanted, **kwargs) -> Tensor:
        if tensor.is_meta and wanted and str(wanted[0]) == "cpu":
            return move(torch.zeros(tensor.shape, dtype=tensor.dtype), *wanted, **kwargs)
        return move(tensor, *wanted, **kwargs)

    monkeypatch.setattr(Tensor, "to", moved)
    monkeypatch.setattr(torch, "equal", lambda a, b: a.device == b.device if a.is_meta else equal(a, b))
    monkeypatch.setattr(AdamW, "step", lambda optimizer: None)  # the fused step has no shapes-only twin
    with _config.patch(meta_nonzero_assume_all_nonzero=True):
        yield "meta"


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in RECIPES]
)
def test_every_recipe_learns_where_its_net_lies(name: str, elsewhere: str):
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.integers(0, 256, (4, 3, 16, 16), dtype=np.uint8))
    batch = Batch(images, torch.from_numpy(rng.integers(0, 4, (4, 8, 8), dtype=np.uint8)))
    net = SegNet(4, generator=torch.Generator().manual_seed(0), widths=(8, 8, 8)).to(elsewhere)
    learner = make_learner(name, net, seed=0, memory_bytes=LIMIT_BYTES)
    assert learner.predict(images).device.type == elsewhere
    learner.remember(batch)
    for _ in range(2):  # the second time against what the first has kept
        learner.learn(batch)
        learner.consolidate("test")
    learner.learn(batch)
    assert {weight.device.type for weight in learner.net.parameters()} == {elsewhere}
    assert learner.cost.bytes_kept >= 0


def test_bytes_travel_to_the_device_and_floats_do_not(monkeypatch: pytest.MonkeyPatch):
    travelled, move = [], Tensor.to

    def noted(tensor: Tensor, *wanted, **kwargs) -> Tensor:
        if "meta" in map(str, wanted):
            travelled.append(tensor.dtype)
        return move(tensor, *wanted, **kwargs)

    monkeypatch.setattr(Tensor, "to", noted)
    converted = to_float(torch.zeros((2, 3, 8, 8), dtype=torch.uint8), "meta")
    assert (converted.device.type, converted.dtype) == ("meta", torch.float32)
    assert converted.is_contiguous(memory_format=torch.channels_last)
    assert travelled == [torch.uint8]
