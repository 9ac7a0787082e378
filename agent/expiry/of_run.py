"""Best before, of a run: from its log and its weights, without one of its labels.

The robot's rounds of the days in question are drawn anew from the run's configuration. Only the last weights of a
learner are there, so those who learned are asked how the model as it is now would have seen the last weeks.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from agent.expiry.best_before import CHANGE_DAYS, Forecaster
from agent.expiry.lives import ROUND_FRAMES, home_days
from agent.expiry.signals import Reference, signals
from agent.expiry.stations import Stations
from agent.monitor.summary import summarise
from agent.past import PastRun
from agent.report.words import long_date

LOOKS = 5  # evenly spread over the last weeks


@dataclass(frozen=True)
class BestBefore:
    """What is foreseen of a model.

    Attributes:
        learner: its name.
        today: the last day lived; the forecast is made on it.
        day: best before this date.
        low, high: interval of that date.
        felt: how competent it probably still is, a share of its home value.
        open_ended: whether `high` is the horizon, so that it may last longer.
        coverage: which the interval has.
        fitted: whether the forecaster was fitted to models of this kind; else the interval promises nothing.
    """

    learner: str
    today: date
    day: date
    low: date
    high: date
    felt: float
    open_ended: bool
    coverage: float
    fitted: bool

    def __str__(self) -> str:
        interval = f"{100 * self.coverage:.0f} %: {long_date(self.low)} to {long_date(self.high)}"
        later = " or later" if self.open_ended else ""
        doubt = "" if self.fitted else "; the forecaster was fitted to others, so this promises nothing"
        return f"{self.learner}: best before {long_date(self.day)} [{interval}{later}]{doubt}"


def best_before(folder: Path, forecaster: Forecaster | None = None) -> list[BestBefore]:
    """Say best before when, of every learner of a run whose weights are there.

    Args:
        folder: of a finished run in a garden: config.json, metrics.jsonl, weights/.
        forecaster: the one that ships if not given.

    Raises:
        ValueError: a file is missing or damaged, the run did not live in a garden, or it was over before its robot was
            left alone.
    """
    forecaster = forecaster or Forecaster.load()
    past = PastRun.open(folder)
    log, garden = past.log, past.place.garden
    left = log.life.commissioning_days
    today = min(int(summarise(log)["days_lived"]), log.life.days - 1)
    if today <= left:
        raise ValueError(
            f"{folder}: the run ended on day {today}, before its robot was left alone; nothing is to expire"
        )
    commissioned = past.eyes("commissioned")
    stations = Stations(garden, frames=1, round_frames=ROUND_FRAMES)
    before = np.concatenate([stations.rounds(day) for day in home_days(left)])
    reference = Reference.of(commissioned, commissioned.net, before)
    days = np.unique(np.linspace(max(left, today - CHANGE_DAYS), today, LOOKS).astype(int)).tolist()
    seen = {day: stations.rounds(day) for day in days}
    found = []
    for name in log.learners:
        learner = past.eyes(name)
        rows = [signals(reference, learner, seen[day]) for day in days]
        noticed = np.array([[row[signal] for signal in forecaster.signals] for row in rows])
        foreseen = forecaster.forecast(days, noticed)
        day, low, high = (
            log.life.date_of(today + round(float(left[-1])))
            for left in (foreseen.days_left, foreseen.low, foreseen.high)
        )
        found.append(
            BestBefore(
                learner=name,
                today=log.life.date_of(today),
                day=day,
                low=low,
                high=high,
                felt=float(foreseen.felt[-1]),
                open_ended=bool(foreseen.high[-1] >= forecaster.horizon_days),
                coverage=forecaster.coverage,
                fitted=name in forecaster.learners,
            )
        )
    return found
