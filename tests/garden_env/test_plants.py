"""Sprites are the same everywhere, their layers make sense, and a plant's colour tells its age and its thirst apart
only when one also looks how it hangs."""

import subprocess
import sys
import zlib

import numpy as np
import pytest

from garden_env.plants import (
    DROOPS,
    LEVELS,
    PROP_NAMES,
    SIZE_PX,
    VARIANTS,
    build_atlas,
    foliage_rgb,
    pigments,
    plant_jitter,
    side_m,
)
from garden_env.plants.brush import LAYERS, halve
from scenarios.tables import SPECIES

NAMES = tuple(name for name in SPECIES if name != "lawn")
WOODY = ("deciduous", "evergreen")


@pytest.fixture(scope="module")
def atlas():
    return build_atlas(NAMES)


def sprite(atlas, name, variant=0, droop=0, level=0):
    codes = atlas.levels[level][atlas.sprite_id(NAMES.index(name), variant, droop)]
    return {layer: codes[..., n].astype(int) for n, layer in enumerate(LAYERS)}


def seen(layers, *, leaf=1.0, bloom=0.0):
    """Which pixels show anything, read plainly from the rule in `Atlas`."""
    green = (layers["leaf"] > 0) & (layers["leaf_rank"] < 255 * leaf)
    petal = (layers["petal"] > 0) & (layers["petal_rank"] < 255 * bloom)
    return green | petal | (layers["wood"] > 0)


def height(mask):
    rows = np.flatnonzero(mask.sum(1) >= 1)
    return 0 if len(rows) == 0 else mask.shape[0] - rows[0]


@pytest.mark.slow
def test_an_atlas_is_the_same_in_every_process_and_under_every_hash_seed():
    names = ("tulip", "spruce", "rose")
    code = (
        "import zlib; from garden_env.plants import build_atlas;"
        f"print([zlib.crc32(level.tobytes()) for level in build_atlas({names!r}).levels])"
    )
    here = str([zlib.crc32(level.tobytes()) for level in build_atlas(names).levels])
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**_environment(), "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert there.stdout.strip() == here


def _environment():
    import os

    return dict(os.environ)


def test_a_plant_looks_the_same_whatever_stands_beside_it(atlas):
    alone = build_atlas(("apple",))
    beside = atlas.codes[atlas.sprite_id(NAMES.index("apple"), 2, 1)]
    np.testing.assert_array_equal(alone.codes[alone.sprite_id(0, 2, 1)], beside)


def test_the_atlas_holds_every_sprite_at_every_level_within_bounds(atlas):
    count = len(NAMES) * VARIANTS * DROOPS + len(PROP_NAMES)
    assert [level.shape for level in atlas.levels] == [
        (count, SIZE_PX >> n, SIZE_PX >> n, len(LAYERS)) for n in range(LEVELS)
    ]
    assert atlas.nbytes < 1.34 * count * SIZE_PX**2 * len(LAYERS)
    assert not atlas.codes.flags.writeable


def test_the_spans_of_a_sprite_hold_all_that_it_fills_and_not_a_texel_more(atlas):
    assert len(atlas.spans) == len(atlas.levels)
    for level, span in zip(atlas.levels, atlas.spans, strict=True):
        size = level.shape[1]
        at = np.arange(size)
        filled = level.any(axis=-1)
        first, end = span[:, :size, 0, None].astype(int), span[:, :size, 1, None].astype(int)
        assert not (filled & ((at < first) | (at >= end))).any()
        rows = filled.any(axis=-1)
        assert rows.any()
        assert (first[..., 0] >= end[..., 0])[~rows].all()
        sprite, row = np.nonzero(rows)
        assert filled[sprite, row, first[sprite, row, 0]].all()
        assert filled[sprite, row, end[sprite, row, 0] - 1].all()
        assert not span[:, size:].any()


