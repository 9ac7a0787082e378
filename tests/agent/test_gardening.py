"""The closed loop: what the gardener is told, what it does with that, and what becomes of the plants."""

import json
import math
from collections.abc import Iterator

import numpy as np
import pytest

from agent.garden_options import GardenOptions, at_stake
from agent.garden_run import run_garden, told
from agent.garden_tasks import Gardened
from agent.gardener import PATIENT_BUMPS, Gardener
from agent.gardening import GardenerStream
from agent.live import Student, live
from agent.map_mind import MapMind
from agent.minds import hand_over
from agent.nets import fresh_net
from agent.odometry import BUMP
from agent.options import Pace
from agent.perception import recognise
from agent.task_score import score_seasons
from garden_env.garden import Garden, plant_garden
from garden_env.world import World
from learners.recipes import make_learner
from scenarios.files import load, parse
from scenarios.spec import Scenario
from scenarios.tables import LAWN

CLASSES = 12


def small(days: int = 40, **changes) -> Garden:
    scenario = load("four_seasons")
    garden = scenario.garden.model_copy(update={"mortal": True})
    changed = scenario.model_copy(update={"days": days, "garden": garden, **changes})
    return plant_garden(changed, 3)


def live_through(stream: GardenerStream) -> GardenerStream:
    for _ in stream:
        pass
    return stream


@pytest.fixture(scope="module")
def summer() -> Garden:
    """A dry life: it begins in June, in the south of Europe."""
    return small(30, climate="mediterranean", start=load("four_seasons").start.replace(month=6))


@pytest.fixture(scope="module")
def lives(summer) -> dict[str, GardenerStream]:
    streams = {name: GardenerStream(summer, eyes=None, mind=name) for name in ("ideal", "blind")}
    seeing = GardenerStream(summer, eyes=None, true_eyes=True)
    nobody = GardenerStream(summer, eyes=lambda image: np.zeros((32, 32), np.uint8))
    streams |= {"seeing": seeing, "sees only sky": nobody}
    return {name: live_through(stream) for name, stream in streams.items()}


def score(stream: GardenerStream) -> float:
    [season] = [one for one in score_seasons(stream.ledger, stream.garden) if one.season.startswith("summer")]
    assert season.score is not None
    return season.score


def test_who_knows_all_keeps_all_and_who_sees_nothing_waters_nothing(lives):
    assert score(lives["ideal"]) > 80.0
    assert lives["ideal"].ledger.column("deaths").sum() == 0
    assert lives["sees only sky"].ledger.column("litres").sum() == 0.0
    assert score(lives["sees only sky"]) < 5.0


def test_seeing_rightly_is_worth_water_where_it_is_wanted(lives):
    assert score(lives["sees only sky"]) + 15.0 < score(lives["seeing"]) < score(lives["ideal"])


def test_the_robot_draws_the_garden_that_it_is_in(lives):
    stream = lives["seeing"]
    assert isinstance(stream.mind, MapMind)
    belief, layout = stream.mind.map.classes(), stream.garden.layout
    path = layout.material == 2  # gravel
    seen_path = belief == 3
    x_m, y_m = stream.mind.map.center_m
    true_path = path[(y_m / layout.cell_m).astype(int), (x_m / layout.cell_m).astype(int)]
    assert true_path[seen_path].mean() > 0.8
    assert seen_path[true_path].mean() > 0.5


