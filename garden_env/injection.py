"""Events dropped into a running world by hand."""

from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from scenarios.drift import DriftEvent
from scenarios.spec import Scenario


@dataclass(frozen=True)
class Injection:
    """What was dropped in.

    Attributes:
        step: control steps done by then.
        garden: whose script it joined.
        event: with the date on which it begins.
        hash: of the scenario from then on.
    """

    step: int
    garden: int
    event: DriftEvent
    hash: str


def with_events(scenario: Scenario, *events: DriftEvent) -> Scenario:
    """The scenario with more events at the end of its script.

    Raises:
        ValueError: an event does not fit into it: it begins outside the calendar, sets an axis that another event sets
            at the same time, or its axis is switched off or frozen by then.

    >>> with_events(Scenario(name="x"), DriftEvent(axis="camera.blur_px", set=2)).drift[0].set
    2.0
    """
    for event in events:
        for name in (event.axis, event.axis.split(".")[0]):
            if name in scenario.off:
                raise ValueError(f"{event.axis} cannot move: {scenario.name} has {name} off; take it out of `off`")
        stands = next(
            (scenario.freeze[n] for n in (event.axis, event.axis.split(".")[0]) if n in scenario.freeze), None
        )
        if stands is not None and event.at is not None and event.at > stands:
            raise ValueError(f"{event.axis} cannot move on {event.at}: {scenario.name} freezes it from {stands}")
    try:
        return Scenario.model_validate(scenario.model_dump() | {"drift": (*scenario.drift, *events)})
    except ValidationError as error:
        raise ValueError("; ".join(part["msg"].removeprefix("Value error, ") for part in error.errors())) from error


def from_now(event: DriftEvent, today: date) -> DriftEvent:
    """The event, beginning today at the earliest."""
    return event if event.at is not None and event.at > today else event.model_copy(update={"at": today})
