"""Hybrids of two moments: what belongs to which group, and that nothing belongs to none."""

from collections import Counter
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from garden_env.almanac import Almanac
from garden_env.causes import (
    GROUPS,
    NAMES,
    READINGS,
    THROUGH_COLUMNS,
    UNSEEN,
    Instant,
    hybrid,
    mixture,
    still_camera,
)
from garden_env.garden import Garden, plant_garden
from garden_env.look import mixed_look
from garden_env.moments import Days, Hours
from garden_env.optics import Optics
from garden_env.phenology import Stages
from scenarios.axes import AXES
from scenarios.files import load
from scenarios.spec import Scenario
from scenarios.tables import FOLIAGE, IGNORE, LITTER, SNOW, WATER, WILTED, WOOD

SEEDED = 3
SPRING, SUMMER, AUTUMN, WINTER = 10, 100, 190, 280


@cache
def garden_of(scenario: str) -> Garden:
    return plant_garden(load(scenario), SEEDED)


def poses_in(garden: Garden, count: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    places = garden.layout.route[rng.integers(len(garden.layout.route), size=count)]
    return [np.array([*place, heading]) for place, heading in zip(places, rng.uniform(-3, 3, count), strict=True)]


def same(one, other) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("rgb", "mask", "depth_m"))


# Ends


SLOW = [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("lens_replaced", "first_snow", "resurfaced_garden", "random_drift")
]


@pytest.mark.parametrize("days", [(0, 5), (2, WINTER), (SUMMER, AUTUMN), (WINTER, 3), (200, 365)])
@pytest.mark.parametrize(
    "scenario",
    ["four_seasons", "many_small_drifts", "ageing_camera", "newcomer", "night_shifts", "moved_south", *SLOW],
)
def test_with_no_group_taken_it_is_then_and_with_all_it_is_now_bit_for_bit(scenario, days):
    garden = garden_of(scenario)
    then, now = (Instant(day, garden.hour(day, step)) for day, step in zip(days, (3, 17), strict=True))
    for moment, pose in enumerate(poses_in(garden)):
        for instant, taken in ((then, ()), (now, NAMES)):
            plain = garden.view(instant.day, instant.hour, pose, moment=moment)
            assert same(hybrid(garden, pose, then, now, taken, moment=moment), plain)


def test_where_then_is_now_no_group_changes_anything():
    garden = garden_of("many_small_drifts")
    pose, when = poses_in(garden)[0], Instant(WINTER, 11.0)
    plain = garden.view(*when, pose, moment=7)
    assert all(same(hybrid(garden, pose, when, when, [name], moment=7), plain) for name in NAMES)


def test_thirst_that_nature_brought_goes_with_geometry_and_the_wet_soil_with_weather():
    garden = garden_of("dry_summers")
    then, now = Instant(SPRING, 12.0), Instant(SUMMER, 12.0)
    for pose in poses_in(garden, 3):
        ends = [hybrid(garden, pose, then, now, taken, water="unwatered") for taken in ((), NAMES)]
        for instant, end in zip((then, now), ends, strict=True):
            water = garden.unwatered(instant.day)
            frame = garden.draw(garden.look(*instant, *water), pose)
            assert np.array_equal(end.rgb, frame.rgb)
    dry = [hybrid(garden, p, then, now, ["geometry"], water="unwatered").mask == WILTED for p in poses_in(garden, 12)]
    wet = [hybrid(garden, p, then, now, ["weather"], water="unwatered").mask == WILTED for p in poses_in(garden, 12)]
    assert np.sum(dry) > 0
    assert np.sum(wet) == 0


# What belongs to whom


class Recorder:
    """An array or a course that notes what is read from it."""

    def __init__(self, name, inside, seen):
        self.name, self.inside, self.seen = name, inside, seen

    def __len__(self):
        return len(self.inside)

    def __getitem__(self, at):
        rows = at[0] if isinstance(at, tuple) else at
        rows = range(rows.start, rows.stop) if isinstance(rows, slice) else np.atleast_1d(rows)
        self.seen.update((self.name, int(row)) for row in rows)
        return self.inside[at]


class CourseRecorder(Recorder):
    active = tuple(AXES)

    def moves(self, axis):
        return True

    def at(self, axis, day):
        self.seen.add((axis, day))
        return self.inside.at(axis, day)


class Traced(Almanac):
    def latitude_on(self, day):
        self.seen.add(("latitude_deg", day))
        return super().latitude_on(day)


