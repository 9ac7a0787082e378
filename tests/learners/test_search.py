"""The search for settings: covers its space, repeats itself, and is named by all that decides it."""

from dataclasses import asdict

import numpy as np
import pytest

from learners import search
from learners.recipes import PARTS, RECIPES, find_recipe
from learners.search import RATE, SPACES, Range, search_hash, space_of, trials_of
from learners.settings import Settings

WORLDS, PACE = ("a", "b"), {"learn_every": 12}


def test_every_part_has_its_ranges_and_no_range_is_of_another_thing():
    assert set(SPACES) == set(PARTS)
    assert {name for space in SPACES.values() for name in space} <= set(asdict(Settings()))


@pytest.mark.parametrize("name", RECIPES)
def test_defaults_lie_within_what_is_searched(name):
    for setting, where in space_of(name).items():
        assert where.low <= getattr(Settings(), setting) <= where.high, setting


@pytest.mark.parametrize("name", [*RECIPES, "der+++lwf", "er+ewc+shrink"])
def test_the_first_trial_is_the_default_and_all_lie_in_their_ranges(name):
    trials, space = trials_of(name, 16), space_of(name)
    assert trials[0] == {setting: getattr(Settings(), setting) for setting in space}
    assert len(trials) == (16 if space else 1)
    for trial in trials:
        find_recipe(name).changed(**trial)  # they are settings
        for setting, value in trial.items():
            assert space[setting].low <= value <= space[setting].high
            assert isinstance(value, type(getattr(Settings(), setting)))


def test_a_mixture_seeks_what_its_parts_seek():
    assert space_of("er+ewc") == RATE | SPACES["ewc"]
    assert space_of("ewc+er") == space_of("er+ewc")


def test_more_trials_begin_with_the_fewer():
    assert trials_of("ewc", 16)[:6] == trials_of("ewc", 6) and trials_of("ewc", 16) == trials_of("ewc", 16)
    assert [len(trials_of("ewc", n)) for n in (1, 2, 8, 9, 17)] == [1, 2, 8, 9, 17]


def test_the_points_are_spread_evenly():
    """Sobol points fill an elementary interval each: of the first 16, one lies in each sixteenth of every range."""
    for setting, where in space_of("ewc").items():
        values = np.array([trial[setting] for trial in trials_of("ewc", 17)[1:]])
        low, high, values = (
            (np.log(1 - np.array(x)) if where.scale == "log of the rest" else np.log(np.array(x)))
            for x in (where.low, where.high, values)
        )
        cells = np.floor(16 * (values - low) / (high - low) * (1 - 1e-9))
        assert len(set(cells)) >= 15, setting  # rounding to three digits may move one over its edge


def test_ranges_keep_their_ends():
    for where in (
        Range(0.002, 0.5),
        Range(0.5, 0.99, "log of the rest"),
        Range(0.0, 1.0, "linear"),
        Range(15, 120, whole=True),
    ):
        assert where.at(0.0) == where.low and where.at(1.0) == where.high


def test_a_search_is_named_by_all_that_decides_it(monkeypatch):
    name = search_hash("er+ewc", 16, WORLDS, PACE)
    assert len(name) == 12 and int(name, 16) >= 0
    assert name == search_hash("ewc+er", 16, WORLDS, PACE)
    others = {
        search_hash("ewc", 16, WORLDS, PACE),
        search_hash("er+ewc", 8, WORLDS, PACE),
        search_hash("er+ewc", 16, WORLDS[:1], PACE),
        search_hash("er+ewc", 16, WORLDS, {"learn_every": 24}),
    }
    monkeypatch.setitem(SPACES, "ewc", SPACES["ewc"] | {"ewc_strength": Range(0.1, 10.0)})
    others.add(search_hash("er+ewc", 16, WORLDS, PACE))
    monkeypatch.undo()
    monkeypatch.setattr(search, "SOBOL_SEED", 8)
    others.add(search_hash("er+ewc", 16, WORLDS, PACE))
    assert len(others) == 6 and name not in others


def test_a_part_without_ranges_is_named(monkeypatch):
    monkeypatch.delitem(SPACES, "ewc")
    with pytest.raises(ValueError, match="'ewc' are to be sought"):
        space_of("er+ewc")
    with pytest.raises(ValueError, match="at least 1"):
        trials_of("er", 0)
