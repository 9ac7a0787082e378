"""What stands still, stands still, and brings nothing down."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from learners.freezing import guard_frozen, hold_statistics, learn_only
from learners.label_free.batch_norm import with_batch_norm
from learners.recipes import RECIPES

EVERY_RECIPE_BEHIND_A_FROZEN_LAYER = """
import sys
import torch
from learners.base import Batch
from learners.nets import SegNet
from learners.recipes import make_learner

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(0)
images = torch.randint(0, 256, (4, 3, 16, 16), dtype=torch.uint8, generator=generator)
labels = torch.randint(0, 3, (4, 8, 8), generator=generator)
for name in sys.argv[1:]:
    net = SegNet(3, generator=generator, widths=(8, 8, 8))
    net.down2[0][0].requires_grad_(False)
    learner = make_learner(name, net, seed=0, memory_bytes=20_000)
    for _ in range(2):
        learner.learn(Batch(images, labels))
        learner.consolidate("schedule")
    print(name, learner.cost.updates, flush=True)
"""


@pytest.mark.slow
def test_no_recipe_crashes_behind_a_frozen_layer():
    """In a process of its own: what torch does there without care ends the process (torch 2.13, on a processor)."""
    names = [name for name in RECIPES if name != "frozen"]
    command = [sys.executable, "-c", EVERY_RECIPE_BEHIND_A_FROZEN_LAYER, *names]
    child = subprocess.run(command, capture_output=True, text=True)
    assert child.stdout.splitlines() == [f"{name} 2" for name in names], child.stderr
    assert child.returncode == 0


def test_only_what_is_chosen_learns(tiny_net):
    net = tiny_net()
    learn_only(net, net.head.parameters())
    assert [name for name, p in net.named_parameters() if p.requires_grad] == ["head.weight", "head.bias"]


@pytest.mark.parametrize("affine", [True, False])
def test_frozen_batch_normalisation_keeps_its_statistics(affine, tiny_net):
    net = with_batch_norm(tiny_net())
    net.body[1] = nn.BatchNorm2d(4, affine=affine)
    learn_only(net, net.head.parameters())
    images = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    answers = net.eval()(images).logits
    assert torch.equal(net.train()(images).logits, answers)
    assert net.body[1].num_batches_tracked == 0


def test_batch_normalisation_that_learns_follows_the_batches(tiny_net):
    net = with_batch_norm(tiny_net())
    net.body[0].requires_grad_(False)
    guard_frozen(net)
    net.train()(torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)))
    assert net.body[1].num_batches_tracked == 1
    hold_statistics(net)
    net.train()(torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)))
    assert net.body[1].num_batches_tracked == 1


def test_a_net_that_learns_as_a_whole_is_left_alone_and_another_is_guarded_once(tiny_net):
    whole, part = tiny_net(), tiny_net()
    part.body[0].requires_grad_(False)
    for _ in range(2):
        guard_frozen(whole)
        guard_frozen(part)
    hooks = [sum(len(layer._forward_pre_hooks) for layer in net.modules()) for net in (whole, part)]
    assert hooks == [0, 1]
