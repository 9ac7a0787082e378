"""Since the fork: what each branch made of the same life from that day on."""

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from agent.report.palette import Mark
from agent.report.tables import Row, named, table_html
from agent.report.words import NOTHING, long_date, percent

NOTE = (
    "Marks are mIoU [%]. <i>Seasons behind</i> are those that had been lived through by the day of the fork: what is "
    "still known of them at the end. <i>Since the fork</i> is the mean over all seasons and all exams from that day "
    "on. One world and one seed: a difference of a point or two is no more than a hint."
)


def section(summary: Mapping[str, Any], look: Mapping[str, Mark]) -> str:
    """A sentence on the fork and a table of its branches; nothing for a run that is none."""
    fork = summary.get("fork")
    if not fork:
        return ""
    rows = [_row(name, marks, fork, summary, look) for name, marks in fork["since"].items()]
    table = table_html(rows, "Since the fork") if rows else "<p>The run ended before an exam after the fork.</p>"
    return f'{table}<p class="note">{NOTE}</p>'


def lede(summary: Mapping[str, Any]) -> str:
    """What was forked, and when; HTML."""
    fork = summary.get("fork")
    if not fork:
        return ""
    when, old = long_date(date.fromisoformat(fork["at"])), escape(fork["learner"])
    begun = (
        f"Until {when}, day {fork['day']} of the life, all branches are one: <b>{old}</b> as it lived in "
        f"{escape(fork['run'])}. Whoever goes on from there begins with its weights, and with its memory where both "
        "have one of a kind. Lines part at the last exam before that day. "
    )
    script = "From that day on another script is lived, and all exams are of that script." if fork["own_script"] else (
        f"The line of <b>{old}</b> is that of the life as it was."
    )  # fmt: skip
    return begun + script


def state(summary: Mapping[str, Any]) -> str:
    """The same in a line for the top of the page; nothing for a run that is no fork."""
    fork = summary.get("fork")
    if not fork:
        return ""
    when = long_date(date.fromisoformat(fork["at"]))
    script = ", and another script" if fork["own_script"] else ""
    return (
        f'<p class="state"><b>A fork.</b> From {when} on others go on where {escape(fork["learner"])} stood{script}: '
        '<a href="#fork">since the fork</a>.</p>'
    )


def _row(
    name: str, marks: Mapping[str, Any], fork: Mapping[str, Any], summary: Mapping[str, Any], look: Mapping[str, Mark]
) -> Row:
    beside = NOTHING if marks["beside"] is None else _signed(marks["beside"])
    told = summary["learners"].get(name, {})
    return [
        ("learner", named(name, look.get(name), told)),
        ("whole year, at the fork", percent(marks["at"])),
        ("since the fork", percent(marks["mean"])),
        ("at the end", percent(marks["end"])),
        (f"since, beside {fork['learner']}", beside),
        ("season at hand, since", percent(marks["present"])),
        ("seasons behind, at the fork", percent(marks["behind_at"])),
        ("seasons behind, at the end", percent(marks["behind_end"])),
    ]


def _signed(share: float) -> str:
    """A difference of shares in points, with its sign.

    >>> _signed(0.0132), _signed(-0.004), _signed(0.0)
    ('+1.3', '−0.4', '0.0')
    """
    return f"{100 * share:+.1f}".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")
