"""Losses whose causes are known, and what is said about them."""

import json
import re
from dataclasses import fields, replace
from functools import cache

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from agent.causes import CLASS_SHARES, PLAYERS, NothingCounts, Scene, miou_at_shares, scenes_of, shares
from agent.garden_place import GardenPlace
from agent.live import grade, sit
from agent.monitor.causes import IN_WORDS, sentence, told
from agent.monitor.log import Log
from agent.monitor.metrics import mean_iou
from agent.monitor.monitor import Monitor
from agent.monitor.scores import BankInfo, Causes
from agent.report.causes import bars, section
from agent.report.palette import marks
from agent.teacher import answer
from agent.why import explain, home_phase, probe_scenes, worst_phase
from garden_env.almanac import Almanac
from garden_env.causes import NAMES, Instant, hybrid
from garden_env.garden import Garden, plant_garden
from garden_env.layout import sample_pose
from scenarios.files import load
from scenarios.spec import Scenario
from scenarios.tables import CLASS_NAMES, IGNORE
from tests.agent.conftest import CLASS_INFOS, PHASES, START, C

EVERY_CLASS = np.ones(len(CLASS_NAMES), bool)
SUM = {"abs": 1e-12}


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@cache
def home() -> Garden:
    return plant_garden(load("four_seasons"), 500)


def poses(count: int) -> list[np.ndarray]:
    generator = np.random.default_rng(5)
    return [np.array(sample_pose(home().layout, generator)) for _ in range(count)]


class ByColour:
    """Names every pixel as the class whose mean colour in some pictures is nearest; never learns, never forgets."""

    def __init__(self, garden: Garden, when: Instant) -> None:
        frames = [garden.view(*when, pose) for pose in poses(12)]
        small = np.stack([self._small(frame.rgb.transpose(2, 0, 1)) for frame in frames])
        truth = answer(np.stack([frame.mask for frame in frames]))
        self.classes = [c for c in range(IGNORE) if (truth == c).any()]
        self.colours = np.stack([small.transpose(0, 2, 3, 1)[truth == c].mean(0) for c in self.classes])
        self.asked = 0

    @staticmethod
    def _small(image: np.ndarray) -> np.ndarray:
        return image.reshape(3, 32, 2, 32, 2).mean((2, 4))

    def __call__(self, images: np.ndarray) -> np.ndarray:
        self.asked += len(images)
        small = np.stack([self._small(image) for image in images]).transpose(0, 2, 3, 1)
        apart = ((small[..., None, :] - self.colours) ** 2).sum(-1)
        return np.array(self.classes, np.uint8)[apart.argmin(-1)]


def standing(axis: str, value: float) -> Garden:
    """A garden in which one axis moves on day 61 and nothing else ever does: no cloud, no wind, no rain."""
    script = [{"axis": axis, "set": value, "at": "2030-07-01"}]
    scenario = Scenario.model_validate({"name": "one", "start": "2030-05-01", "days": 90, "drift": script})
    garden = home().under(scenario)
    held = {
        field.name: np.repeat(column[60:61], len(column), axis=0)
        for field in fields(Almanac)
        if isinstance(column := getattr(garden.almanac, field.name), np.ndarray)
        and field.name != axis.removeprefix("ground.")
    }
    still = {name: np.zeros_like(held[name]) for name in ("wind_m_s", "rain_mm", "snowfall_mm", "fog")}
    clear = {"cloud": np.full_like(held["cloud"], -0.3)}  # so clear that no hash of the date brings a cloud
    return replace(garden, almanac=replace(garden.almanac, **held | still | clear))


def lost_in(garden: Garden, count: int = 2):
    then, now = Instant(60, 12.0), Instant(62, 12.0)
    scenes = scenes_of(garden, poses(count), then, now)
    return shares(ByColour(garden, then), scenes, EVERY_CLASS, rng=rng(), resamples=0)


# Known causes


def test_what_snow_alone_cost_is_snow_and_the_class_that_it_brought():
    found = lost_in(standing("ground.snow_cover", 1.0))
    assert found.lost > 10
    others = [found.points[name] for name in PLAYERS if name not in ("cover", CLASS_SHARES)]
    assert others == [0.0] * len(others)
    assert found.points["cover"] + found.points[CLASS_SHARES] == pytest.approx(found.lost, **SUM)
    assert found.points["cover"] > 0.5 * found.lost


