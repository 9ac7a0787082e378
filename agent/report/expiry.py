"""When the models of a run expired: the report's first line, and a table of dates.

Everything comes from `summary.json`, where each learner's `expiry` is what `agent.expiry.told` found.
"""

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from agent.report.palette import Mark
from agent.report.words import BANKS, NOTHING, listed, long_date, percent


def line(summary: Mapping[str, Any]) -> str:
    """The report's first line: who expired when, and who has kept it up.

    Args:
        summary: as `agent.monitor.summary.summarise` returns it.

    Returns:
        A sentence; empty where nobody was examined often enough to tell.
    """
    known = {name: told["expiry"] for name, told in summary["learners"].items() if told.get("expiry")}
    clauses = [_expired(name, told) for name, told in known.items() if told["expired"]]
    kept = [name for name, told in known.items() if not told["expired"] and told["below_since"] is None]
    if kept:
        share = percent(next(iter(known.values()))["share"], 0)
        clauses.append(f"{listed(kept)} {'has' if len(kept) == 1 else 'have'} kept {share} % so far")
    clauses += [
        f"{name} has been below {percent(told['share'], 0)} % since {long_date(date.fromisoformat(told['date']))}"
        for name, told in known.items()
        if told["below_since"] is not None
    ]
    return "; ".join(clauses) + "." if clauses else ""


def section(summary: Mapping[str, Any], look: Mapping[str, Mark]) -> str:
    """A table of dates as HTML, with how to read it; empty where nothing is known.

    Args:
        summary: as above.
        look: of the learners.
    """
    known = {name: told["expiry"] for name, told in summary["learners"].items() if told.get("expiry")}
    if not known:
        return ""
    terms = next(iter(known.values()))
    heads = ("at home %", "line %", "expired on", "good for, days", "back on", "lowest %")
    body = "".join(_row(name, told, look[name]) for name, told in known.items())
    return (
        '<div class="table"><table><thead><tr><th>learner</th>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{body}</tbody></table></div>"
        + f'<p class="note">A model has <i>expired</i> on the first exam from which mIoU on the season at hand, '
        f"in {escape(BANKS.get(terms['bank'], str(terms['bank'])))}, stays below {percent(terms['share'], 0)} % of its "
        f"value at commissioning for at least {terms['stays_days']} days. Days count from the end of commissioning; "
        "&gt; means that it had not expired by then. A year brings seasons back: so may a model come back, and its "
        "date stays.</p>"
    )


def _expired(name: str, told: Mapping[str, Any]) -> str:
    return f"{name} expired on {long_date(date.fromisoformat(told['date']))} (day {told['day']})"


def _row(name: str, told: Mapping[str, Any], mark: Mark) -> str:
    expired = long_date(date.fromisoformat(told["date"])) if told["expired"] else NOTHING
    back = long_date(date.fromisoformat(told["returned"])) if told["returned"] else NOTHING
    lasted = f"{'' if told['expired'] else '&gt; '}{told['lasted_days']}"
    cells = (
        percent(told["home"]),
        percent(told["share"] * told["home"]),
        expired,
        lasted,
        back,
        percent(told["lowest"]),
    )
    return (
        f'<tr><th><span style="color:{mark.colour}">{mark.sign} {escape(name)}</span></th>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )
