"""Plants as they look: sprites of codes, and the colours of foliage."""

from garden_env.plants.atlas import DROOPS, LEVELS, SIZE_PX, VARIANTS, Atlas, build_atlas, side_m
from garden_env.plants.colours import Pigments, foliage_rgb, pigments, plant_jitter
from garden_env.plants.props import PROP_NAMES, PROPS, Prop

__all__ = [
    "DROOPS",
    "LEVELS",
    "PROPS",
    "PROP_NAMES",
    "SIZE_PX",
    "VARIANTS",
    "Atlas",
    "Pigments",
    "Prop",
    "build_atlas",
    "foliage_rgb",
    "pigments",
    "plant_jitter",
    "side_m",
]
