"""The task's own score: did the plants have what they needed, and what did that cost?

Of a season with need, from 0 (as if nobody watered) to 100 (no plant ever thirsted), less what was spent and broken:

    score = 100 (1 - S / U)  -  10 max(0, W / N - 2)  -  100 B / T  -  100 * 7 R / A

Every day of every plant in a bed is a plant-day; trees look after themselves.

    S  stressed plant-days: 1 - Ks at the day's end of a plant in leaf, 1 of a dead one. That is the stress day of Hiler
       & Clark (1971), with a susceptibility of 1 in leaf and 0 for a bulb asleep or an annual unsown.
    U  the same of the same garden in the same weather if nobody waters it (`agent.need.foresee`), its dead included
    W  litres sprayed or leaked; N the least that would do: refilling each plant in leaf to field capacity on the
       evening on which its depletion reaches the readily available water, without loss (`agent.need.foresee`)
    B  manoeuvres that something stopped, of T
    R  plants driven over; A all plant-days of the season

A season without need is not scored: one in which N is below 5 mm on the root zones, a single light watering, or U is
below 1 % of A. Seasons are those of meteorology, and winter belongs to the year in which it begins. Seasons are pooled
by adding up their S, U, W, N, B, T, R and A and scoring the sums. Scores compare with others of the same garden in the
same weather; across gardens, `task_score` puts a robot between a gardener that is blind and one that knows all.

The costs were fixed before any gardener was scored, and are not to be tuned:

    * Twice the need is free: a sprinkler that is not aimed at single roots loses up to half of its water. Once more the
      need costs 10 points, as much as a tenth of all thirst there could be.
    * A manoeuvre that ends at an obstacle is lost: a robot that does nothing but bump loses all 100 points.
    * A plant that is driven over loses a week (7 plant-days), in which its shoots grow again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import reduce
from itertools import groupby
from typing import Any, Self

import numpy as np

from agent.need import Start, foresee, stressed
from garden_env.garden import Garden
from garden_env.mortality import bedded, in_leaf
from garden_env.world import World, root_area_m2
from scenarios.seasons import season

FREE_NEEDS, POINTS_PER_NEED = 2.0, 10.0
BUMP_STEPS = 1.0  # a bump costs so many manoeuvres
RUN_OVER_D = 7.0  # and a plant driven over so many plant-days [d]
LEAST_NEED_MM, LEAST_STRESS = 5.0, 0.01  # a season has need from these on: water on root zones, share of plant-days

COLUMNS = ("stressed_d", "dead", "deaths", "litres", "wasted_l", "bumps", "run_over", "steps")


class Ledger:
    """What happened to the plants of one garden, and what the robot did for it, by day.

    Call `after` once after every `World.advance`, from the first step on that is to count.

    Args:
        world: lived in; only read.
        i: which of its gardens.

    Attributes:
        start: the water under the plants when the ledger was opened.
        days: of each day that has ended, in order, what `COLUMNS` name: stressed plant-days, plants dead at its end,
            deaths; litres sprayed or leaked, those wasted; bumps, plants run over, and control steps.
    """

    def __init__(self, world: World, i: int = 0) -> None:
        self._world, self._i, self._day = world, i, world.day
        layout = world.gardens[i].layout
        self._bedded, plants = bedded(layout), len(layout.plant_species)
        self.start = Start(
            day=world.day,
            depletion_mm=world.depletion_mm[i, :plants].copy(),
            skin_mm=world.skin_mm[i, :plants].copy(),
            alive=world.alive[i, :plants].copy(),
            severe_d=world.severe_d[i, :plants].copy(),
        )
        self._alive = self.start.alive
        self.days: list[tuple[float, ...]] = []
        self._today = dict.fromkeys(COLUMNS, 0.0)

    def after(self, terms: Mapping[str, np.ndarray]) -> None:
        """Book a step of the world: its reward terms, and the evenings that came with it.

        Args:
            terms: what `World.advance` returned.

        Raises:
            RuntimeError: a step was left out.
        """
        world, i, today = self._world, self._i, self._today
        if world.day - self._day != len(world.evenings):
            raise RuntimeError(f"the ledger has days up to {self._day}, the world is at {world.day}: book every step")
        wasted_l = float(terms["wasted_l"][i])
        today["litres"] += float(terms["relieved_l"][i]) + float(terms["stored_l"][i]) + wasted_l
        today["wasted_l"] += wasted_l
        today["bumps"] += float(terms["bumps"][i])
        today["run_over"] += float(terms["plants_run_over"][i])
        today["steps"] += 1.0
        for ks, alive in world.evenings:
            self._close(ks[i, : len(self._alive)], alive[i, : len(self._alive)])

    def _close(self, ks: np.ndarray, alive: np.ndarray) -> None:
        garden, today = self._world.gardens[self._i], self._today
        leafy = in_leaf(garden.almanac, garden.layout, self._day)
        today["stressed_d"] = stressed(ks, alive, leafy, self._bedded)
        today["dead"] = float((~alive).sum())
        today["deaths"] = float((self._alive & ~alive).sum())
        self.days.append(tuple(today.values()))
        self._today, self._alive = dict.fromkeys(COLUMNS, 0.0), alive
        self._day += 1

    def column(self, name: str) -> np.ndarray:
        """A column of `days`, (D,) float64."""
        return np.array([day[COLUMNS.index(name)] for day in self.days], np.float64)

    def state(self) -> dict[str, Any]:
        """All of it, as JSON has it; `load_state` of a ledger of the same world goes on from there."""
        start = {name: value if name == "day" else value.tolist() for name, value in vars(self.start).items()}
        today = {"day": self._day, "alive": self._alive.tolist(), "booked": list(self._today.values())}
        return {"columns": list(COLUMNS), "start": start, "days": [list(day) for day in self.days], "today": today}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Become what `state` said.

        Raises:
            ValueError: it is of a garden with another number of plants, or has other columns.
        """
        start, plants = state["start"], len(self._alive)
        if len(start["alive"]) != plants:
            raise ValueError(f"a ledger of {len(start['alive'])} plants, but a garden of {plants}")
        if tuple(state["columns"]) != COLUMNS:
            raise ValueError(f"a ledger with columns {list(state['columns'])}; this program keeps {list(COLUMNS)}")
        self.start = Start(
            day=start["day"],
            depletion_mm=np.array(start["depletion_mm"], np.float64),
            skin_mm=np.array(start["skin_mm"], np.float64),
            alive=np.array(start["alive"], bool),
            severe_d=np.array(start["severe_d"], np.float64),
        )
        self.days = [tuple(map(float, day)) for day in state["days"]]
        self._day, self._alive = state["today"]["day"], np.array(state["today"]["alive"], bool)
        self._today = dict(zip(COLUMNS, map(float, state["today"]["booked"]), strict=True))


