"""The window draws what it is given, answers every key through SDL's queue, and changes nothing."""

import json
import os

import gymnasium
import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.viewer.drawing import draw, layout_of
from garden_env.viewer.filling import Scribe, plants_of
from garden_env.viewer.keys import COMMANDS, KeyMapError, read_keys, told_keys, usual_keys
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
    return Scribe(world).fill(world, (701, 526), seasons=True, driver="patrol")  # as large as it is at 1280 x 720


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


class Hands:
    """Presses keys of the dummy window."""

    def __init__(self, window):
        import pygame

        self.pygame, self.window = pygame, window

    def press(self, key, *, shift=False, up=True):
        code = self.pygame.key.key_code(key)
        mod = self.pygame.KMOD_SHIFT if shift else 0
        self.pygame.event.post(self.pygame.event.Event(self.pygame.KEYDOWN, key=code, mod=mod))
        if up:
            self.pygame.event.post(self.pygame.event.Event(self.pygame.KEYUP, key=code, mod=mod))
        return self.window.poll()

    def click(self, x, y):
        self.pygame.event.post(self.pygame.event.Event(self.pygame.MOUSEBUTTONDOWN, button=1, pos=(x, y)))
        return self.window.poll()


@pytest.fixture
def hands(state):
    from garden_env.viewer.window import Window

    window = Window((800, 500))
    window.show(state)
    window.poll()
    yield Hands(window)
    window.close()


def test_keys_that_are_about_looks_and_pace_are_the_windows_own(hands):
    hand = hands.window.hand
    assert hands.press("space") == [] and hand.paused
    assert hands.press("space") == [] and not hand.paused
    hands.press("=")
    assert hand.rate == 16.0
    for _ in range(9):
        hands.press("=")
    assert hand.rate == float("inf")
    hands.press("0")
    for _ in range(9):
        hands.press("-")
    assert hand.rate == 1.0
    for overlay in ("truth", "seasons", "plain"):  # without a learner the others have nothing to say
        hands.press("o")
        assert hand.overlay == overlay
    hands.press("o", shift=True)
    assert hand.overlay == OVERLAYS[-1]
    hands.press("g")
    hands.press("g")
    assert hand.overlay == "seasons"
    hands.press("3")
    assert hand.solo == 2
    hands.press("3")
    assert hand.solo is None
    for hud in ("compact", "off", "full"):
        hands.press("m")
        assert hand.hud == hud
    hands.press("h")
    assert hand.help


def test_keys_that_ask_for_something_are_handed_on(hands):
    for key, name in (("escape", "quit"), (".", "step"), ("p", "screenshot"), ("r", "record"), ("tab", "wheel")):
        assert [command.name for command in hands.press(key)] == [name]
    assert [command.name for command in hands.press("home", shift=True)] == ["reset_new"]


def test_keys_for_driving_count_as_long_as_they_are_down(hands):
    hands.press("w", up=False)
    hands.press("e", up=False)
    assert hands.window.held == ("forward", "water")
    hands.pygame.event.post(hands.pygame.event.Event(hands.pygame.KEYUP, key=hands.pygame.key.key_code("w"), mod=0))
    hands.window.poll()
    assert hands.window.held == ("water",)


def test_a_click_on_the_calendar_asks_for_that_day(hands, state):
    strip = layout_of(state, hands.window.hand, 800, 500).strip
    x = round(column(strip, state.course, 200))
    [command] = hands.click(x, strip.y + 30)
    assert command.name == "jump" and abs(command.value - 200) <= 1


def test_every_command_has_a_usual_key_and_an_explanation():
    assert set(usual_keys().values()) == set(COMMANDS)
    assert len(told_keys(usual_keys())) == len(COMMANDS) + 1


def test_a_file_changes_keys(tmp_path):
    file = tmp_path / "keys.yaml"
    file.write_text("pause: x\nstep: [n, shift n]\n")
    keys = read_keys(file)
    assert keys["x"] == "pause" and keys["shift n"] == "step" and "space" not in keys and keys["o"] == "overlay"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("paus: x", "did you mean 'pause'"),
        ("pause: x\nstep: x", "given to both pause and step"),
        ("- pause", "expected lines like"),
        ("pause: {x", "not YAML"),
        ("pause: [true]", "a key is a name"),
    ],
)
def test_a_bad_file_of_keys_is_refused_with_its_name(tmp_path, text, told):
    file = tmp_path / "keys.yaml"
    file.write_text(text)
    with pytest.raises(KeyMapError, match=told) as refused:
        read_keys(file)
    assert str(file) in str(refused.value)


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
