"""Which form draws which plant: by species' name first, else by the form that its table row names."""

from collections.abc import Callable

import numpy as np

from garden_env.plants import bulbs, perennials, shrubs, trees, vegetables
from garden_env.plants.sketch import Sketch

# form(rng, droop 0..1, tall, broad): height and spread as shares of the sprite's side
Form = Callable[[np.random.Generator, float, float, float], Sketch]

FORMS: dict[str, Form] = {
    # species
    "snowdrop": bulbs.snowdrop,
    "daffodil": bulbs.daffodil,
    "coneflower": perennials.coneflower,
    "sunflower": perennials.sunflower,
    "forsythia": shrubs.forsythia,
    "apple": trees.apple,
    # forms
    "grass": perennials.tuft,
    "bulb": bulbs.tulip,
    "perennial": perennials.aster,
    "spike": perennials.lavender,
    "shrub": shrubs.hydrangea,
    "rose": shrubs.rose,
    "hedge": shrubs.boxwood,
    "vegetable": vegetables.tomato,
    "rosette": vegetables.lettuce,
    "tree": trees.maple,
    "conifer": trees.spruce,
}