def test_ranks_and_snow_lie_only_where_there_is_something(atlas):
    for level in range(LEVELS):
        for layer in ("leaf", "petal", "fruit"):
            nothing = atlas.layer(layer, level) == 0
            assert (atlas.layer(f"{layer}_rank", level)[nothing] == 0).all()
        assert atlas.layer("petal_rank", level).max() < 255
    bare = (atlas.layer("wood") == 0) & (atlas.layer("leaf") == 0)
    assert (atlas.layer("catch")[bare] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_plant_fills_its_height_and_stands_on_the_ground(atlas, name):
    tall = SPECIES[name].height_m / side_m(name) * SIZE_PX
    for variant in range(VARIANTS):
        everything = seen(sprite(atlas, name, variant), bloom=1.0)
        assert abs(height(everything) - tall) < 0.12 * SIZE_PX
        assert everything[-3:, SIZE_PX // 4 : -SIZE_PX // 4].any()


@pytest.mark.parametrize("name", NAMES)
def test_leaf_area_and_bloom_area_grow_with_their_shares(atlas, name):
    layers = sprite(atlas, name)
    leafy = [seen(layers, leaf=share).sum() for share in np.linspace(0, 1, 21)]
    assert np.all(np.diff(leafy) >= 0)
    assert leafy[0] < leafy[10] < leafy[20]
    if SPECIES[name].bloom_days:
        petals = [((layers["petal"] > 0) & (layers["petal_rank"] < 255 * b)).sum() for b in np.linspace(0, 1, 21)]
        assert petals[0] == 0
        assert np.all(np.diff(petals) >= 0)
        assert petals[5] < petals[10] < petals[20]


@pytest.mark.parametrize("name", [n for n in NAMES if SPECIES[n].habit == "deciduous"])
def test_deciduous_plants_are_bare_wood_in_winter_and_keep_their_shape(atlas, name):
    layers = sprite(atlas, name)
    bare = seen(layers, leaf=0.0)
    assert (layers["wood"][bare] > 0).all()
    assert height(bare) > 0.7 * height(seen(layers))
    assert bare.sum() < 0.75 * seen(layers).sum()


@pytest.mark.parametrize("name", [n for n in NAMES if SPECIES[n].habit in ("bulb", "herbaceous")])
def test_herbs_leave_nothing_above_ground_in_winter(atlas, name):
    assert not seen(sprite(atlas, name), leaf=0.0).any()


@pytest.mark.parametrize("level", [0, 3], ids=["128px", "16px"])
@pytest.mark.parametrize("name", NAMES)
def test_thirsty_plants_hang_lower_also_when_far_away(atlas, name, level):
    masks = [
        [seen(sprite(atlas, name, variant, droop, level), bloom=1.0) for droop in range(DROOPS)]
        for variant in range(VARIANTS)
    ]
    mean_height = np.mean([[height(mask) for mask in row] for row in masks], 0)
    assert np.all(np.diff(mean_height) <= 0)
    stake = name == "tomato"  # whatever the plant does, its stake stands
    bound = 1.0 if stake else 0.93 if SPECIES[name].habit in WOODY else 0.80
    assert mean_height[2] <= bound * mean_height[0]

    def centre(mask):
        return np.mean(SIZE_PX - (np.nonzero(mask)[0] << level))

    low = np.mean([[centre(mask) for mask in row] for row in masks], 0)
    assert low[2] < 0.95 * low[0]


def test_leaves_go_in_clumps_not_grain_by_grain(atlas):
    layers = sprite(atlas, "apple")
    crown = layers["leaf"] > 0
    left = crown & (layers["leaf_rank"] < 255 * 0.5)
    neighbours = sum(np.roll(left, shift, axis) for shift in (-1, 1) for axis in (0, 1))
    alone = left & (neighbours == 0)
    assert 0.25 * crown.sum() < left.sum() < 0.75 * crown.sum()
    assert alone.sum() < 0.02 * left.sum()


def test_flowers_open_one_after_another(atlas):
    layers = sprite(atlas, "tulip")
    columns = [
        len(np.flatnonzero(((layers["petal"] > 0) & (layers["petal_rank"] < 255 * b)).any(0))) for b in (0.2, 0.6, 1.0)
    ]
    assert 0 < columns[0] < 0.6 * columns[2]
    assert columns[0] < columns[1] < columns[2]


def test_forsythia_can_bloom_on_bare_wood(atlas):
    layers = sprite(atlas, "forsythia")
    petals = (layers["petal"] > 0) & (layers["petal_rank"] < 255)
    assert petals.sum() > 0.3 * seen(layers, leaf=0.0, bloom=1.0).sum()


def test_snow_lies_first_on_what_faces_the_sky(atlas):
    layers = sprite(atlas, "spruce")
    crown = layers["leaf"] > 0
    some, much = (crown & (layers["catch"] % 2 == 1) & (layers["catch"] + 255 * load >= 256) for load in (0.4, 0.9))
    assert 0.03 * crown.sum() < some.sum() < much.sum() < 0.95 * crown.sum()


def test_halving_decides_coverage_by_majority_at_every_leaf_fraction():
    rng = np.random.default_rng(3)
    codes = np.zeros((16, 16, len(LAYERS)), np.uint8)
    there = rng.uniform(size=(16, 16)) < 0.6
    codes[..., LAYERS.index("leaf")] = np.where(there, rng.integers(1, 256, (16, 16)), 0)
    codes[..., LAYERS.index("leaf_rank")] = np.where(there, rng.integers(0, 255, (16, 16)), 0)
    small = halve(codes)
    for share in (0.2, 0.5, 0.8, 1.0):

        def shown(c, share=share):
            return (c[..., 1] > 0) & (c[..., 2] < 255 * share)

        votes = shown(codes).reshape(8, 2, 8, 2).sum((1, 3))
        np.testing.assert_array_equal(shown(small), votes >= 2)


def colours(names, jitter=None, **state):
    count = len(names)
    given = {"leaf": 1.0, "senescence": 0.0, "killed": 0.0, "wilt": 0.0, "winter": 0.0} | state
    jitter = np.zeros((count, 3)) if jitter is None else jitter
    arrays = {key: np.broadcast_to(np.asarray(value, float), (count,)).copy() for key, value in given.items()}
    return foliage_rgb(pigments(tuple(names)), np.arange(count), jitter=jitter, **arrays).astype(float)


def test_healthy_leaves_have_the_colour_of_their_species_and_end_in_autumns():
    mature = np.array([SPECIES[name].leaf_rgb for name in NAMES]) / 255
    autumn = np.array([SPECIES[name].autumn_rgb for name in NAMES]) / 255
    dead = np.array([SPECIES[name].dead_rgb for name in NAMES]) / 255
    np.testing.assert_allclose(colours(NAMES), mature, atol=1e-6)
    np.testing.assert_allclose(colours(NAMES, senescence=1.0), autumn, atol=1e-6)
    np.testing.assert_allclose(colours(NAMES, killed=1.0), dead, atol=1e-6)


def test_colour_alone_cannot_tell_a_wilted_leaf_from_an_ageing_one():
    """A wilted leaf is nearer to some moment of its own autumn than two healthy plants of a kind are to each other."""
    ageing = np.stack([colours(NAMES, senescence=share) for share in np.linspace(0, 1, 51)])
    seeds = plant_jitter(np.arange(40))
    for name_at, name in enumerate(NAMES):
        if SPECIES[name].autumn_rgb == SPECIES[name].leaf_rgb:
            continue
        for wilt in (0.6, 1.0):
            wilted = colours(NAMES, wilt=wilt)[name_at]
            gap = np.linalg.norm(ageing[:, name_at] - wilted, axis=1).min()
            healthy = np.stack([colours((name,), jitter=row[None])[0] for row in seeds])
            spread = np.linalg.norm(healthy[:, None] - healthy[None], axis=2)
            assert gap < np.quantile(spread, 0.9), (name, wilt, gap)


def test_thirst_yellows_and_greys_the_leaf():
    fresh, dry = colours(NAMES), colours(NAMES, wilt=1.0)
    green = [n for n, name in enumerate(NAMES) if name not in ("lavender", "spruce")]
    assert ((dry[:, 0] / dry[:, 1])[green] > (fresh[:, 0] / fresh[:, 1])[green]).all()


def test_only_evergreens_darken_in_winter():
    change = np.abs(colours(NAMES, winter=1.0) - colours(NAMES)).max(1)
    evergreen = np.array([SPECIES[name].habit == "evergreen" for name in NAMES])
    assert (change[evergreen] > 0.02).all()
    assert (change[~evergreen] == 0).all()


def test_plants_of_a_kind_differ_a_little_and_reproducibly():
    jitter = plant_jitter(np.arange(2000))
    np.testing.assert_array_equal(jitter, plant_jitter(np.arange(2000)))
    assert np.abs(jitter).max() <= 1.0
    assert np.abs(jitter.mean(0)).max() < 0.06
    assert np.abs(jitter.std(0) - 3**-0.5).max() < 0.05


def test_an_unknown_species_is_named_with_its_nearest_match():
    with pytest.raises(ValueError, match="did you mean 'tulip'"):
        build_atlas(("tulp",))
