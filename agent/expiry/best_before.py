"""Best before: how many days a model has left, from what it notices of itself alone.

No label and no date goes in. First, what is noticed is turned into how competent the model probably still is (*felt
competence*, a share of its home value). Then how far that is above the line, and when it gets there as things go, are
turned into days left until expiry, at most `horizon_days`: further ahead nothing is said. Both are least squares with
a small ridge, in worlds where the truth is known.

The interval is split-conformal. Errors are taken in worlds of which the fit saw nothing. Ticks of one world are not
independent, so each world weighs the same whatever its number of ticks, and a world as yet unseen weighs as much as
each of those: hierarchical conformal prediction (Lee, Barber & Willett 2023, arXiv:2306.06342). It covers a tick drawn
from a new world with at least the stated probability, if that world is drawn as the calibration worlds were.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from agent.expiry.curves import Curve
from agent.expiry.definition import Floats, Terms, smooth
from agent.expiry.signals import SIGNALS
from agent.expiry.survival import survival
from scenarios.untrusted import UntrustedError, read_json

FILE = Path(__file__).with_name("best_before.json")  # the forecaster that ships
HORIZON_DAYS = 120
CHANGE_DAYS = 28  # over which the fall of felt competence is taken
SMOOTH_TICKS = 3  # over which its median is taken
MOST_ABOVE = 0.2  # further from the line than this is not distinguished
COVERAGE = 0.8
RIDGE = 1.0  # weight of one made-up tick per coefficient, in standard deviations of its signal
MOST_FELT = 1.2  # competence beyond this share of the home value is not distinguished
LEARNED_AFTER_DAYS = 60  # ticks so long after expiry still teach what an expired model looks like


@dataclass(frozen=True)
class Forecast:
    """What is foreseen, by tick.

    Attributes:
        days_left: (T,) float64 until expiry, 0 to the horizon; 0 is expired.
        low, high: (T,) interval; `high` at the horizon means so long, or longer.
        felt: (T,) felt competence, a share of the home value.
    """

    days_left: Floats
    low: Floats
    high: Floats
    felt: Floats


@dataclass(frozen=True)
class Forecaster:
    """A fitted forecaster, plain enough for JSON.

    Attributes:
        signals: names of what goes in.
        centre, scale: (F,) by which signals are standardised.
        felt_weights: (F + 1,), the last is the level.
        left_weights: (3,) of how far it is above the line, of the days until it gets there, and the level [days].
        error_days: half the width of the interval.
        median_days: of shelf life in the worlds that were fitted; None if fewer than half expired. A forecaster that
            knows only this and counts days is what this one is scored beside,
        median_error_days: half the width of its interval.
        coverage: which the intervals have.
        horizon_days: further ahead nothing is said.
        share, stays_days: what "expired" means.
        learners: whose curves were fitted.
        worlds: names and seeds, in which it was fitted and calibrated.
        conditions: how they were looked at, in words.
    """

    signals: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    felt_weights: tuple[float, ...]
    left_weights: tuple[float, ...]
    error_days: float
    median_days: float | None
    median_error_days: float
    coverage: float
    horizon_days: float
    share: float
    stays_days: int
    learners: tuple[str, ...] = ()
    worlds: tuple[str, ...] = ()
    conditions: str = ""

    def forecast(self, days: Sequence[int], noticed: Floats) -> Forecast:
        """Foresee, at every tick from what was noticed until then.

        Args:
            days: (T,) ticks in ascending order; only how far they lie apart counts.
            noticed: (T, F), columns in the order of `signals`.
        """
        felt = self.feel(noticed)
        trend = _trend(days, felt, self.share, self.horizon_days)
        left = np.clip(trend @ np.array(self.left_weights), 0.0, self.horizon_days)
        low, high = (np.clip(left + error, 0.0, self.horizon_days) for error in (-self.error_days, self.error_days))
        return Forecast(left, low, high, felt)

    def count(self, days: Sequence[int], left_day: int) -> Forecast:
        """What counting days alone foresees, without any signal: the median, less the days gone by.

        Args:
            days: (T,) ticks, days of the life.
            left_day: the day on which the owner left.
        """
        left = counted(self.median_days, np.asarray(days) - left_day, self.horizon_days)
        errors = (-self.median_error_days, self.median_error_days)
        low, high = (np.clip(left + error, 0.0, self.horizon_days) for error in errors)
        return Forecast(left, low, high, np.full(len(left), np.nan))

    def feel(self, noticed: Floats) -> Floats:
        """(T,) felt competence."""
        return _design(noticed, np.array(self.centre), np.array(self.scale)) @ np.array(self.felt_weights)

    def save(self, file: Path) -> None:
        """Write it as JSON."""
        file.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path = FILE) -> "Forecaster":
        """Read it back; the one that ships if no file is given.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it holds no forecaster.
        """
        if not file.is_file():
            raise FileNotFoundError(f"{file} does not exist; give a best_before.json that --calibrate has written")
        try:
            found = TypeAdapter(cls).validate_python(read_json(file))
        except ValidationError as error:
            said = f"{'.'.join(map(str, error.errors()[0]['loc']))}: {error.errors()[0]['msg']}"
            raise ValueError(f"{file} holds no forecaster ({said}); give one that --calibrate has written") from None
        except UntrustedError as error:
            raise ValueError(f"{error}: no forecaster; give one that --calibrate has written") from error
        signals = len(found.signals)
        sizes = {"centre": signals, "scale": signals, "felt_weights": signals + 1, "left_weights": 3}
        wrong = [name for name, size in sizes.items() if len(getattr(found, name)) != size]
        wrong += [name for name in found.signals if name not in SIGNALS]
        if wrong or not np.isfinite([*found.centre, *found.scale, *found.felt_weights, *found.left_weights]).all():
            said = f"{wrong[0]} does not fit its {signals} signals" if wrong else "a weight is not finite"
            raise ValueError(f"{file} holds no forecaster ({said}); give one that --calibrate has written")
        return found


def fit(
    fitted: Sequence[Curve], calibrated: Sequence[Curve], terms: Terms, *, coverage: float = COVERAGE,
    horizon_days: float = HORIZON_DAYS,
) -> Forecaster:  # fmt: skip
    """Fit in some worlds, and learn in others how wrong the fit is.

    Args:
        fitted: curves of worlds in which weights are fitted.
        calibrated: curves of other worlds, one each.
        terms: what "expired" means.
        coverage: of the interval.
        horizon_days: further ahead nothing is said.

    Raises:
        ValueError: a world is in both, or there are too few to learn anything.
    """
    names = tuple(SIGNALS)
    both = {(c.world, c.seed) for c in fitted} & {(c.world, c.seed) for c in calibrated}
    if both:
        raise ValueError(f"{sorted(both)[0]} was fitted in and cannot tell how wrong the fit is; give other worlds")
    if not fitted or not calibrated:
        raise ValueError(f"{len(fitted)} curves to fit and {len(calibrated)} to calibrate; give at least one of each")
    noticed = np.concatenate([curve.noticed(names) for curve in fitted])
    shares = np.concatenate([smooth(curve.competence, terms.smooth_ticks) / curve.home for curve in fitted])
    centre, scale = noticed.mean(0), np.maximum(noticed.std(0), 1e-9)
    felt_weights = _least_squares(_design(noticed, centre, scale), np.minimum(shares, MOST_FELT))
    rows, targets = [np.zeros((0, 3))], [np.zeros(0)]
    for curve in fitted:
        felt = _design(curve.noticed(names), centre, scale) @ felt_weights
        trend = _trend(curve.days, felt, terms.share, horizon_days)
        left, known = days_left(curve, terms, horizon_days)
        if known.any():
            weight = (len(curve.days) / known.sum()) ** 0.5  # every world weighs the same, however long it lasted
            rows.append(weight * trend[known])
            targets.append(weight * left[known])
    left_weights = _least_squares(np.concatenate(rows), np.concatenate(targets))
    median = survival(*zip(*(curve.lasted(terms) for curve in fitted), strict=True)).median
    forecaster = Forecaster(
        signals=names,
        centre=_numbers(centre),
        scale=_numbers(scale),
        felt_weights=_numbers(felt_weights),
        left_weights=_numbers(left_weights),
        error_days=0.0,
        median_days=median,
        median_error_days=0.0,
        coverage=coverage,
        horizon_days=horizon_days,
        share=terms.share,
        stays_days=terms.stays_days,
        learners=tuple(sorted({c.learner for c in (*fitted, *calibrated)})),
        worlds=tuple(f"{c.world} {c.seed}" for c in (*fitted, *calibrated)),
    )
    errors, counting_errors = [], []
    for curve in calibrated:
        left, known = days_left(curve, terms, horizon_days, alive_only=True)
        foreseen = forecaster.forecast(curve.days, curve.noticed(names)), forecaster.count(curve.days, curve.left_day)
        errors.append(np.abs(foreseen[0].days_left - left)[known])
        counting_errors.append(np.abs(foreseen[1].days_left - left)[known])
    return replace(
        forecaster,
        error_days=conformal(errors, coverage, most=horizon_days),
        median_error_days=conformal(counting_errors, coverage, most=horizon_days),
    )


def counted(median_days: float | None, since: NDArray[np.integer], horizon_days: float) -> Floats:
    """(T,) days left of a median shelf life after so many; the horizon where there is no median.

    >>> counted(100.0, np.array([0, 30, 90, 200]), 80.0)
    array([80., 70., 10.,  0.])
    """
    most = np.full(len(since), float(horizon_days))
    return (
        most if median_days is None else np.clip(np.asarray(median_days - since, dtype=np.float64), 0.0, horizon_days)
    )


def days_left(
    curve: Curve, terms: Terms, horizon_days: float, *, alive_only: bool = False
) -> tuple[Floats, NDArray[np.bool_]]:
    """The truth that is to be foreseen: days until expiry, at most the horizon.

    Args:
        curve: of a learner.
        terms: what "expired" means.
        horizon_days: as above.
        alive_only: whether ticks after expiry count as unknown; else those soon after it count, with 0 days left.

    Returns:
        (T,) float64, and (T,) bool where it is known: a censored curve says nothing of its last days.
    """
    found, days = curve.expiry(terms), np.asarray(curve.days, dtype=np.float64)
    ahead = found.day - days
    if found.expired:
        known = ahead > 0 if alive_only else ahead > -LEARNED_AFTER_DAYS
    else:
        known = ahead >= horizon_days
    return np.clip(ahead, 0.0, horizon_days), known


def conformal(errors: Sequence[Floats], coverage: float, *, most: float) -> float:
    """The error that a tick of a new world stays within, with at least that probability.

    Each of K worlds has a weight of 1 / (K + 1), spread evenly over its ticks; what is left belongs to the new world,
    whose error may be anything (Lee, Barber & Willett 2023).

    Args:
        errors: of each world, absolute errors; worlds without any do not count.
        coverage: the probability.
        most: no error is larger; returned where there are too few worlds to say better.

    >>> conformal([np.array([1.0, 2.0]), np.array([5.0]), np.array([3.0])], 0.7, most=9.0)
    5.0
    >>> conformal([np.array([1.0, 2.0])], 0.7, most=9.0)
    9.0
    """
    worlds = [world for world in errors if len(world)]
    values = np.concatenate([*worlds, [most]])
    weights = np.concatenate([*(np.full(len(w), 1.0 / len(w)) for w in worlds), [1.0]]) / (len(worlds) + 1)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) >= coverage - 1e-12
    return float(values[order][reached.argmax()])


def _design(noticed: Floats, centre: Floats, scale: Floats) -> Floats:
    """(T, F + 1) standardised signals, and a column of ones."""
    return np.column_stack([(noticed - centre) / scale, np.ones(len(noticed))])


def _trend(days: Sequence[int], felt: Floats, share: float, horizon_days: float) -> Floats:
    """(T, 3) how far above the line, days until it is reached as things go, and ones.

    Felt competence is first smoothed over the last ticks; how things go is its fall since `CHANGE_DAYS` before, or
    since the first tick. Nothing later than a tick is used at it.
    """
    day = np.asarray(days, dtype=np.float64)
    level = np.array([np.median(felt[max(0, t + 1 - SMOOTH_TICKS) : t + 1]) for t in range(len(felt))])
    above = np.clip(level - share, -MOST_ABOVE, MOST_ABOVE)
    since = np.clip(day - day[0], 1.0, CHANGE_DAYS)
    fall = np.maximum((np.interp(day - since, day, level) - level) / since, 1e-9)  # shares of home a day
    ahead = np.clip(np.maximum(above, 0.0) / fall, 0.0, horizon_days)
    return np.column_stack([above, ahead, np.ones(len(day))])


def _least_squares(rows: Floats, targets: Floats) -> Floats:
    """Weights (F,) of a linear fit whose last column is the level; all others are held back a little."""
    held = np.sqrt(RIDGE) * np.eye(rows.shape[1])[:-1]
    wanted = np.concatenate([targets, np.zeros(len(held))])
    return np.asarray(np.linalg.lstsq(np.concatenate([rows, held]), wanted, rcond=None)[0], dtype=np.float64)


def _numbers(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
