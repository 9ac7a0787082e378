import ast
import inspect
import sys

import pytest

from scenarios import tables
from scenarios.tables import CLASSES, CLIMATES, MATERIALS, SOILS, SPECIES


def test_class_numbers_are_positions():
    assert [row.id for row in CLASSES.values()] == list(range(12))
    assert tables.CLASS_NAMES[tables.SNOW] == "snow"
    assert tables.IGNORE not in range(len(CLASSES))


def test_class_colours_differ_also_without_red_green_vision():
    # Seen by a deuteranope, roughly: red and green merge. Distances in sRGB units.
    seen = [(0.625 * r + 0.375 * g, 0.7 * g + 0.3 * r, b) for r, g, b in (row.rgb for row in CLASSES.values())]
    for i, one in enumerate(seen):
        for other in seen[i + 1 :]:
            assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 12


def test_materials_belong_to_classes():
    assert [row.id for row in MATERIALS.values()] == list(range(len(MATERIALS)))
    for row in MATERIALS.values():
        assert row.class_id in range(len(CLASSES))
        assert row.drivable == list(CLASSES.values())[row.class_id].drivable


def test_at_least_five_climates_and_twelve_garden_plants():
    assert {"temperate_oceanic", "humid_continental", "mediterranean", "subarctic", "constant"} <= set(CLIMATES)
    assert "lawn" in SPECIES
    assert len(SPECIES) >= 13


@pytest.mark.parametrize("place", CLIMATES.values(), ids=CLIMATES)
def test_normals_are_possible(place):
    assert all(low < high for low, high in zip(place.tmin_c, place.tmax_c, strict=True))
    assert all(0 < days < 28 for days in place.wet_days)
    assert all(0 < share < 0.9 for share in place.sunshine)
    assert place.latitude_deg > 0
    assert place.source


@pytest.mark.parametrize("ground", SOILS.values(), ids=SOILS)
def test_soils_hold_water_between_wilting_and_saturation(ground):
    assert 0 < ground.wilting_point < ground.field_capacity < ground.saturation < 1
    assert ground.source


@pytest.mark.parametrize("plant", SPECIES.values(), ids=SPECIES)
def test_species_are_whole(plant):
    assert plant.name in SPECIES
    assert plant.source
    assert 0 < plant.p_depletion <= 0.8
    assert plant.root_m > 0
    assert plant.cap_c > plant.base_c
    assert plant.emerge_gdd <= plant.full_gdd
    assert plant.bloom_above_h < plant.bloom_below_h
    for field in ("leaf", "young_leaf", "autumn", "dead", "petal", "centre", "fruit", "wood"):
        assert all(0 <= channel <= 255 for channel in getattr(plant, f"{field}_rgb"))


def test_tables_need_nothing_but_the_standard_library():
    tree = ast.parse(inspect.getsource(tables))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("table", [CLASSES, CLIMATES, MATERIALS, SOILS, SPECIES])
def test_rows_cannot_be_changed(table):
    row = next(iter(table.values()))
    with pytest.raises(AttributeError):
        row.name = "other"