def readings_of_looks(garden: Garden, days: Days) -> set[tuple[str, str]]:
    """What looks and cameras read on which group's day, traced while they do."""
    seen: set[tuple[str, int]] = set()
    almanac, columns = garden.almanac, {}
    for field in fields(Almanac):
        value = getattr(almanac, field.name)
        columns[field.name] = Recorder(field.name, value, seen) if isinstance(value, np.ndarray) else value
    assert almanac.newcomer is not None
    stages = {f"newcomer.{name}": column for name, column in almanac.newcomer._asdict().items()}
    columns["newcomer"] = Stages(*(Recorder(name, column, seen) for name, column in stages.items()))
    columns["course"] = CourseRecorder("course", almanac.course, seen)
    traced = Traced(**columns)
    object.__setattr__(traced, "seen", seen)
    plants = np.ones(len(garden.layout.plant_species))
    look = mixed_look(garden.layout, traced, days, Hours(11.0, 12.0), plants, plants)
    replace(garden, almanac=traced).camera_on(look.day)
    Optics.on(traced.course, look.day)
    owner = {day: name for name, day in zip(NAMES, days, strict=True)}
    return {(name, owner[min(owner, key=lambda day: abs(day - row))]) for name, row in seen}


def test_the_table_is_what_looks_read_and_from_whose_day():
    far_apart = Days(*range(60, 60 + 60 * len(NAMES), 60))
    found = readings_of_looks(garden_of("newcomer"), far_apart)
    assert found == {(reading.name, reading.group) for reading in READINGS}


def test_the_groups_are_those_that_looks_tell_apart():
    assert tuple(name.replace(" ", "_") for name in NAMES) == Days._fields
    assert {reading.group for reading in READINGS} == set(GROUPS)


def test_every_axis_is_in_one_place_but_those_that_several_groups_read_on_days_of_their_own():
    read = Counter(reading.name for reading in READINGS if reading.name in AXES)
    assert {*read, *THROUGH_COLUMNS, *UNSEEN} == set(AXES)
    assert len(read) + len(THROUGH_COLUMNS) + len(UNSEEN) == len(AXES)
    assert {name for name, count in read.items() if count > 1} == {"plants.phenology_shift_d", "weather.snow_mm_d"}


def test_axes_that_are_not_seen_are_those_that_touch_nothing_one_sees():
    visible = {"colour", "classes", "depth"}
    assert all(visible.isdisjoint(AXES[name].touches) for name in UNSEEN)
    assert all(not visible.isdisjoint(AXES[name].touches) for name in AXES if name not in UNSEEN)


def test_no_reading_is_told_twice():
    assert len({(reading.name, reading.group) for reading in READINGS}) == len(READINGS)


# What a group changes


def switched(garden: Garden, then: Instant, now: Instant, name: str, count: int = 24):
    """Pairs of frames: then, and then with one group as it is now."""
    for pose in poses_in(garden, count):
        yield hybrid(garden, pose, then, now, ()), hybrid(garden, pose, then, now, [name])


def test_light_changes_colours_and_nothing_else():
    garden = garden_of("four_seasons")
    changed = 0
    for before, after in switched(garden, Instant(SUMMER, 8.0), Instant(WINTER, 12.0), "light"):
        assert np.array_equal(before.mask, after.mask)
        assert np.array_equal(before.depth_m, after.depth_m)
        changed += not np.array_equal(before.rgb, after.rgb)
    assert changed == 24


def test_cover_changes_labels_to_snow_litter_and_ice_only():
    garden = garden_of("four_seasons")
    new = set()
    for before, after in switched(garden, Instant(SUMMER, 12.0), Instant(WINTER, 12.0), "cover"):
        new |= set(np.unique(after.mask[before.mask != after.mask]).tolist())
    assert SNOW in new
    assert new <= {SNOW, LITTER, IGNORE}


def test_weather_changes_no_label_but_water_in_hollows():
    garden = garden_of("four_seasons")
    wet = int(np.argmax(garden.almanac.puddle[:365]))
    dry = int(np.argmin(garden.almanac.puddle[:365]))
    new = set()
    for before, after in switched(garden, Instant(dry, 12.0), Instant(wet, 12.0), "weather"):
        assert np.array_equal(before.depth_m, after.depth_m)
        new |= set(np.unique(after.mask[before.mask != after.mask]).tolist())
    assert new <= {WATER, IGNORE}


def test_leaf_colour_moves_nothing():
    garden = garden_of("four_seasons")
    changed = 0
    for before, after in switched(garden, Instant(SUMMER, 12.0), Instant(AUTUMN, 12.0), "leaf colour"):
        assert np.array_equal(before.depth_m, after.depth_m)
        changed += not np.array_equal(before.rgb, after.rgb)
    assert changed > 12


