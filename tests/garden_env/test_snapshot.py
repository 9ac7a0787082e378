"""A restored life goes on as the uninterrupted one, and what is no snapshot of it is refused."""

import os
import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from garden_env.container import read, write
from garden_env.garden import plant_garden
from garden_env.snapshot import BY_GARDEN, FORMAT, VERSION, Snapshot, SnapshotError
from garden_env.world import World
from scenarios.drift import DriftEvent
from scenarios.files import load

SCENARIO = load("four_seasons").model_copy(update={"days": 60, "speed": 2.5})
FOG = DriftEvent(axis="weather.fog", add=0.5, shape="ramp", at=date(2030, 4, 10), days=5)
GO_ON = """
import sys, numpy as np
from garden_env.world import World
world = World.load(sys.argv[1])
for action in np.random.default_rng(1).uniform(-1, 1, (40, 2, 3)):
    world.advance(action)
world.save(sys.argv[2])
np.save(sys.argv[3], world.frame(1).rgb)
"""


def live(world, steps, seed=0):
    for action in np.random.default_rng(seed).uniform(-1, 1, (steps, len(world.gardens), 3)):
        world.advance(action)
    return world


def same(a, b):
    first, second = a.snapshot(), b.snapshot()
    assert (first.steps, first.gardens, first.injected) == (second.steps, second.gardens, second.injected)
    for name in BY_GARDEN:
        np.testing.assert_array_equal(first.arrays[name], second.arrays[name], err_msg=name)
    for i in range(len(a.gardens)):
        np.testing.assert_array_equal(a.frame(i).rgb, b.frame(i).rgb)
        assert a.drift(i) == b.drift(i)


@pytest.fixture(scope="module")
def grown():
    """Two gardens, one of them with an event dropped in, after some days."""
    slippery = SCENARIO.model_copy(update={"drift": (DriftEvent(axis="robot.wheel_slip", set=0.2),)})
    world = live(World([plant_garden(SCENARIO, 1), plant_garden(slippery, 2, weather_seed=5)]), 50)
    world.inject(0, FOG)
    world.pose[1, :2] = world.gardens[1].layout.route[len(world.gardens[1].layout.route) // 2]  # far from the shed
    live(world, 10, seed=9)
    assert world.odometry_error_m[1].any()
    return world


def test_a_life_restored_in_another_process_is_the_uninterrupted_one(grown, tmp_path):
    paths = [str(tmp_path / name) for name in ("before", "after", "frame.npy")]
    uninterrupted = grown.fork()
    uninterrupted.save(paths[0])
    subprocess.run([sys.executable, "-c", GO_ON, *paths], check=True, env=os.environ | {"PYTHONHASHSEED": "7"})
    live(uninterrupted, 40, seed=1)
    same(World.load(paths[1]), uninterrupted)
    np.testing.assert_array_equal(np.load(paths[2]), uninterrupted.frame(1).rgb)


def test_forks_go_their_own_ways_and_restoring_takes_a_world_back(grown):
    before = grown.snapshot()
    fork, twin = grown.fork(), grown.fork()
    same(fork, twin)
    live(fork, 12, seed=2)
    fork.inject(1, FOG)
    same(grown, twin)
    assert not np.array_equal(fork.pose, twin.pose)
    fork.restore(before)
    same(fork, twin)
    assert fork.gardens[0] is grown.gardens[0]


def test_other_worlds_are_told(grown):
    alone = World([grown.gardens[0]])
    with pytest.raises(SnapshotError, match="a snapshot of 2 gardens, but a world of 1"):
        alone.restore(grown.snapshot())
    with pytest.raises(SnapshotError, match="cannot be read"):
        World.load("no/such/file")


def change(path, other, *, arrays=None, **header):
    """A well-formed file that says something else."""
    old_arrays, old_header = read(path, format_name=FORMAT, version=VERSION)
    write(other, old_arrays | (arrays or {}), old_header | header, format_name=FORMAT, version=VERSION)
    return other


def test_well_formed_files_that_make_no_sense_are_refused_by_name(grown, tmp_path):
    path = tmp_path / "good"
    grown.save(path)
    gardens = read(path, format_name=FORMAT, version=VERSION)[1]["gardens"]
    wrong = gardens[0] | {"scenario": gardens[0]["scenario"] | {"climate": "humit_continental"}}
    renamed = gardens[0] | {"scenario": gardens[0]["scenario"] | {"name": "other"}}
    cases = [
        ({"world": "evergreen/Garden-v9"}, "this program lives evergreen/Garden-v0"),
        ({"gardens": [wrong, gardens[1]]}, "gardens.0.scenario.climate.*did you mean 'humid_continental'"),
        ({"gardens": [renamed, gardens[1]]}, "a program with other scenarios wrote it"),
        ({"gardens": gardens[:1]}, r"pose is <f8 \(2, 3\); expected <f8 \(1, 3\)"),
        ({"steps": -1}, "steps: .*greater than or equal to 0"),
        ({"steps": 10**9}, "steps is 1000000000, on day .*, which no almanac reaches"),
        ({"gardens": []}, "at least one garden|expected <f8"),
        ({"surprise": 1}, "surprise: "),
        ({"arrays": {"tank_l": np.zeros(2, np.float32)}}, r"tank_l is <f4 \(2,\); expected <f8 \(2,\)"),
        ({"arrays": {"pose": np.full((2, 3), np.nan)}}, "pose holds numbers that are not finite"),
        ({"arrays": {"more": np.zeros(1)}}, "more missing or unknown"),
        (
            {
                "arrays": {n: np.ones((2, 3)) for n in ("ks", "skin_mm", "depletion_mm", "severe_d")}
                | {"alive": np.ones((2, 3), bool)}
            },
            r"\(2, 3\); expected <f8 \(2, 33\)",
        ),
    ]
    for i, (said, message) in enumerate(cases):
        other = change(path, tmp_path / f"bad{i}", **said)
        with pytest.raises(SnapshotError, match=f"bad{i}: .*{message}"):
            World.load(other)


def test_a_snapshot_of_another_version_is_refused(grown, tmp_path):
    write(tmp_path / "new", {}, {}, format_name=FORMAT, version=VERSION + 1)
    with pytest.raises(SnapshotError, match="of version 3; this program reads version 2"):
        Snapshot.load(tmp_path / "new")


def test_a_snapshot_says_what_was_dropped_in(grown, tmp_path):
    grown.save(tmp_path / "it")
    injection = Snapshot.load(tmp_path / "it").injected[0]
    assert (injection.step, injection.garden, injection.event.at) == (50, 0, date(2030, 4, 15))
    assert injection.hash == World.load(tmp_path / "it").gardens[0].scenario.hash != SCENARIO.hash
