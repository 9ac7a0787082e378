"""The verdict: one sentence that says who forgot, who held on, and how much of the possible was reached.

No share of the gap is told without the raw mIoU beside it: the learner's, the frozen model's and the ceiling's.
"""

from typing import Any

from agent.monitor.summary import CEILING, COMPARED, FLOOR, REGULARISER
from agent.report.plans import told_plans
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
    bank = summary["headline_bank"]
    clauses = [_frozen(learners[FLOOR], bank)] if FLOOR in learners else []
    judged = {name: told for name, told in learners.items() if name != FLOOR and told["stability"] is not None}
    reached = "ending at" if summary["ended"] == "finished" else "now at"
    gap = _gap(summary, bank)
    for kind, memory in WORDS.items():
        group = {name: told for name, told in judged.items() if _kind(told) == kind}
        if group:
            memory = memory.replace("THEM", "it" if len(group) == 1 else "them")
            clauses.append(_group(group, memory, reached, bank, gap))
            gap = "that gap"
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
        options: the run's options; 'learn_every', 'memory_share' and 'past_data' are mentioned where given.
    """
    compared = summary.get("comparisons", [])
    sentences = [_addition(entry) for entry in compared]
    if "fork" not in summary and all(entry["adds"] != REGULARISER for entry in compared):
        sentences += _how_to_compare(list(summary["learners"]))
    ceiling = summary.get("references", {}).get(CEILING, {}).get("cost", {})
    if ceiling.get("converged") == 0.0:
        sentences.append(
            f"Joint training was still gaining when it was stopped after {ceiling['updates']:.0f} updates, "
            "so the true gap is wider than shown, and the share of it that is closed is smaller."
        )
    sentences += told_plans(summary)
    sentences += [
        f"{name} answered {told['stream']['not_finite']} of its {told['stream']['frames']} frames with what is no "
        "number (NaN or infinite): its net is broken, and its marks say nothing else."
        for name, told in summary["learners"].items()
        if (told["stream"] or {}).get("not_finite")
    ]
    if "learn_every" in options:
        memory = options.get("memory_share")
        if not options.get("past_data", True):
            memory = None
            sentences.append("No picture of the past was kept.")
        share = f", with a memory of {percent(memory)} % of the frames where there is one" if memory else ""
        sentences.append(f"Learners make one update every {options['learn_every']} steps{share}.")
    return sentences


def _frozen(told: dict[str, Any], bank: str) -> str:
    present, whole_year = told["present"], told["miou"][bank]["end"]
    if present is None:
        return ""
    whole = f"whole year: {percent(whole_year, 0)} %"
    if present["first"] - present["lowest"] < BLIND:
        return f"the frozen model kept its sight (never under {percent(present['lowest'], 0)} % mIoU; {whole})"
    return (
        f"the frozen model fell from {percent(present['first'], 0)} % mIoU to {percent(present['lowest'], 0)} % "
        f"in {present['lowest_phase']} ({whole})"
    )


def _kind(told: dict[str, Any]) -> str:
    """Who forgot, who held on, and who has learned too little to have anything to forget."""
    closed = told["gap_closed"]["end"] if told["gap_closed"] else None
    if told["stability"]["mean"] - told["stability"]["noise_mean"] >= FORGOT:
        return "forgot"
    return "learned little" if closed is not None and closed < LITTLE else "held on"


def _gap(summary: dict[str, Any], bank: str) -> str:
    """What shares are shares of, with the ceiling's own mark."""
    level = summary["references"].get(CEILING, {}).get("miou", {}).get(bank, {"mean": None})["mean"]
    return "the gap to joint training" + (f" ({percent(level, 0)} %)" if level is not None else "")


def _group(group: dict[str, dict[str, Any]], memory: str, reached: str, bank: str, gap: str) -> str:
    """One clause for all learners of which the same can be said, in the order of their names."""
    lost = [told["stability"]["mean"] for told in group.values()]
    levels = [percent(told["miou"][bank]["end"], 0) for told in group.values()]
    clause = f"{listed(list(group))} {memory.format(_points_each(lost))}, {reached} {listed(levels)} % mIoU"
    closed = [told["gap_closed"]["end"] if told["gap_closed"] else None for told in group.values()]
    if all(share is None for share in closed):
        return clause
    return f"{clause} and closing {listed([percent(share, 0) for share in closed])} % of {gap}"


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


def _how_to_compare(learners: list[str]) -> list[str]:
    """How to ask what the regulariser adds, where a learner has one and its twin without is not beside it."""
    pairs = [(name, twin) for name, twin, adds in COMPARED if adds == REGULARISER and name in learners]
    if not pairs or any(twin in learners for _, twin in pairs):
        return []  # nothing to ask, or all are there and the life was too short to tell
    name, twin = pairs[0]
    place = learners.index(name)
    wanted = " ".join([*learners[:place], twin, *learners[place:]])
    return [
        f"What {REGULARISER} of {name} adds cannot be told without {twin} beside it: "
        f"run again with --learners {wanted}."
    ]
