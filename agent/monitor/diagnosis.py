"""The diagnosis in words: what the numbers of a life, taken together, say about a learner.

One number alone misleads: marks fall in every new season, and a net can lose its plasticity while marks are still
high. So each verdict here is a row of a table: how the input changed, how the season at hand is seen, how past seasons
are seen, how the net is. What was measured and not found is "no evidence of" it; of what was not measured nothing is
said.
"""

from dataclasses import dataclass

from agent.monitor.gaps import Gap

NOTABLE = 0.05  # a fall of the mark on the season at hand that is more than wavering [share]
CLOSED = 0.5  # of what it was behind at first; who is farther behind when a season ends has not kept up with it
TRAINABILITY_KEPT = 0.6  # of the first checkup's; below it a net learns markedly less than it did
DORMANT_RISE = 0.2  # of all units, beyond the first checkup's
RANK_KEPT, ENTROPY_KEPT = 0.5, 0.5  # of the first; below both, and marks fallen, answers have collapsed
CKA_KEPT = 0.5  # with the net as it was commissioned
ABOVE_COPY = 0.02  # that an online mark must have on who repeats the last answer [share]

ADAPTING, ROBUST = "new season, adapting", "appearance changed, robust"
BEHIND, STEADY = "not keeping up", "steady"
FORGETTING, GAP = "forgetting", "stability gap"
PLASTICITY, COLLAPSE = "plasticity loss", "collapse"
DRIFTING, CORRELATION = "representation drifting", "explained by temporal correlation"


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval, None at the ends where there is none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Lost:
    """What was lost of a past phase [share], and whether it is flagged as no chance."""

    phase: str
    lost: Estimate
    flagged: bool


@dataclass(frozen=True)
class Evidence:
    """What a diagnosis looks at; None where it was not measured.

    Attributes:
        changes: how often the input changed.
        changes_from: who says so: 'alarms', 'script' or 'seasons'.
        fall: how far the mark on the season at hand fell at most, behind the reference, or else its own best [share].
        left_behind: how far it still was at the ends of visits, as a mean over them [share].
        behind_at_first: how far it was behind when the owner left it alone [share].
        behind_whom: whom `fall` and `left_behind` are measured against: 'the reference' or 'its own best'.
        lost: of the past phases.
        gaps: what bursts brought.
        trainability, dormant, rank, entropy: at the first checkup and the last.
        cka: with the commissioned net, at the last checkup.
        above_copy: online mIoU over that of repeating the last answer [share].
    """

    changes: int = 0
    changes_from: str = "seasons"
    fall: float | None = None
    left_behind: Estimate | None = None
    behind_at_first: float = 0.0
    behind_whom: str = "the reference"
    lost: tuple[Lost, ...] | None = None
    gaps: tuple[Gap, ...] | None = None
    trainability: tuple[float, float] | None = None
    dormant: tuple[float, float] | None = None
    rank: tuple[float, float] | None = None
    entropy: tuple[float, float] | None = None
    cka: float | None = None
    above_copy: Estimate | None = None


@dataclass(frozen=True)
class Finding:
    """One sentence of a diagnosis.

    Attributes:
        verdict: one of this module's names, or 'no evidence of <one of them>'.
        sentence: it and its evidence, for people.
        value, low, high: the number that decided, with its interval where there is one.
        bad: whether somebody should do something about it.
    """

    verdict: str
    sentence: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    bad: bool = False


def diagnose(seen: Evidence) -> tuple[Finding, ...]:
    """What the evidence says: what is bad first, then how the life went, then what there is no evidence of."""
    found = [_collapse(seen), _plasticity(seen), _forgetting(seen), _correlation(seen)]
    found += [_gap(seen), _drifting(seen)]
    said = [finding for finding in found if finding is not None]
    bad = [finding for finding in said if finding.bad]
    rest = [finding for finding in said if not finding.bad and not finding.verdict.startswith("no evidence")]
    nothing = [finding for finding in said if finding.verdict.startswith("no evidence")]
    present = _present(seen)
    return (*bad, *([present] if present else []), *rest, *nothing)


def _present(seen: Evidence) -> Finding | None:
    """How the season at hand was seen."""
    if seen.fall is None or seen.left_behind is None:
        return None
    behind = seen.left_behind
    numbers = {"value": behind.value, "low": behind.low, "high": behind.high}
    told = f"{_points(behind)} behind {seen.behind_whom} at the ends of visits"
    often = "once" if seen.changes == 1 else f"{seen.changes} times"
    changed = f"the input changed {often} by the {seen.changes_from}"
    if seen.fall <= NOTABLE:
        verdict = ROBUST if seen.changes else STEADY
        return Finding(
            verdict, f"{verdict}: {changed}, and the season at hand stayed within {_p(seen.fall)}", **numbers
        )
    fell = f"{changed}; the season at hand fell by up to {_p(seen.fall)}"
    if behind.value <= max(NOTABLE, CLOSED * seen.behind_at_first):
        return Finding(ADAPTING, f"{ADAPTING}: {fell} and was made good ({told})", **numbers)
    sure = seen.behind_whom == "the reference"  # else the season may just be a hard one
    return Finding(BEHIND, f"{BEHIND}: {fell} and was not made good ({told})", **numbers, bad=sure)


