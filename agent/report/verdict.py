"""The verdict: one sentence that says who forgot, who held on, and how much of the possible was reached."""

from typing import Any

from agent.monitor.summary import FLOOR
from agent.report.words import listed, percent, points, span

FORGOT = 0.02  # forgetting that exceeds what noise alone explains by this much is called forgetting
BLIND = 0.05  # a fall of this much in what the frozen model sees is worth a word


def verdict(summary: dict[str, Any]) -> str:
    """One sentence about a life, from `summary.json` alone.

    Args:
        summary: as `agent.monitor.summary.summarise` returns it.
    """
    learners: dict[str, dict[str, Any]] = summary["learners"]
    clauses = [_frozen(learners[FLOOR])] if FLOOR in learners else []
    clauses += [_learning(name, told) for name, told in learners.items() if name != FLOOR]
    told = [clause for clause in clauses if clause]
    if not told:
        return f"After {span(summary['days_lived'])} it is too early to say anything: nothing has been examined yet."
    lead = "In" if summary["ended"] == "finished" else "So far, in"
    return f"{lead} {span(summary['days_lived'] + 1)}, {listed(told)}."


def asides(summary: dict[str, Any], options: dict[str, Any]) -> list[str]:
    """Sentences that belong under the verdict: what adds what, and at which rate was learned.

    Args:
        summary: as above.
        options: the run's options; 'learn_every' and 'memory_share' are mentioned where given.
    """
    sentences = [_addition(entry) for entry in summary.get("comparisons", [])]
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


def _learning(name: str, told: dict[str, Any]) -> str:
    stability, gap = told["stability"], told["gap_closed"]
    closed = (
        "" if gap is None or gap["end"] is None else f"closed {percent(gap['end'], 0)} % of the gap to joint training"
    )
    if stability is None:
        return f"{name} {closed}" if closed else ""
    if stability["mean"] - stability["noise_mean"] >= FORGOT:
        memory = f"{name} forgot {points(stability['mean'])} of the seasons behind it"
    else:
        memory = f"{name} held on to them all ({points(stability['mean'])} lost)"
    return f"{memory} and {closed}" if closed else memory


def _addition(entry: dict[str, Any]) -> str:
    low, high, mean = (100 * entry[key] for key in ("low", "high", "anytime"))
    interval = f"({mean:+.1f} points of mIoU over the life, 95 % interval {low:+.1f} to {high:+.1f} over its ticks)"
    if low > 0:
        says = "adds something"
    elif high < 0:
        says = "costs something"
    else:
        says = "adds nothing that can be told from noise"
    return f"Beside {entry['beside']} alone, {entry['adds']} {says} {interval}; one world, so no more than a hint."
