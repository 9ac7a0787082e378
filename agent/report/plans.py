"""What must be said beside a learner's marks: who told it what, and what it was allowed to keep."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agent.branches import SINCE
from agent.report.words import listed
from scenarios.untrusted import parse_json, read_text

DECISIONS = "decisions.jsonl"
MOST_BYTES = 256_000_000

WHEN = {
    "alarm": "on its own alarm",
    "season": "on the first day of each season, which nobody tells a robot",
    "never": "once, after commissioning, and never again",
}
TOLD = {
    "oracle season": "is told the season, so it is not free of task boundaries",
    "own alarm": "begins a regime on its own alarm",
    "feature clusters": "finds its regimes in the frames",
}


def gates(decisions: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """By learner, how often its gate let pass what was learned, and how often not."""
    counted: dict[str, dict[str, int]] = {}
    for decision in decisions:
        gate = counted.setdefault(decision["learner"], {"promoted": 0, "held_back": 0})
        gate["promoted" if decision["promoted"] else "held_back"] += 1
    return counted


def read_gates(folder: Path) -> dict[str, dict[str, int]]:
    """As `gates`, from the folder of a run; empty if nobody had one.

    Raises:
        ValueError: a line is of no decision; the message names it.
    """
    path = folder / DECISIONS
    if not path.is_file():
        return {}
    decisions = []
    for number, line in enumerate(read_text(path, most_bytes=MOST_BYTES).splitlines(), start=1):
        told = parse_json(line, source=f"{path}:{number}")
        if not isinstance(told.get("learner"), str) or not isinstance(told.get("promoted"), bool):
            raise ValueError(f"{path}:{number}: expected a learner and whether it was promoted, given {line[:60]}")
        decisions.append(told)
    return gates(decisions)


def told_plans(summary: dict[str, Any]) -> list[str]:
    """Sentences about how learners were run, where that was not as usual; none for a plain run.

    Args:
        summary: as `agent.monitor.summary.summarise` returns it, with a `plan` (and a `gate`) by learner, where known.
    """
    plans = {name: told["plan"] for name, told in summary["learners"].items() if "plan" in told}
    sentences = []
    for name, plan in plans.items():
        if plan["schedule"] == "joint":
            sentences.append(f"{name} had all labelled frames of the life before it began, and then only answered.")
        elif plan["schedule"] == "cumulative":
            sentences.append(f"{name} keeps all frames, and begins anew with them each season.")
    for source, says in TOLD.items():
        names = [name for name, plan in plans.items() if plan["regimes"] == source]
        sentences += [f"{name} {says} ({source})." for name in names]
    for name, plan in plans.items():
        policy = name.partition("@")[2].partition(SINCE)[0]
        if policy:
            how = WHEN.get(policy) or f"every {plan['consolidates'].partition('-')[2]} updates"
            sentences.append(f"{name} consolidates {how}.")
    gated = {name: told["gate"] for name, told in summary["learners"].items() if "gate" in told}
    if gated:
        counts = [
            f"{name} {gate['promoted']} of {gate['promoted'] + gate['held_back']} times" for name, gate in gated.items()
        ]
        sentences.append(f"Behind a gate, what was learned was served: {listed(counts)}.")
    return sentences
