"""The world: a garden that changes with weather, phenology and soil water, seen by a small watering robot.

>>> import gymnasium, garden_env
>>> env = gymnasium.make("evergreen/Garden-v0", scenario="four_seasons")
>>> observation, info = env.reset(seed=7)
>>> observation["rgb"].shape
(64, 64, 3)
"""

import gymnasium

gymnasium.register(
    id="evergreen/Garden-v0",
    entry_point="garden_env.env:GardenEnv",
    vector_entry_point="garden_env.vector_env:GardenVectorEnv",
)
