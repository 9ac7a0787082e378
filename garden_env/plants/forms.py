"""Which form draws which plant: by species' name first, else by the form that its table row names."""

from collections.abc import Callable

import numpy as np

from garden_env.plants import bulbs
from garden_env.plants.sketch import Sketch

# form(rng, droop 0..1, tall, broad): height and spread as shares of the sprite's side
Form = Callable[[np.random.Generator, float, float, float], Sketch]

FORMS: dict[str, Form] = {
    "snowdrop": bulbs.snowdrop,
    "daffodil": bulbs.daffodil,
    "tulip": bulbs.tulip,
    "bulb": bulbs.tulip,
}
for _name in ("grass", "perennial", "spike", "shrub", "rose", "vegetable", "rosette", "tree", "conifer", "hedge"):
    FORMS.setdefault(_name, bulbs.tulip)
