"""What the window draws: plain arrays and numbers. Whoever runs the world fills it; the window only reads."""

import math
from dataclasses import dataclass, field
from datetime import date

import numpy as np


@dataclass(frozen=True)
class Span:
    """A stretch of the calendar: days since the start of the life, the last one included."""

    name: str
    first_day: int
    last_day: int


@dataclass(frozen=True, eq=False)
class Course:
    """What does not change while a life goes on, drawn into the calendar.

    Attributes:
        start: date of day 0.
        days: length of the life.
        commissioning_days: at its start, on which the owner trains the robot.
        seasons: they follow one another.
        script: what the scenario does, in the order in which it begins.
        temperature_c, rain_mm, snow: (D,) float64, mean temperature [deg C], rain [mm], share of the ground under snow.
        width_m, depth_m: of the garden.
    """

    start: date
    days: int
    commissioning_days: int
    seasons: tuple[Span, ...]
    script: tuple[Span, ...]
    temperature_c: np.ndarray
    rain_mm: np.ndarray
    snow: np.ndarray
    width_m: float
    depth_m: float


@dataclass(frozen=True)
class Air:
    """The weather of a moment.

    Attributes:
        sun_elevation_deg: above the horizon.
        cloud: share of the sky, 0..1.
        temperature_c: mean of the day [deg C].
        rain_mm, snow_mm: what falls on the day [mm of water].
        snow_lies: share of the ground under snow, 0..1.
        wind_m_s: at 2 m.
    """

    sun_elevation_deg: float
    cloud: float
    temperature_c: float
    rain_mm: float
    snow_mm: float
    snow_lies: float
    wind_m_s: float


@dataclass(frozen=True, eq=False)
class Body:
    """Where the robot is and what it does.

    Attributes:
        pose: (3,) float64, x [m], y [m], heading [rad].
        track_m: (T, 2) float64, where it was, the oldest first.
        tank: share of a full one, 0..1.
        sprayed_l: in the last step; 0 for a shut valve.
        spray_reach_m, spray_half_angle_deg: of the cone.
        bumped: whether something stopped it in the last step.
    """

    pose: np.ndarray
    track_m: np.ndarray
    tank: float
    sprayed_l: float
    spray_reach_m: float
    spray_half_angle_deg: float
    bumped: bool


@dataclass(frozen=True, eq=False)
class Plants:
    """All P plants of the garden, as they are today.

    Attributes:
        species: (P,) their names.
        place_m: (P, 2) float64, x and y [m].
        reach_m: (P,) float64, half of their spread [m].
        growth, leaf, bloom, fruit: (P,) float64, shares of full height, full leaf area, flowers open, fruit
            ripe.
        water: (P,) float64, what their roots find, as a share of what the ground can hold for them.
        stressed: (P,) float64, 0 for none to 1 for as much as can be.
        wilted, alive: (P,) bool.
    """

    species: tuple[str, ...]
    place_m: np.ndarray
    reach_m: np.ndarray
    growth: np.ndarray
    leaf: np.ndarray
    bloom: np.ndarray
    fruit: np.ndarray
    water: np.ndarray
    stressed: np.ndarray
    wilted: np.ndarray
    alive: np.ndarray


@dataclass(frozen=True, eq=False)
class View:
    """A picture of the camera's and what is in it.

    Attributes:
        rgb: (H, W, 3) uint8.
        truth: (H, W) uint8, class of every pixel, 255 is no answer.
        title: what it is a picture of; empty for here and now.
        horizon: share of the height at which the camera's axis lies: where another camera's picture lies in this one.
    """

    rgb: np.ndarray
    truth: np.ndarray
    title: str = ""
    horizon: float = 0.5


@dataclass(frozen=True, eq=False)
class Sight:
    """What a net makes of one frame of the robot's own camera.

    Attributes:
        step: control step of the frame.
        rgb: (h, w, 3) uint8, the frame as the net was given it.
        truth: (h', w') uint8, class of every pixel of an answer, 255 is no answer.
        guess: (h', w') uint8, what the net says.
        doubt: (h', w') float32, entropy of what it says, as a share of the most there can be, 0..1.
    """

    step: int
    rgb: np.ndarray
    truth: np.ndarray
    guess: np.ndarray
    doubt: np.ndarray


