"""What tables show of a comparison: one list of columns for the terminal and for the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.energy import joules
from agent.report.words import NOTHING, percent

Told = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: its heading, what stands in it, and a sentence on how to read it."""

    heading: str
    unit: str
    cell: Callable[[Told, Told], str]  # of a line, and of all that is told
    meaning: str

    @property
    def told(self) -> str:
        """The heading with its unit."""
        return f"{self.heading} [{self.unit}]" if self.unit else self.heading


def _estimate(name: str, scale: float, digits: int = 1, *, spread: bool = False) -> Callable[[Told, Told], str]:
    """The mean of a measure, with `spread` also half of its interval."""

    def cell(line: Told, data: Told) -> str:
        found = line.get(name)
        if found is None:
            return NOTHING
        level = percent(found["mean"] * scale / 100, digits)
        half = "" if found["high"] is None else f" ±{percent((found['high'] - found['mean']) * scale / 100, digits)}"
        return level + (half if spread else "")

    return cell


def _ahead(line: Told, data: Told) -> str:
    if line["ahead"] is None:
        return "(itself)" if line["label"] == line["beside"] else NOTHING
    scale = 1.0 if data["drive"] == "patrol" else 0.01
    lead = line["ahead"]
    mean = ("+" if lead["mean"] > 0 else "") + percent(lead["mean"] * scale)
    if lead["low"] is None:
        return mean
    return f"{mean} [{percent(lead['low'] * scale)}, {percent(lead['high'] * scale)}]"


def _machine(line: Told, data: Told) -> str:
    bill = data["money"]["learners"][line["label"]]
    return f"{1000 * (bill['compute'] + bill['storage']):.2f}"


def _answers(line: Told, data: Told) -> str:
    return f"{data['money']['learners'][line['label']]['labels']:.0f}"


def columns(data: Told) -> list[Column]:
    """The columns of the first table, by drive: how well everybody did."""
    other = data["lines"][0]["beside"]
    ahead = Column(
        f"ahead of {other}",
        "points",
        _ahead,
        f"The mean difference to {other}, seed by seed, with its 95 % interval: what decides who is better, for worlds "
        "differ more than learners do. An interval that holds 0 decides nothing.",
    )
    return _patrol(ahead) if data["drive"] == "patrol" else _gardener(ahead)


def taken(data: Told) -> list[Column]:
    """The columns of what it took; what was missed only where the world did not wait."""
    currency = data["money"]["currency"]
    late = [
        Column("missed", "%", _estimate("missed", 100, 0), "Blocks that were not learned from, for lack of time."),
        Column(
            "stale",
            "%",
            _estimate("stale", 100, 0),
            "Blocks that were answered with weights from before an update that was late.",
        ),
    ]
    return [
        Column("updates", "", _estimate("updates", 1, 0), "Steps of the weights in a life."),
        *(late if data["realtime"] else []),
        Column("compute", "TFLOP", _estimate("flops", 1e-12, 2), "Counted operations of looking and learning."),
        Column("memory", "MB", _estimate("memory_bytes", 1e-6, 2), "What is kept besides the weights."),
        Column("labels", "frames", _estimate("labels", 1, 0), "Frames that people have answered."),
        Column(
            "machine",
            f"0.001 {currency}",
            _machine,
            "Electricity and storage of a life at the prices of the table, in thousandths.",
        ),
        Column("people", currency, _answers, "The answers of a life at the price of the table."),
    ]


def ledger(data: Told) -> list[Column]:
    """The columns of what it took as the page has them, with the energy behind the price of the machine."""
    rate = data["money"]["prices"]["gflops_per_watt"]

    def cell(line: Told, data: Told) -> str:
        flops = line.get("flops")
        return NOTHING if flops is None else f"{joules(flops['mean'], rate):.1f}"

    meaning = f"An estimate, measured nowhere: operations ÷ {rate:g} billion for a joule, as the price table has it."
    found = taken(data)
    place = 1 + next(place for place, column in enumerate(found) if column.heading == "compute")
    return [*found[:place], Column("energy, estimate", "J", cell, meaning), *found[place:]]


def coordinates(data: Told) -> list[Column]:
    """The columns of where a learner stands in the plane."""
    at_hand = "at hand" in data["plane"]["axes"]["plasticity"]
    return [
        Column("plasticity", "% mIoU" if at_hand else "points", _estimate("plasticity", 100, spread=True), "Right."),
        Column("stability", "points", _estimate("stability", 100, spread=True), "Up."),
    ]


def corners(data: Told) -> list[Column]:
    """The columns of the triangle means."""
    told = {
        "in_time": "Seasons while they last: how well it keeps up.",
        "backward": "Seasons that are past: what it still knows.",
        "forward": "Seasons that are yet to come: what it knows before it has seen them.",
    }
    means = [
        Column(name.replace("_", " "), "% mIoU", _estimate(name, 100, spread=True), meaning)
        for name, meaning in told.items()
    ]
    return [*means, Column("compute", "TFLOP", _estimate("flops", 1e-12, 2), "What it took.")]


def _patrol(ahead: Column) -> list[Column]:
    return [
        Column(
            "over the life",
            "% mIoU",
            _estimate("miou_life", 100, spread=True),
            "mIoU on all seasons in gardens never visited, averaged over the life, then over seeds, with its 95 % "
            "interval.",
        ),
        ahead,
        Column("at the end", "% mIoU", _estimate("miou_end", 100), "The same at the last exam."),
        Column(
            "at hand",
            "% mIoU",
            _estimate("present", 100),
            "mIoU on the season that it lived in, averaged over the life: how well it could see while it worked.",
        ),
        Column(
            "forgot",
            "points",
            _estimate("forgetting", 100),
            "The best mark so far on past seasons minus the mark at the end, in the mean (docs/report.md).",
        ),
        Column(
            "of it noise",
            "points",
            _estimate("forgetting_noise", 100),
            "What a learner that forgets nothing, but wavers as much, would show: only what goes beyond is forgetting.",
        ),
    ]


def _gardener(ahead: Column) -> list[Column]:
    return [
        Column(
            "score",
            "points",
            _estimate("score", 1, spread=True),
            "100 is no stress, no waste and no damage (docs/gardener.md), averaged over seeds, with its 95 % interval.",
        ),
        ahead,
        Column(
            "blind to ideal",
            "%",
            _estimate("share", 100, 0),
            "Where the score lies between a gardener that waters by timetable (0) and one that knows all (100).",
        ),
        Column("plants dead", "", _estimate("died", 1, 1), "In a life, averaged over seeds."),
        Column("water", "l", _estimate("litres", 1, 0), "Litres poured in a life, averaged over seeds."),
    ]
