"""The numbers that tables and kernels share: which row of a table means what."""

from scenarios.tables import BLOSSOM, FOLIAGE, LAWN, LITTER, OBSTACLE, PATH, SNOW, SOIL, WATER, WOOD

# Ground surfaces, in the order of the palette's rows. The first five are the codes of `scenarios.tables.MATERIALS`.
# A soil cell that belongs to the root zone of plant p has its own row, ZONE0 + p, because its wetness differs.
S_LAWN, S_SOIL, S_PATH, S_WATER, S_STONE, S_PUDDLE, S_LITTER, S_PETALS, S_SNOW = range(9)
ZONE0 = 10
SURFACE_CLASS = (LAWN, SOIL, PATH, WATER, PATH, WATER, LITTER, LITTER, SNOW)

# What may lie on the ground, from the bottom up, and the size of its grains: a pixel that covers more ground than a
# grain shows the mixture.
COVERS = (S_PUDDLE, S_LITTER, S_PETALS, S_SNOW)
GRAIN_M = (0.30, 0.06, 0.03, 0.10)
MOSTLY, HARDLY = 191, 64  # from 3/4 on a mixture is the cover, up to 1/4 what lies below; between: no answer

# Layers of the texture tiles. The first nine are the surfaces' shades.
T_RANK = 9  # + index into COVERS: from which cover fraction on a grain lies here
T_WALL = 13  # + kind of wall
T_SMOOTH = 18  # fractal noise without grain: clouds
TILE_LAYERS = 19
TILE_PX, TILE_LEVELS = 512, 7
TEXEL_M = 0.004

# Parts of a billboard and of a wall, in the order of their colour tables.
P_WOOD, P_LEAF, P_PETAL, P_EYE, P_FRUIT, P_SNOW = range(6)
PART_CLASS = (WOOD, FOLIAGE, BLOSSOM, BLOSSOM, BLOSSOM, SNOW)
W_BODY, W_TRIM, W_DOOR, W_SNOW = range(4)
WALL_CLASS = OBSTACLE

SHADES = 32  # steps of brightness in a palette
