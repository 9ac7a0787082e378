"""Mixtures by name: what is read, what is refused, and with which settings."""

from pathlib import Path

import pytest
import torch

from learners.compose import Draft
from learners.memories.dark import Dark
from learners.mixtures import CLASHES, PLACES
from learners.plasticity.shrink import Shrink
from learners.projectors.agem import AGEM
from learners.projectors.allotment import Allotment
from learners.projectors.gpm import GPM
from learners.recipes import PARTS, RECIPES, find_recipe, make_learner
from learners.settings import Settings


def parts(name):
    return [part.name for part in find_recipe(name).parts]


def test_a_name_that_ends_in_a_plus_is_told_from_a_mixture():
    assert parts("der++") == ["der++"]
    assert parts("der+lwf") == ["der", "lwf"]
    assert parts("der+++lwf") == ["der++", "lwf"]
    assert parts("der+++lwf+agem") == ["der++", "lwf", "agem"]


def test_the_order_in_which_parts_are_named_does_not_matter(tiny_learner):
    assert find_recipe("shrink+ewc+er") == find_recipe("er+ewc+shrink")
    one, other = tiny_learner("ewc+er"), tiny_learner("er+ewc")
    assert one.memory.rng.bit_generator.state == other.memory.rng.bit_generator.state


def test_whoever_draws_past_frames_shares_them(tiny_learner):
    learner = tiny_learner("er+agem")
    [projector] = learner.projectors
    assert isinstance(projector, AGEM)
    assert projector.memory is learner.memory
    assert (learner.memory.frames, projector.frames) == (4, 4)
    dark = tiny_learner("der++").memory
    assert isinstance(dark, Dark)
    assert (dark.frames, dark.draws) == (4, 2)
    assert tiny_learner("agem").memory.frames == 0


def test_a_net_of_ones_own_is_asked_for_its_classes_only_by_those_who_need_them(tiny_net):
    net = tiny_net()
    del net.classes
    assert Draft(net, Settings(), 0, 0).classes == 3  # by its head
    net.head = torch.nn.Identity()
    assert make_learner("er", net, seed=0, memory_bytes=9999)
    with pytest.raises(ValueError, match="a TinyNet must say how many `classes` it has"):
        make_learner("der", net, seed=0, memory_bytes=9999)


def test_what_forbids_comes_after_what_it_forbids(tiny_learner):
    kinds = [type(projector) for projector in tiny_learner("packnet+agem+gpm+shrink").projectors]
    assert kinds.index(Shrink) < kinds.index(GPM) < kinds.index(Allotment) == len(kinds) - 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("er+der", "'er' and 'der' are both the memory; choose one"),
        ("agem+gem", "'agem' and 'gem' are both what the gradient is compared with"),
        ("ogd+gpm", "both the directions that are spared"),
        ("packnet+hat", "both the net around the net"),
        ("er+slda", "'slda' is a learner by itself and cannot be mixed"),
        ("finetune+ewc", "'finetune' is a learner by itself"),
        ("er+tent", "'tent' is a learner by itself"),
        ("er+er", "names a part twice"),
        ("cbp+packnet", "'cbp' and 'packnet' cannot act together"),
        ("er+gpm+redo", "'redo' and 'gpm' cannot act together"),
        ("adapters+gpm", "'gpm' and 'adapters' cannot act together"),
        ("er+", "a part is missing after the last '\\+'"),
        ("er+ewk", "Nothing is called 'ewk'. Did you mean 'er\\+ewc'\\?"),
        ("ewk+er", "Did you mean 'ewc\\+er'\\?"),
        ("finetun", "no learner is called 'finetun'. Did you mean 'finetune'\\? There are: frozen, "),
        ("", "no learner is called ''"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(name, message):
    with pytest.raises(ValueError, match=message):
        find_recipe(name)


def test_the_tables_speak_of_what_there_is():
    assert {part.place for part in PARTS.values()} == {"", *PLACES}
    for these, those, why in CLASHES:
        assert {*these, *those} <= set(PARTS)
        assert why


def test_the_page_tells_of_every_recipe_what_the_table_does():
    page = (Path(__file__).parents[2] / "docs" / "learners.md").read_text(encoding="utf-8")
    for recipe in RECIPES.values():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{recipe.name}` |")]
        assert row.startswith(f"| `{recipe.name}` | {recipe.summary} | {recipe.source} | `")
        told = {
            "p": recipe.needs_past_data,
            "u": recipe.learns_without_labels,
            "r": recipe.regime_source is not None,
            "t": recipe.pretrain_updates > 0,
        }
        marks = row.rstrip("| ").rpartition("|")[2].strip() if not row.endswith("| |") else ""
        assert marks == "".join(mark for mark, holds in told.items() if holds), recipe.name


def test_all_pairs_are_either_refused_or_live(tiny_learner, tiny_batch):
    """A sentence or two updates; nothing in between."""
    names = [part.name for part in PARTS.values() if not part.whole]
    refused = 0
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            try:
                learner = tiny_learner(f"{one}+{other}")
            except ValueError as error:
                refused += 1
                assert one in str(error) and other in str(error)
                continue
            for step in range(2):
                assert learner.learn(tiny_batch(step))
                learner.consolidate("schedule")
            learner.predict(tiny_batch(2).images)
    assert refused == 15 + 3 + 1 + 1 + 6 + 4 + 1  # memories, nets, gradients, subspaces, clashes
