"""Every axis does something that can be seen over what a day does anyway, and nothing where it says it does nothing."""

import pytest

from agent.effects import ALIVE, Bench
from scenarios.axes import AXES, CHANNELS


@pytest.fixture(scope="module")
def bench():
    return Bench()


@pytest.fixture(scope="module")
def nuisance(bench):
    return bench.nuisance()


@pytest.mark.parametrize("name", AXES)
def test_an_axis_is_alive_in_its_own_channel_and_still_in_all_others(name, bench, nuisance):
    effect = bench.measure(AXES[name], nuisance)
    assert effect.own >= ALIVE, effect.effect
    assert not effect.leaks, effect.distance


def test_at_their_defaults_all_axes_together_do_nothing(bench):
    as_it_was, scripted = bench.garden, bench.under(**{axis.name: axis.default for axis in AXES.values()})
    assert scripted.almanac.course.active == tuple(AXES)
    for first, second in zip(bench.frames(as_it_was, 0.5), bench.frames(scripted, 0.5), strict=True):
        for a, b in zip(first, second, strict=True):
            for part in ("rgb", "mask", "mask_under", "depth_m"):
                assert (getattr(a, part) == getattr(b, part)).all(), part


def test_a_day_leaves_labels_and_distances_as_they_are(bench):
    for share in (0.2, 0.8):
        for noon, later in zip(bench.frames(bench.garden, 0.5), bench.frames(bench.garden, share), strict=True):
            for a, b in zip(noon, later, strict=True):
                assert (a.mask == b.mask).all() and (a.depth_m == b.depth_m).all()


def test_channels_are_those_that_can_be_measured(nuisance):
    assert set(nuisance) == set(CHANNELS)