@dataclass(frozen=True)
class Sums:
    """What a score is made of; adds up over seasons.

    Attributes:
        plant_days: of plants in beds; `stressed_d` of them stressed, `unwatered_d` if nobody had watered.
        deaths, unwatered_deaths: plants that died, and would have.
        litres: sprayed or leaked; `wasted_l` of them beside living roots or below; `need_l` the least that would do.
        bumps, run_over, steps: manoeuvres stopped, plants driven over, manoeuvres.
    """

    plant_days: float
    stressed_d: float
    unwatered_d: float
    deaths: float
    unwatered_deaths: float
    litres: float
    wasted_l: float
    need_l: float
    bumps: float
    run_over: float
    steps: float

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True)
class Parts:
    """A score, taken apart [points]: what the plants give, and what water, bumps and wheels take away (0 or less)."""

    stress: float
    litres: float
    bumps: float
    run_over: float

    @property
    def score(self) -> float:
        """All parts together [points]."""
        return self.stress + self.litres + self.bumps + self.run_over


@dataclass(frozen=True)
class SeasonScore:
    """A season of a life, or what of it lies in the life.

    Attributes:
        season: such as 'summer 2030'.
        first, last: its first and last day, ISO dates.
        plants: in beds.
        sums: what happened.
        parts: the score's parts; None in a season without need.
    """

    season: str
    first: str
    last: str
    plants: int
    sums: Sums
    parts: Parts | None

    @property
    def score(self) -> float | None:
        """The score [points]; None in a season without need."""
        return None if self.parts is None else self.parts.score

    def to_json(self) -> dict[str, Any]:
        """Plain data, the score included."""
        return {**asdict(self), "score": self.score}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` wrote."""
        plain = {name: data[name] for name in ("season", "first", "last", "plants")}
        parts = None if data["parts"] is None else Parts(**data["parts"])
        return cls(**plain, sums=Sums(**data["sums"]), parts=parts)


@dataclass(frozen=True)
class TaskScore:
    """A robot between a gardener that is blind and one that knows all, over the seasons with need, pooled.

    Attributes:
        robot, blind, ideal: their scores [points], by parts.
        share: (robot - blind) / (ideal - blind): 0 as good as blind, 1 as good as it gets; None where knowing all is
            no better than being blind.
    """

    robot: Parts
    blind: Parts
    ideal: Parts
    share: float | None

    def to_json(self) -> dict[str, Any]:
        """Plain data, the three scores included."""
        who = {name: {**asdict(part), "score": part.score} for name, part in vars(self).items() if name != "share"}
        return {**who, "share": self.share}


def score_parts(sums: Sums) -> Parts:
    """Score what happened; see the module.

    Raises:
        ValueError: there was no need, or no step.
    """
    if sums.unwatered_d <= 0 or sums.need_l <= 0 or sums.steps <= 0:
        raise ValueError(
            f"nothing to score: unwatered_d {sums.unwatered_d:g}, need_l {sums.need_l:g}, steps {sums.steps:g}; "
            "all must be more than 0"
        )
    return Parts(
        stress=100.0 * (1.0 - sums.stressed_d / sums.unwatered_d),
        litres=-POINTS_PER_NEED * max(0.0, sums.litres / sums.need_l - FREE_NEEDS),
        bumps=-100.0 * BUMP_STEPS * sums.bumps / sums.steps,
        run_over=-100.0 * RUN_OVER_D * sums.run_over / sums.plant_days,
    )


def score_seasons(ledger: Ledger, garden: Garden) -> list[SeasonScore]:
    """Score a life by seasons; a day that has not ended does not count.

    Args:
        ledger: of the life.
        garden: in which it was lived, with what was dropped into its script.
    """
    days = len(ledger.days)
    if not days:
        return []
    first, almanac, foreseen = ledger.start.day, garden.almanac, foresee(garden, ledger.start, days)
    plants, area_m2 = int(bedded(garden.layout).sum()), float(root_area_m2(garden)[bedded(garden.layout)].sum())
    columns = {name: ledger.column(name) for name in COLUMNS if name != "dead"}
    columns |= {
        "plant_days": np.full(days, float(plants)),
        "need_l": foreseen.need_l,
        "unwatered_d": foreseen.stressed_d,
        "unwatered_deaths": foreseen.deaths,
    }
    names = [season_of(almanac.date_of(first + d), southern=almanac.latitude_on(first + d) < 0) for d in range(days)]
    scores = []
    for name, group in groupby(range(days), key=names.__getitem__):
        when = list(group)
        sums = Sums(**{field.name: float(columns[field.name][when].sum()) for field in fields(Sums)})
        needy = sums.need_l >= LEAST_NEED_MM * area_m2 and sums.unwatered_d >= LEAST_STRESS * sums.plant_days
        ends = (almanac.date_of(first + when[0]).isoformat(), almanac.date_of(first + when[-1]).isoformat())
        again = sum(one.season.startswith(name) for one in scores)  # a garden that crossed the equator
        called = f"{name} ({again + 1})" if again else name
        scores.append(SeasonScore(called, *ends, plants, sums, score_parts(sums) if needy else None))
    return scores


def season_of(day: date, *, southern: bool = False) -> str:
    """The season of a date, with the year in which it began.

    >>> season_of(date(2031, 1, 5)), season_of(date(2031, 3, 1))
    ('winter 2030', 'spring 2031')
    """
    return f"{season(day, southern=southern)} {day.year - (day.month < 3)}"


def pooled(scores: Iterable[SeasonScore]) -> Parts:
    """The score of all seasons with need together.

    Raises:
        ValueError: none had need.
    """
    needy = [one.sums for one in scores if one.parts is not None]
    if not needy:
        raise ValueError("no season had need: nothing to score; a longer life, or a drier climate, has some")
    return score_parts(reduce(lambda a, b: a + b, needy))


def task_score(robot: Sequence[SeasonScore], blind: Sequence[SeasonScore], ideal: Sequence[SeasonScore]) -> TaskScore:
    """Put a robot between the blind and the ideal gardener of the same garden, over its seasons with need.

    Raises:
        ValueError: they are not of the same garden in the same weather, or no season had need.
    """
    for name, other in (("blind", blind), ("ideal", ideal)):
        _same_life(robot, other, name)
    parts = {"robot": pooled(robot), "blind": pooled(blind), "ideal": pooled(ideal)}
    points = {name: part.score for name, part in parts.items()}
    span = points["ideal"] - points["blind"]
    return TaskScore(**parts, share=(points["robot"] - points["blind"]) / span if span > 0 else None)


def regret(robot: Sequence[SeasonScore], ideal: Sequence[SeasonScore]) -> dict[str, float | None]:
    """The ideal gardener's score minus the robot's, by season [points]; None in a season without need.

    Raises:
        ValueError: they are not of the same garden in the same weather.
    """
    _same_life(robot, ideal, "ideal")
    pairs = zip(robot, ideal, strict=True)
    return {
        ours.season: None if ours.parts is None or best.parts is None else best.parts.score - ours.parts.score
        for ours, best in pairs
    }


def _same_life(robot: Sequence[SeasonScore], other: Sequence[SeasonScore], name: str) -> None:
    """Refuse to compare lives in other gardens, other weather, or of another length."""

    def life(scores: Sequence[SeasonScore]) -> list[tuple]:
        return [(one.season, one.first, one.last, one.plants, one.sums.unwatered_d, one.sums.need_l) for one in scores]

    for ours, theirs in zip(life(robot), life(other), strict=False):
        if ours != theirs:
            raise ValueError(f"the {name} gardener lived another life: {theirs}, the robot {ours}")
    if len(robot) != len(other):
        raise ValueError(f"the {name} gardener lived {len(other)} seasons, the robot {len(robot)}")
