"""A scenario names its teacher, in a word or by keys, and what is wrong about it is told."""

import pytest

from scenarios.files import dump, parse
from scenarios.schema import schema
from scenarios.spec import Scenario, TeacherSpec
from scenarios.tables import CHOOSERS, TEACHERS
from scenarios.yaml_text import ScenarioError


def taught(text):
    return parse(f"name: school\nteacher: {text}\n").teacher


def test_the_usual_teacher_is_the_oracle():
    assert Scenario(name="school").teacher == taught("oracle") == taught("{}") == TeacherSpec()


@pytest.mark.parametrize("name", TEACHERS)
def test_a_teacher_that_has_a_name_is_written_down_by_its_keys(name):
    scenario = parse(f"name: school\nteacher: {name}\n")
    assert scenario.teacher == TeacherSpec.model_validate(TEACHERS[name])
    assert parse(dump(scenario)) == scenario


def test_nobody_and_contact_alone_have_no_person():
    assert taught("none").budget == taught("contact").budget == 0.0
    assert taught("contact").contact and not taught("none").contact


def test_all_of_it_can_be_mixed():
    spec = taught("{budget: 0.05, asks: entropy, delay_d: 3, label_noise: 0.1, border_px: 2, contact: true}")
    assert spec == TeacherSpec(budget=0.05, asks="entropy", delay_d=3, label_noise=0.1, border_px=2, contact=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("oracel", r"teacher: 'oracel' is not a teacher; did you mean 'oracle'\?"),
        ("{asks: entrop}", r"teacher\.asks: 'entrop' is not a way to choose frames; did you mean 'entropy'\?"),
        ("{budget: 5%}", r"teacher\.budget: a number is needed here; write 5 alone"),
        ("{budget: 2}", r"teacher\.budget: must be at most 1; given 2"),
        ("{delay_d: -1}", r"teacher\.delay_d: must be at least 0 \[days\]; given -1"),
        ("{border_px: 90}", r"teacher\.border_px: must be at most 8 \[pixels\]; given 90"),
        ("{bugdet: 0.1}", r"did you mean 'budget'\?"),
        ("{contact: 1}", r"teacher\.contact: write true or false"),
        ("7", r"teacher: keys with values are needed here; given 7"),
    ],
)
def test_what_is_wrong_with_a_teacher_is_told(text, message):
    with pytest.raises(ScenarioError, match=message):
        taught(text)


def test_editors_know_the_names_of_teachers_and_choosers():
    found = schema()
    assert found["properties"]["teacher"]["anyOf"][0]["enum"] == list(TEACHERS)
    assert found["$defs"]["TeacherSpec"]["properties"]["asks"]["enum"] == list(CHOOSERS)
    assert all("description" in field for field in found["$defs"]["TeacherSpec"]["properties"].values())
