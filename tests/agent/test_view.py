"""A life in front of a window is the same life, and what a person does to it is done and on record."""

import json
import os

import cv2
import numpy as np
import pytest

from agent.stream import owners_round
from agent.view.bare import Bare
from agent.view.events import BY_KEY, dropped
from agent.view.live import opened as opened_window
from agent.view.options import ViewOptions
from agent.view.wheel import by_keys
from garden_env.garden import dock_pose, plant_garden
from garden_env.world import World
from run_sim import main
from scenarios.files import load

SMALL = {"width": 640, "height": 400, "seed": 301, "speed": 1e6}


@pytest.fixture(autouse=True)
def dummy(monkeypatch):
    monkeypatch.setitem(os.environ, "SDL_VIDEODRIVER", "dummy")


def press(*keys: str) -> None:
    """Put keys into SDL's queue, down and up."""
    import pygame

    for key in keys:
        code = pygame.key.key_code(key)
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=code, mod=0))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=code, mod=0))


class Seat:
    """Somebody at a window that is open, so that it hears keys."""

    def __init__(self, options: ViewOptions) -> None:
        self.source = Bare(options)
        self.loop = opened_window(options, self.source)
        self.window = self.loop._window
        self.run, self.state = self.loop.run, self.loop.state
        self.loop.draw()
        self.window.poll()

    @property
    def world(self) -> World:
        return self.source.world

    @property
    def log(self) -> list[dict]:
        return self.source.log


def opened(tmp_path, **options) -> Seat:
    return Seat(ViewOptions(**SMALL, folder=tmp_path, **options))


def test_a_life_that_is_watched_is_the_life_that_nobody_watches(tmp_path):
    live = opened(tmp_path, steps=30)
    assert live.run() == "steps" and live.log == []
    garden = plant_garden(load("four_seasons"), 301)
    bare, patrol = World([garden]), owners_round(garden)
    for _ in range(30):
        bare.advance(patrol.act(bare.odometry(0) + dock_pose(garden.layout))[None])
    one, other = live.world.snapshot(), bare.snapshot()
    assert all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)


def test_whoever_takes_the_wheel_drives_and_waters(tmp_path):
    import pygame

    live = opened(tmp_path, steps=3)
    press("tab")
    for key in ("w", "e"):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(key), mod=0))
    before = live.world.pose[0].copy()
    live.run()
    assert live.source.wheel.driver == "you" and [entry["command"] for entry in live.log] == ["wheel"]
    assert np.hypot(*(live.world.pose[0, :2] - before[:2])) > 0.2 and live.world.pose[0, 2] == before[2]
    assert live.window.held == ("forward", "water")


def test_keys_that_are_held_become_a_manoeuvre():
    assert by_keys([], 0.2).tolist() == [0.0, 0.0, -1.0]
    assert by_keys(["backward", "right", "water"], 0.2).tolist() == [-1.0, -0.2, 1.0]
    assert by_keys(["forward", "backward", "left", "right"], 0.2).tolist() == [0.0, 0.0, -1.0]


def test_paused_the_world_stands_and_a_step_is_one_step(tmp_path):
    live = opened(tmp_path)
    press("space", ".", ".", "escape")
    assert live.run() == "quit"
    assert live.world.steps == 0  # the steps were asked for in the same moment as the end
    live = opened(tmp_path)
    press("space", ".")
    asked = live.window.poll()
    assert [command.name for command in asked] == ["step"] and live.window.hand.paused


@pytest.mark.parametrize("name", BY_KEY)
def test_an_event_dropped_by_hand_joins_the_script_from_today_on(tmp_path, name):
    live = opened(tmp_path, day=60, steps=1)
    press({"snow": "f5", "heat": "f6", "dirt": "f7", "bloom": "f8"}[name])
    live.run()
    [entry] = live.log
    assert entry["command"] == name and entry["step"] == 60 * 24
    begun = [injection.event for injection in live.world.injected]
    assert begun == list(dropped(name, begun[0].at)) and (begun[0].at - live.source._scenario.start).days == 60


def test_snow_by_hand_lies_the_next_day(tmp_path):
    live = opened(tmp_path, day=60, steps=30)
    press("f5")
    live.run()
    assert live.world.gardens[0].almanac.snow_cover[61] > 0.9


def test_begun_anew_it_is_the_same_garden_or_another(tmp_path):
    live = opened(tmp_path, steps=2)
    press("home")
    live.run()
    assert (live.world.gardens[0].seed, live.world.steps) == (301, 2)
    live = opened(tmp_path, steps=2)
    import pygame

    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code("home"), mod=pygame.KMOD_SHIFT))
    live.run()
    assert live.world.gardens[0].seed == 302


def test_a_look_at_another_day_changes_the_picture_and_not_the_life(tmp_path):
    live = opened(tmp_path)
    now = live.state()
    live.source.peek = 290
    then = live.state()
    assert then.view.title == "25 January 2031, not now" and then.day == now.day == 0
    assert not np.array_equal(then.view.rgb, now.view.rgb)
    press("escape", "escape")  # back to now, then out
    assert live.run() == "quit"


def test_screenshot_and_film_by_key_are_new_files_each_time(tmp_path):
    for _ in range(2):
        live = opened(tmp_path, steps=4)
        press("p", "r")
        live.run()
        assert len(live.loop.written) == 2
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "evergreen-2.mp4", "evergreen-2030-04-10-0-2.json", "evergreen-2030-04-10-0-2.png",
        "evergreen-2030-04-10-0.json", "evergreen-2030-04-10-0.png", "evergreen.mp4",
    ]  # fmt: skip
    state = json.loads((tmp_path / "evergreen-2030-04-10-0.json").read_text())
    assert state["date"] == "2030-04-10" and state["driver"] == "patrol" and state["plants"]


def test_without_a_window_the_command_line_writes_the_same_pictures(tmp_path, capsys):
    film, picture = tmp_path / "a.mp4", tmp_path / "a.png"
    asked = ["view", "four_seasons", "--no-learn", "--no-window", "--steps", "5", "--width", "640", "--height", "400"]
    assert main([*asked, "--record", str(film), "--screenshot", str(picture)]) == 0
    assert "5 steps, to 2030-04-10" in capsys.readouterr().out
    shown = cv2.VideoCapture(str(film))
    assert [int(shown.get(what)) for what in (cv2.CAP_PROP_FRAME_COUNT, cv2.CAP_PROP_FRAME_HEIGHT)] == [5, 400]
    shown.release()
    assert cv2.imread(str(picture)).shape == (400, 640, 3)
    assert main([*asked, "--record", str(film)]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scenario": "runs/none"}, "no such folder; give that of a run"),
        ({"overlay": "trut"}, "plain, truth, prediction"),
        ({"speed": 0.0}, "more than 0"),
        ({"width": 100}, "at least 640 x 400"),
        ({"steps": 0}, "at least 1"),
        ({"day": -1}, "0 or more"),
        ({"record": "film.avi"}, "ends in .mp4"),
        ({"window": False}, "--record FILE.mp4"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, told, tmp_path):
    if "record" in options:
        options = {"record": tmp_path / options["record"]}
    with pytest.raises(ValueError, match=told):
        ViewOptions(**options).check()


def test_a_day_beyond_the_life_is_refused():
    with pytest.raises(ValueError, match=r"days 0 \.\. 455"):
        Bare(ViewOptions(day=1000))
