"""What an axis does: its range against what a day does anyway, channel by channel.

For an axis at one end of its range, and K poses on S dates, the distance in a channel is taken between what is there
with the axis at its default and with the axis at that end: same pose, same day, same hour. It counts at the pose and on
the date that show most of the axis, and in colour on the pixels that change most: petals are few, and not always there.
The nuisance is the standard deviation of the same distance, on the pixels that change most there, between frames of one
pose and day at different hours. An effect is the distance at the end that does more, over the nuisance.
"""

from dataclasses import dataclass

import numpy as np

from agent.hardness import commissioned
from agent.patrol import Patrol
from agent.perception import recognise_and_loss
from agent.teacher import Teacher, answer, pick
from garden_env.camera import Frame
from garden_env.colour import delta_e, lab
from garden_env.garden import Garden, dock_pose, plant_garden
from garden_env.world import World
from learners.base import Learner
from scenarios.axes import AXES, CHANNELS, Axis
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario
from scenarios.tables import CLASS_NAMES, IGNORE

ALIVE = 3.0  # standard deviations of the nuisance
DAYS = (25, 95, 190, 270)  # of a year that begins on 10 April: May, July, October, January
POSES = 4
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the day's working hours
MOST_CHANGED = 0.02  # share of the pixels that a frame's colour difference is the mean of
STEPS = 96  # of the drive that shows motion and water: four days
SHOWN = 240  # steps over which a teacher is watched
# Where a day leaves a channel as it is, bit for bit, an effect counts in units that are worth noticing.
LEAST = {"colour": 0.5, "classes": 0.001, "depth": 0.005, "motion": 0.05, "water": 0.2, "answers": 0.02}
UNITS = {
    "colour": "Delta E",
    "classes": "of pixels",
    "depth": "log",
    "motion": "m",
    "water": "mm, l",
    "answers": "share",
}
# Some axes show only where another is set.
CONTEXT = {"light.headlamp": {"light.night": 1.0}, "camera.auto_exposure": {"camera.exposure_ev": 2.0}}


@dataclass(frozen=True)
class Effect:
    """What one axis does.

    Attributes:
        axis: its row.
        distance: by channel, at the end of the range that does more there; with a net, also in its `loss`.
        effect: by channel, that distance over the nuisance.
    """

    axis: Axis
    distance: dict[str, float]
    effect: dict[str, float]

    @property
    def own(self) -> float:
        """The largest effect in a channel that the axis names."""
        return max(self.effect[channel] for channel in self.axis.touches)

    @property
    def leaks(self) -> list[str]:
        """Channels that it does not name and does not leave as they were, bit for bit."""
        return [name for name in CHANNELS if name not in self.axis.touches and self.distance[name] > 0.0]


def bench_scenario() -> Scenario:
    """The year in which axes are tried."""
    return Scenario(name="effects", days=366)


