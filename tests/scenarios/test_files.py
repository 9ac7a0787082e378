"""Scenario files: what is right loads, what is wrong is told with file, line, field and what would do."""

import pytest

from scenarios.files import ScenarioError, library, load, parse


@pytest.mark.parametrize("name", library())
def test_every_scenario_that_ships_loads_and_says_what_it_tests(name):
    scenario = load(name)
    assert scenario.name == name
    assert len(scenario.summary) > 10


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(ScenarioError, match="did you mean 'four_seasons'"):
        load("four_season")


def test_a_missing_file_is_named():
    with pytest.raises(ScenarioError, match=r"nowhere\.yaml: cannot be read"):
        load("nowhere.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nclimat: constant", r"mine.yaml:2: 'climat' is not a field; did you mean 'climate'"),
        ("name: a\ngarden:\n  bedz: 3", r"mine.yaml:3: garden: 'bedz' is not a field; did you mean 'beds'"),
        ("name: a\n\nclimate: arctic", r"mine.yaml:3: climate: 'arctic' is not a climate; did you mean 'subarctic'"),
        ("name: a\ndays: -3", r"mine.yaml:2: days: .* given -3"),
        ("name: a\nstart: 2030-02-31", r"mine.yaml:2: start: 2030-02-31 is not a date"),
        ("name: a\ndays: 5\ncommissioning_days: 9", r"commissioning_days \(9\) must be fewer than days \(5\)"),
        ("name: a\ngarden: {species: [tulip, tulipp]}", r"'tulipp' is not a species; did you mean 'tulip'"),
        ("name: A b", r"mine.yaml:1: name"),
        ("- 1\n- 2", r"a scenario is a mapping"),
        ("name: [", r"not YAML"),
        ("", r"a scenario is a mapping"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, message):
    with pytest.raises(ScenarioError, match=message):
        parse(text, source="mine.yaml")


def test_a_hash_changes_with_anything_and_with_nothing_else():
    plain = parse("name: a")
    assert plain.hash == parse("name: a\ndays: 456").hash
    assert plain.hash != parse("name: a\ndays: 457").hash
    assert plain.hash != parse("name: a\ngarden: {beds: 5}").hash


def test_a_scenario_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        parse("name: a").days = 3
