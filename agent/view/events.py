"""Changes that can be dropped into a garden with a key, from today on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from agent.monitor.truth import Change, changes_of
from garden_env.world import World
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario

BY_KEY: dict[str, tuple[dict[str, Any], ...]] = {  # command: its events, but for the date
    "snow": (  # it needs frost to stay
        {"axis": "climate.warming_c", "add": -12.0, "shape": "window", "days": 7.0},
        {"axis": "weather.snow_mm_d", "add": 25.0, "shape": "window", "days": 1.0},
        {"axis": "weather.snow_mm_d", "add": 0.5, "shape": "window", "days": 7.0},
    ),
    "heat": (
        {"axis": "climate.warming_c", "add": 8.0, "shape": "window", "days": 14.0},
        {"axis": "climate.rain_factor", "scale": 0.05, "shape": "window", "days": 14.0},
        {"axis": "ground.bleaching", "add": 0.7, "shape": "ramp", "days": 10.0},
    ),
    "dirt": ({"axis": "camera.dirt", "add": 0.5},),
    "bloom": ({"axis": "plants.bloom", "add": 1.0, "shape": "window", "days": 21.0, "edge_days": 2.0},),
}


def dropped(name: str, today: date) -> tuple[DriftEvent, ...]:
    """The events of a command.

    >>> [event.axis for event in dropped("dirt", date(2030, 6, 1))]
    ['camera.dirt']
    """
    return tuple(DriftEvent(at=today, **fields) for fields in BY_KEY[name])


def drop(world: World, name: str) -> str:
    """Let something happen in a world's first garden from today on.

    Returns:
        Nothing; or why it does not fit into the script, and then nothing happens.
    """
    kept = world.snapshot()
    try:
        for event in dropped(name, world.date(0)):
            world.inject(0, event)
    except ValueError as error:
        world.restore(kept)
        return str(error)
    return ""


def hand_made(scenario: Scenario, events: Sequence[DriftEvent]) -> list[Change]:
    """What events that were dropped in change, for the log: the truth, by the names of their axes and `by hand`.

    Args:
        scenario: with these events at the end of its script.
        events: they all have a date.
    """
    alone = scenario.model_copy(update={"drift": tuple(events), "crosses_equator": None})
    return [replace(change, name=f"{change.name}, by hand") for change in changes_of(alone)]