class Bench:
    """One garden in which axes are tried.

    Args:
        seed: of the garden.
        net: a commissioned learner; the change of its loss is measured too [nats a pixel].
    """

    def __init__(self, seed: int = 1, net: Learner | None = None) -> None:
        self.net = net
        self.scenario = bench_scenario()
        self.garden = plant_garden(self.scenario, seed)
        route = self.garden.layout.route
        rng = np.random.default_rng([seed, 41])
        places = route[np.linspace(0, len(route), POSES, endpoint=False).astype(int)]
        self._kept: dict[tuple, tuple] = {}
        self.poses = np.column_stack([places, rng.uniform(-np.pi, np.pi, POSES)])

    def under(self, **axes: float) -> Garden:
        """The garden with axes set for good; names with a dot."""
        events = tuple(DriftEvent(axis=name, set=value) for name, value in axes.items())
        return self.garden.under(self.scenario.model_copy(update={"drift": events}))

    def frames(self, garden: Garden, share: float) -> list[list[Frame]]:
        """Views from all poses on all dates, when a share of the working hours has passed; by date, then pose."""
        return [[garden.view(day, garden.hour_at(day, share), pose, moment=day) for pose in self.poses] for day in DAYS]

    def nuisance(self) -> dict[str, float]:
        """Standard deviation of each channel's distance between hours of one day, at least `LEAST`."""
        views = [self.frames(self.garden, share) for share in SHARES]
        measured = {"colour": colour_apart, "classes": classes_apart, "depth": depth_apart}
        found = dict(LEAST)
        for name, apart in measured.items():
            spread = [
                np.std([apart(views[a][d][p], views[b][d][p]) for a in range(len(SHARES)) for b in range(a)])
                for d in range(len(DAYS)) for p in range(POSES)
            ]  # fmt: skip
            found[name] = max(LEAST[name], float(np.mean(spread)))
        if self.net is not None:
            by_hour = np.stack([self.loss(hour) for hour in views])  # (hours, dates, poses)
            apart = [np.abs(by_hour[a] - by_hour[b]) for a in range(len(SHARES)) for b in range(a)]
            found["loss"] = float(np.mean(np.std(apart, axis=0)))
        return found

    def loss(self, views: list[list[Frame]]) -> np.ndarray:
        """What the net's cross-entropy is on each frame, (dates, poses) float64 [nats a pixel]."""
        assert self.net is not None
        found = np.empty((len(views), len(views[0])))
        for date, frames in enumerate(views):
            for pose, frame in enumerate(frames):
                image = np.ascontiguousarray(frame.rgb.transpose(2, 0, 1))[None]
                found[date, pose] = recognise_and_loss(self.net, image, answer(frame.mask[None]))[1]
        return found

    def distances(self, axis: Axis, value: float) -> dict[str, float]:
        """By channel, how far the axis at a value takes the garden from where it is at its default."""
        context = CONTEXT.get(axis.name, {})
        after = self.under(**context, **{axis.name: value})
        first, track, water, said = self._before(tuple(context.items()))
        second = self.frames(after, 0.5)
        seen = {"colour": colour_apart, "classes": classes_apart, "depth": depth_apart}
        pairs = [pair for views in zip(first, second, strict=True) for pair in zip(*views, strict=True)]
        found = {name: max(apart(a, b) for a, b in pairs) for name, apart in seen.items()}
        other_track, other_water = _drive(after)
        found["motion"] = float(np.hypot(*(track - other_track)[:, :2].T).mean())
        found["water"] = float(np.abs(water - other_water).max(1).mean())
        found["answers"] = float((said != _said(after)).mean())
        if self.net is not None:
            found["loss"] = float(np.abs(self.loss(second) - self.loss(first)).max())
        return found

    def _before(self, context: tuple[tuple[str, float], ...]) -> tuple:
        """Frames, track, water and answers with nothing but these axes set; kept."""
        if context not in self._kept:
            garden = self.under(**dict(context))
            self._kept[context] = self.frames(garden, 0.5), *_drive(garden), _said(garden)
        return self._kept[context]

    def measure(self, axis: Axis, nuisance: dict[str, float]) -> Effect:
        """Try both ends of an axis's range."""
        ends = [self.distances(axis, value) for value in (axis.low, axis.high) if value != axis.default]
        distance = {name: max(end[name] for end in ends) for name in nuisance}
        return Effect(axis, distance, {name: distance[name] / nuisance[name] for name in nuisance})


def measure_all(names: tuple[str, ...] = tuple(AXES)) -> dict[str, Effect]:
    """The effects of axes, by name, also on the loss of a net that was commissioned in the garden."""
    seed = 1
    bench = Bench(seed, net=commissioned(bench_scenario(), seed))
    nuisance = bench.nuisance()
    return {name: bench.measure(AXES[name], nuisance) for name in names}


def colour_apart(a: Frame, b: Frame) -> float:
    """Mean CIEDE2000 of the pixels that differ most, `MOST_CHANGED` of all."""
    apart = np.sort(delta_e(lab(a.rgb), lab(b.rgb)).ravel())
    return float(apart[-max(1, round(MOST_CHANGED * apart.size)) :].mean())


def classes_apart(a: Frame, b: Frame) -> float:
    """Share of the pixels in which one of the two labels differs."""
    return float(((a.mask != b.mask) | (a.mask_under != b.mask_under)).mean())


def depth_apart(a: Frame, b: Frame) -> float:
    """Mean absolute logarithm of the ratio of distances; 1 where one shows the sky and the other does not."""
    sky = np.isinf(a.depth_m), np.isinf(b.depth_m)
    with np.errstate(invalid="ignore"):
        apart = np.abs(np.log(a.depth_m) - np.log(b.depth_m))
    return float(np.where(sky[0] | sky[1], sky[0] != sky[1], apart).mean())


def _drive(garden: Garden) -> tuple[np.ndarray, np.ndarray]:
    """Four days of the patrol: poses (STEPS, 3), and tank and soil (STEPS, 1 + P) [l, mm]."""
    world, dock = World([garden]), dock_pose(garden.layout)
    patrol = Patrol(garden.layout.route, garden.scenario.robot, np.random.default_rng(0))
    track, water = [], []
    for _ in range(STEPS):
        world.advance(patrol.act(world.odometry(0) + dock)[None])
        track.append(world.pose[0].copy())
        water.append(np.concatenate([world.tank_l, world.depletion_mm[0]]))
    return np.array(track), np.array(water)


def _said(garden: Garden) -> np.ndarray:
    """What the teacher says of a picture that is always the same: by block, (blocks, 8, 32, 32); 255 for nothing."""
    teacher = Teacher(garden.scenario, garden.almanac.course, garden.seed)
    truth = np.arange(32 * 32).reshape(32, 32).astype(np.uint8) % len(CLASS_NAMES)
    ends = list(range(12, SHOWN + 1, 12))
    said = np.full((len(ends), 8, *truth.shape), IGNORE, np.uint8)
    shown = [end - 12 + pick(12, 8) for end in ends]
    for block, steps in enumerate(teacher.arrivals(shown, ends, [8] * len(ends))):
        for place, step in enumerate(steps):
            said[block, place] = teacher.say(truth, step)
    return said
