"""A run that is over is lived anew with the same bits, and whoever sits at the window can go to any day of it."""

import json
import os
import shutil

import cv2
import numpy as np
import pytest

from agent.past import PastError, PastRun
from agent.stream import PatrolStream
from agent.view.beliefs import Believer
from agent.view.deeds import Deeds
from agent.view.events import drop
from agent.view.eyes import sight_of
from agent.view.live import opened
from agent.view.loop import Loop, Wish
from agent.view.options import ViewOptions
from agent.view.relived import KEPT_EVERY, Relived
from agent.view.replay import CHANGED, Replay
from agent.view.runner import Watched
from garden_env.viewer.keys import Command
from run_sim import main

SMALL = {"width": 640, "height": 400, "speed": 1e6}
PX = 64, 48


@pytest.fixture(autouse=True)
def dummy(monkeypatch):
    monkeypatch.setitem(os.environ, "SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def replay(lived_run) -> Replay:
    return Replay(lived_run, ViewOptions(scenario=str(lived_run), **SMALL))


@pytest.fixture(scope="module")
def place(lived_run):
    return PastRun.open(lived_run).place


@pytest.fixture(scope="module")
def frames(place) -> np.ndarray:
    """(T, 3, H, W) what the robot saw in the run."""
    return np.concatenate([block.images for block in place.stream()])


def seen(world) -> np.ndarray:
    return world.frame(0).rgb.transpose(2, 0, 1)


def look(source: Replay, **hand):
    from garden_env.viewer.state import Hand

    shown = Hand()
    for name, value in hand.items():
        setattr(shown, name, value)
    return source.state(PX, shown)


def test_a_life_lived_anew_shows_the_robot_the_same_frames(place, frames):
    life = Relived(place.garden)
    for step, frame in enumerate(frames):
        assert life.world.steps == step and np.array_equal(seen(life.world), frame)
        life.step()


def test_going_back_and_forth_leads_to_the_same_state(place, frames):
    life, straight = Relived(place.garden), Relived(place.garden)
    states = []
    for _ in frames:
        states.append(straight.world.snapshot().arrays)
        straight.step()
    for step in (100, 30, len(frames) - 1, KEPT_EVERY, KEPT_EVERY - 1, 0, 100):
        way: list[int] = []
        life.go(step, trail=40, see=lambda world, way=way: way.append(world.steps))
        assert way[-1] == step and way[0] <= max(step - 40, 0) and len(way) == way[-1] - way[0] + 1
        arrays = life.world.snapshot().arrays
        assert all(np.array_equal(arrays[name], states[step][name]) for name in arrays)
        assert np.array_equal(seen(life.world), frames[step])
        life.step()
        assert step == len(frames) - 1 or np.array_equal(seen(life.world), frames[step + 1])
    assert [world.steps for world in life.between(50, 60)] == [*range(50, 61)] and life.world.steps == 101


def test_the_life_is_lived_ahead_a_little_at_a_time(place):
    life = Relived(place.garden)
    assert life.ahead(0.0) == 1 and life.world.steps == 0
    assert life.ahead(until=30) == 30
    assert life.ahead() == life.life_steps == life.first_step(1000)
    assert [life.first_step(day) for day in (0, 1, 39)] == [0, 4, 156]


def test_what_a_person_did_is_done_again(place, tmp_path):
    rows = []

    def before(world, wheel):
        """As the run under a window: a drop on day 3, somebody at the wheel for ten steps."""
        if world.steps in (40, 50):
            wheel.by_hand = world.steps == 40
            rows.append({"step": world.steps, "command": "wheel", "value": wheel.by_hand})
        if world.steps == 13:
            assert drop(world, "snow") == ""
            rows.append({"step": 13, "command": "snow", "value": None})
        held = ("forward", "left") if wheel.by_hand else ()
        if wheel.by_hand:
            rows.append({"step": world.steps, "command": "drive", "value": list(held)})
        return held

    stream = PatrolStream(place.garden, learn_every=place.learn_every)
    driven = np.concatenate([block.images for block in Watched(stream, before)])
    lines = [json.dumps(row) for row in rows] + ['{"step": 59, "comm']  # cut off while it was written
    (tmp_path / "commands.jsonl").write_text("\n".join(lines), encoding="utf-8")
    life = Relived(place.garden, Deeds.read(tmp_path))
    for step in (12, 13, 14, 39, 40, 49, 50, 150, 45, 5):
        life.go(step)
        assert np.array_equal(seen(life.world), driven[step]), step
        assert life.wheel.driver == ("you" if 40 <= step < 50 else "patrol")
    assert not np.array_equal(driven[60:], np.concatenate([b.images for b in stream])[60:])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{\n{}", "1: not JSON"),
        ("[]", "expected an object with step"),
        ('{"step": -1, "command": "snow", "value": null}', "step: expected"),
        ('{"step": 1, "command": "rain", "value": null}', "command: expected one of drive"),
        ('{"step": 1, "command": "drive", "value": ["up"]}', "value: expected keys out of forward"),
        ('{"step": 1, "command": "learning", "value": "on"}', "value: expected bool"),
    ],
)
def test_deeds_that_cannot_be_read_are_refused(tmp_path, line, says):
    (tmp_path / "commands.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        Deeds.read(tmp_path)
    assert not Deeds.read(tmp_path / "nowhere")


def test_the_window_shows_what_the_learner_saw_with_its_weights_of_then(replay):
    past = replay.past
    mind = look(replay).mind
    assert mind is not None and mind.learner == "adabn" and not mind.learning
    assert mind.sight is None and mind.doing == "commissioning" and not any(len(c.days) for c in mind.curves)
    first, second = past.days_kept("adabn")
    for day, kept in ((first, first), (second - 1, first), (second + 1, second)):
        replay.apply(Command("jump", day))
        while replay.world.day != day:
            replay.go_on(Wish(paused=True, rate=1.0))
        mind = look(replay).mind
        sight = sight_of(past.eyes("adabn", kept), replay.world.frame(0), replay.world.steps)
        assert mind is not None and mind.sight is not None and mind.learning
        assert np.array_equal(mind.sight.guess, sight.guess) and np.array_equal(mind.sight.doubt, sight.doubt)
        assert mind.doing.startswith("weights of ") and mind.doing.endswith(" 2030")
    present, _, plasticity = mind.curves
    assert present.days[-1] <= replay.world.day and plasticity.days[-1] <= replay.world.day
    assert mind.present == present.values[-1]
    said = replay.apply(Command("swap"))
    mind = look(replay).mind
    assert said == "through the eyes of frozen" and mind is not None
    assert (mind.learner, mind.learning, mind.doing) == ("frozen", False, "its weights never change")


def test_updates_and_labels_are_those_of_the_log_or_not_told(replay):
    costs = replay.past.log.costs["adabn"]
    replay.apply(Command("jump", 39))
    while replay.world.day != 39:
        replay.go_on(Wish(paused=True, rate=1.0))
    told = []
    for updates in (9, 10):  # 13 blocks of answers, four of them of commissioning
        costs["updates"] = updates
        mind = look(replay).mind
        assert mind is not None
        told.append((mind.updates, mind.labels))
    assert told == [(9, 13 * 8), (None, 13 * 8)]
    replay.apply(Command("swap"))
    mind = look(replay).mind
    assert mind is not None and (mind.updates, mind.labels) == (
        0,
        4 * 8,
    )  # those of commissioning


def test_the_calendar_the_seasons_and_home_go_there(replay):
    def there(name, value=None):
        replay.apply(Command(name, value))
        for _ in range(1000):
            if replay.go_on(Wish(paused=True, rate=1.0)).wait_s > 0.0:
                break
        return replay.world.day

    assert there("jump", 30) == 30 and there("day_back") == 23 and there("day_on") == 30
    track = look(replay).body.track_m
    assert len(track) >= 90 and np.array_equal(track[-1], replay.world.pose[0, :2])
    assert np.hypot(*np.diff(track, axis=0).T).max() <= 0.51  # the way it drove, not a leap
    assert there("reset") == 0 and there("season_back") == 0 and there("season_on") == 39
    replay._target = 10**6
    assert replay.come_back() and not replay.come_back()


def test_at_its_end_a_life_stands_still_and_a_film_of_it_ends(replay, lived_run):
    replay.apply(Command("jump", 39))
    while replay._target is not None:
        replay.go_on(Wish(paused=True, rate=1.0))
    for _ in range(8):
        replay.go_on(Wish(paused=False, rate=1e9, steps=1))
    assert replay.world.steps == 159 and replay.over is None
    mind = look(replay).mind
    assert mind is not None and mind.doing.startswith("the end of its life; ")
    filmed = Replay(lived_run, ViewOptions(scenario=str(lived_run), window=False, day=39, **SMALL))
    while filmed.over is None:
        filmed.go_on(Wish(paused=False, rate=float("inf"), every=1))
    assert filmed.over == "life" and filmed.world.steps == 159


def test_a_window_of_the_past_hears_its_keys(lived_run, tmp_path):
    import pygame

    options = ViewOptions(scenario=str(lived_run), steps=3, folder=tmp_path, **SMALL)
    source = Replay(lived_run, options)
    loop: Loop = opened(options, source)
    loop.draw()
    for key in ("n", "p"):
        code = pygame.key.key_code(key)
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=code, mod=0))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=code, mod=0))
    assert loop.run() == "steps"
    assert source.world.steps == 3 and [path.suffix for path in loop.written] == [".png"]


