"""What a person sees of a study of shelf life in the terminal: a line a curve, and tables in 80 columns."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.expiry.curves import Curve
from agent.expiry.definition import Terms
from agent.expiry.results import ALL
from agent.expiry.worlds import STILL
from agent.report.words import NOTHING, percent

WHO = {"signals": "its signals", "median": "counting days", "never": "never warns"}


def print_curve(curve: Curve, done: int, total: int, *, terms: Terms, console: Console) -> None:
    """One line as a world has been lived."""
    days, expired = curve.lasted(terms)
    what = f"expired after {days} days" if expired else f"good for {days} days at least"
    if curve.axis:  # what its home value is, only its control tells
        what = f"{len(curve.days)} looks"
    console.print(f"{done:>4}/{total}  {curve.world} {curve.seed}  {curve.learner}: {what}", highlight=False)


def print_study(answers: Mapping[str, Any], folder: Path, console: Console | None = None) -> None:
    """The answers, as tables.

    Args:
        answers: what `expiry.json` holds.
        folder: in which it lies.
        console: where to; the standard output by default.
    """
    console = console or Console()
    if "first_line" in answers:
        console.print(Text(answers["first_line"], style="bold"))
        console.print(survival_table(answers))
    for row in answers.get("comparisons", []):
        shared = "1 world" if row["worlds"] == 1 else f"{row['worlds']} worlds"
        p = "too little expired to tell" if row["p"] is None else f"p = {row['p']:.2g}"
        console.print(f"{row['first']} and {row['second']}, {shared}, log-rank: {p}", highlight=False)
    if "axes" in answers:
        console.print(axes_table(answers["axes"]))
    if answers.get("forecasts"):
        console.print(forecast_table(answers))
    console.print(f"all of it: {folder / 'expiry.html'}", highlight=False, soft_wrap=True)


def survival_table(answers: Mapping[str, Any]) -> Table:
    """How long learners last, over all worlds and by climate."""
    share, until = answers["question"]["share"], answers["groups"][0]["until"]
    table = _table(
        f"Days from being left alone until competence stays below {percent(share, 0)} % of home",
        ("learner", "world"), ("expired", "median\n[95 %]", f"mean of {until:.0f}\n[95 %]"),
    )  # fmt: skip
    for row in answers["groups"]:
        median = NOTHING if row["median"] is None else f"{row['median']:.0f}"
        mean = f"{row['mean']:.0f} {_interval(row['mean_low'], row['mean_high'])}"
        where = "all worlds" if row["world"] == ALL else row["world"]
        interval = _interval(row["median_low"], row["median_high"])
        table.add_row(row["learner"], where, f"{row['expired']} of {row['worlds']}", f"{median} {interval}", mean)
    return table


def axes_table(axes: Sequence[Mapping[str, Any]]) -> Table:
    """What expires a model that does not learn, soonest first."""
    until = axes[0]["until"]
    table = _table(
        f"Days until expiry where one axis alone ramps over {until:.0f} days",
        ("axis", "to"), ("expired", "days", "by then\nat", "lowest, %\nof home"),
    )  # fmt: skip
    for row in axes:
        axis, _, end = row["world"].rpartition(" ")
        name, to = (STILL, NOTHING) if row["axis"] == STILL else (axis, end)
        lasted = row["expired"] == 0
        days = "no effect" if not row["changed"] and row["axis"] != STILL else f"{'>' * lasted}{row['days']:.0f}"
        value = NOTHING if row["value"] is None or lasted or not row["changed"] else f"{row['value']:.3g}"
        table.add_row(name, to, f"{row['expired']} of {row['worlds']}", days, value, percent(row["lowest_share"], 0))
    return table


def forecast_table(answers: Mapping[str, Any]) -> Table:
    """Forecasts against the truth, beside those that know nothing."""
    stated = percent(answers["coverage"], 0)
    table = _table(
        f"Best before: {stated} % intervals of days left, of {answers['horizon_days']:.0f} at most",
        ("learner", "by"),
        ("cover\n%", "width\nd", "error\nd", "timely", "late", "missed", "false", "lead\nd"),
    )  # fmt: skip
    for row in answers["forecasts"]:
        numbers = [percent(row["coverage"], 0), *(_days(row[key]) for key in ("width_days", "error_days"))]
        counts = [str(row[key]) for key in ("timely", "late", "missed", "false")]
        table.add_row(row["learner"], WHO[row["who"]], *numbers, *counts, _days(row["lead_days"]))
    return table


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True
    )
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _days(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.0f}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None and high is None else f"[{_days(low)}, {_days(high)}]"
