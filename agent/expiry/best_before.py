"""Best before: how many days a model has left, from what it notices of itself alone.

No label and no date goes in. First, what is noticed is turned into how competent the model probably still is (*felt
competence*, a share of its home value). Then felt competence, and how it changed in the last four weeks, are turned
into days left until expiry, at most `horizon_days`: further ahead nothing is said. Both are least squares with a small
ridge, in worlds where the truth is known.

The interval is split-conformal. Errors are taken in worlds of which the fit saw nothing. Ticks of one world are not
independent, so each world weighs the same whatever its number of ticks, and a world as yet unseen weighs as much as each
of those: hierarchical conformal prediction (Lee, Barber & Willett 2023, arXiv:2306.06342). It covers a tick drawn from a
new world with at least the stated probability, if that world is drawn as the calibration worlds were.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.expiry.curves import Curve
from agent.expiry.definition import Floats, Terms, smooth
from agent.expiry.signals import SIGNALS

FILE = Path(__file__).with_name("best_before.json")  # the forecaster that ships
HORIZON_DAYS = 120
CHANGE_DAYS = 28  # over which the change of felt competence is taken
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
        left_weights: (3,) of felt competence, of its change, and the level [days].
        error_days: half the width of the interval.
        coverage: which the interval has.
        horizon_days: further ahead nothing is said.
        share, stays_days: what "expired" means.
        learners: whose curves were fitted.
        worlds: names and seeds, in which it was fitted and calibrated.
    """

    signals: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    felt_weights: tuple[float, ...]
    left_weights: tuple[float, ...]
    error_days: float
    coverage: float
    horizon_days: float
    share: float
    stays_days: int
    learners: tuple[str, ...] = ()
    worlds: tuple[str, ...] = ()

    def forecast(self, days: Sequence[int], noticed: Floats) -> Forecast:
        """Foresee, at every tick from what was noticed until then.

        Args:
            days: (T,) ticks in ascending order; only how far they lie apart counts.
            noticed: (T, F), columns in the order of `signals`.
        """
        felt = self.feel(noticed)
        left = np.clip(_trend(days, felt) @ np.array(self.left_weights), 0.0, self.horizon_days)
        low, high = (np.clip(left + error, 0.0, self.horizon_days) for error in (-self.error_days, self.error_days))
        return Forecast(left, low, high, felt)

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
            told = json.loads(file.read_text(encoding="utf-8"))
            return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in told.items()})
        except (json.JSONDecodeError, TypeError, AttributeError) as error:
            raise ValueError(f"{file} holds no forecaster ({error}); give one that --calibrate has written") from None


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
    rows, targets = [], []
    for curve in fitted:
        trend = _trend(curve.days, _design(curve.noticed(names), centre, scale) @ felt_weights)
        left, known = days_left(curve, terms, horizon_days)
        rows.append(trend[known])
        targets.append(left[known])
    left_weights = _least_squares(np.concatenate(rows), np.concatenate(targets))
    forecaster = Forecaster(
        names, *(tuple(map(float, values)) for values in (centre, scale, felt_weights, left_weights)), 0.0, coverage,
        horizon_days, terms.share, terms.stays_days, tuple(sorted({c.learner for c in (*fitted, *calibrated)})),
        tuple(f"{c.world} {c.seed}" for c in (*fitted, *calibrated)),
    )  # fmt: skip
    errors = []
    for curve in calibrated:
        left, known = days_left(curve, terms, horizon_days, alive_only=True)
        foreseen = forecaster.forecast(curve.days, curve.noticed(names)).days_left
        errors.append(np.abs(foreseen - left)[known])
    return Forecaster(**asdict(forecaster) | {"error_days": conformal(errors, coverage, most=horizon_days)})


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
    whose error may be anything (Lee, Barber & Willett 2023, eq. 5).

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


def _trend(days: Sequence[int], felt: Floats) -> Floats:
    """(T, 3) felt competence, its change since `CHANGE_DAYS` before (or the first tick), and ones."""
    day = np.asarray(days, dtype=np.float64)
    before = np.interp(day - CHANGE_DAYS, day, felt)
    return np.column_stack([felt, felt - before, np.ones(len(day))])


def _least_squares(rows: Floats, targets: Floats) -> Floats:
    """Weights (F,) of a linear fit whose last column is the level; all others are held back a little."""
    held = np.sqrt(RIDGE) * np.eye(rows.shape[1])[:-1]
    return np.linalg.lstsq(np.concatenate([rows, held]), np.concatenate([targets, np.zeros(len(held))]), rcond=None)[0]
