"""Scenario files: what is right loads, what is wrong is told with file, line, field and what would do."""

from datetime import date, timedelta

import pytest
import yaml

from scenarios.drift import DriftEvent
from scenarios.files import ScenarioError, dump, library, load, parse
from scenarios.spec import Scenario
from scenarios.starter import write_starter


@pytest.mark.parametrize("name", library())
def test_every_scenario_that_ships_loads_and_says_what_it_tests(name):
    scenario = load(name)
    assert scenario.name == name
    assert 30 < len(scenario.summary) < 130


def test_at_least_fourteen_scenarios_ship_and_no_two_are_the_same():
    assert len(library()) >= 14
    stripped = [load(name).model_copy(update={"name": "x", "summary": ""}).hash for name in library()]
    assert len(set(stripped)) == len(stripped)


@pytest.mark.parametrize("name", library())
def test_what_is_scripted_begins_after_commissioning(name):
    scenario = load(name)
    trained = scenario.start + timedelta(days=scenario.commissioning_days)
    end = scenario.start + timedelta(days=scenario.days)
    for when in [*(event.at for event in scenario.drift if event.at), *scenario.freeze.values()]:
        assert trained <= when < end


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(ScenarioError, match="did you mean 'four_seasons'"):
        load("four_season")


def test_a_missing_file_is_named():
    with pytest.raises(ScenarioError, match=r"nowhere\.yaml: cannot be read"):
        load("nowhere.yaml")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name: a\n" + b"#" * 300_000])
def test_what_is_no_scenario_file_is_refused(content, tmp_path):
    file = tmp_path / "odd.yaml"
    file.write_bytes(content)
    with pytest.raises(ScenarioError, match=r"odd\.yaml: cannot be read: (it is not text|larger than 256 kB)"):
        load(file)
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(ScenarioError, match="it is not a file"):
        load(tmp_path / "folder.yaml")


