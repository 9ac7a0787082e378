"""When a learner consolidates, and when it works harder: the agent's decision, by a name that can be compared.

A learner is told why it consolidates: `schedule`, `alarm`, or `season:autumn`. Those who keep something for each regime
take the last two for the beginning of a new one. The alarm is the agent's own (`agent.alarm`); what the monitor knows
never reaches it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from agent.alarm import Alarm

NAMES = ("every-N", "alarm", "alarm-replay", "alarm-adapter", "season", "never")
HARDER_UPDATES = 20  # occasions to learn, after an alarm, on which more is replayed: of 12 frames each ten days
EXTRA_UPDATES = 2  # on each of them, beside the usual one


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

    @property
    def extra_updates(self) -> int:
        """Updates to make now beside the usual one, with the same new frames and others recalled."""
        ...


class Never:
    """Not in its life; who has something to consolidate did so once, when commissioning ended."""

    name = "never"
    extra_updates = 0

    def due(self, moment: Moment) -> str | None:
        return None


class Every:
    """After every so many occasions to learn.

    Raises:
        ValueError: if there is not one between two.
    """

    extra_updates = 0

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
    """When the loss that the learner reports has risen for good.

    Args:
        name: `alarm`, or `alarm-adapter` for a learner that then begins a new adapter.
    """

    extra_updates = 0

    def __init__(self, name: str = "alarm") -> None:
        self.name = name
        self._alarm = Alarm()

    def due(self, moment: Moment) -> str | None:
        return "alarm" if moment.losses and self._alarm.hear(_fit(moment)) else None


class ReplayOnAlarm:
    """Consolidates as it would without, and after an alarm replays more for a while.

    Args:
        usual: says when it consolidates.
    """

    name = "alarm-replay"

    def __init__(self, usual: "Policy") -> None:
        self._usual, self._alarm, self._left = usual, Alarm(), 0

    def due(self, moment: Moment) -> str | None:
        self._left = max(0, self._left - 1)
        if moment.losses and self._alarm.hear(_fit(moment)):
            self._left = HARDER_UPDATES
        return self._usual.due(moment)

    @property
    def extra_updates(self) -> int:
        return EXTRA_UPDATES if self._left else 0


class OnSeason:
    """On the first day of a season, by the calendar: cheating, knowingly.

    Args:
        season: in which it begins.
    """

    name = "season"
    extra_updates = 0

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


def _fit(moment: Moment) -> float:
    """The loss that an alarm listens to: of the answers alone, where the learner says it apart."""
    return moment.losses.get("fit", sum(moment.losses.values()))


def make_policy(name: str, *, season: str, usual: str = "never") -> Policy:
    """The policy called `every-50` (or another number), `alarm`, `alarm-replay`, `alarm-adapter`, `season` or `never`.

    Args:
        name: of the policy.
        season: in which the life begins.
        usual: the policy that `alarm-replay` adds to.

    Raises:
        ValueError: there is none of that name.
    """
    if name == "never":
        return Never()
    if name in ("alarm", "alarm-adapter"):
        return OnAlarm(name)
    if name == "alarm-replay":
        return ReplayOnAlarm(make_policy(usual, season=season))
    if name == "season":
        return OnSeason(season)
    kind, _, number = name.partition("-")
    if kind == "every" and number.isdecimal():
        return Every(int(number))
    raise ValueError(f"no policy of consolidation is called {name!r}; there are {', '.join(NAMES)} (N updates)")
