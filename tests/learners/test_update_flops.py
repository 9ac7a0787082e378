"""The operations that a learner counts are those that torch finds in it, of every recipe.

A learner counts passes of the net, and of what hangs on it. Three things are known to differ, and are what is said
here to the last operation: a filled-in picture asks nothing of the last layer, whose backward pass is counted all the
same; the statistics of `slda` and `ncm` answer beside the last layer, at its price, which is not counted; and neither
is what `slda`, `ogd` and `gpm` do with matrices of their own.
"""

from collections import Counter

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from learners.recipes import RECIPES, find_recipe

MIXTURES = ("er+agem", "der+++lwf", "mir+si+gem+ogd", "er-ace+hat+cassle+l2init", "er-balanced+packnet+ssl+mas")
ALGEBRA = {"slda", "ogd", "gpm"}
"""Parts whose matrix products are no passes; torch counts some of them."""


def counted(name, learner, act):
    """Operations by the meter and by torch, and of torch's those that are no products of a part's own matrices."""
    before = learner.cost.flops
    with FlopCounterMode(display=False) as found:
        act()
    by_kind = Counter(found.get_flop_counts()["Global"]) if found.get_total_flops() else Counter()
    own = 0
    if ALGEBRA & {part.name for part in find_recipe(name).parts}:
        own = by_kind[torch.ops.aten.mm] + by_kind[torch.ops.aten.bmm]
    return learner.cost.flops - before, found.get_total_flops() - own


@pytest.mark.parametrize("name", (*RECIPES, *MIXTURES))
def test_updates_and_a_consolidation_cost_what_torch_finds(name, tiny_learner, tiny_batch):
    learner, parts = tiny_learner(name), {part.name for part in find_recipe(name).parts}
    for step in range(6):  # a past: frames to recall, anchors, teachers, directions
        learner.learn(tiny_batch(step))
        if step > 3:
            learner.consolidate("alarm")
    frames_before = learner.cost.forward_frames
    metered, found = counted(name, learner, lambda: [learner.learn(tiny_batch(step)) for step in range(6, 9)])
    frames = learner.cost.forward_frames - frames_before
    last_layer = 2 * learner.net.head.weight.numel() * tiny_batch(0).labels[0].numel()  # of a frame, forward
    if "ssl" in parts:
        found += frames // 2 * 2 * last_layer  # half of the frames are filled in; towards weights and inputs
    if parts & {"slda", "ncm"}:
        found -= frames * last_layer
    assert metered == found
    assert (metered > 0) == (name not in ("frozen", "adabn"))
    metered, found = counted(name, learner, lambda: learner.consolidate("alarm"))
    assert metered == found
    assert (metered > 0) == bool(parts & {"ewc", "mas", "ogd", "gpm"})