def event(*lines):
    return "name: a\ndrift:\n- axis: camera.blur_px\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nclimat: constant", r"mine.yaml:2: 'climat' is not a field; did you mean 'climate'"),
        ("name: a\ngarden:\n  bedz: 3", r"mine.yaml:3: garden: 'bedz' is not a field; did you mean 'beds'"),
        ("name: a\n\nclimate: arctic", r"mine.yaml:3: climate: 'arctic' is not a climate; did you mean 'subarctic'"),
        ("name: a\ndays: -3", r"mine.yaml:2: days: must be at least 1 \[days\]; given -3"),
        ("name: a\ndays: 5\ncommissioning_days: 9", r"mine.yaml:3: .*\(9\) must be fewer than days \(5\).*mine.yaml:2"),
        ("name: a\ndays: 5", r"mine.yaml:2: days: commissioning_days \(21\) must be fewer than days \(5\)"),
        ("name: a\ngarden: {species: [tulip, tulipp]}", r"garden.species\[1\]: 'tulipp' .*; did you mean 'tulip'"),
        ("days: 90", r"mine.yaml:1: name: is missing"),
        ("name: A b", r"mine.yaml:1: name: a name has small letters"),
        ("name: a\noff: [camera, camra.noise]", r"mine.yaml:2: off\[1\]: .* did you mean 'camera.noise'"),
        ("name: a\nfreeze:\n  plant: 2030-06-01", r"mine.yaml:3: freeze.plant: .* did you mean 'plants'"),
        ("name: a\nfreeze:\n  plants: 2035-06-01", r"mine.yaml:3: freeze.plants: 2035-06-01 is outside the calendar"),
        ("name: a\nstart: 9999-01-01", r"mine.yaml:2: start: 9999-01-01 is not between the years 1900 and 2900"),
        ("name: a\nrobot: 3", r"mine.yaml:2: robot: keys with values are needed here; given 3"),
        ("name: a\ngarden:\n  species: tulip", r"mine.yaml:3: garden.species: a list is needed here"),
        ("name: 12", r"mine.yaml:1: name: text is needed here; put it in quotes; given 12"),
        # Events
        ("name: a\ndrift:\n- axis: weather.fogg\n  set: 1", r"mine.yaml:3: drift\[0\].axis: .* mean 'weather.fog'"),
        (event("set: 1", "shap: ramp"), r"mine.yaml:5: drift\[0\]: 'shap' is not a field; did you mean 'shape'"),
        (event("set: 1", "shape: ram"), r"mine.yaml:5: drift\[0\].shape: 'ram' is not a shape; did you mean 'ramp'"),
        (event("set: 9"), r"mine.yaml:4: drift\[0\].set: 9 is out of range: camera.blur_px runs from 0 to 4 px"),
        (event("set: 1", "add: 1"), r"mine.yaml:3: drift\[0\]: give exactly one of set, add, scale; given set, add"),
        (event("set: 1", "at: 2031-12-01"), r"mine.yaml:5: drift\[0\].at: 2031-12-01 is outside the calendar"),
        (event("set: 1", "at: 2030-05-05", "days: 4"), r"mine.yaml:6: drift\[0\].days: a step has no days"),
        (
            event("set: 1", "at: 2030-05-05", "shape: ramp", "days: 9") + event("set: 2", "at: 2030-05-09")[15:],
            r"mine.yaml:8: drift\[1\]: two events set camera.blur_px at the same time.*\(the other: .*mine.yaml:3\)",
        ),
        # Units
        (event("set: 3 m"), r"mine.yaml:4: drift\[0\].set: a number is needed here \[px\]; write 3 alone, not '3 m'"),
        ("name: a\ncamera:\n  height_m: 60 cm", r"mine.yaml:3: camera.height_m: .*\[metres\]; write 60 alone"),
        # What YAML reads otherwise than it looks
        (event("set: 12:30"), r"mine.yaml:4: drift\[0\].set: .* '12:30' looks like a time of day"),
        (event("set: on"), r"mine.yaml:4: drift\[0\].set: a number is needed here \[px\], not on"),
        (event("set: true"), r"mine.yaml:4: drift\[0\].set: a number is needed here \[px\], not true"),
        (event('set: "1"'), r"mine.yaml:4: drift\[0\].set: .* write 1 without quotes"),
        (event("set: 1,5"), r"mine.yaml:4: drift\[0\].set: .* write 1\.5 without quotes or commas"),
        (event("set: .nan"), r"mine.yaml:4: drift\[0\].set: .* '\.nan' is none"),
        (event("set: 1e999"), r"mine.yaml:4: drift\[0\].set: .*finite"),
        (event("set: 1" + "0" * 5000), r"mine.yaml:4: drift\[0\].set: a number of 5001 characters"),
        (event("set:"), r"mine.yaml:4: drift\[0\].set: there is no value"),
        (event("set: 1", "at: 12"), r"mine.yaml:5: drift\[0\].at: 12 is not a date; write it as 2030-04-10"),
        (event("set: 1", "at: 2030-05-05 12:00:00"), r"mine.yaml:5: drift\[0\].at: .* is not a date"),
        (event("set: 1", "at: May 5"), r"mine.yaml:5: drift\[0\].at: 'May 5' is not a date"),
        ("name: a\nstart: 2030-02-31", r"mine.yaml:2: start: 2030-02-31 is not a date: day"),
        ("name: a\ngarden:\n  pond: yes", r"mine.yaml:3: garden.pond: write true or false, not 'yes'"),
        ("name: a\ngarden:\n  beds: true", r"mine.yaml:3: garden.beds: a number is needed here, not true"),
        ("name: a\ngarden:\n  beds: 2.5", r"mine.yaml:3: garden.beds: a whole number is needed here; given 2.5"),
        # What YAML can do and nobody needs
        ("name: a\ndays: 90\ndays: 91", r"mine.yaml:3: days is given twice, first in line 2"),
        ("name: a\ngarden: {beds: 2, beds: 2}", r"mine.yaml:2: garden.beds is given twice"),
        ("name: a\n---\nname: b", r"mine.yaml:2: a second document begins here"),
        ("name: a\ngarden:\n\tbeds: 3", r"mine.yaml:3: not YAML: there is a tab"),
        ("name: &x a\nsummary: *x", r"mine.yaml:1: anchors and aliases .* are not read"),
        ("name: !!python/object/apply:os.system [ls]", r"mine.yaml:1: tags .* are not read"),
        ("? [a]\n: b", r"mine.yaml:1: a list or mapping cannot be a key"),
        ("[" * 100_000, r"mine.yaml:1: nested more than 12 levels deep"),
        ("name: a\x07", r"mine.yaml:1: not YAML: the character 0x0007"),
        ("\n".join(f"a{i}: 1" for i in range(300)), r"more than 200 keys"),
        ("name: a\ndrift: [" + "{axis: camera.noise, add: 1}," * 1001 + "]", r"mine.yaml:2: drift: .*1000"),
        ("- 1\n- 2", r"a scenario is a mapping of keys to values, not a list"),
        ("seven", r"a scenario is a mapping of keys to values, not a single value"),
        ("name: [", r"mine.yaml:1: not YAML"),
        ("", r"mine.yaml:1: the file is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, message):
    with pytest.raises(ScenarioError, match=message):
        parse(text, source="mine.yaml")


def test_an_alias_bomb_is_refused_before_it_goes_off():
    lines = ["name: a", "x0: &x0 [1, 1]", *(f"x{i}: &x{i} [*x{i - 1}, *x{i - 1}]" for i in range(1, 60))]
    with pytest.raises(ScenarioError, match="anchors and aliases"):
        parse("\n".join(lines))


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file():
    with pytest.raises(ScenarioError) as told:
        parse("name: a\ndays: x\nsoil: lom\ncamera: {fov_deg: 3}", source="mine.yaml")
    assert [line.split(":")[1] for line in str(told.value).splitlines()] == ["2", "3", "4"]


def test_numbers_with_exponents_are_numbers_and_words_like_on_are_words():
    scenario = parse("name: on\nsummary: no\nspeed: 1e1\ndrift: [{axis: camera.blur_px, set: 5e-1}]")
    assert (scenario.name, scenario.summary, scenario.speed, scenario.drift[0].set) == ("on", "no", 10.0, 0.5)


def test_dates_may_be_written_with_quotes_and_lines_may_end_as_on_windows():
    assert parse('\ufeffname: a\r\nstart: "2031-04-10"\r\n').start == date(2031, 4, 10)


@pytest.mark.parametrize("field", [{"days": True}, {"days": "90"}, {"southern": 1}, {"start": 5}, {"speed": "2"}])
def test_python_is_held_to_the_same_kinds_as_files(field):
    with pytest.raises(ValueError, match=next(iter(field))):
        Scenario(name="a", **field)


def test_a_hash_changes_with_anything_and_with_nothing_else():
    plain = parse("name: a")
    assert plain.hash == parse("name: a\ndays: 456").hash
    assert plain.hash != parse("name: a\ndays: 457").hash
    assert plain.hash != parse("name: a\ngarden: {beds: 5}").hash
    assert plain.hash != parse("name: a\ndrift: [{axis: camera.noise, add: 1}]").hash


def test_a_scenario_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        parse("name: a").days = 3


@pytest.mark.parametrize("name", library())
def test_what_is_dumped_loads_as_an_equal_scenario(name):
    scenario = load(name)
    again = parse(dump(scenario))
    assert again == scenario
    assert again.hash == scenario.hash


def test_words_and_numbers_that_look_like_others_survive_a_dump():
    for summary in ("on", "12:30", "1e-3", "2030-04-10", "", "null", "- a: b # c", "'\"", "schön\nzwei", "7"):
        scenario = Scenario(
            name="007",
            summary=summary,
            start=date(2031, 1, 31),
            drift=(DriftEvent(axis="weather.fog", set=1e-7, shape="window", at=date(2031, 4, 1), days=1e4),),
            freeze={"camera.noise": date(2031, 5, 1)},
            off=("robot", "camera.blur_px"),
        )
        assert parse(dump(scenario)) == scenario


def test_a_starter_loads_as_it_is_and_nothing_is_overwritten(tmp_path):
    path = write_starter(tmp_path / "My garden!.yaml")
    scenario = load(path)
    assert scenario.name == "my_garden_"
    assert len(scenario.drift) == 3
    with pytest.raises(ValueError, match="is there already and stays as it is"):
        write_starter(path)
    with pytest.raises(ValueError, match=r"should end in \.yaml"):
        write_starter(tmp_path / "garden.txt")


def test_what_the_starter_has_in_comments_loads_too(tmp_path):
    text = write_starter(tmp_path / "mine.yaml").read_text(encoding="utf-8")
    for line in ("speed: 1 ", "off: [camera]", "freeze: {plants: 2030-09-01}"):
        assert f"# {line}" in text
        parse(text.replace(f"# {line}", line))


def test_pyyaml_would_have_read_it_otherwise():
    assert yaml.safe_load("a: 12:30\nb: on\nc: 1e-3") == {"a": 750, "b": True, "c": "1e-3"}