def test_geometry_takes_the_leaves_of_trees_in_winter():
    garden = garden_of("four_seasons")
    leaves = np.zeros(2, int)
    wood = np.zeros(2, int)
    for pair in switched(garden, Instant(SUMMER, 12.0), Instant(WINTER, 12.0), "geometry"):
        leaves += [(frame.mask == FOLIAGE).sum() for frame in pair]
        wood += [(frame.mask == WOOD).sum() for frame in pair]
    assert leaves[1] < 0.7 * leaves[0]
    assert wood[1] > wood[0]


def drifting(axis: str, value: float) -> Garden:
    """A garden in which one axis is set on day 61, and nature stands still but for what this moves."""
    script = [{"axis": axis, "set": value, "at": "2030-07-01"}]
    scenario = Scenario.model_validate({"name": "one", "start": "2030-05-01", "days": 90, "drift": script})
    garden = garden_of("four_seasons").under(scenario)
    columns = {field.name: getattr(garden.almanac, field.name) for field in fields(Almanac)}
    held = {
        name: np.repeat(column[60:61], len(column), axis=0)
        for name, column in columns.items()
        if isinstance(column, np.ndarray) and name != THROUGH_COLUMNS.get(axis)
    }
    return replace(garden, almanac=replace(garden.almanac, **held))


@pytest.mark.parametrize(
    ("axis", "value", "group"),
    [
        ("camera.dirt", 0.7, "camera"), ("camera.fov_deg", -30.0, "camera"), ("camera.pitch_deg", 10.0, "camera"),
        ("light.sun_elevation_deg", -25.0, "light"), ("plants.leaf_colour", 1.0, "leaf colour"),
        ("plants.bloom_hue_deg", 120.0, "bloom"), ("plants.growth", 0.4, "geometry"), ("garden.paint", 1.0, "geometry"),
        ("ground.mowing_mm", 200.0, "geometry"), ("weather.fog", 0.8, "weather"), ("ground.snow_cover", 1.0, "cover"),
        ("ground.litter", 0.8, "cover"), ("ground.bleaching", 0.9, "leaf colour"), ("ground.puddles", 1.0, "weather"),
    ],
)  # fmt: skip
def test_a_change_by_script_is_wholly_its_groups(axis, value, group):
    garden = drifting(axis, value)
    then, now = Instant(60, 12.0), Instant(62, 12.0)
    alone = {"weather", group}  # clouds drift by date, whatever is scripted
    others = [name for name in NAMES if name != group]
    changed = 0
    for pose in poses_in(garden, 6):
        after = hybrid(garden, pose, then, now, NAMES)
        assert np.array_equal(hybrid(garden, pose, then, now, alone).rgb, after.rgb)
        changed += not np.array_equal(hybrid(garden, pose, then, now, others).rgb, after.rgb)
    assert changed


def test_a_camera_that_nobody_touched_is_still():
    garden, aged = garden_of("four_seasons"), garden_of("ageing_camera")
    then, now = Instant(SPRING, 12.0), Instant(WINTER, 12.0)
    assert still_camera(garden, then, now)
    assert not still_camera(aged, then, now)


def test_noise_is_the_same_in_all_hybrids():
    garden = garden_of("four_seasons")
    noisy = replace(
        garden,
        scenario=garden.scenario.model_copy(
            update={"camera": garden.scenario.camera.model_copy(update={"noise": 12.0})}
        ),
    )
    pose, then, now = poses_in(garden)[0], Instant(SUMMER, 12.0), Instant(SUMMER, 12.0)
    frames = [hybrid(noisy, pose, then, now, taken, moment=3).rgb for taken in ((), ("light",), NAMES)]
    assert all(np.array_equal(frame, frames[0]) for frame in frames)
    assert not np.array_equal(frames[0], hybrid(noisy, pose, then, now, (), moment=4).rgb)


def test_a_group_that_is_none_is_named():
    with pytest.raises(ValueError, match="'leaf color' is not a group of causes; did you mean 'leaf colour'"):
        mixture(Instant(0, 12.0), Instant(1, 12.0), ["leaf color"])


def test_a_day_beyond_the_almanac_is_refused_whichever_group_is_on_it():
    garden = garden_of("four_seasons")
    with pytest.raises(IndexError, match="day 99999 is outside the almanac"):
        hybrid(garden, np.zeros(3), Instant(0, 12.0), Instant(99_999, 12.0), ["bloom"])
