"""What differs is told, what does not is not; and editors know what files may say."""

import json

import pytest

from run_sim import main
from scenarios.axes import AXES
from scenarios.difference import differences
from scenarios.files import dump, library, load, parse
from scenarios.schema import schema
from scenarios.tables import CLIMATES, SOILS, SPECIES

BASE = """\
name: a
drift:
- {axis: camera.noise, add: 5}
- {axis: camera.blur_px, set: 1, shape: ramp, at: 2030-05-05, days: 9}
"""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("", []),
        ("garden: {beds: 3, pond: false}", [("garden.beds", "6", "3"), ("garden.pond", "true", "false")]),
        ("freeze: {camera: 2030-06-01}", [("freeze.camera", "", "2030-06-01")]),
        ("off: [camera]", [("off", "none", "camera")]),
        ("speed: 2.5", [("speed", "1", "2.5")]),
    ],
)
def test_fields_that_differ_are_told_by_their_path(changed, expected):
    assert [tuple(row) for row in differences(parse(BASE), parse(BASE + changed))] == expected


def test_events_are_added_removed_or_changed():
    more = parse(BASE + "- {axis: weather.fog, set: 1}")
    first = parse(BASE.replace("drift:\n", "drift:\n- {axis: weather.fog, set: 1}\n"))
    other = parse(BASE.replace("days: 9", "days: 8"))
    base = parse(BASE)
    assert [tuple(row) for row in differences(base, more)] == [("drift[2]", "", "weather.fog set 1")]
    assert [tuple(row) for row in differences(more, base)] == [("drift[2]", "weather.fog set 1", "")]
    assert [tuple(row) for row in differences(base, first)] == [("drift[0]", "", "weather.fog set 1")]
    blur = "camera.blur_px set 1, ramp, at 2030-05-05, days"
    assert [tuple(row) for row in differences(base, other)] == [("drift[1]", f"{blur} 9", f"{blur} 8")]


@pytest.mark.parametrize("first", [*library()][::4])
def test_nothing_differs_exactly_between_equals(first):
    for second in library():
        assert bool(differences(load(first), load(second))) == (load(first).hash != load(second).hash)


def accepts(rule, value, root):
    """A small oracle of JSON Schema: the keywords that are used here, no more."""
    if "$ref" in rule:
        return accepts(root["$defs"][rule["$ref"].rpartition("/")[2]], value, root)
    if "anyOf" in rule and not any(accepts(one, value, root) for one in rule["anyOf"]):
        return False
    if "oneOf" in rule and sum(accepts(one, value, root) for one in rule["oneOf"]) != 1:
        return False
    if "enum" in rule and value not in rule["enum"]:
        return False
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
    if "type" in rule and not isinstance(value, kinds[rule["type"]]):
        return False
    if isinstance(value, dict):
        fields = rule.get("properties", {})
        if any(name not in value for name in rule.get("required", ())):
            return False
        if rule.get("additionalProperties") is False and set(value) - set(fields):
            return False
        return all(accepts(fields[name], item, root) for name, item in value.items() if name in fields)
    if isinstance(value, list):
        return all(accepts(rule.get("items", {}), item, root) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return rule.get("minimum", value) <= value <= rule.get("maximum", value)
    return True


def plain(text):
    import yaml

    return json.loads(json.dumps(yaml.safe_load(text), default=str))


@pytest.mark.parametrize("name", library())
def test_the_schema_accepts_what_ships(name):
    rules = schema()
    assert accepts(rules, plain(library()[name].read_text(encoding="utf-8")), rules)
    assert accepts(rules, plain(dump(load(name))), rules)


@pytest.mark.parametrize(
    "text",
    [
        "{days: 90}", "{name: a, dayz: 90}", "{name: a, climate: arctic}", "{name: a, days: 0}", "{name: a, off: [x]}",
        "{name: a, drift: [{axis: camera.blurr, set: 1}]}", "{name: a, drift: [{axis: camera.noise}]}",
        "{name: a, drift: [{axis: camera.noise, set: 1, add: 1}]}", "{name: a, garden: {species: [tulipp]}}",
        "{name: a, drift: [{axis: camera.noise, set: 1, shape: ram}]}", "{name: a, freeze: {plant: 2030-06-01}}",
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_loader_refuses(text):
    rules = schema()
    assert not accepts(rules, plain(text), rules)
    with pytest.raises(ValueError, match="<text>:1"):
        parse(text)


def test_editors_are_given_every_name_with_its_meaning():
    rules = schema()
    axis = rules["$defs"]["DriftEvent"]["properties"]["axis"]
    assert axis["enum"] == list(AXES)
    assert all(row.meaning in line for row, line in zip(AXES.values(), axis["enumDescriptions"], strict=True))
    assert rules["properties"]["climate"]["anyOf"][0]["enum"] == list(CLIMATES)
    assert rules["properties"]["soil"]["enum"] == list(SOILS)
    assert set(rules["$defs"]["GardenSpec"]["properties"]["species"]["items"]["enum"]) == set(SPECIES) - {"lawn"}
    assert set(library()) <= set(rules["properties"]["extends"]["anyOf"][0]["enum"])
    for name, field in rules["properties"].items():
        assert field.get("description") or "$ref" in field, name


def test_the_commands_print_and_refuse(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["new", "mine.yaml"]) == 0
    assert main(["new", "mine.yaml"]) == 2
    assert "stays as it is" in capsys.readouterr().err
    assert main(["diff", "four_seasons", "mine.yaml"]) == 0
    assert "camera.dirt set 0.6" in capsys.readouterr().out
    assert main(["diff", "four_seasons", "four_seasons"]) == 0
    assert "No difference" in capsys.readouterr().out
    assert main(["diff", "four_seasons"]) == 2
    assert "usage: run_sim.py diff SCENARIO SCENARIO" in capsys.readouterr().err
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()
    assert main(["scenarios"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in library())
    assert max(map(len, told.splitlines())) <= 80