def _forgetting(seen: Evidence) -> Finding | None:
    if seen.lost is None:
        return None
    flagged = sorted((row for row in seen.lost if row.flagged), key=lambda row: -row.lost.value)
    if not flagged:
        worst = max((row.lost for row in seen.lost), key=lambda lost: lost.value, default=Estimate(0.0))
        why = f"no past season's loss is beyond chance and wavering (largest {_points(worst)})"
        return Finding(f"no evidence of {FORGETTING}", f"no evidence of {FORGETTING}: {why}", *_of(worst))
    told = ", ".join(f"{_points(row.lost)} of {row.phase}" for row in flagged[:3])
    more = f" and {len(flagged) - 3} more" if len(flagged) > 3 else ""
    return Finding(FORGETTING, f"{FORGETTING}: lost {told}{more}", *_of(flagged[0].lost), bad=True)


def _gap(seen: Evidence) -> Finding | None:
    if seen.gaps is None:
        return None
    true = [gap for gap in seen.gaps if gap.is_gap]
    if not true:
        why = f"in {len(seen.gaps)} bursts past seasons did not fall and come back"
        return Finding(f"no evidence of a {GAP}", f"no evidence of a {GAP}: {why}")
    deepest = max(true, key=lambda gap: gap.depth)
    told = f"{_p(deepest.depth)} deep, back after {deepest.days:g} days (day {deepest.day})"
    return Finding(GAP, f"{GAP}, transient: {len(true)} in {len(seen.gaps)} bursts, the deepest {told}", deepest.depth)


def _plasticity(seen: Evidence) -> Finding | None:
    """Trainability is the direct measure; dormant units are what often goes with its loss."""
    if seen.trainability is None and seen.dormant is None:
        return None
    signs, calm = [], []
    kept = 1.0
    if seen.trainability is not None:
        first, last = seen.trainability
        kept = last / first if first > 0 else 1.0
        (signs if kept < TRAINABILITY_KEPT else calm).append(f"trainability {first:.2f} at first, {last:.2f} at last")
    if seen.dormant is not None:
        first, last = seen.dormant
        (signs if last - first > DORMANT_RISE else calm).append(
            f"dormant units {first:.0%} at first, {last:.0%} at last"
        )
    if not signs:
        return Finding(f"no evidence of {PLASTICITY}", f"no evidence of {PLASTICITY}: {', '.join(calm)}", kept)
    behind = seen.left_behind
    felt = behind is not None and seen.fall is not None and seen.fall > NOTABLE and behind.value > NOTABLE
    felt_told = "and the season at hand is not made good" if felt else "not felt in the marks yet"
    return Finding(PLASTICITY, f"{PLASTICITY}: {', '.join(signs)}; {felt_told}", kept, bad=True)


def _collapse(seen: Evidence) -> Finding | None:
    """Marks fall on present and past alike while answers become few and sure."""
    if seen.rank is None or seen.entropy is None or seen.fall is None or seen.lost is None:
        return None
    rank, entropy = (last / first if first > 0 else 1.0 for first, last in (seen.rank, seen.entropy))
    fallen = seen.fall > NOTABLE and any(row.flagged for row in seen.lost)
    told = f"effective rank {rank:.2f} and entropy {entropy:.2f} of what they were"
    if fallen and rank < RANK_KEPT and entropy < ENTROPY_KEPT:
        return Finding(COLLAPSE, f"{COLLAPSE}: present and past have fallen, {told}", rank, bad=True)
    return Finding(f"no evidence of {COLLAPSE}", f"no evidence of {COLLAPSE}: {told}", rank)


def _drifting(seen: Evidence) -> Finding | None:
    """The early warning: features have moved, and the last layer still makes up for it."""
    if seen.cka is None or seen.cka >= CKA_KEPT:
        return None
    if seen.lost is None or any(row.flagged for row in seen.lost):
        return None
    told = f"CKA {seen.cka:.2f} with the net as it was commissioned, marks held by the last layer"
    return Finding(DRIFTING, f"{DRIFTING}: {told}", seen.cka)


def _correlation(seen: Evidence) -> Finding | None:
    if seen.above_copy is None or seen.above_copy.value >= ABOVE_COPY:
        return None
    told = f"{_points(seen.above_copy)} above repeating the last answer"
    return Finding(CORRELATION, f"{CORRELATION}: the online mark is {told}", *_of(seen.above_copy), bad=True)


def _p(share: float) -> str:
    return f"{100 * share:.1f} points"


def _points(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _p(estimate.value)
    return f"{_p(estimate.value)} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def _of(estimate: Estimate) -> tuple[float, float | None, float | None]:
    return estimate.value, estimate.low, estimate.high
