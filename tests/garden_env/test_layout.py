"""Claims about planned gardens."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from garden_env.layout import SOIL, WATER, plan_garden, sample_pose
from scenarios.spec import GardenSpec
from scenarios.tables import MATERIALS, SPECIES

SEEDS = range(6)


def planned(seed, **spec):
    return plan_garden(GardenSpec(**spec), np.random.default_rng(seed))


def from_route_m(layout, x_m, y_m):
    """Distance to the patrol's line, sampled every 5 cm."""
    closed = np.vstack([layout.route, layout.route[:1]])
    line = np.concatenate([np.linspace(a, b, 6) for a, b in pairwise(closed)])
    return np.hypot(np.asarray(x_m)[:, None] - line[:, 0], np.asarray(y_m)[:, None] - line[:, 1]).min(axis=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_patrol_drives_on_free_drivable_ground_and_is_a_days_work(seed):
    layout = planned(seed)
    cells = (layout.route / layout.cell_m).astype(int)
    drivable = {row.id for row in MATERIALS.values() if row.drivable}
    assert set(layout.material[cells[:, 1], cells[:, 0]].tolist()) <= drivable
    assert not layout.blocked[cells[:, 1], cells[:, 0]].any()
    closed = np.vstack([layout.route, layout.route[:1]])
    stride_m = np.hypot(*np.diff(closed, axis=0).T)
    assert stride_m.max() < 0.5 and stride_m.sum() <= 24.0


@pytest.mark.parametrize("seed", SEEDS)
def test_every_plant_in_a_bed_is_within_reach_of_the_patrol(seed):
    layout = planned(seed)
    bedded = layout.plant_radius_m == 0
    assert from_route_m(layout, layout.plant_x_m[bedded], layout.plant_y_m[bedded]).max() <= 1.5
    assert bedded.sum() == 6 * 5


@pytest.mark.parametrize("seed", SEEDS)
def test_solid_things_keep_their_distance_from_the_patrol(seed):
    layout = planned(seed)
    trunks, props = layout.plant_radius_m > 0, slice(None)
    clear_m = from_route_m(layout, layout.plant_x_m[trunks], layout.plant_y_m[trunks]) - layout.plant_radius_m[trunks]
    assert clear_m.min() >= 0.35
    assert (from_route_m(layout, layout.prop_x_m[props], layout.prop_y_m[props]) - layout.prop_radius_m).min() >= 0.35
    for wall in range(len(layout.wall_kind)):
        share = np.linspace(0, 1, 40)
        x = layout.wall_x0_m[wall] + share * (layout.wall_x1_m[wall] - layout.wall_x0_m[wall])
        y = layout.wall_y0_m[wall] + share * (layout.wall_y1_m[wall] - layout.wall_y0_m[wall])
        assert from_route_m(layout, x, y).min() >= 0.35


@pytest.mark.parametrize("seed", SEEDS)
def test_plants_stand_in_soil_of_their_own(seed):
    layout = planned(seed)
    row, col = (layout.plant_y_m / layout.cell_m).astype(int), (layout.plant_x_m / layout.cell_m).astype(int)
    assert (layout.material[row, col] == SOIL).all()
    assert (layout.zone[row, col] == np.arange(len(row))).all()
    assert ((layout.zone >= 0) == (layout.material == SOIL)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_dock_can_be_driven_to_from_the_path(seed):
    layout = planned(seed)
    goal = layout.route[np.argmin(np.hypot(layout.route[:, 0] - layout.dock_x_m, layout.route[:, 1] - layout.dock_y_m))]
    share = np.linspace(0, 1, 200)[:, None]
    way = share * goal + (1 - share) * (layout.dock_x_m, layout.dock_y_m)
    cells = (way / layout.cell_m).astype(int)
    assert not layout.blocked[cells[:, 1], cells[:, 0]].any()


def test_water_and_trunks_are_blocked_and_beds_are_not():
    layout = planned(0)
    assert layout.blocked[layout.material == WATER].all()
    assert not layout.blocked[layout.material == SOIL].all()
    trunk = np.argmax(layout.plant_radius_m)
    cell = int(layout.plant_y_m[trunk] / layout.cell_m), int(layout.plant_x_m[trunk] / layout.cell_m)
    assert layout.blocked[cell]


def test_the_same_seed_plans_the_same_garden():
    one, again = planned(3), planned(3)
    for first, second in ((one, again), (one.arrivals, again.arrivals)):
        for field in dataclasses.fields(first):
            if field.name != "arrivals":
                assert np.array_equal(getattr(first, field.name), getattr(second, field.name)), field.name


def test_different_seeds_plan_different_gardens():
    gardens = [planned(seed) for seed in SEEDS]
    for i, one in enumerate(gardens):
        for other in gardens[:i]:
            assert (one.material != other.material).mean() > 0.1
            assert not np.allclose(one.plant_x_m, other.plant_x_m)


def test_every_species_is_planted():
    layout = planned(1)
    assert set(range(len(layout.species))) == set(layout.plant_species.tolist())


def test_a_garden_without_trees_or_pond_can_be_planned():
    bare = tuple(name for name in GardenSpec().species if SPECIES[name].form not in ("tree", "conifer"))
    layout = planned(0, species=bare, pond=False, props=0, trees=3)
    assert not (layout.material == WATER).any() and len(layout.prop_kind) == 0 and (layout.plant_radius_m == 0).all()


@pytest.mark.parametrize(("width_m", "depth_m"), [(8.0, 7.0), (14.0, 10.0), (24.0, 18.0)])
def test_gardens_of_other_sizes_can_be_planned(width_m, depth_m):
    layout = planned(0, width_m=width_m, depth_m=depth_m, beds=5, trees=2)
    assert layout.material.shape == (round(depth_m / 0.05), round(width_m / 0.05))


def test_too_small_a_garden_is_refused_in_words():
    with pytest.raises(ValueError, match="no room for"):
        crowded = GardenSpec(width_m=7.0, depth_m=6.0, beds=12, plants_per_bed=12)
        plan_garden(crowded, np.random.default_rng(0), attempts=3)


def test_sampled_poses_are_free_and_differ():
    layout = planned(0)
    rng = np.random.default_rng(0)
    poses = np.array([sample_pose(layout, rng) for _ in range(200)])
    cells = (poses[:, :2] / layout.cell_m).astype(int)
    assert not layout.blocked[cells[:, 1], cells[:, 0]].any()
    assert len(np.unique(poses.round(6), axis=0)) == 200