def test_without_a_window_the_command_line_shows_a_day_of_a_run(lived_run, tmp_path, capsys):
    picture = tmp_path / "a.png"
    asked = ["view", str(lived_run), "--no-window", "--width", "640", "--height", "400", "--steps", "2"]
    assert main([*asked, "--day", "30", "--screenshot", str(picture)]) == 0
    assert "tiny: 122 steps" in capsys.readouterr().out
    assert cv2.imread(str(picture)).shape == (400, 640, 3)
    for more, says in (
        (("--day", "40"), "days 0 .. 39"),
        (("--seed", "3"), "a seed of its own"),
        (("--learner", "er"), "'er' is not a learner of this run"),
    ):
        assert main([*asked, *more, "--screenshot", str(tmp_path / "b.png")]) == 2
        assert says in capsys.readouterr().err
    assert main(["view", str(tmp_path), "--no-window", "--screenshot", str(tmp_path / "b.png")]) == 2
    assert "config.json does not exist" in capsys.readouterr().err


def test_folders_of_frames_and_worlds_that_have_changed_are_told(lived_run, tmp_path, monkeypatch):
    run = shutil.copytree(lived_run, tmp_path / "run")
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {"hashes": {"place": "0" * 16}}))
    source = Replay(run, ViewOptions(scenario=str(run), **SMALL))
    assert look(source).message == CHANGED
    (run / "config.json").write_text(json.dumps({"frames": {"name": "mine"}, "options": {}}))
    with pytest.raises(PastError, match="no garden to go back to"):
        Replay(run, ViewOptions(scenario=str(run), **SMALL))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first_snow").mkdir()
    assert ViewOptions(scenario="first_snow").replayed is None  # the scenario that ships is meant
    run.rename(tmp_path / "polar")
    assert ViewOptions(scenario="polar").replayed is not None


