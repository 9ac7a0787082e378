"""Where a scenario is lived: its latitude, whether seasons come, and the weather of its days."""

from dataclasses import dataclass

import numpy as np

from garden_env.climate import Calendar, Days, Weather, make_weather
from scenarios.measured import MeasuredClimate, MeasuredDays, read
from scenarios.spec import Scenario
from scenarios.tables import CLIMATES, Climate


@dataclass(frozen=True)
class Place:
    """A place on Earth, and the source of its weather."""

    latitude_deg: float  # negative in the south
    seasonal: bool  # False: sun and plants stand still
    source: Climate | MeasuredDays  # normals to draw years from, or the days themselves

    def weather(
        self, first: np.datetime64, dates: Calendar, rng: np.random.Generator, *, spring_shift_d: Days | None = None
    ) -> Weather:
        """The weather of D days.

        Args:
            first: date of the first.
            dates: all of them.
            rng: draws the weather; of measured days only the inclination to fog, which nobody measures.
            spring_shift_d: (D,) days by which temperatures are read ahead; None for none.

        Returns:
            Weather with arrays (D,).
        """
        if isinstance(self.source, Climate):
            return make_weather(self.source, dates, rng, spring_shift_d=spring_shift_d)
        days, haze_rng = self.source.cover(first, len(dates.doy)), rng.spawn(6)[4]  # as in `make_weather`
        warmth, row = days, np.arange(days.days)
        if spring_shift_d is not None:
            shift = np.rint(spring_shift_d).astype(np.int64)
            reach = int(np.abs(shift).max())
            warmth, row = self.source.cover(first - reach, days.days + 2 * reach), row + reach + shift
        return Weather(
            tmax_c=warmth.tmax_c[row],
            tmin_c=warmth.tmin_c[row],
            precipitation_mm=days.precipitation_mm,
            sunshine=days.sunshine,
            wind_m_s=days.wind_m_s,
            haze=haze_rng.random(days.days),
        )


def place_of(scenario: Scenario) -> Place:
    """The place that a scenario names.

    Raises:
        ValueError: the file of measured days is gone or is another one.
    """
    if isinstance(scenario.climate, MeasuredClimate):
        return Place(scenario.climate.latitude_deg, True, read(scenario.climate))
    row = CLIMATES[scenario.climate]
    return Place(-row.latitude_deg if scenario.southern else row.latitude_deg, row.seasonal, row)
