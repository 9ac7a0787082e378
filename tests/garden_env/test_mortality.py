"""Where plants are mortal, thirst kills those in beds, by their kind; the owner replaces them in spring."""

from datetime import date

import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.mortality import bedded, endurance_d, in_leaf, replants, suffer
from garden_env.snapshot import Snapshot
from garden_env.soil import WILTED_KS
from garden_env.world import World
from scenarios.drift import DriftEvent
from scenarios.seasons import begins
from scenarios.spec import GardenSpec, Scenario
from scenarios.tables import SPECIES, WILTED

STILL = np.array([[0.0, 0.0, -1.0]])
LIFE = Scenario(
    name="thirst", climate="mediterranean", days=400, steps_per_day=2, commissioning_days=1,
    garden=GardenSpec(mortal=True),
)  # fmt: skip


@pytest.fixture(scope="module")
def garden():
    return plant_garden(LIFE, 500)


@pytest.fixture(scope="module")
def summer(garden):
    """An unwatered world in which some have died."""
    return until(World([garden]), date(2030, 8, 10))


def until(world, day):
    while world.date(0) < day:
        world.advance(STILL)
    return world


def test_nobody_dies_where_plants_are_not_mortal_and_nothing_else_differs_before_somebody_does(garden):
    spec = GardenSpec(mortal=False)
    immortal = World([plant_garden(LIFE.model_copy(update={"garden": spec}), 500)])
    mortal = World([garden])
    while mortal.alive.all():
        np.testing.assert_array_equal(mortal.ks, immortal.ks)
        for world in (mortal, immortal):
            world.advance(STILL)
    np.testing.assert_array_equal(mortal.depletion_mm, immortal.depletion_mm)
    until(immortal, date(2030, 9, 1))
    assert immortal.alive.all()
    assert not immortal.severe_d.any()


def test_a_plant_dies_after_as_many_days_of_severe_stress_in_a_row_as_its_kind_stands(garden):
    world, layout = World([garden]), garden.layout
    rows = np.zeros((0, len(layout.plant_species)), bool)
    deaths = {}
    while world.day < 140:
        leafy = world.in_leaf(0)
        world.advance(STILL)
        for ks, alive in world.evenings:
            rows = np.vstack([rows, (ks[0] < WILTED_KS) & leafy])
            for plant in np.flatnonzero(~alive[0]):
                deaths.setdefault(plant, len(rows))
    assert len(deaths) > 10
    for plant, day in deaths.items():
        stands = int(SPECIES[layout.species[layout.plant_species[plant]]].dies_after_d)
        severe = rows[:day, plant]
        assert severe[-stands:].all()
        assert day == stands or not severe[-stands - 1]


def test_one_day_of_relief_starts_the_count_again():
    alive, severe_d = np.ones(1, bool), np.zeros(1)
    for day in range(25):
        ks = np.array([1.0 if day % 10 == 9 else 0.0])
        alive, severe_d = suffer(alive, severe_d, ks, np.ones(1, bool), np.array([10.0]))
    assert (alive.all(), severe_d[0]) == (True, 5.0)


def test_tender_kinds_die_sooner_than_moderate_ones_and_sparing_ones_last():
    days = {name: row.dies_after_d for name, row in SPECIES.items()}
    assert days["lettuce"] < days["hydrangea"] < days["rose"] == 10.0 < days["tulip"] < days["lavender"]
    assert all(value > 0 for value in days.values())


def test_trees_and_what_has_no_leaves_do_not_die(garden, summer):
    layout = garden.layout
    trees = ~bedded(layout)
    assert trees.any()
    assert np.isinf(endurance_d(layout)[trees]).all()
    assert summer.alive[0, trees].all()
    sleepers = np.isin(np.array(layout.species)[layout.plant_species], ["snowdrop", "tulip", "daffodil"])
    assert not in_leaf(garden.almanac, layout, summer.day)[sleepers].any()
    assert (summer.ks[0, sleepers] < WILTED_KS).any()  # the ground over them is dry
    assert summer.alive[0, sleepers].all()


def test_the_dead_are_withered_for_good_and_drink_nothing(garden, summer):
    world = summer.fork()
    dead = ~world.alive[0]
    assert dead.any()
    world.depletion_mm[0, dead] = 5.0
    for _ in range(20):
        before_mm = world.depletion_mm[0, dead].copy()
        world.advance(STILL)
        assert (world.depletion_mm[0, dead] <= before_mm).all()
        assert not world.ks[0, dead].any()
        assert not world.severe_d[0, dead].any()
        assert not world.alive[0, dead].any()


