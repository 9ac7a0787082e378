"""When a learner consolidates: the agent's decision, by a name that can be compared with other names.

A learner is told why: `schedule`, `alarm`, or `season:autumn`. Those who keep something for each regime take the last
two for the beginning of a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from agent.alarm import Alarm

NAMES = ("every-N", "alarm", "season", "never")


@dataclass(frozen=True)
class Moment:
    """What a policy may look at after an update.

    Attributes:
        updates: occasions to learn so far.
        season: of the calendar; only for those who want to cheat knowingly.
        losses: what the learner reported, by name; nothing where it took no step.
    """

    updates: int
    season: str
    losses: Mapping[str, float]


class Policy(Protocol):
    """Says when to consolidate."""

    @property
    def name(self) -> str:
        """As on the command line."""
        ...

    def due(self, moment: Moment) -> str | None:
        """The reason to consolidate now, or None. To be asked after every occasion to learn, once."""
        ...


class Never:
    """Not in its life; who has something to consolidate did so once, when commissioning ended."""

    name = "never"

    def due(self, moment: Moment) -> str | None:
        return None


class Every:
    """After every so many occasions to learn.

    Raises:
        ValueError: if there is not one between two.
    """

    def __init__(self, updates: int) -> None:
        if updates < 1:
            raise ValueError(f"every-{updates}: give at least every-1")
        self.updates = updates

    @property
    def name(self) -> str:
        return f"every-{self.updates}"

    def due(self, moment: Moment) -> str | None:
        return None if moment.updates % self.updates else "schedule"


class OnAlarm:
    """When the loss that the learner reports has risen for good."""

    name = "alarm"

    def __init__(self) -> None:
        self._alarm = Alarm()

    def due(self, moment: Moment) -> str | None:
        loss = sum(moment.losses.values()) if "fit" not in moment.losses else moment.losses["fit"]
        return "alarm" if moment.losses and self._alarm.hear(loss) else None


class OnSeason:
    """On the first day of a season, by the calendar: cheating, knowingly.

    Args:
        season: in which it begins.
    """

    name = "season"

    def __init__(self, season: str) -> None:
        self._season = season

    def due(self, moment: Moment) -> str | None:
        if moment.season == self._season:
            return None
        self._season = moment.season
        return f"season:{moment.season}"


def check_policy(name: str) -> None:
    """See that there is a policy of that name.

    Raises:
        ValueError: there is none; the message has those that there are.
    """
    make_policy(name, season="")


def make_policy(name: str, *, season: str) -> Policy:
    """The policy called `every-50` (or another number), `alarm`, `season` or `never`.

    Args:
        name: of the policy.
        season: in which the life begins.

    Raises:
        ValueError: there is none of that name.
    """
    if name == "never":
        return Never()
    if name == "alarm":
        return OnAlarm()
    if name == "season":
        return OnSeason(season)
    kind, _, number = name.partition("-")
    if kind == "every" and number.isdecimal():
        return Every(int(number))
    raise ValueError(f"no policy of consolidation is called {name!r}; there are {', '.join(NAMES)} (N updates)")