@pytest.mark.parametrize("axis", ["camera.white_balance", "camera.exposure_ev"])
def test_what_the_camera_alone_cost_is_the_cameras_to_the_last_digit(axis):
    found = lost_in(standing(axis, -1.0))
    assert found.lost > 5
    assert {name for name in PLAYERS if found.points[name]} == {"camera"}
    assert found.points["camera"] == pytest.approx(found.lost, **SUM)


def test_nothing_is_lost_where_nothing_changed():
    found = lost_in(standing("camera.noise", 0.0))
    assert found.lost == 0.0
    assert set(found.points.values()) == {0.0}
    assert found.forwards == found.scenes


# Sums, costs, intervals


@pytest.fixture(scope="module")
def winter() -> tuple[ByColour, list[Scene]]:
    then, now = Instant(10, 11.0), Instant(280, 13.0)
    return ByColour(home(), then), scenes_of(home(), poses(3), then, now)


def test_shares_of_a_real_loss_sum_to_it(winter):
    found = shares(*winter, EVERY_CLASS, rng=rng(), resamples=0)
    assert sum(found.points.values()) == pytest.approx(found.lost, **SUM)
    assert found.lost == pytest.approx(100 * (found.then - found.now), **SUM)
    assert tuple(found.points) == PLAYERS
    assert found.renders == 64 * 3  # the camera stands still, so half of 128 hybrids look like the other half
    assert found.forwards <= found.renders


def test_then_and_now_are_scored_as_plain_views_are(winter):
    found = shares(*winter, EVERY_CLASS, rng=rng(), resamples=0)
    by_colour, scenes = winter
    for level, (day, hour) in ((found.then, scenes[0].then), (found.now, scenes[0].now)):
        frames = [home().view(day, hour, scene.pose, moment=scene.moment) for scene in scenes]
        guess = by_colour(np.stack([frame.rgb.transpose(2, 0, 1) for frame in frames]))
        truth = answer(np.stack([frame.mask for frame in frames]))
        pooled = np.zeros((len(CLASS_NAMES),) * 2)
        np.add.at(pooled, (truth[truth != IGNORE], guess[truth != IGNORE]), 1)
        assert level == pytest.approx(float(mean_iou(pooled, EVERY_CLASS)), **SUM)
    assert found.interval == {}


def test_sampled_shares_sum_to_the_loss_and_cost_less(winter):
    few = shares(*winter, EVERY_CLASS, rng=rng(), pairs=2, resamples=20)
    assert sum(few.points.values()) == pytest.approx(few.lost, **SUM)
    assert few.renders < 32 * 3


def test_every_picture_is_recognised_once(winter):
    by_colour, scenes = winter
    by_colour.asked = 0
    found = shares(by_colour, scenes, EVERY_CLASS, rng=rng(), resamples=0)
    assert by_colour.asked == found.forwards


def test_intervals_are_about_the_shares_and_without_width_where_there_is_one_pose(winter):
    by_colour, scenes = winter
    many = shares(by_colour, scenes, EVERY_CLASS, rng=rng(), resamples=40)
    assert set(many.interval) == {*PLAYERS, "lost"}
    low, high = many.interval["lost"]
    assert low < many.lost < high
    one = shares(by_colour, scenes[:1], EVERY_CLASS, rng=rng(), resamples=5)
    assert all(low == pytest.approx(high, **SUM) for low, high in one.interval.values())
    assert one.interval["cover"][0] == pytest.approx(one.points["cover"], **SUM)


def test_no_scene_and_no_class_are_refused(winter):
    by_colour, scenes = winter
    with pytest.raises(ValueError, match="at least one scene"):
        shares(by_colour, [], EVERY_CLASS, rng=rng())
    with pytest.raises(NothingCounts):
        shares(by_colour, scenes[:1], ~EVERY_CLASS, rng=rng(), pairs=1)


# The player of class shares


ALL = np.ones(3, bool)


def test_other_shares_of_classes_that_are_known_as_well_as_ever_cost_nothing_at_the_shares_of_then():
    then = np.array([[30, 10, 0], [5, 15, 0], [0, 0, 40]])
    now = then * np.array([[4], [1], [1]])  # more of the first class; what is said of each is as it was
    assert miou_at_shares(now, then, ALL) == pytest.approx(float(mean_iou(then)), **SUM)
    assert mean_iou(now) != pytest.approx(float(mean_iou(then)), abs=1e-3)


