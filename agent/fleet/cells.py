"""What tables say of a fleet, for the terminal and for the page alike: headings and cells."""

from typing import Any

from agent.report.words import NOTHING, percent, quantity

Told = dict[str, Any]
Table = tuple[list[str], list[list[str]]]  # headings, and rows of cells
MARKS = (
    ("life", "over the life [% mIoU]", "All seasons, in gardens never visited in its climate, averaged over the life."),
    ("end", "at the end [% mIoU]", "The same, at the last exam."),
    ("at_hand", "at hand [% mIoU]", "Of the season that it lived in, averaged over the life: plasticity."),
    ("forgot", "forgot [points]", "The best mark so far on past seasons minus the mark at the end: stability."),
    ("forgot_noise", "of it noise [points]", "What a learner that forgets nothing, but wavers as much, would show."),
    ("stream", "stream [% mIoU]", "Every frame of its patrol, said before it was learned from."),
)  # fmt: skip
"""Columns of the table of marks: key, heading, meaning."""


def marks_table(data: Told) -> Table:
    """A row a garden and kind of learner."""
    rows = [
        [garden, kind, *(percent(told[key]) for key, _, _ in MARKS)]
        for garden, kinds in data["gardens"].items()
        for kind, told in kinds.items()
    ]
    return ["garden", "learner", *(heading for _, heading, _ in MARKS)], rows


def contrast_table(data: Told) -> Table:
    """A row a contrast: garden by garden, and the mean."""
    gardens = list(data["gardens"])
    rows = [
        [minus(row["name"]), *(signed(row["by_garden"][garden]) for garden in gardens), signed(row["mean"])]
        for row in data["contrasts"]
    ]
    return ["over the life [points]", *gardens, "mean"], rows


def transfer_table(data: Told) -> Table:
    """A row for who lived in one garden alone: mIoU at the end in every garden, and what the life added to it."""
    gardens = list(data["gardens"])
    rows = [
        [row["lived_in"], *(_with_gain(row, garden) for garden in gardens)] for row in data["transfer"] if row["end"]
    ]
    return ["lived in", *gardens], rows


def memory_table(data: Told) -> Table:
    """A row a memory at the end of the life: frames by garden, and its bytes beside the bound."""
    gardens = list(data["gardens"])
    rows = []
    for name, told in data["memory"].items():
        frames = ["0"] * len(gardens) if told["held"] is None else [str(told["held"][g][-1]) for g in gardens]
        rows.append([name, *frames, quantity(told["most_bytes"], "B"), quantity(told["bound_bytes"], "B")])
    return ["memory of", *gardens, "most ever", "bound"], rows


def cost_table(data: Told) -> Table:
    """A row a learner: what it took in all, and a robot's share."""
    rows = [
        [
            name, str(told["robots"]), quantity(told["labels"]), quantity(told["updates"]),
            quantity(told["flops"], "FLOP"), quantity(told["flops"] / told["robots"], "FLOP"),
            quantity(told["memory_bytes"], "B"),
        ]
        for name, told in data["costs"].items()
    ]  # fmt: skip
    return ["learner", "robots", "labels", "updates", "compute", "a robot's share", "kept"], rows


def minus(name: str) -> str:
    """The name of a difference for people.

    >>> minus("shared - alone")
    'shared − alone'
    """
    return name.replace(" - ", " − ")


def signed(difference: float | None) -> str:
    """A difference of shares in points, with its sign.

    >>> signed(0.0123), signed(-0.004), signed(None)
    ('+1.2', '−0.4', '–')
    """
    if difference is None:
        return NOTHING
    return ("+" if difference > 0 else "") + percent(difference)


def _with_gain(row: Told, garden: str) -> str:
    end, start = row["end"].get(garden), row["start"].get(garden)
    return f"{percent(end)} ({signed(None if end is None or start is None else end - start)})"
