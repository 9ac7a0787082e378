"""The smallest garden in which a life still makes sense, and the least that is done before one."""

from typing import Any

from agent.options import Pace
from scenarios.spec import CameraSpec, GardenSpec, Scenario

SMALL = GardenSpec(width_m=7.0, depth_m=6.0, species=("tulip",), beds=1, plants_per_bed=2, trees=0, props=0)
PACE = Pace(commission_updates=3, home_frames=1, away_frames=1, next_year_frames=1, converge_updates=3)


def tiny(days: int, **more: Any) -> Scenario:
    """A life of so many days with two frames a day in the smallest garden; `more` adds to it or replaces."""
    plain = {"name": "tiny", "steps_per_day": 2, "camera": CameraSpec(width_px=16, height_px=16), "garden": SMALL}
    return Scenario.model_validate(plain | {"days": days} | more)
