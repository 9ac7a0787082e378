"""The worlds in which models expire: gardens under climates, and gardens where one thing alone changes.

In a world of an axis nature stands still from the day on which the owner leaves (`freeze`, docs/world.md), and one axis
ramps within a year from its default to an end of its range. All such worlds of a garden are the same until then, so one
commissioning serves them all.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import ValidationError

from scenarios.axes import AXES
from scenarios.drift import DriftEvent
from scenarios.files import library, load
from scenarios.names import nearest
from scenarios.spec import NATURE, Scenario
from scenarios.tables import CLIMATES

YEAR_DAYS = 365
STILL = "nothing moves"  # the world in which not even the axis changes
SEEN = ("colour", "classes", "depth")  # what an axis must touch to be seen by one who only looks


@dataclass(frozen=True)
class World:
    """One garden in one climate, or under one axis.

    Attributes:
        name: of the climate or the scenario; of the axis with the value it goes to.
        axis: which alone moves, or None where nature does what it does.
        scenario: what happens.
        seed: draws garden, weather and first weights.
    """

    name: str
    axis: str | None
    scenario: Scenario
    seed: int


def climate_worlds(base: str, climates: tuple[str, ...], seeds: tuple[int, ...], days: int | None) -> list[World]:
    """Every garden in every climate.

    Args:
        base: the scenario whose climate is exchanged.
        climates: rows of `scenarios.tables.CLIMATES`; or scenarios, by name or file, which are taken as they are.
        seeds: of the gardens.
        days: length of the life; the scenario's own if None.

    Raises:
        ValueError: there is no such climate or scenario, it cannot be lived for so long, or two go by one name.
    """
    scenarios = {}
    for name in climates:
        scenario = scenario_of(base, name, days)
        scenarios[name if name in CLIMATES else scenario.name] = scenario
    if len(scenarios) < len(climates):
        raise ValueError(f"climates: two of {' '.join(climates)} go by one name; give one of them another")
    return [World(name, None, scenario, seed) for name, scenario in scenarios.items() for seed in seeds]


def scenario_of(base: str, name: str, days: int | None = None) -> Scenario:
    """The scenario that a climate's name asks for; see `climate_worlds`."""
    if name in CLIMATES:
        return _changed(load(base), {"climate": name} | ({"days": days} if days else {}))
    if name not in library() and not name.endswith((".yaml", ".yml")):
        raise ValueError(nearest(name, [*CLIMATES, *library()], kind="climate or scenario"))
    return _changed(load(name), {"days": days} if days else {})


def axis_worlds(base: str, axes: tuple[str, ...], seeds: tuple[int, ...], days: int | None) -> list[World]:
    """Every garden under every axis, to either end of its range, and once under none; garden by garden.

    Args:
        base: the scenario whose nature stands still; its own script is left out.
        axes: names of axes or of groups of them, or `all`.
        seeds: of the gardens.
        days: over which an axis ramps; a year if None.

    Raises:
        ValueError: there is no such axis, or it shows in nothing that a camera sees.
    """
    chosen, worlds = find_axes(axes), []
    still = _still(base, days or YEAR_DAYS)
    left = still.start + timedelta(days=still.commissioning_days)
    for seed in seeds:
        worlds.append(World(STILL, STILL, still, seed))
        for name in chosen:
            for end in (AXES[name].low, AXES[name].high):
                if end == AXES[name].default:
                    continue
                event = DriftEvent(axis=name, set=end, shape="ramp", at=left, days=days or YEAR_DAYS)
                last = still.start + timedelta(days=still.days - 1)  # its group stands still; the axis itself may move
                moved = _changed(still, {"drift": (event,), "freeze": {**still.freeze, name: last}})
                worlds.append(World(f"{name} {end:g}", name, moved, seed))
    return worlds


def stilled(scenario: Scenario) -> Scenario:
    """The world in which nothing moves, of a world of an axis."""
    return scenario.model_copy(update={"drift": (), "freeze": {name: scenario.freeze[name] for name in NATURE}})


def pictured(worlds: list[World], side_px: int | None) -> list[World]:
    """The same worlds, seen in square pictures of so many pixels a side; as they are if None."""
    if side_px is None:
        return worlds
    seen = {"width_px": side_px, "height_px": side_px}
    cameras = [world.scenario.camera.model_copy(update=seen) for world in worlds]
    return [
        replace(world, scenario=_changed(world.scenario, {"camera": camera}))
        for world, camera in zip(worlds, cameras, strict=True)
    ]


def find_axes(names: tuple[str, ...]) -> list[str]:
    """The axes that are meant, in the order of the table; only those that show in what is seen.

    Raises:
        ValueError: there is no such axis or group, or nothing of it is ever seen.
    """
    visible = [axis.name for axis in AXES.values() if set(SEEN) & set(axis.touches)]
    groups = sorted({name.split(".")[0] for name in AXES})
    chosen = set()
    for name in names:
        meant = [axis for axis in AXES if name in ("all", axis, axis.split(".")[0])]
        if not meant:
            raise ValueError(nearest(name, ["all", *groups, *AXES], kind="axis or group of axes"))
        if not set(meant) & set(visible):
            raise ValueError(
                f"axis: {name} changes nothing that a camera sees, so nobody who only looks can expire of it"
            )
        chosen |= set(meant)
    return [name for name in visible if name in chosen]


def _still(base: str, days: int) -> Scenario:
    scenario = load(base)
    left = scenario.start + timedelta(days=scenario.commissioning_days)
    changes = {
        "name": f"{scenario.name}_still",
        "drift": (),
        "off": (),
        "crosses_equator": None,
        "freeze": dict.fromkeys(NATURE, left),
        "days": scenario.commissioning_days + days + 1,
    }
    return _changed(scenario, changes)


def _changed(scenario: Scenario, changes: dict) -> Scenario:
    """The scenario with some fields exchanged, checked as a whole."""
    try:
        return Scenario.model_validate(scenario.model_dump(exclude_unset=True) | changes)
    except ValidationError as error:
        trouble = "; ".join(problem["msg"] for problem in error.errors())
        told = ", ".join(f"{name}={value}" for name, value in changes.items() if name in ("climate", "days"))
        raise ValueError(f"{scenario.name} with {told}: {trouble}") from None
