"""What a comparison comes to, in sentences: who is ahead of whom, by how much, and what must be known beside it."""

from typing import Any

from agent.report.words import listed, percent, span

Told = dict[str, Any]


def verdict(data: Told) -> str:
    """One sentence: who is clearly ahead of the one that all are compared with, and who is clearly behind.

    Clearly: the interval of the difference, seed by seed, does not hold 0. Among many comparisons some will be clear by
    chance.
    """
    leads = [line for line in data["lines"] if line["ahead"] is not None and line["recipe"] == line["label"]]
    other = data["lines"][0]["beside"]
    if not leads:
        return f"{other} has lived alone: there is nobody to compare it with."
    where = f"Over {_seeds(data)}"
    best = sorted(leads, key=lambda line: -line["ahead"]["mean"])
    ahead = [line for line in best if (line["ahead"]["low"] or 0) > 0]
    behind = [line for line in reversed(best) if (line["ahead"]["high"] or 0) < 0]
    clauses = [
        f"{listed([_lead(line, data, sign) for line in found])} {side} {other}"
        for found, sign, side in ((ahead, 1, "ahead of"), (behind, -1, "behind"))
        if found
    ]
    if not clauses:
        few = " One seed has no interval." if len(data["seeds"]) < 2 else ""
        return f"{where} no difference to {other} is clear.{few}"
    unclear = [line["label"] for line in best if line not in ahead and line not in behind]
    rest = f"; {listed(unclear)} cannot be told apart from it" if unclear else ""
    return f"{where} {listed(clauses, comma=',')}{rest}."


def asides(data: Told) -> list[str]:
    """What must be known beside the verdict; the gravest first."""
    found = []
    if not data["reproducible"]:
        found.append(
            "NOT REPRODUCIBLE: time was taken by the clock, so what else this machine did has decided what was learned."
        )
    if data["interrupted"]:
        most = max(data["lived"].values())
        short = [seed for seed, lives in data["lived"].items() if lives < most]
        found.append(
            "Interrupted: lives are missing"
            + (f" for seed{'s' * (len(short) > 1)} {listed(short)}" if short else "")
            + "; the same command goes on."
        )
    if data["drive"] == "gardener":
        found.append(
            "Each gardener lived a life of its own, so no two saw the same frames and none has a mark on frames: only "
            "what became of the plants is compared."
        )
    else:
        found.append("All learners of a seed looked at the same frames, checked by their hash.")
    if data["realtime"]:
        found.append(f"In real time: {data['realtime']}. Who is slow misses frames.")
    elif data["drive"] == "patrol":
        found.append(
            "The world waited for everybody: equal updates, not equal compute; --realtime gives all one machine."
        )
    if data["quick"]:
        found.append(
            "A coarse year: exams are 30 days apart, so forgetting is understated."
            if data["drive"] == "patrol"
            else "A short life of one season of growth, begun with fewer updates."
        )
    return found


def headline(data: Told) -> str:
    """What was compared, in a line.

    >>> headline({"days": 456, "climate": "alpine", "seeds": [1, 2], "drive": "patrol"})
    '15 months of alpine weather, 2 seeds, on patrol'
    """
    seeds = f"{len(data['seeds'])} seed{'s' * (len(data['seeds']) > 1)}"
    how = {"patrol": "on patrol", "gardener": "as gardeners"}[data["drive"]]
    return f"{span(data['days'])} of {data['climate'].replace('_', ' ')} weather, {seeds}, {how}"


def _lead(line: Told, data: Told, sign: int) -> str:
    lead = line["ahead"]
    ends = [lead["low"], lead["high"]] if sign > 0 else [-lead["high"], -lead["low"]]
    scale = 1 if data["drive"] == "patrol" else 0.01  # scores are points already
    low, high = (percent(scale * end) for end in ends)
    return f"{line['label']} is {percent(scale * sign * lead['mean'])} points ({low} to {high})"


def _seeds(data: Told) -> str:
    seeds, garden = len(data["seeds"]), "garden" if data["drive"] == "gardener" else "world"
    return f"{seeds} {garden}s" if seeds > 1 else f"one {garden}"
