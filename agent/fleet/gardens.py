"""The gardens of a fleet: a city, a climate or a scenario each, all of them with one calendar."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agent.expiry.worlds import scenario_of
from agent.fleet.options import FleetOptions
from agent.garden_place import GardenPlace
from agent.options import MAX_SEED, Pace, paced
from agent.run import garden_place
from agent.students import read_plan
from scenarios.files import library
from scenarios.names import nearest
from scenarios.spec import Scenario, TeacherSpec
from scenarios.tables import CLIMATES

CITIES = {
    "madrid": "mediterranean",
    "chicago": "humid_continental",
    "london": "temperate_oceanic",
    "anchorage": "subarctic",
}
"""Cities by whose normals the climates go, see `scenarios.tables.CLIMATES`."""
CALENDAR = ("start", "days", "commissioning_days", "steps_per_day", "speed")  # the same in all gardens of a fleet


@dataclass(frozen=True)
class Home:
    """A robot's garden.

    Attributes:
        name: unique in the fleet; of a folder, too.
        place: where the robot lives.
    """

    name: str
    place: GardenPlace


@dataclass(frozen=True)
class Grounds:
    """The gardens of a fleet, in their order, and how much is done in each.

    Attributes:
        homes: one a robot.
        pace: how long every owner trains the robot, and how many frames an exam has.
        exam_every_days: days between two exams.
    """

    homes: tuple[Home, ...]
    pace: Pace
    exam_every_days: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(home.name for home in self.homes)


def grounds_of(
    options: FleetOptions, scenarios: Mapping[str, Scenario] | None = None, pace: Pace | None = None
) -> Grounds:
    """The gardens that options name.

    Args:
        options: of the fleet.
        scenarios: by garden, in place of `options.gardens`.
        pace: how much is done, in place of what `options.quick` means.

    Raises:
        ValueError: there is no such garden, or it does not go together with the others.
        ScenarioError: a scenario is not valid.
    """
    named = dict(scenarios) if scenarios is not None else _named(options)
    homes, run, usual = [], options.as_run, Pace()
    for name, scenario in named.items():
        run, lived, usual = paced(options.as_run, scenario)
        place = garden_place(options.as_run, lived, pace or usual)
        homes.append(Home(name, replace(place, seed=garden_seed(options.seed, name))))
    check_together(homes)
    if read_plan(options.learner).policy == "season" and not seasons_agree(homes):
        raise ValueError(
            f"learner: {options.learner} is told the season, and it is not the same in all of "
            f"{', '.join(home.name for home in homes)}; leave out @season, or the garden on the other hemisphere"
        )
    return Grounds(tuple(homes), pace or usual, run.exam_every_days)


def garden_seed(seed: int, name: str) -> int:
    """The seed of a garden: it depends on the fleet's seed and its own name, not on what other gardens there are.

    >>> garden_seed(0, "madrid") == garden_seed(0, "madrid") != garden_seed(0, "chicago")
    True
    """
    return int(np.random.default_rng([seed, 40, *name.encode()]).integers(MAX_SEED))


def check_together(homes: Sequence[Home]) -> None:
    """See that robots in these gardens can feed one learner.

    Raises:
        ValueError: they cannot; the message names garden and field, and says what would do.
    """
    first = homes[0]
    for home in homes:
        theirs, ours = home.place.scenario, first.place.scenario
        for field in CALENDAR:
            if getattr(theirs, field) != getattr(ours, field):
                raise ValueError(
                    f"gardens: {home.name} has {field} {getattr(theirs, field)} and {first.name} has "
                    f"{getattr(ours, field)}; a fleet lives one calendar: name climates, which take that of --scenario,"
                    " or give both the same"
                )
        if home.place.frame_px != first.place.frame_px:
            raise ValueError(
                f"gardens: the camera of {home.name} has {_sides(home)} px and that of {first.name} {_sides(first)}; "
                "one net looks through all of them: give both the same"
            )
        if theirs.teacher != TeacherSpec():
            raise ValueError(
                f"gardens: {home.name} has a teacher of its own (teacher: in its scenario); a fleet's answers come "
                "with the stream: leave `teacher` out, or use the axes teacher.* of its drift"
            )


def seasons_agree(homes: Sequence[Home]) -> bool:
    """Whether it is the same season in all gardens on every day."""
    first = homes[0].place
    return all(home.place.season(day) == first.season(day) for home in homes for day in range(first.days))


def as_config(homes: Sequence[Home]) -> dict[str, Any]:
    """What decides what is seen in the gardens, by name."""
    return {home.name: {"seed": home.place.seed, **home.place.as_config()["scenario"]} for home in homes}


def fingerprint(homes: Sequence[Home]) -> str:
    """Equal for fleets in which equal frames are seen."""
    return hashlib.sha256(" ".join(home.place.fingerprint for home in homes).encode()).hexdigest()[:16]


def _named(options: FleetOptions) -> dict[str, Scenario]:
    """Scenarios by garden; who is named again gets a number."""
    found: dict[str, Scenario] = {}
    for asked in options.gardens:
        if asked not in (*CITIES, *CLIMATES, *library()) and not asked.endswith((".yaml", ".yml")):
            raise ValueError("gardens: " + nearest(asked, [*CITIES, *CLIMATES, *library()], kind="city or climate"))
        scenario = scenario_of(options.scenario, CITIES.get(asked, asked))
        name = asked if asked in CITIES or asked in CLIMATES else scenario.name
        again = sum(other == name or other.startswith(f"{name}-") for other in found)
        found[f"{name}-{again + 1}" if again else name] = scenario
    return found


def _sides(home: Home) -> str:
    height, width = home.place.frame_px
    return f"{width} x {height}"
