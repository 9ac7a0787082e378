"""What tables say of those who were compared in a sweep, and the sentences that go with it."""

from typing import Any

from agent.compare.cells import Column, columns
from agent.compare.verdict import verdict
from agent.report.words import NOTHING, percent

Told = dict[str, Any]
FEW = 5  # who can be told of one by one in a sentence
NOBODY = "Nothing can be compared yet: there is no world in which all have lived."


def compared(data: Told) -> Told:
    """A sweep as `agent.compare` takes what it tells of: labels are its learners, worlds in which all have lived its
    seeds."""
    rows = [row | {"seed": row["world"]} for row in data["rows"] if row["world"] in data["worlds"]]
    return data | {"rows": rows, "seeds": data["worlds"], "drive": "patrol"}


def sentence(data: Told) -> str:
    """Who is clearly ahead of, and who clearly behind, the one that all are compared with; of many, who came first."""
    if not data["lines"]:
        return NOBODY
    return verdict(compared(data)) if len(data["lines"]) <= FEW else _first(data)


def _first(data: Told) -> str:
    """Who came first, and how many cannot be told apart from it."""
    best, worlds = data["lines"][0], len(data["worlds"])
    others, like_it = len(data["lines"]) - 1, best["rank"][1] - 1
    where = f"Over {worlds} worlds" if worlds > 1 else "In one world"
    level = f"{percent(best['miou_life']['mean'])} % mIoU over the life"
    start = f"{where} {best['label']} came first, with {level}"
    if like_it == others:
        return f"{start}, but no other can be told apart from it."
    whom = f"{others - like_it} of the {others}" if like_it else f"all {others}"
    return f"{start}, clearly ahead of {whom} others."


def counted(data: Told) -> str:
    """How many trials there are, and how many of them are over.

    >>> counted({"trials": ["a", "b"], "over": ["a"], "failed": {"b": "why"}, "worlds": ["x 0"]})
    '1 of 2 trials over, 1 failed; 1 world'
    """
    over, all_, failed, worlds = (len(data[key]) for key in ("over", "trials", "failed", "worlds"))
    told = f"{all_} trials" if over == all_ else f"{over} of {all_} trials over"
    return f"{told}{f', {failed} failed' if failed else ''}; {worlds} world{'s' * (worlds != 1)}"


def asides(data: Told) -> list[str]:
    """What must be known beside it, the gravest first."""
    found = []
    if data["interrupted"]:
        found.append("Interrupted: trials are missing; the same command goes on where it was.")
    if data["failed"]:
        found.append(f"{len(data['failed'])} of {len(data['trials'])} trials failed; they are tried again next time.")
    lived = list(dict.fromkeys(row["world"] for row in data["rows"]))
    left = [world for world in lived if world not in data["worlds"]]
    if left and data["worlds"]:
        found.append(f"Compared is in worlds where all have lived; left out: {', '.join(left)}.")
    return found


def few(data: Told) -> list[Column]:
    """The columns for a terminal; their cells take `compared` data."""
    return [
        Column(
            "rank",
            "",
            _rank,
            "The best and the worst place that it may have: 1 and how many are clearly better, and how many are left "
            "without those that are clearly worse. Clearly: the interval of the paired difference does not hold 0.",
        ),
        Column(
            "IQM over the life",
            "% mIoU",
            _interquartile,
            "Interquartile mean over worlds of mIoU on all seasons, averaged over the life, with the 95 % interval of "
            "a bootstrap that draws seeds within a scenario. The interval is mostly that of the worlds.",
        ),
        *[column for column in columns(data) if column.heading.startswith(("ahead", "at the end"))],
    ]


def many(data: Told) -> list[Column]:
    """The columns for a page."""
    return [*few(data)[:2], *columns(data)]


def _rank(line: Told, data: Told) -> str:
    best, worst = line["rank"]
    return f"{best}" if best == worst else f"{best}–{worst}"


def _interquartile(line: Told, data: Told) -> str:
    found = line["iqm_life"]
    if found is None or found["mean"] is None:
        return NOTHING
    if found["low"] == found["high"]:
        return percent(found["mean"])
    return f"{percent(found['mean'])} [{percent(found['low'])}, {percent(found['high'])}]"
