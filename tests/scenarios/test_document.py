"""`docs/scenarios.md` says what is so: its errors word for word, its tables row by row."""

import re
from pathlib import Path
from typing import get_args

import pytest

from scenarios.drift import DriftEvent, Shape
from scenarios.files import ScenarioError, parse
from scenarios.measured import COLUMNS
from scenarios.spec import Scenario
from scenarios.yaml_text import LARGEST_BYTES

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
ERRORS = re.findall(r"^mine\.yaml:.*$", PAGE, re.MULTILINE)

FILE = """\
name: mine
summary: to be spoilt
start: 2030-04-10
days: 456

drift:
- axis: camera.blur_px
  set: 3
  shape: ramp
  at: 2030-06-01
  days: 60
"""
SPOILT = (
    FILE.replace("camera.blur_px", "wether.rain"),
    FILE.replace("set: 3", "set: 3 px"),
    FILE.replace("set: 3", "set: 9"),
    FILE.replace("ramp", "rampp"),
    FILE.replace("2030-06-01", "2050-01-01"),
    FILE.replace("2030-06-01", "2030-06-31"),
    FILE.replace("  days: 60\n", "  days: 60\n- {axis: camera.blur_px, set: 0, at: 2030-07-01}\n"),
)


@pytest.mark.parametrize(("text", "shown"), [*zip(SPOILT, ERRORS, strict=True)])
def test_errors_read_as_the_document_shows_them(text, shown):
    parse(FILE)
    with pytest.raises(ScenarioError) as told:
        parse(text, source="mine.yaml")
    assert str(told.value) == shown


def test_every_shape_is_in_the_table_with_what_it_needs():
    rows = dict(re.findall(r"^\| `(\w+)`(?: \(default\))? \| (.*?)\|", PAGE, re.MULTILINE))
    assert set(get_args(Shape)) <= set(rows)
    given = {"at": "2030-06-01", "days": 20, "period_days": 7, "relax_days": 7}
    for shape in get_args(Shape):
        needs = re.findall(r"`(\w+)`", rows[shape])
        fields = {name: given[name] for name in needs}
        DriftEvent(axis="weather.fog", add=0.1, shape=shape, **fields)
        for name in needs:
            with pytest.raises(ValueError, match=name):
                DriftEvent(axis="weather.fog", add=0.1, shape=shape, **{k: v for k, v in fields.items() if k != name})


def test_every_key_of_a_scenario_is_explained_with_its_default():
    for name, field in Scenario.model_fields.items():
        row = re.search(rf"^\| .*`{name}`.* \| (.*?) ?\| ", PAGE, re.MULTILINE)
        assert row, name
        if isinstance(field.default, int | float | str) and field.default != "":
            value = {True: "true", False: "false"}.get(field.default, f"{field.default}")  # type: ignore[call-overload]
            if isinstance(field.default, int | float) and not isinstance(field.default, bool):
                value = f"{field.default:g}"
            assert value in row[1].split(", "), name


def test_columns_and_limits_are_those_of_the_code():
    assert all(f"`{name}`" in PAGE for name in COLUMNS)
    assert f"{LARGEST_BYTES // 1000} kB" in PAGE
