"""The verdict: one sentence that says who forgot, who held on, and how much of the possible was reached."""

from typing import Any

from agent.monitor.summary import FLOOR
from agent.report.words import listed, percent, points, span

FORGOT = 0.04  # forgetting that exceeds what noise alone explains by this much is called forgetting
LITTLE = 0.25  # who closes less than this share of the gap has learned little
WORDS = {
    "forgot": "forgot {} of the seasons behind THEM",
    "learned little": "learned little, with {} lost",
    "held on": "held on, with {} lost",
}
BLIND = 0.05  # a fall of this much in what the frozen model sees is worth a word


def verdict(summary: dict[str, Any]) -> str:
    """One sentence about a life, from `summary.json` alone.

    Args:
        summary: as `agent.monitor.summary.summarise` returns it.
    """
    learners: dict[str, dict[str, Any]] = summary["learners"]
    clauses = [_frozen(learners[FLOOR])] if FLOOR in learners else []
    judged = {name: told for name, told in learners.items() if name != FLOOR and told["stability"] is not None}
    gap = " of the gap to joint training"
    for kind, memory in WORDS.items():
        group = {name: told for name, told in judged.items() if _kind(told) == kind}
        if group:
            clauses.append(_group(group, memory.replace("THEM", "it" if len(group) == 1 else "them"), gap))
            gap = " of that gap"
    told = [clause for clause in clauses if clause]
    lived = span(summary["days_lived"] + 1)
    if not told:
        return f"After {lived} it is too early for a verdict: no exam has been taken."
    lead = "In" if summary["ended"] == "finished" else "So far, in"
    alone = judged or len(learners) < 2
    hint = "" if alone else "; no season lies behind the others yet, so nothing can be said of them"
    return f"{lead} {lived}, {listed(told, comma=',')}{hint}."


def asides(summary: dict[str, Any], options: dict[str, Any]) -> list[str]:
    """Sentences that belong under the verdict: what adds what, and at which rate was learned.

    Args:
        summary: as above.
        options: the run's options; 'learn_every' and 'memory_share' are mentioned where given.
    """
    sentences = [_addition(entry) for entry in summary.get("comparisons", [])]
    ceiling = summary.get("references", {}).get("joint@converged", {}).get("cost", {})
    if ceiling.get("converged") == 0.0:
        sentences.append(
            f"Joint training was still gaining when it was stopped after {ceiling['updates']:.0f} updates: "
            "the true gap is wider."
        )
    if "learn_every" in options:
        memory = options.get("memory_share")
        share = f", with a memory of {percent(memory)} % of the frames where there is one" if memory else ""
        sentences.append(f"Learners make one update every {options['learn_every']} steps{share}.")
    return sentences


def _frozen(told: dict[str, Any]) -> str:
    present = told["present"]
    if present is None:
        return ""
    fall = present["first"] - present["lowest"]
    if fall < BLIND:
        return f"the frozen model kept its sight (never under {percent(present['lowest'], 0)} % mIoU)"
    return (
        f"the frozen model fell from {percent(present['first'], 0)} % mIoU to {percent(present['lowest'], 0)} % "
        f"in {present['lowest_phase']}"
    )


def _kind(told: dict[str, Any]) -> str:
    """Who forgot, who held on, and who has learned too little to have anything to forget."""
    closed = told["gap_closed"]["end"] if told["gap_closed"] else None
    if told["stability"]["mean"] - told["stability"]["noise_mean"] >= FORGOT:
        return "forgot"
    return "learned little" if closed is not None and closed < LITTLE else "held on"


def _group(group: dict[str, dict[str, Any]], memory: str, gap: str) -> str:
    """One clause for all learners of which the same can be said, in the order of their names."""
    lost = [told["stability"]["mean"] for told in group.values()]
    clause = f"{listed(list(group))} {memory.format(_points_each(lost))}"
    closed = [told["gap_closed"]["end"] if told["gap_closed"] else None for told in group.values()]
    if all(share is None for share in closed):
        return clause
    return f"{clause}, closing {listed([percent(share, 0) for share in closed])} %{gap}"


def _points_each(lost: list[float]) -> str:
    """Whole points, the unit once.

    >>> _points_each([0.24, 0.051])
    '24 and 5 points'
    """
    *others, last = [points(share) for share in lost]
    return listed([*(other.split()[0] for other in others), last])


def _addition(entry: dict[str, Any]) -> str:
    low, high, mean = (percent(entry[key]) for key in ("low", "high", "anytime"))
    if entry["low"] > 0:
        says = f"adds {mean} points of mIoU over the life"
    elif entry["high"] < 0:
        says = f"costs {percent(-entry['anytime'])} points of mIoU over the life"
    else:
        says = f"adds nothing that can be told from noise: {mean} points of mIoU over the life"
    interval = f"95 % interval {low} to {high} over the exams of this one world: no more than a hint"
    return f"Beside {entry['beside']} alone, {entry['adds']} {says} ({interval})."