def test_water_for_the_dead_is_wasted_and_does_not_wake_them(garden, summer):
    world, layout = summer.fork(), garden.layout
    plant = int(np.flatnonzero(~world.alive[0])[0])
    world.pose[0] = (layout.plant_x_m[plant] - 1.0, layout.plant_y_m[plant], 0.0)
    held_mm, tank_l = world.depletion_mm[0].copy(), world.tank_l[0]
    terms = world.advance(np.array([[0.0, 0.0, 1.0]]))
    assert held_mm[plant] > world.depletion_mm[0, plant]
    assert world.ks[0, plant] == 0.0
    dead_l = ((held_mm - world.depletion_mm[0]) * world.root_area_m2(0))[~world.alive[0]].sum()
    assert terms["wasted_l"][0] >= dead_l - 1e-9 > 0
    spent_l = terms["relieved_l"][0] + terms["stored_l"][0] + terms["wasted_l"][0]
    assert spent_l == pytest.approx(tank_l - world.tank_l[0])


def test_the_dead_are_seen_as_wilted(garden, summer):
    """A dead rose in front of the robot, and the same rose had it lived and been watered."""
    layout = garden.layout
    names = np.array(layout.species)[layout.plant_species]
    plant = int(np.flatnonzero(~summer.alive[0] & np.isin(names, ["rose", "hydrangea", "forsythia"]))[0])
    shares = []
    for alive in (False, True):
        world = summer.fork()
        world.pose[0] = (layout.plant_x_m[plant] - 1.2, layout.plant_y_m[plant], 0.0)
        if alive:
            world.alive[:], world.depletion_mm[:], world.ks[:] = True, 0.0, 1.0
        shares.append((world.frame(0).mask == WILTED).mean())
    assert shares[0] > 0.02 > shares[1] == 0.0


def test_the_owner_replaces_the_dead_on_the_first_day_of_spring_and_waters_them_in(garden, summer):
    world = until(summer.fork(), date(2031, 2, 28))
    dead = ~world.alive[0]
    assert dead.any()
    while world.date(0) < date(2031, 3, 1):
        world.advance(STILL)
    assert world.alive.all()
    assert not world.depletion_mm[0, dead].any()
    assert (world.ks[0, dead] == 1.0).all()
    assert not world.severe_d[0, dead].any()
    assert (world.evenings[-1][1][0] == ~dead).all()  # the evening before, they still were dead
    spared = World([plant_garden(LIFE.model_copy(update={"garden": GardenSpec(mortal=False)}), 500)])
    until(spared, date(2031, 3, 1))  # what has lived on is as if nobody had ever died
    np.testing.assert_array_equal(world.depletion_mm[0, ~dead], spared.depletion_mm[0, ~dead])


def test_spring_begins_in_september_in_the_south_and_on_the_other_side_of_the_equator():
    south = plant_garden(LIFE.model_copy(update={"southern": True}), 500).almanac
    assert [day for day in range(1, 365) if replants(south, day)] == [south.day_of(date(2030, 9, 1))]
    crossing = LIFE.model_copy(update={"crosses_equator": date(2030, 10, 5)})
    almanac = plant_garden(crossing, 500).almanac  # from an autumn into a spring
    assert [almanac.date_of(day) for day in range(1, 365) if replants(almanac, day)] == [date(2030, 10, 5)]
    assert begins("autumn", date(2030, 3, 1), southern=True)


def test_snapshots_keep_the_dead_and_the_days_of_the_dying(summer, tmp_path):
    world = summer.fork()
    assert not world.alive.all()
    assert world.severe_d.any()
    world.save(tmp_path / "it")
    kept = Snapshot.load(tmp_path / "it")
    np.testing.assert_array_equal(kept.arrays["alive"], summer.alive)
    twin = World.load(tmp_path / "it")
    for _ in range(40):
        world.advance(STILL)
        twin.advance(STILL)
    np.testing.assert_array_equal(twin.alive, world.alive)
    np.testing.assert_array_equal(twin.severe_d, world.severe_d)


def test_gardens_side_by_side_die_alone(garden):
    other = plant_garden(LIFE, 501)
    together, alone = World([garden, other]), [World([garden]), World([other])]
    for _ in range(200):
        together.advance(STILL.repeat(2, 0))
        for world in alone:
            world.advance(STILL)
    for i, world in enumerate(alone):
        plants = world.alive.shape[1]
        assert not world.alive.all()
        np.testing.assert_array_equal(together.alive[i, :plants], world.alive[0])
        assert together.alive[i, plants:].all()


def test_an_event_dropped_in_does_not_raise_the_dead(garden, summer):
    world = summer.fork()
    dead = ~world.alive[0]
    world.inject(0, DriftEvent(axis="weather.rain_mm_d", set=20.0))
    for _ in range(20):
        world.advance(STILL)
    assert not world.alive[0, dead].any()
    assert not world.depletion_mm[0, bedded(garden.layout)].any()