def test_at_the_shares_of_then_a_worse_answer_costs_what_it_would_have_cost_then():
    then = np.array([[10, 0, 0], [0, 10, 0], [0, 0, 10]])
    now = np.array([[50, 50, 0], [0, 5, 0], [0, 0, 1]])
    as_then = np.array([[5, 5, 0], [0, 10, 0], [0, 0, 10]])
    assert miou_at_shares(now, then, ALL) == pytest.approx(float(mean_iou(as_then)), **SUM)


def test_a_class_that_has_gone_keeps_its_mark_and_a_new_one_counts_with_the_pixels_that_it_has():
    then = np.array([[10, 0, 0], [5, 5, 0], [0, 0, 0]])
    gone, new = np.array([[10, 0, 0], [0, 0, 0], [0, 0, 0]]), np.array([[10, 0, 0], [5, 5, 0], [10, 0, 0]])
    assert miou_at_shares(gone, then, ALL) == pytest.approx(float(mean_iou(then)), **SUM)
    assert miou_at_shares(new, then, ALL) == pytest.approx(float(mean_iou(new)), **SUM)


def test_then_at_its_own_shares_is_then():
    then = np.random.default_rng(0).integers(0, 50, (3, 3))
    assert miou_at_shares(then, then, ALL) == mean_iou(then)


# In a place


@pytest.fixture(scope="module")
def place() -> GardenPlace:
    scenario = load("four_seasons").model_copy(update={"steps_per_day": 2, "days": 400})
    return GardenPlace(scenario, 501, home_frames=1, away_frames=5, next_year_frames=1)


class Seer:
    """A learner that answers as `ByColour` does."""

    def __init__(self, garden: Garden, when: Instant) -> None:
        self._names = ByColour(garden, when)

    def predict(self, images: torch.Tensor) -> torch.Tensor:
        guess = torch.from_numpy(self._names(images.numpy())).long()
        return torch.nn.functional.one_hot(guess, C).permute(0, 3, 1, 2).float()


@pytest.fixture(scope="module")
def learner() -> Seer:
    return Seer(home(), Instant(10, 12.0))


@pytest.mark.slow
@pytest.mark.parametrize("bank", ["home", "away", "next_year"])
def test_with_everything_as_it_is_now_the_pictures_are_those_of_the_exam(place, bank):
    taken, now = place.banks()[bank], 6
    for frame, scene in enumerate(probe_scenes(place, bank, then=0, now=now)):
        drawn = hybrid(
            scene.garden, scene.pose, scene.then, scene.now, NAMES,
            moment=scene.moment, noise=scene.noise, marks=scene.marks,
        )  # fmt: skip
        assert np.array_equal(drawn.rgb.transpose(2, 0, 1), taken.images[now, frame])
        assert np.array_equal(answer(drawn.mask[None])[0], taken.truth[now, frame])
        assert scene.then.day == taken.days[0, frame]


def test_the_worst_phase_is_explained_and_its_mark_is_that_of_the_exam(place, learner):
    bank = place.banks()["away"]
    confusion = grade(bank, sit(learner, bank))
    by_phase = mean_iou(confusion.sum(1), BankInfo.of("away", bank.truth, classes=C, known=EVERY_CLASS).class_set)
    found = explain(learner, "frozen", place, {"home": confusion[:, :1], "away": confusion})
    worst = worst_phase(by_phase, home_phase(place))
    assert worst is not None
    assert found is not None
    assert (found.from_phase, found.to_phase) == (place.phases[home_phase(place)].name, place.phases[worst].name)
    assert found.now == pytest.approx(by_phase[worst], **SUM)
    assert sum(found.shares.values()) == pytest.approx(found.lost, **SUM)
    assert found == explain(learner, "frozen", place, {"away": confusion})


def test_the_home_phase_is_that_of_commissioning(place):
    assert place.phases[home_phase(place)].name == "spring"


def test_where_there_is_no_garden_or_no_loss_nothing_is_explained(place, learner):
    assert explain(learner, "frozen", object(), {"away": np.zeros((8, 1, C, C))}) is None  # pyright: ignore[reportArgumentType]
    level = np.broadcast_to(np.eye(C) * 50, (8, 1, C, C))
    assert explain(learner, "frozen", place, {"away": level}) is None


# The log, the words, the page

FOUND = Causes(
    "er+ewc", "away", PHASES[0].name, PHASES[7].name, 0.6, 0.29,
    {"cover": 18.2, "light": 7.3, "leaf colour": 4.1, "bloom": 1.2, "geometry": -1.6, "weather": 1.4, "camera": 0.0,
     CLASS_SHARES: 0.4},
    dict.fromkeys((*PLAYERS, "lost"), (-2.0, 20.0)), 16, 1024, 700,
)  # fmt: skip