def test_states_can_be_read_and_water_is_logged_as_it_was_given(lives):
    words = {"survey", "approach", "aim", "water", "refill", "search", "back out", "stuck", "wait"}
    for stream in lives.values():
        assert {deed.state for deed in stream.gardener.deeds} <= words
        logged_l = sum(deed.litres for deed in stream.gardener.deeds)
        assert math.isclose(logged_l, stream.ledger.column("litres").sum(), rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.slow
def test_a_life_lived_twice_is_the_same_life(summer, lives):
    again = GardenerStream(summer, eyes=None, true_eyes=True)
    live_through(again)
    assert again.gardener.deeds == lives["seeing"].gardener.deeds
    with pytest.raises(RuntimeError, match="has been lived"):
        live_through(again)


class Poisoned(GardenerStream):
    """A stream whose world, while the robot thinks, answers no question and shows no truth."""

    thinking = False

    def _see(self, rgb, mask):
        frame = self.world.frame(0)
        kept = frame.mask.copy(), frame.depth_m.copy()
        frame.mask[:], frame.depth_m[:] = 77, -1.0
        try:
            return super()._see(rgb, np.full_like(mask, 77))
        finally:
            frame.mask[:], frame.depth_m[:] = kept


def driven(make: type[GardenerStream], garden: Garden, monkeypatch: pytest.MonkeyPatch | None = None):
    """A short life with a learner: its weights and all it did."""
    learner = make_learner("er+ewc", fresh_net(1, CLASSES), seed=1, memory_bytes=100_000)
    stream = make(garden, eyes=lambda image: recognise(learner, image[None])[0], first_step=48, learn_every=24)
    if monkeypatch is not None:
        poison(stream.world, stream.gardener, learner, monkeypatch)
    actions: list[np.ndarray] = []

    def blocks() -> Iterator:
        for block in stream:
            actions.append(np.asarray(block.actions))
            yield block

    student = Student("er+ewc", learner, new_frames=8)
    live(blocks(), [student], {}, lambda event: None, first_step=48, exam_every_days=1000, scored=False)
    return np.concatenate(actions), {name: weight.clone() for name, weight in learner.net.state_dict().items()}


def poison(world: World, gardener: Gardener, learner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every question to the world an error as long as gardener or learner are at work."""
    busy = [0]

    def at_work(call):
        def wrapped(*args, **kwargs):
            busy[0] += 1
            try:
                return call(*args, **kwargs)
            finally:
                busy[0] -= 1

        return wrapped

    def refused(name, call):
        def wrapped(*args, **kwargs):
            if busy[0]:
                raise AssertionError(f"the robot asked the world for {name}")
            return call(*args, **kwargs)

        return wrapped

    for name in ("act", "feel"):
        monkeypatch.setattr(gardener, name, at_work(getattr(gardener, name)))
    for name in ("learn", "predict", "consolidate"):
        monkeypatch.setattr(learner, name, at_work(getattr(learner, name)))
    for name in ("date", "hour", "drift", "change", "frame", "look", "odometry", "state", "wetness", "render_at"):
        monkeypatch.setattr(world, name, refused(name, getattr(world, name)))


def test_nothing_between_camera_and_action_sees_the_truth(monkeypatch):
    garden = small(6)
    actions, weights = driven(GardenerStream, garden)
    poisoned_actions, poisoned_weights = driven(Poisoned, garden, monkeypatch)
    np.testing.assert_array_equal(actions, poisoned_actions)
    assert all((weights[name] == poisoned_weights[name]).all() for name in weights)


def test_what_the_owner_hands_over_has_no_date_and_no_plants():
    told_ = vars(hand_over(small()))
    assert set(told_) == {"width_m", "depth_m", "dock", "camera", "robot", "steps_per_day"}


def test_a_robot_that_is_shut_in_says_that_it_is_stuck_and_frees_itself():
    garden = small(10)
    stream = GardenerStream(garden, eyes=lambda image: np.full((32, 32), 1, np.uint8))  # it sees lawn everywhere
    x_m, y_m = stream.world.pose[0, :2]
    layout = garden.layout
    rows, columns = (np.mgrid[: layout.blocked.shape[0], : layout.blocked.shape[1]] + 0.5) * layout.cell_m
    far_m = np.hypot(columns - x_m, rows - y_m)
    free = layout.blocked.copy()
    layout.blocked[(far_m > 0.35) & (far_m < 0.8)] = True
    try:
        for block in stream:
            if block.step >= 96:
                layout.blocked[:] = free  # somebody moves what stood there
    finally:
        layout.blocked[:] = free
    states = [deed.state for deed in stream.gardener.deeds]
    assert "stuck" in states
    assert any(deed.note == "free again" for deed in stream.gardener.deeds)
    assert math.hypot(*(stream.world.pose[0, :2] - (x_m, y_m))) > 0.8


def test_who_bumps_again_and_again_without_getting_anywhere_strolls_off():
    told_ = hand_over(small(10))
    gardener = Gardener(told_, MapMind(told_), np.random.default_rng(0))
    senses = np.array([0, 0, 1, 0, 1, 0, 0, 1, 0], np.float32)
    strolls = []
    for step in range(16):  # it bumps, backs out, drives on, and bumps again
        senses[BUMP] = step % 3 == 0
        gardener.act(senses, np.full((32, 32), LAWN, np.uint8), step)
        strolls.append(gardener._stroll)
    assert max(strolls[: 3 * PATIENT_BUMPS]) == 0 and max(strolls) > 0


def test_a_robot_that_is_wrong_about_where_it_is_finds_the_shed_all_the_same():
    garden = small(10)
    stream = GardenerStream(garden, eyes=lambda image: np.full((32, 32), LAWN, np.uint8))
    wrong_m = 0.9  # more than the reach of the shed
    for block in stream:
        if block.step == 12:  # it has begun to drive by itself
            stream.gardener._odometry._correction_m = np.array([-wrong_m, 0.0])
            stream.world.tank_l[0] = 1.0
        if stream.world.tank_l[0] > 100.0 and block.step > 12:
            break
    assert stream.world.tank_l[0] > 100.0
    assert np.hypot(*stream.gardener._odometry._correction_m) < wrong_m


def test_the_options_say_what_would_do():
    for wrong, message in (
        ({"gardeners": ()}, "name at least one"),
        ({"gardeners": ("joint",)}, "nobody drives it"),
        ({"gardeners": ("idael",)}, "idael"),
        ({"gardeners": ("er", "er")}, "twice"),
        ({"days": 5}, "at least 30"),
        ({"memory_share": 0.0}, "memory-share"),
        ({"seed": -1}, "seed"),
        ({"learn_every": 1}, "learn-every"),
    ):
        with pytest.raises(ValueError, match=message):
            GardenOptions(**wrong).check()  # pyright: ignore[reportArgumentType]


def test_plants_are_at_stake_for_eighteen_months():
    lived = at_stake(GardenOptions(), parse("name: short\ndays: 100\n", source="short.yaml"))
    assert lived.garden.mortal
    assert lived.days == 548
    assert at_stake(GardenOptions(days=60), Scenario(name="long", days=900)).days == 60
    assert at_stake(GardenOptions(), Scenario(name="long", days=900)).days == 900


def test_a_script_that_does_not_fit_into_the_days_is_refused_in_words():
    late = parse("name: late\ndrift:\n  - {axis: camera.dirt, set: 0.5, at: 2031-06-01}\n", source="late.yaml")
    with pytest.raises(ValueError, match=r"late cannot be lived for 60 days: .*outside the calendar.*--days"):
        at_stake(GardenOptions(days=60), late)


def test_a_gardening_run_leaves_scores_logs_and_a_picture(tmp_path):
    options = GardenOptions(gardeners=("ideal", "blind", "frozen"), days=30, workers=0, out=tmp_path)
    folder = run_garden(options, pace=Pace(commission_updates=2))
    data = json.loads((folder / "garden.json").read_text(encoding="utf-8"))
    assert list(data["gardeners"]) == list(options.gardeners)
    assert all(row["whole"] for row in data["gardeners"].values())
    assert data["gardeners"]["frozen"]["cost"]["labels"] == 0
    deeds = [json.loads(line) for line in (folder / "deeds" / "ideal.jsonl").read_text().splitlines()]
    assert deeds[0]["date"] >= "2030-05-01"
    assert (folder / "garden.png").stat().st_size > 10_000


def test_scores_are_compared_only_with_lives_that_were_lived_to_the_end(lives):
    def gardened(name: str, whole: bool) -> Gardened:
        stream = lives[name]
        seasons = [one.to_json() for one in score_seasons(stream.ledger, stream.garden)]
        return Gardened(name, seasons, [], {}, np.zeros((0, 2)), None, whole)

    whole = told(("ideal", "blind"), {name: gardened(name, True) for name in ("ideal", "blind")})["gardeners"]
    assert whole["ideal"]["task_score"]["share"] == 1.0
    assert whole["blind"]["task_score"]["share"] == 0.0
    assert all(points in (0.0, None) for points in whole["ideal"]["regret"].values())
    short = told(("ideal", "blind"), {"ideal": gardened("ideal", False), "blind": gardened("blind", True)})["gardeners"]
    assert "regret" not in short["blind"]
