"""What a scenario is: frozen, validated data that says what happens, where and when."""

import hashlib
import math
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from scenarios.axes import AXES, GROUPS
from scenarios.drift import Course, DriftEvent, clash
from scenarios.measured import MeasuredClimate, read
from scenarios.names import nearest
from scenarios.part import Day, Part, problem
from scenarios.tables import CHOOSERS, CLIMATES, SOILS, SPECIES, TEACHERS

Share = Annotated[float, Field(ge=0.0, le=1.0)]
NATURE = ("light", "weather", "plants", "ground")  # groups whose natural course can be frozen, too
EARLIEST, LATEST = 1900, 2900  # years in which a life may begin
Metres = Annotated[float, Field(gt=0.0, le=1000.0)]


class GardenSpec(Part):
    """What is planted and built; where exactly is drawn from the seed.

    Attributes:
        mortal: whether plants in beds die of thirst; see `garden_env.mortality`.
    """

    width_m: Annotated[float, Field(ge=7.0, le=40.0)] = 10.0
    depth_m: Annotated[float, Field(ge=6.0, le=40.0)] = 8.0
    species: tuple[str, ...] = (
        "snowdrop", "daffodil", "tulip", "lavender", "coneflower", "aster", "rose", "hydrangea",
        "forsythia", "tomato", "lettuce", "apple", "spruce",
    )  # fmt: skip
    beds: Annotated[int, Field(ge=1, le=12)] = 6
    plants_per_bed: Annotated[int, Field(ge=1, le=12)] = 5
    trees: Annotated[int, Field(ge=0, le=8)] = 3
    pond: bool = True
    props: Annotated[int, Field(ge=0, le=20)] = 5
    mortal: bool = False

    @field_validator("species")
    @classmethod
    def _known_species(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names:
            raise ValueError("a garden needs at least one species")
        for i, name in enumerate(names):
            if name not in SPECIES:
                raise problem(nearest(name, SPECIES, kind="species"), i)
        if len(set(names)) != len(names):
            raise ValueError(f"a species is named twice in {list(names)}")
        return names


class RobotSpec(Part):
    """The robot's body and its tank."""

    metres_per_step: Annotated[float, Field(gt=0.0, le=2.0)] = 0.5
    turn_deg_per_step: Annotated[float, Field(gt=0.0, le=180.0)] = 180.0
    radius_m: Annotated[float, Field(gt=0.0, le=0.5)] = 0.18
    tank_l: Annotated[float, Field(gt=0.0, le=500.0)] = 250.0
    flow_l_per_step: Annotated[float, Field(gt=0.0, le=100.0)] = 40.0
    spray_reach_m: Annotated[float, Field(gt=0.0, le=5.0)] = 3.0
    spray_half_angle_deg: Annotated[float, Field(gt=0.0, le=90.0)] = 45.0


class CameraSpec(Part):
    """A pinhole with a vertical image plane; pitch is a shift of the principal point."""

    width_px: Annotated[int, Field(ge=16, le=1920)] = 64
    height_px: Annotated[int, Field(ge=16, le=1080)] = 64
    fov_deg: Annotated[float, Field(ge=20.0, le=140.0)] = 90.0
    height_m: Annotated[float, Field(ge=0.1, le=3.0)] = 0.6
    horizon: Share = 0.38
    noise: Annotated[float, Field(ge=0.0, le=50.0)] = 2.0


class TeacherSpec(Part):
    """Who tells the robot what it sees, after commissioning; in it the owner answers as ever.

    Attributes:
        budget: share of all frames that a person answers; of a block of twelve frames eight at most, so that 1 is an
            oracle that answers all it is shown, and 0 is nobody.
        asks: who chooses those frames: nobody (evenly, random), or the learner by its own doubt on frames it has seen
            (entropy of its prediction, disagreement with its prediction of the mirrored frame).
        delay_d: days until an answer comes, on top of the axis teacher.delay_d.
        label_noise: share of the answered pixels that are given a wrong class, in patches; beside the axis.
        border_px: how far the borders of an answer wander, in pixels of the answer (two of the camera's).
        contact: the robot also learns from what it found out by itself: where it drove, bumped, probed and watered.
    """

    budget: Share = 1.0
    asks: str = "evenly"
    delay_d: Annotated[float, Field(ge=0.0, le=60.0)] = 0.0
    label_noise: Share = 0.0
    border_px: Annotated[float, Field(ge=0.0, le=8.0)] = 0.0
    contact: bool = False

    @field_validator("asks")
    @classmethod
    def _known_chooser(cls, name: str) -> str:
        if name not in CHOOSERS:
            raise ValueError(nearest(name, CHOOSERS, kind="way to choose frames"))
        return name


def _kind_of_climate(climate: Any) -> str:
    return "measured" if isinstance(climate, dict | MeasuredClimate) else "named"


AnyClimate = Annotated[
    Annotated[str, Tag("named")] | Annotated[MeasuredClimate, Tag("measured")], Discriminator(_kind_of_climate)
]


class Scenario(Part):
    """A life: where it is lived, from when, for how long.

    Attributes:
        name: short identifier; a run's folder is called after it.
        summary: one line that says what the scenario tests.
        start: first day of the life (commissioning included).
        days: length of the life [days], commissioning included.
        steps_per_day: control steps a day, all in daylight.
        commissioning_days: days at the start on which the owner trains the robot.
        climate: name of a row of `scenarios.tables.CLIMATES`, or measured days (`scenarios.measured`).
        southern: mirror the climate to the southern hemisphere.
        crosses_equator: date from which robot and garden are on the other hemisphere, as if they always had been.
        soil: name of a row of `scenarios.tables.SOILS`.
        teacher: who answers, and how well: keys with values, or a name of `scenarios.tables.TEACHERS`.
        drift: events on axes, see `scenarios.drift`.
        off: axes, or groups of them such as `camera`, whose events are ignored.
        freeze: axes or groups, and the date from which they stand still. Freezing the groups of `NATURE` also stops
            what nature does there: the sun's course, the weather, the plants' year, what lies on the ground.
        speed: days of the calendar that pass while the robot does the steps of one.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    summary: str = ""
    start: Day = date(2030, 4, 10)
    days: Annotated[int, Field(ge=1, le=36_600)] = 456
    steps_per_day: Annotated[int, Field(ge=1, le=200)] = 24
    commissioning_days: Annotated[int, Field(ge=1, le=3650)] = 21
    climate: AnyClimate = "humid_continental"
    southern: bool = False
    crosses_equator: Day | None = None
    soil: str = "loam"
    garden: GardenSpec = GardenSpec()
    robot: RobotSpec = RobotSpec()
    camera: CameraSpec = CameraSpec()
    teacher: TeacherSpec = TeacherSpec()
    drift: Annotated[tuple[DriftEvent, ...], Field(max_length=1000)] = ()
    off: tuple[str, ...] = ()
    freeze: dict[str, Day] = Field(default_factory=dict)
    speed: Annotated[float, Field(ge=0.1, le=100.0)] = 1.0

    @field_validator("start")
    @classmethod
    def _in_range(cls, start: date) -> date:
        if not EARLIEST <= start.year <= LATEST:
            raise ValueError(f"{start} is not between the years {EARLIEST} and {LATEST}")
        return start

    @field_validator("climate")
    @classmethod
    def _known_climate(cls, climate: str | MeasuredClimate) -> str | MeasuredClimate:
        if isinstance(climate, MeasuredClimate):
            read(climate)
        elif climate not in CLIMATES:
            raise ValueError(nearest(climate, CLIMATES, kind="climate"))
        return climate

    @field_validator("teacher", mode="before")
    @classmethod
    def _teacher_by_name(cls, teacher: Any) -> Any:
        if not isinstance(teacher, str):
            return teacher
        if teacher not in TEACHERS:
            raise ValueError(nearest(teacher, TEACHERS, kind="teacher"))
        return dict(TEACHERS[teacher])

    @field_validator("soil")
    @classmethod
    def _known_soil(cls, name: str) -> str:
        if name not in SOILS:
            raise ValueError(nearest(name, SOILS, kind="soil"))
        return name

    @model_validator(mode="after")
    def _commissioning_fits(self) -> Self:
        if self.commissioning_days >= self.days:
            raise problem(
                f"commissioning_days ({self.commissioning_days}) must be fewer than days ({self.days}); "
                "lengthen the life or shorten commissioning",
                "commissioning_days",
                also=("days",),
            )
        return self

    @model_validator(mode="after")
    def _measured_days_fit(self) -> Self:
        if isinstance(self.climate, MeasuredClimate):
            days, end = read(self.climate), self.start + timedelta(days=self.days - 1)
            last = days.first + timedelta(days=days.days - 1)
            if not days.first <= self.start <= end <= last:
                weather = f"{self.climate.file} has weather for {days.first} to {last}"
                raise problem(f"the life runs {self.start} to {end}, but {weather}", "climate", "file")
            if self.southern != (self.climate.latitude_deg < 0):
                raise problem(
                    f"latitude_deg is {self.climate.latitude_deg:g} and southern is {str(self.southern).lower()}; "
                    "a negative latitude needs southern: true, a positive one southern: false",
                    "climate",
                    "latitude_deg",
                )
        return self

    @model_validator(mode="after")
    def _can_cross(self) -> Self:
        if self.crosses_equator is None:
            return self
        end = self.start + timedelta(days=self.days - 1)
        if not self.start < self.crosses_equator <= end:
            raise problem(
                f"{self.crosses_equator} is outside the calendar, which runs {self.start} to {end}", "crosses_equator"
            )
        if isinstance(self.climate, MeasuredClimate) or not CLIMATES[self.climate].seasonal:
            raise problem("only a named climate with seasons has another hemisphere", "crosses_equator")
        still = [name for name in self.freeze if name in NATURE]
        if still:
            raise problem(f"{still[0]} cannot stand still in a garden that crosses the equator", "freeze", still[0])
        return self

    @property
    def climate_name(self) -> str:
        """What to call the climate: its name, or that of the file with the measured days."""
        return Path(self.climate.file).name if isinstance(self.climate, MeasuredClimate) else self.climate

    @field_validator("off", "freeze")
    @classmethod
    def _known_axes(cls, names):
        for i, name in enumerate(names):
            if name not in AXES and name not in GROUPS:
                where = name if isinstance(names, dict) else i
                raise problem(nearest(name, [*GROUPS, *AXES], kind="axis or group of axes"), where)
        return names

    @model_validator(mode="after")
    def _drift_fits(self) -> Self:
        end = self.start + timedelta(days=self.days)
        dates = [(("drift", i, "at"), event.at) for i, event in enumerate(self.drift) if event.at is not None]
        for where, day in [*dates, *((("freeze", name), day) for name, day in self.freeze.items())]:
            if not self.start <= day < end:
                calendar = f"{self.start} to {end - timedelta(days=1)}"
                raise problem(f"{day} is outside the calendar, which runs {calendar}", *where)
        pair = clash(self.drift, self.start)
        if pair is not None:
            raise problem(
                f"two events set {self.drift[pair[1]].axis} at the same time; "
                "let one end before the other begins, or use add or scale",
                "drift",
                pair[1],
                also=("drift", pair[0]),
            )
        return self

    def course(self, *, days: int, before: int = 0) -> Course:
        """What every scripted axis does, in whatever garden the script is lived; see `scenarios.drift.Course`."""
        events = tuple(
            event for event in self.drift if event.axis not in self.off and event.axis.split(".")[0] not in self.off
        )
        frozen = {
            axis: (self.freeze[name] - self.start).days
            for axis in AXES
            for name in (axis.split(".")[0], axis)  # the axis's own date goes before its group's
            if name in self.freeze
        }
        return Course(events, frozen, self.start, days=days, before=before)

    @property
    def life_steps(self) -> int:
        """Control steps of the whole life, commissioning included."""
        pace = self._pace
        return math.ceil(self.days * self.steps_per_day * pace.denominator / pace.numerator)

    def moment(self, step: int) -> tuple[int, float]:
        """When a control step is: the day of the life, and how much of its working hours has passed, 0..1.

        >>> Scenario(name="x").moment(25), Scenario(name="x", speed=2).moment(13)
        ((1, 0.0625), (1, 0.125))
        """
        pace = self._pace
        ticks_per_day = self.steps_per_day * pace.denominator
        day, tick = divmod(step * pace.numerator, ticks_per_day)
        middle = min(pace.numerator, ticks_per_day - tick) / 2
        return day, (tick + middle) / ticks_per_day

    @property
    def _pace(self) -> Fraction:
        return Fraction(self.speed).limit_denominator(1000)

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change whenever anything in the scenario does.

        Of measured days the content counts, not where the file lies.
        """
        place = {"climate": {"file"}} if isinstance(self.climate, MeasuredClimate) else None
        return hashlib.sha256(self.model_dump_json(exclude=place).encode()).hexdigest()[:12]
