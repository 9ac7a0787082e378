"""The truth about drift: what the script and the season are doing, and how far the garden has come from commissioning.

The garden's ground plan at noon is drawn once a day, when it is asked for, at `PIXELS_PER_M`, and compared with that of
the last day of commissioning, pixel by pixel: textures stay where they are, so pixels pair. The plan has the water that
nature gave (`Garden.unwatered`), so that nothing a robot does shows in it, and no camera: lens and sensor do not show
either; their axes are in `axes`.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from garden_env.almanac import Almanac
from garden_env.colour import delta_e, lab
from garden_env.garden import Garden
from garden_env.render.draw import draw_map
from garden_env.render.light import raised
from garden_env.sun import towards
from scenarios.tables import CLASS_NAMES

PIXELS_PER_M = 5.0
DELTA_E_CHANGED, CLASSES_CHANGED = (
    12.0,
    0.3,
)  # a garden has changed beyond: clouds, showers and drought alone stay below
WEATHER = ("tmax_c", "tmin_c", "rain_mm", "cloud", "snow_cover", "litter", "lawn_green", "swe_mm")


def sun_elevation_deg(almanac: Almanac, day: int, hour: float) -> float:
    """Height of the sun that shines, raised or lowered as the script has it [deg]."""
    sun = towards(math.radians(almanac.latitude_on(day)), float(almanac.declination_rad[day]), hour)
    up = float(raised(sun, almanac.course.at("light.sun_elevation_deg", day))[2])
    return math.degrees(math.asin(min(max(up, -1.0), 1.0)))


@dataclass(frozen=True, eq=False)
class Plan:
    """A day's ground plan at noon.

    Attributes:
        lab: (H, W, 3) float32, CIELAB.
        shares: (C,) float64, share of every class in what has an answer; they add up to 1.
    """

    lab: np.ndarray
    shares: np.ndarray


class Truth:
    """What is true of a garden, by day; keeps today's plan and that of commissioning, and nothing else.

    Args:
        garden: whose.
    """

    def __init__(self, garden: Garden) -> None:
        self.garden = garden
        self._today: tuple[int, dict[str, Any]] | None = None

    def now(self, day: int, hour: float) -> dict[str, Any]:
        """The truth of a moment, by name and unit: weather and ground, and

        date: ISO. axes: value of every axis that the script moves. degree_days_c: see `degree_days`.
        sun_elevation_deg: of the sun that shines, raised or lowered as the script has it.
        class_shares: share of each class in the ground plan. class_change: half the L1 distance of these shares
        from those of commissioning, 0..1. delta_e: mean CIEDE2000 of the plan from that of commissioning.
        """
        almanac = self.garden.almanac
        if self._today is None or self._today[0] != day:
            self._today = day, self._day(day)
        kept = self._today[1]
        fresh = {name: dict(kept[name]) for name in ("axes", "class_shares")}  # so that a caller may change its own
        return {"sun_elevation_deg": sun_elevation_deg(almanac, day, hour)} | kept | fresh

    def change(self, day: int, hour: float) -> tuple[float, float]:
        """`delta_e` and `class_change` since commissioning; both 0 as long as that goes on."""
        if day < self.garden.scenario.commissioning_days:
            return 0.0, 0.0
        now = self.now(day, hour)
        return now["delta_e"], now["class_change"]

    def plan(self, day: int) -> Plan:
        """The ground plan of a day, drawn anew."""
        look = self.garden.look(day, 12.0, *self.garden.unwatered(day))
        rgb, mask = draw_map(self.garden.scene, look, PIXELS_PER_M)
        counts = np.bincount(mask[mask < len(CLASS_NAMES)], minlength=len(CLASS_NAMES))
        return Plan(lab(rgb), counts / max(counts.sum(), 1))

    @cached_property
    def commissioning(self) -> Plan:
        """The plan that others are compared with: of the last day of commissioning."""
        return self.plan(self.garden.scenario.commissioning_days - 1)

    @cached_property
    def degree_days_c(self) -> np.ndarray:
        """Degree-days of the season, (D,) float64; see `garden_env.warmth`."""
        return self.garden.almanac.degree_days_c

    def _day(self, day: int) -> dict[str, Any]:
        almanac = self.garden.almanac
        today, then = self.plan(day), self.commissioning
        return {name: float(getattr(almanac, name)[day]) for name in WEATHER} | {
            "date": almanac.date_of(day).isoformat(),
            "axes": {axis: almanac.course.at(axis, day) for axis in almanac.course.active},
            "degree_days_c": float(self.degree_days_c[day]),
            "class_shares": dict(zip(CLASS_NAMES, today.shares.tolist(), strict=True)),
            "class_change": float(np.abs(today.shares - then.shares).sum() / 2),
            "delta_e": float(delta_e(today.lab, then.lab).mean()),
        }
