"""Everything that can drift, one row an axis: what a scenario's `drift:` may move, in which unit, and how far.

An axis at its default changes nothing, bit for bit. `touches` names the channels in which an axis may show; in all
others a frame, an answer or a motion stays what it was, bit for bit (`tests/test_axes.py`, `run_sim.py axes`).
"""
# ruff: noqa: E501 (a table)

from dataclasses import dataclass

CHANNELS = {
    "colour": "what the camera sees",
    "classes": "the two labels",
    "depth": "distances, and with them where things are seen",
    "motion": "where the robot gets to",
    "water": "the tank and the soil under the plants",
    "answers": "what the teacher says, and when",
}


@dataclass(frozen=True)
class Axis:
    """One thing that can drift.

    Attributes:
        name: group and quantity; the unit is part of the quantity unless it is a share.
        unit: of its values.
        low, high: the range; what events add up to is held to it.
        default: the value at which nothing is changed.
        meaning: one line.
        touches: names of `CHANNELS`.
    """

    name: str
    unit: str
    low: float
    high: float
    default: float
    meaning: str
    touches: tuple[str, ...]


_SEEN = ("colour", "classes", "depth")

_ROWS = (
    # The almanac's weather, computed for the whole life
    Axis("climate.warming_c", "deg C", -12, 12, 0, "added to every day's temperatures", (*_SEEN, "water")),
    Axis("climate.rain_factor", "", 0, 4, 1, "multiplies every day's rain and snow", (*_SEEN, "water")),
    Axis("climate.cloud", "share", -1, 1, 0, "more (+) or fewer (-) clouds", (*_SEEN, "water")),
    Axis("climate.spring_shift_d", "days", -60, 60, 0, "days by which warmth comes early (+) or late (-)", (*_SEEN, "water")),
    Axis("weather.fog", "share", 0, 1, 0, "fog added to the day's own", ("colour",)),
    Axis("weather.rain_mm_d", "mm/d", 0, 80, 0, "rain added to every day, falling all day long", (*_SEEN, "water")),
    Axis("weather.snow_mm_d", "mm/d", 0, 40, 0, "snow added to every day, as water, at any temperature", (*_SEEN, "water")),
    Axis("weather.wind_m_s", "m/s", 0, 20, 0, "wind added to the day's own; it bends plants and strips coloured leaves", (*_SEEN, "water")),
    # Light
    Axis("light.sun_elevation_deg", "deg", -40, 40, 0, "raises (+) or lowers (-) the sun, below the horizon if need be", ("colour",)),
    Axis("light.temperature_k", "K", 2500, 12000, 6500, "colour of daylight: warm below 6500, cold above", ("colour",)),
    Axis("light.night", "share", 0, 1, 0, "moves the robot's hours from daylight into the darkness after it", ("colour",)),
    Axis("light.headlamp", "share", 0, 1, 0, "brightness of the robot's lamp; by night it reaches some metres, by day it is lost", ("colour",)),
    # Plants
    Axis("plants.phenology_shift_d", "days", -60, 60, 0, "days by which all plants are ahead (+) or behind (-)", _SEEN),
    Axis("plants.leaf_colour", "", -1, 1, 0, "leaves turn bluish (-) or yellow to red (+)", ("colour",)),
    Axis("plants.bloom_hue_deg", "deg", -180, 180, 0, "turns the hue of petals", ("colour",)),
    Axis("plants.bloom", "share", -1, 1, 0, "more (+) or fewer (-) flowers open than the day would have", _SEEN),
    Axis("plants.newcomer", "share", 0, 1, 0, "a species that was not planted comes up in the beds", _SEEN),
    Axis("plants.growth", "", 0.3, 2, 1, "multiplies the size of all plants but trees", _SEEN),
    Axis("plants.pruning", "share", 0, 0.8, 0, "share of their height that shrubs and trees lose, and leaves with it", _SEEN),
    Axis("plants.disease", "share", 0, 1, 0, "brown spots on leaves", ("colour",)),
    # Ground
    Axis("ground.mowing_mm", "mm", 10, 300, 40, "height of the grass: from scalped to stubble to an unmown meadow", ("colour",)),
    Axis("ground.bleaching", "share", 0, 1, 0, "lawn turned to straw", ("colour",)),
    Axis("ground.litter", "share", -1, 1, 0, "more (+) or fewer (-) fallen leaves than there would be", ("colour", "classes")),
    Axis("ground.puddles", "share", -1, 1, 0, "fuller (+) or emptier (-) hollows", ("colour", "classes")),
    Axis("ground.snow_cover", "share", -1, 1, 0, "more (+) or less (-) ground under snow", ("colour", "classes")),
    Axis("ground.path_surface", "share", 0, 1, 0, "path and slabs resurfaced, from gravel to dark asphalt", ("colour",)),
    # What people do to the garden
    Axis("garden.bed_dug", "share", 0, 1, 0, "a new bed of bare soil in the lawn, up to its full size", ("colour", "classes")),
    Axis("garden.furniture", "pieces", 0, 8, 0, "chairs, balls and boxes left in the garden", _SEEN),
    Axis("garden.paint", "share", 0, 1, 0, "fences, walls, hedges and the shed in another colour", ("colour",)),
    # Camera
    Axis("camera.exposure_ev", "EV", -4, 4, 0, "brighter (+) or darker (-) by powers of two", ("colour",)),
    Axis("camera.white_balance", "", -1, 1, 0, "warmer (+) or colder (-) than it should be", ("colour",)),
    Axis("camera.auto_exposure", "share", 0, 1, 0, "share by which the camera evens out how bright its pictures are", ("colour",)),
    Axis("camera.blur_px", "px", 0, 4, 0, "standard deviation to which a point spreads, at a width of 64 px", ("colour",)),
    Axis("camera.noise", "grey levels", 0, 50, 0, "noise beside the sensor's own; variances add", ("colour",)),
    Axis("camera.vignetting", "share", 0, 1, 0, "light lost in the corners, as the fourth power of a cosine", ("colour",)),
    Axis("camera.dirt", "share", 0, 1, 0, "blotches on the lens", ("colour",)),
    Axis("camera.droplets", "share", 0, 1, 0, "drops on the lens, each with the view upside down", ("colour",)),
    Axis("camera.dead_pixels", "share", 0, 0.3, 0, "pixels that are always black or always white", ("colour",)),
    Axis("camera.pitch_deg", "deg", -25, 25, 0, "looks up (+) or down (-)", _SEEN),
    Axis("camera.height_m", "m", -0.4, 0.6, 0, "added to the camera's height", _SEEN),
    Axis("camera.fov_deg", "deg", -50, 30, 0, "added to the angle of view: another lens", _SEEN),
    # Robot and teacher
    Axis("robot.wheel_slip", "share", 0, 0.9, 0, "share of a drive that the wheels spin; odometry does not notice", ("motion",)),
    Axis("robot.motor", "share", 0.1, 1, 1, "share of its speed that the motor still gives", ("motion",)),
    Axis("robot.valve_leak", "share", 0, 1, 0, "share of the full flow that drips out when the valve is shut", ("water",)),
    Axis("teacher.label_noise", "share", 0, 1, 0, "answered pixels that are given a wrong class, in patches", ("answers",)),
    Axis("teacher.delay_d", "days", 0, 60, 0, "days until an answer comes", ("answers",)),
    Axis("teacher.answered", "share", 0, 1, 1, "share of the frames shown to the teacher that are answered", ("answers",)),
)  # fmt: skip

AXES = {axis.name: axis for axis in _ROWS}
GROUPS = tuple(dict.fromkeys(axis.name.split(".")[0] for axis in _ROWS))
