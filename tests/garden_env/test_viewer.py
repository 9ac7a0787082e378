"""The window draws what it is given, answers every key through SDL's queue, and changes nothing."""

import json
import os
from dataclasses import replace

import gymnasium
import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.viewer.drawing import draw, layout_of
from garden_env.viewer.filling import Scribe, plants_of
from garden_env.viewer.layout import lay_out
from garden_env.viewer.picking import picked
from garden_env.viewer.plan import to_metres, to_pixels
from garden_env.viewer.state import OVERLAYS, Hand
from garden_env.viewer.strip import column, day_at
from garden_env.world import World
from scenarios.files import load
from scenarios.spec import Scenario
from scenarios.tables import CLASSES, IGNORE

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
SIZES = ((1280, 720), (800, 500), (1920, 1080))


@pytest.fixture(scope="module")
def world():
    world = World([plant_garden(load("four_seasons"), 300)])
    for _ in range(5):
        world.advance(np.array([[1.0, 0.1, -1.0]]))
    return world


@pytest.fixture(scope="module")
def state(world):
    scribe = Scribe(world)
    four = scribe.fill(world, (701, 526), seasons=True).seasons
    return replace(scribe.fill(world, (701, 526), driver="patrol"), seasons=four)  # as large as it is at 1280 x 720


@pytest.mark.parametrize("hud", ["full", "compact", "off"])
@pytest.mark.parametrize("size", SIZES)
def test_the_parts_of_the_window_lie_in_it_and_not_on_each_other(size, hud):
    layout = lay_out(*size, camera_aspect=4 / 3, plan_aspect=1.25, hud=hud)
    boxes = [box for box in (layout.camera, layout.plan, layout.status, layout.strip) if box.width and box.height]
    covered = np.zeros(size[::-1], int)
    for box in boxes:
        assert box.x >= 0 and box.right <= size[0] and box.y >= 0 and box.bottom <= size[1]
        covered[box.y : box.bottom, box.x : box.right] += 1
    assert covered.max() == 1
    assert layout.camera.width / layout.camera.height == pytest.approx(4 / 3, rel=0.01)


def test_filling_and_drawing_change_nothing(world):
    before = world.snapshot()
    scribe = Scribe(world)
    for overlay in OVERLAYS:
        draw(scribe.fill(world, (160, 120), seasons=True), Hand(overlay=overlay), 800, 500)
    after = world.snapshot()
    assert after.steps == before.steps
    assert all(np.array_equal(after.arrays[name], before.arrays[name]) for name in before.arrays)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_same_state_gives_the_same_picture(state, overlay, size):
    one, other = (draw(state, Hand(overlay=overlay), *size) for _ in range(2))
    assert one.shape == (size[1], size[0], 3) and np.array_equal(one, other)


def test_the_camera_shows_the_frame_as_it_is_without_an_overlay(state):
    hand = Hand()
    box = layout_of(state, hand, 1280, 720).camera
    shown = draw(state, hand, 1280, 720)[box.y : box.bottom, box.x : box.right]
    assert np.array_equal(shown, state.view.rgb)


def test_a_class_alone_is_all_that_has_colour(state):
    solo = int(np.bincount(state.view.truth[state.view.truth != IGNORE]).argmax())
    hand = Hand(solo=solo)
    box = layout_of(state, hand, 1280, 720).camera
    shown = draw(state, hand, 1280, 720)[box.y : box.bottom - 30, box.x : box.right].astype(int)
    others = state.view.truth[: shown.shape[0]] != solo
    assert (np.ptp(shown[others], axis=-1) == 0).all() and np.ptp(shown[~others], axis=-1).max() > 0


def test_places_on_the_map_and_days_in_the_calendar_find_back(state):
    layout = layout_of(state, Hand(), 1280, 720)
    place = np.array([[2.5, 1.25]])
    [(x, y)] = to_pixels(layout.plan, state.course, place)
    assert to_metres(layout.plan, state.course, x, y) == pytest.approx((2.5, 1.25))
    assert [day_at(layout.strip, state.course, column(layout.strip, state.course, d + 0.5)) for d in (0, 77, 455)] == [
        0, 77, 455,
    ]  # fmt: skip


def test_plants_are_told_at_the_stage_at_which_they_are_drawn():
    early = {"axis": "plants.phenology_shift_d", "set": 30.0}
    script = load("four_seasons").model_dump() | {"drift": [early]}
    world = World([plant_garden(Scenario.model_validate(script), 300)])
    almanac, layout = world.gardens[0].almanac, world.gardens[0].layout
    rows = 30 + np.asarray(layout.plant_shift_days)  # on day 0, all of them 30 days ahead, each by its own days more
    told = plants_of(world, 0)
    assert (rows != 30).any() and (rows >= 0).all()
    for stage in ("growth", "leaf", "bloom", "fruit"):
        assert np.array_equal(getattr(told, stage), getattr(almanac, stage)[rows, layout.plant_species])


def test_a_click_on_a_plant_tells_its_species_stage_and_water(state):
    plan = layout_of(state, Hand(), 1280, 720).plan
    small = int(np.argmin(state.plants.reach_m))
    [(x, y)] = to_pixels(plan, state.course, state.plants.place_m[small])
    told = picked(state, plan, x, y)
    assert told.startswith(state.plants.species[small].replace("_", " ")) and "water" in told
    corner = to_pixels(plan, state.course, np.array([[0.0, 0.0]]))[0]
    away_m = np.hypot(*state.plants.place_m.T)
    assert (away_m > state.plants.reach_m).all() and picked(state, plan, *corner) == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows always has a screen")
def test_without_a_screen_there_is_a_sentence_and_no_window(state, monkeypatch):
    from garden_env.viewer.window import NoDisplayError, Window

    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    with pytest.raises(NoDisplayError, match="--no-window"):
        Window((640, 400)).show(state)


def test_watching_an_environment_changes_nothing():
    def rewards(mode):
        env = gymnasium.make("evergreen/Garden-v0", render_mode=mode, max_steps=6, disable_env_checker=True)
        observation, _ = env.reset(seed=3)
        if mode == "human":
            env.unwrapped._watch.window.hand.rate = float("inf")
        told = [observation["rgb"].sum()]
        for n in range(6):
            observation, reward, *_ = env.step(np.array([0.9, 0.2 * (n % 2), -1.0], np.float32))
            told += [observation["rgb"].sum(), reward]
        env.close()
        return json.dumps([float(value) for value in told])

    assert rewards("human") == rewards(None)


def test_all_classes_have_a_colour_in_the_overlay():
    from garden_env.viewer.tints import CLASS_RGB

    assert [tuple(CLASS_RGB[row.id]) for row in CLASSES.values()] == [row.rgb for row in CLASSES.values()]
