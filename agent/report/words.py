"""Wording that several parts of a report share: names, numbers, dates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

ABOUT = {
    "frozen": "never learns after commissioning",
    "finetune": "learns from what it sees now and keeps nothing",
    "er": "learns with replay: a small memory of past frames",
    "ewc": "learns with regularisation: holds on to weights that mattered",
    "er+ewc": "learns with a little replay and a little regularisation",
    "cumulative": "begins anew each season, with all labelled frames so far",
    "joint": "all labelled frames at once, shuffled, as many updates as a learner had",
    "joint@converged": "all labelled frames at once, shuffled, until nothing more is gained",
}
BANKS = {
    "away": "gardens never visited",
    "home": "the robot's own garden",
    "next_year": "its own garden in another weather year",
    "held_out": "stretches of the folder that no learner has seen",
}
NOTHING = "–"


def about(name: str, told: Mapping[str, Any]) -> str:
    """What a learner does: by its name, else as its recipe has it.

    Args:
        name: of the learner.
        told: of it, out of a summary; its `plan` has the recipe's sentence.
    """
    return ABOUT.get(name.partition("@")[0]) or told.get("plan", {}).get("summary", "")


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 1 as a percentage without its sign.

    >>> percent(0.5349), percent(None)
    ('53.5', '–')
    """
    return NOTHING if share is None else f"{100 * share:.{digits}f}".replace("-", "−")


def points(share: float) -> str:
    """A difference of shares in whole points, spelled as a person would.

    >>> points(0.136), points(0.009), points(0.001)
    ('14 points', '1 point', '0 points')
    """
    number = round(100 * share)
    return f"{number} point{'' if abs(number) == 1 else 's'}".replace("-", "−")


def quantity(value: float | None, unit: str = "") -> str:
    """A number with three figures and a metric prefix.

    >>> quantity(2.4e13, "FLOP"), quantity(6848), quantity(0, "B")
    ('24.0 TFLOP', '6,848', '0 B')
    """
    if value is None:
        return NOTHING
    if not unit:
        return f"{value:,.0f}"
    for prefix, size in (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return (
                f"{value / size:.3g} {prefix}{unit}"
                if abs(value) >= 100 * size
                else f"{value / size:.1f} {prefix}{unit}"
            )
    return f"{value:.3g} {unit}"


def duration(seconds: float | None) -> str:
    """A duration as a person would say it.

    >>> duration(6.54), duration(125)
    ('6.5 s', '2 min 5 s')
    """
    if seconds is None:
        return NOTHING
    return f"{seconds:.1f} s" if seconds < 100 else f"{int(seconds // 60)} min {seconds % 60:.0f} s"


def span(days: int) -> str:
    """A length of life.

    >>> span(456), span(40), span(1)
    ('15 months', '40 days', 'a day')
    """
    if days == 1:
        return "a day"
    return f"{round(days / 30.4375)} months" if days >= 61 else f"{days} days"


def long_date(day: date) -> str:
    """A date that no reader can mistake.

    >>> long_date(date(2030, 4, 1))
    '1 April 2030'
    """
    return f"{day.day} {day:%B %Y}"


def listed(parts: list[str], comma: str = "") -> str:
    """Join names or clauses; clauses take a comma before the last.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], comma=",")
    ('a, b and c', 'a, and b')
    """
    *others, last = parts
    return f"{', '.join(others)}{comma} and {last}" if others else last