@dataclass(frozen=True, eq=False)
class Curve:
    """A number over the life; no value is NaN.

    Attributes:
        name: what it is, in a word or two.
        days: (n,) float64, since the start of the life, ascending.
        values: (n,) float64, shares of 1.
    """

    name: str
    days: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What the robot believes of the garden from all that its net has said so far.

    Attributes:
        classes: (h, w) uint8, the likeliest class of every cell, north up, 255 where nothing is believed.
        sure: (h, w) float32, how sure it is, 0..1.
    """

    classes: np.ndarray
    sure: np.ndarray


@dataclass(frozen=True, eq=False)
class Mind:
    """What the robot's perception does; only there where a learner lives in the garden.

    Attributes:
        learner: its name.
        learning: whether it learns.
        doing: what it is at, in words, such as 'commissioning, 40 %' or 'learning'.
        sight: what it last saw and said; None before the first.
        present: mIoU on the frames of late, against the truth, 0..1; NaN where not known yet.
        curves: over the life up to now: of the present, of stability, of plasticity.
        memory: share of the memory's frames by the season in which they were seen; empty for a learner without one.
        alarms: days on which the stream monitor raised an alarm, named by what raised it, the first first.
        beliefs: the map that the robot has made; None for none.
        updates, labels: made and received so far; None where nobody knows.
        diagnosis: how it fares, in words; empty while nobody can say.
    """

    learner: str
    learning: bool = True
    doing: str = ""
    sight: Sight | None = None
    present: float = math.nan
    curves: tuple[Curve, ...] = ()
    memory: tuple[tuple[str, float], ...] = ()
    alarms: tuple[Span, ...] = ()
    beliefs: Beliefs | None = None
    updates: int | None = 0
    labels: int | None = 0
    diagnosis: str = ""


@dataclass(frozen=True, eq=False)
class ViewState:
    """All that is drawn.

    Attributes:
        course: the life.
        day, hour: since the start of the life; solar time [h].
        step: control steps lived.
        view: through the robot's camera.
        seasons: the same pose in other seasons; only filled where they are asked for.
        plan_rgb: (h, w, 3) uint8, the garden from above, north up.
        body: the robot.
        air: the weather.
        plants: all that grow there.
        driver: who is at the wheel, in a word.
        message: to be read now, such as an error; empty for none.
        mind: what the robot's perception does; None where nobody learns.
    """

    course: Course
    day: int
    hour: float
    step: int
    view: View
    plan_rgb: np.ndarray
    body: Body
    air: Air
    plants: Plants
    seasons: tuple[View, ...] = ()
    driver: str = ""
    message: str = ""
    mind: Mind | None = None


@dataclass
class Hand:
    """How the person at the window wants to look and to go on: the window's own state, not the world's.

    Attributes:
        overlay: one of `OVERLAYS`.
        solo: the only class to be shown in colour; None for all.
        paused: whether the world stands still.
        rate: wanted steps a second; inf for as fast as it goes.
        steps_s: steps a second that there were of late.
        help: whether the keys are explained.
        hud: 'full', 'compact' or 'off'.
        beliefs: whether the robot's own map lies over the garden's plan.
        picked: what was clicked on, in words; empty for nothing.
        recording: whether frames are being written to a film.
        keys: what the help tells: keys, and what they do.
    """

    overlay: str = "plain"
    solo: int | None = None
    paused: bool = False
    rate: float = 8.0
    steps_s: float = 0.0
    help: bool = False
    hud: str = "full"
    beliefs: bool = False
    picked: str = ""
    recording: bool = False
    keys: tuple[tuple[str, str], ...] = field(default=())


OVERLAYS = ("plain", "truth", "prediction", "error", "doubt", "seasons")
OF_THE_MIND = ("prediction", "error", "doubt")  # overlays that need a learner