@pytest.fixture
def log(tmp_path) -> Log:
    banks = [BankInfo("away", EVERY_CLASS, EVERY_CLASS)]
    with Monitor(
        tmp_path, start=START, days=400, commissioning_days=28, classes=CLASS_INFOS, phases=PHASES, banks=banks,
        learners=("frozen", "er+ewc"),
    ) as monitor:  # fmt: skip
        monitor.causes(FOUND)
        monitor.causes(replace(FOUND, now=0.28))
        assert monitor.summary()["learners"]["er+ewc"]["causes"]["now"] == 0.28
        for wrong in ({"learner": "er"}, {"bank": "home"}, {"to_phase": "monsoon"}):
            with pytest.raises(ValueError, match="is not a"):
                monitor.causes(replace(FOUND, **wrong))
    return Log.read(tmp_path)


def test_a_row_says_it_all_again_and_the_last_one_counts(log):
    row = told(log, "er+ewc")
    assert row is not None
    assert (row["from_phase"], row["to_phase"], row["bank"]) == (FOUND.from_phase, FOUND.to_phase, "away")
    assert row["lost"] == pytest.approx(32.0)
    assert row["shares"] == FOUND.shares
    assert row["interval"]["light"] == [-2.0, 20.0]
    assert told(log, "frozen") is None
    assert len(log.causes) == 2


@pytest.mark.parametrize("seed", range(30))
def test_the_numbers_of_a_sentence_add_up_to_the_loss(seed):
    points = np.random.default_rng(seed).normal(3, 5, len(PLAYERS))
    told = {"from_phase": "spring", "to_phase": "autumn", "lost": float(points.sum())}
    words = sentence({**told, "shares": dict(zip(PLAYERS, points.tolist(), strict=True))})
    if told["lost"] < 0.5:
        assert words.startswith("Nothing was lost") or "gained" in words
        return
    lost, *_ = re.findall(r"Of (\d+) points?", words)
    tail = words.split("autumn, ")[1]
    back = sum(int(n) for n in re.findall(r"gave (\d+) back", tail))
    costs = sum(int(n) for n in re.findall(r"\d+", re.sub(r"gave \d+ back", "", tail)))
    assert int(lost) == round(told["lost"]) == costs - back


def test_sentences_are_english():
    between = {"from_phase": "spring", "to_phase": "deep winter"}
    for lost, shares_, says in (
        (31.0, {"cover": 31.0}, "Of 31 points lost between spring and deep winter, 31 are snow and litter."),
        (1.2, {"light": 1.2}, "Of 1 point lost between spring and deep winter, 1 is light."),
        (0.2, {"light": 0.2}, "Nothing was lost between spring and deep winter."),
        (-4.0, {"light": -4.0}, "4 points gained between spring and deep winter."),
        (2.0, {"light": 0.5, "cover": 0.6, "bloom": 0.9},
         "Of 2 points lost between spring and deep winter, the rest is 2."),
    ):  # fmt: skip
        assert sentence({**between, "lost": lost, "shares": shares_}) == says


def test_every_player_has_a_word():
    assert set(IN_WORDS) == set(PLAYERS)


def test_the_section_has_the_sentence_first_and_a_chart_that_plotly_takes(log):
    look = marks(("frozen", "er+ewc"))
    page = section(log, look)
    assert page.index("18 are snow and litter") < page.index('id="chart-causes"')
    data = json.loads(re.findall(r'data-chart="chart-causes">(.*?)</script>', page)[0])
    (bar,) = go.Figure(data).data
    assert bar.y[:2] == ("cover", "light")
    assert bar.x[0] == 18.2
    assert bar.error_x.array[0] == pytest.approx(1.8)
    assert section(log, marks(("frozen",))) == ""


def test_learners_stand_beside_each_other_whatever_causes_they_have():
    row = {"from_phase": "a", "to_phase": "b", "lost": 3.0, "interval": {}}
    found = {"er": {**row, "shares": {"cover": 3.0}}, "ewc": {**row, "shares": {"light": -4.0}}}
    chart = bars(found, marks(("er", "ewc")))
    assert [trace["y"] for trace in chart["data"]] == [["light", "cover"]] * 2
    assert [trace["x"] for trace in chart["data"]] == [[0.0, 3.0], [-4.0, 0.0]]