def test_a_run_that_was_broken_off_ends_where_its_log_does(lived_run, tmp_path):
    run = shutil.copytree(lived_run, tmp_path / "run")
    lines = (run / "metrics.jsonl").read_text().splitlines()
    kept = [row for row in map(json.loads, lines) if row["kind"] == "begin" or row.get("day", 99) <= 20]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept))
    last = max(row["step"] for row in kept if row["kind"] == "stream")
    for name in ("frozen", "adabn"):
        (run / "weights" / f"{name}.safetensors").unlink()
    source = Replay(run, ViewOptions(scenario=str(run), day=30, learner="frozen", **SMALL))
    assert source.remembered.last_step == last - 1 < 159
    mind = look(source, beliefs=True).mind
    assert mind is not None and mind.sight is None and mind.beliefs is None
    assert "frozen.safetensors does not exist" in mind.doing


def test_a_map_of_beliefs_is_made_of_what_was_said_and_lies_north_up(place):
    garden = place.garden
    believer = Believer(garden)
    assert believer.beliefs() is None
    height, width = (side // 2 for side in place.frame_px)
    pose = np.array([garden.layout.width_m / 2, 1.0, np.pi / 2])  # in the south, looking north
    believer.look(np.full((height, width), 1, np.uint8), pose, 0)
    believed = believer.beliefs()
    assert believed is not None and set(np.unique(believed.classes)) == {1, 255}
    rows = np.flatnonzero((believed.classes == 1).any(1))
    assert rows.min() > len(believed.classes) / 3  # the south is below
    assert ((believed.sure > 0) == (believed.classes == 1)).all() and believed.sure.max() <= 1
    before = believed.sure.copy()
    believer.look(np.full((height, width), 5, np.uint8), pose, 0)
    assert np.array_equal(believer.beliefs().sure, before)  # a step counts once  # pyright: ignore[reportOptionalMemberAccess]


def test_the_map_of_a_day_is_the_same_wherever_one_came_from(replay):
    def beliefs_at(*days):
        replay._believer.forget()
        for day in days:
            replay.apply(Command("jump", day))
            while replay._target is not None:
                replay.go_on(Wish(paused=True, rate=1.0))
            mind = look(replay, beliefs=True).mind
        assert mind is not None
        return mind.beliefs

    assert beliefs_at(3) is None
    one, other = beliefs_at(30), beliefs_at(15, 39, 30)
    assert one is not None and other is not None and (one.classes != 255).any()
    assert np.array_equal(one.classes, other.classes) and np.array_equal(one.sure, other.sure)
