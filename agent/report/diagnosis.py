"""The diagnosis in words, as the monitor gives it, and the measures of the literature, as a table."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from agent.report.palette import Mark
from agent.report.tables import Row, table_html
from agent.report.words import NOTHING

NOTHING_FOUND = "no evidence of"
NAMES = {  # of `continual`, with what they are multiplied by; others are told by their keys
    "aaa": ("average anytime accuracy [%]", 100),
    "near_future": ("the season to come [%]", 100),
    "bwt": ("backward transfer [points]", 100),
    "fwt": ("forward transfer [points]", 100),
    "min_acc": ("min-ACC at the end [%]", 100),
    "min_acc_anytime": ("min-ACC over the life [%]", 100),
    "wc_acc": ("worst-case ACC at the end [%]", 100),
    "wc_acc_anytime": ("worst-case ACC over the life [%]", 100),
    "wf.ticks_10": ("windowed forgetting, 10 exams [points]", 100),
    "wf.ticks_100": ("windowed forgetting, 100 exams [points]", 100),
    "wf.days_45": ("windowed forgetting, 45 days [points]", 100),
    "wf.days_365": ("windowed forgetting, 365 days [points]", 100),
    "wp.ticks_10": ("windowed plasticity, 10 exams [points]", 100),
    "wp.ticks_100": ("windowed plasticity, 100 exams [points]", 100),
    "wp.days_45": ("windowed plasticity, 45 days [points]", 100),
    "wp.days_365": ("windowed plasticity, 365 days [points]", 100),
    "changes.mean_days": ("back after an abrupt change [days]", 1),
    "changes.mean_depth": ("fall at an abrupt change [points]", 100),
    "regret": ("phase regret [points]", 100),
}


def section(summary: Mapping[str, Any], marks: Mapping[str, Mark]) -> str:
    """What the monitor found, learner by learner, with its evidence; nothing where it found nothing.

    Args:
        summary: each learner's `diagnosis` is a list of findings: `verdict`, `sentence` (which begins with it) and
            whether it is `bad`.
        marks: the look of every learner.
    """
    items = "".join(
        f'<div><dt style="color:{mark.colour}">{mark.sign} {escape(name)}</dt>{_findings(found)}</div>'
        for name, mark in marks.items()
        if (found := summary["learners"][name].get("diagnosis"))
    )
    return f'<div class="diagnosis"><h3>What the monitor found</h3><dl>{items}</dl></div>' if items else ""


def measures(summary: Mapping[str, Any], marks: Mapping[str, Mark]) -> str:
    """The single numbers of `continual`, a row each; nothing where there are none."""
    told = {name: flat(summary["learners"][name].get("continual") or {}) for name in marks}
    keys = dict.fromkeys(key for numbers in told.values() for key in numbers)
    rows: list[Row] = []
    for key in (*(key for key in NAMES if key in keys), *(key for key in keys if key not in NAMES)):
        says, factor = NAMES.get(key, ("", 1))
        cells = [(f"{marks[name].sign} {name}", _number(numbers.get(key), factor)) for name, numbers in told.items()]
        rows.append([("measure", escape(says) or f"<code>{escape(key)}</code>"), *cells])
    return table_html(rows, "Measures of the literature", cards=False) if rows else ""


def flat(numbers: Mapping[str, Any], before: str = "") -> dict[str, float | None]:
    """Nested numbers under dotted names; words, lists and yes or no are left out.

    >>> flat({"a": {"b": 0.5, "c": None, "d": [1, 2]}, "e": True})
    {'a.b': 0.5, 'a.c': None}
    """
    found: dict[str, float | None] = {}
    for key, value in numbers.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{key}.")
        elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            found[f"{before}{key}"] = value
    return found


def _findings(found: Sequence[Mapping[str, Any]]) -> str:
    """What was found, a line each; what there is no evidence of, together in one."""
    told = [f"<dd>{_sentence(finding)}</dd>" for finding in found if not _is_nothing(finding)]
    absent = [str(finding["verdict"]).removeprefix(NOTHING_FOUND).strip() for finding in found if _is_nothing(finding)]
    if absent:
        evidence = "; ".join(str(finding["sentence"]).partition(": ")[2] for finding in found if _is_nothing(finding))
        told.append(f"<dd>{NOTHING_FOUND} {escape(', '.join(absent))}<small>{escape(evidence)}</small></dd>")
    return "".join(told)


def _is_nothing(finding: Mapping[str, Any]) -> bool:
    return str(finding["verdict"]).startswith(NOTHING_FOUND)


def _sentence(finding: Mapping[str, Any]) -> str:
    verdict, sentence = str(finding["verdict"]), str(finding["sentence"])
    rest = sentence.removeprefix(verdict).lstrip(":, ")
    sign = "⚠ " if finding.get("bad") else ""
    return f"<b>{sign}{escape(verdict)}</b>" + (f": {escape(rest)}" if rest else "")


def _number(value: float | None, factor: float) -> str:
    return NOTHING if value is None else f"{factor * value:.3g}".replace("-", "−")
