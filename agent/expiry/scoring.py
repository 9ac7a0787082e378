"""Whether best-before forecasts are any good: coverage, error, lead time, false warnings; beside two that know nothing.

A forecaster *warns* at the first tick at which it foresees at most `WARN_DAYS` days. Against the day of expiry a
warning is *timely* if it comes before, but by no more than `EARLY_DAYS`; *false* if expiry is further off than that, or
did not come in all that time; *late* if it comes on the day or after. A world that expires without a warning is
*missed*; one that is censored too soon after a warning says nothing of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agent.expiry.best_before import Forecast, Forecaster, days_left
from agent.expiry.curves import Curve
from agent.expiry.definition import Terms

WARN_DAYS = 30
EARLY_DAYS = 60
Foresee = Callable[[Curve], Forecast]


@dataclass(frozen=True)
class Score:
    """How a forecaster did.

    Attributes:
        worlds: that were scored; of them `told` had ticks whose truth is known.
        told: each weighs the same in what follows.
        coverage: share of ticks before expiry whose days left were within the interval; None without any.
        width_days: mean width of the interval there.
        error_days: mean absolute error there.
        expired: worlds that expired.
        timely, late, missed: of these, by their warning; a false one counts below, not here.
        false: warnings that were, in all worlds.
        lead_days: median over worlds of expiry minus warning, where timely or late; None without any.
    """

    worlds: int
    told: int
    coverage: float | None
    width_days: float | None
    error_days: float | None
    expired: int
    timely: int
    late: int
    missed: int
    false: int
    lead_days: float | None


def score(curves: Sequence[Curve], foresee: Foresee, terms: Terms, horizon_days: float) -> Score:
    """Score forecasts in worlds in which nothing was fitted.

    Args:
        curves: of these worlds.
        foresee: from a curve, what was foreseen at its ticks; sees its signals, not its competence.
        terms: what "expired" means.
        horizon_days: of the forecasts.
    """
    counts: dict[str, int] = dict.fromkeys(("timely", "late", "missed", "false"), 0)
    rows, leads, expired = [], [], 0
    for curve in curves:
        foreseen = foresee(curve)
        left, known = days_left(curve, terms, horizon_days, alive_only=True)
        if known.any():
            inside = (foreseen.low <= left) & (left <= foreseen.high)
            error = np.abs(foreseen.days_left - left)
            rows.append([float(x[known].mean()) for x in (inside, foreseen.high - foreseen.low, error)])
        found = curve.expiry(terms)
        expired += found.expired
        kind, lead = judged(warned_on(curve.days, foreseen), found.day, found.expired)
        if kind:
            counts[kind] += 1
        if lead is not None:
            leads.append(lead)
    means = np.mean(rows, axis=0).tolist() if rows else [None] * 3
    median = float(np.median(leads)) if leads else None
    return Score(len(curves), len(rows), *means, expired=expired, **counts, lead_days=median)


def warned_on(days: Sequence[int], foreseen: Forecast) -> int | None:
    """The day of the first warning, or None."""
    warning = foreseen.days_left <= WARN_DAYS
    return int(days[int(warning.argmax())]) if warning.any() else None


def judged(warned: int | None, day: int, expired: bool) -> tuple[str, int | None]:
    """What a warning was worth, and by how many days it came before expiry.

    Args:
        warned: the day of the first warning, or None.
        day: of expiry or of censoring.
        expired: which of the two.

    Returns:
        "timely", "late", "missed", "false", or "" where nothing can be said; and the lead [days] or None.

    >>> judged(100, 130, True), judged(100, 190, True), judged(140, 130, True), judged(None, 130, True)
    (('timely', 30), ('false', None), ('late', -10), ('missed', None))
    >>> judged(100, 130, False), judged(100, 190, False), judged(None, 190, False)
    (('', None), ('false', None), ('', None))
    """
    if warned is None:
        return ("missed" if expired else ""), None
    ahead = day - warned
    if ahead > EARLY_DAYS:
        return "false", None
    if not expired:
        return "", None
    return ("timely" if ahead > 0 else "late"), ahead


def by_signals(forecaster: Forecaster) -> Foresee:
    """Forecasts from what is noticed."""
    return lambda curve: forecaster.forecast(curve.days, curve.noticed(forecaster.signals))


def by_counting(forecaster: Forecaster) -> Foresee:
    """Forecasts that know only the median shelf life of other worlds, and how long ago the owner left.

    That is more than those by signals are told: they have no calendar.
    """
    return lambda curve: forecaster.count(curve.days, curve.left_day)


def never_warns(like: Forecaster) -> Foresee:
    """A forecaster that always says: the horizon, or longer; its interval holds everything."""

    def foresee(curve: Curve) -> Forecast:
        ticks = len(curve.days)
        most = np.full(ticks, float(like.horizon_days))
        return Forecast(most, np.zeros(ticks), most, np.full(ticks, np.nan))

    return foresee
