"""The probe in the nose, over ground that nobody waters, as rain gauge and evaporation pan (FAO-56 eqs. 71 to 74).

The skin of the ground, some 0.1 m, dries at the rate the air asks for while it is wet, and the slower the drier it is.
So its drying tells what a day asks for, also in a drought, and whatever it gained beside that was rain.
"""

import math

SKIN_MM = 23.0  # water in the ground's skin that evaporates (FAO-56 table 19, loam),
READY = 0.62  # and its wetness from which on it does so at the full rate: below it falls exponentially (eq. 74)
TOO_DRY = 0.05  # ground that is drier than this loses nothing that could be measured
BRIMFUL, BRIMFUL_SHARE = 0.97, 2.0  # ground as wet as this held no more: so many times as much has fallen
DEMAND_MM, DEMAND_SHARE = 2.0, 0.2  # what a day asks for before anybody has watched; weight of a newer day
LONGEST_D = 2.0  # between two readings, or it may have rained and dried again


class RainGauge:
    """Reads rain and the air's demand from how wet open ground feels.

    Attributes:
        demand_mm: what the air takes from wet ground in a day [mm/d].
    """

    def __init__(self) -> None:
        self.demand_mm = DEMAND_MM
        self._wetness, self._read_d = 1.0, 0.0

    def read(self, wetness: float, now_d: float) -> float:
        """Take a reading, 0 dry to 1 wet, at a time in days.

        Returns:
            Rain since the last reading [mm]; 0 for one too soon after it to tell.
        """
        passed_d, before = now_d - self._read_d, self._wetness
        if passed_d < 1.0 and wetness == before:
            return 0.0
        rain_mm = SKIN_MM * max(wetness - dried(before, self.demand_mm * passed_d), 0.0)
        if wetness > BRIMFUL - self.demand_mm / SKIN_MM:
            rain_mm *= BRIMFUL_SHARE
        if TOO_DRY < wetness < before and passed_d < LONGEST_D:
            asked_mm = asked(before, wetness) / max(passed_d, 1.0)
            self.demand_mm += DEMAND_SHARE * (asked_mm - self.demand_mm)
        self._wetness, self._read_d = wetness, now_d
        return rain_mm


def asked(before: float, after: float) -> float:
    """What the air asked for while ground dried from one wetness to another, both above 0 [mm].

    >>> round(asked(1.0, 0.8), 2)
    4.6
    """
    ready = max(before - max(after, READY), 0.0)
    return SKIN_MM * (ready + READY * max(math.log(min(before, READY) / min(after, READY)), 0.0))


def dried(before: float, asked_mm: float) -> float:
    """How wet ground is after the air has asked for so much, without rain; the inverse of `asked`.

    >>> round(asked(0.9, dried(0.9, 12.0)), 9)
    12.0
    """
    ready, share = max(before - READY, 0.0), asked_mm / SKIN_MM
    return before - share if share <= ready else (before - ready) * math.exp(-(share - ready) / READY)
