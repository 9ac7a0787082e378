"""Colours and sizes of the window: dark, so that the garden is what shines."""

from garden_env.canvas import Rgb

NIGHT: Rgb = (17, 22, 19)  # behind everything
PANEL: Rgb = (27, 34, 30)
LINE: Rgb = (52, 62, 55)
INK: Rgb = (233, 238, 230)
MUTED: Rgb = (151, 163, 152)
LEAF: Rgb = (127, 205, 118)  # the robot, and what goes well
SUN: Rgb = (245, 205, 92)
WATER: Rgb = (92, 178, 245)
EARTH: Rgb = (214, 137, 78)  # the script
ALARM: Rgb = (240, 110, 96)
SNOW: Rgb = (214, 226, 240)
SEASON_RGB: dict[str, Rgb] = {  # grounds of the calendar: dim, and always with their names
    "winter": (38, 48, 60),
    "spring": (32, 52, 38),
    "summer": (58, 52, 28),
    "autumn": (60, 42, 30),
}
SMALL, TEXT, LARGE, TITLE = 11, 13, 17, 26
PAD = 12
SEASON_BRIGHT_RGB: dict[str, Rgb] = {  # for bars; beside one another and always with their names
    "winter": (150, 190, 235),
    "spring": (134, 204, 120),
    "summer": (245, 213, 94),
    "autumn": (216, 122, 60),
}
