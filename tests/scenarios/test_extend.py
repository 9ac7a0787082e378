"""A scenario may be another with something changed."""

import pytest

from scenarios.files import ScenarioError, load, parse


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


BASE = """\
name: base
summary: of the base
days: 100
garden:
  beds: 3
  trees: 1
drift:
  - {axis: camera.blur_px, set: 1, at: 2030-05-05}
"""


def test_keys_replace_mappings_merge_and_events_follow(write):
    write("base.yaml", BASE)
    child = load(write("child.yaml", """
name: child
extends: base.yaml
soil: clay
garden: {trees: 0}
drift:
  - {axis: camera.blur_px, set: 2, at: 2030-06-05}
"""))  # fmt: skip
    assert (child.name, child.summary, child.days, child.soil) == ("child", "", 100, "clay")
    assert (child.garden.beds, child.garden.trees) == (3, 0)
    assert [event.set for event in child.drift] == [1, 2]


def test_an_extended_scenario_is_the_same_as_the_one_written_out(write):
    write("base.yaml", BASE)
    child = load(write("child.yaml", "name: child\nextends: base.yaml\ndays: 90"))
    assert (
        child.hash == parse(BASE.replace("name: base\nsummary: of the base\ndays: 100", "name: child\ndays: 90")).hash
    )


def test_the_library_can_be_extended_by_name_and_paths_are_relative_to_the_file(write):
    write("deep/er/mid.yaml", "name: mid\nextends: four_seasons\nsoil: sand")
    child = load(write("deep/child.yaml", "name: child\nextends: er/mid.yaml"))
    assert child.start == load("four_seasons").start
    assert child.soil == "sand"


def test_errors_in_a_parent_name_the_parent(write):
    write("base.yaml", BASE.replace("camera.blur_px", "camera.blurr"))
    child = write("child.yaml", "name: child\nextends: base.yaml\ndrift: [{axis: camera.noise, add: 1}]")
    with pytest.raises(ScenarioError, match=r"base\.yaml:8: drift\[0\]\.axis: 'camera\.blurr'"):
        load(child)


def test_errors_in_a_child_count_its_own_events(write):
    write("base.yaml", BASE)
    with pytest.raises(ScenarioError, match=r"child\.yaml:4: drift\[0\]\.axis: 'camera\.blurr'"):
        load(write("child.yaml", "name: c\nextends: base.yaml\ndrift:\n- {axis: camera.blurr, add: 1}"))
    with pytest.raises(ScenarioError, match=r"child2\.yaml:4: drift\[0\]: two events set .*drift\[0\], .*base\.yaml:8"):
        load(
            write(
                "child2.yaml", "name: c\nextends: base.yaml\ndrift:\n- {axis: camera.blur_px, set: 2, at: 2030-05-05}"
            )
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: c\nextends: four_season", r"c\.yaml:2: extends: .* did you mean 'four_seasons'"),
        ("name: c\nextends: gone.yaml", r"c\.yaml:2: extends: .*gone\.yaml: cannot be read"),
        ("name: c\nextends: c.yaml", r"extend each other in a circle: c\.yaml"),
        ("name: c\nextends: [a, b]", r"c\.yaml:2: extends: give one scenario"),
        ('name: c\nextends: "a\\0.yaml"', r"c\.yaml:2: extends: "),
        ("extends: four_seasons", r"c\.yaml:1: name: is missing"),
    ],
)
def test_what_cannot_be_extended_is_told(text, message, write):
    with pytest.raises(ScenarioError, match=message):
        load(write("c.yaml", text))


def test_a_circle_of_two_and_a_chain_without_end_are_refused(write):
    write("a.yaml", "name: a\nextends: b.yaml")
    with pytest.raises(ScenarioError, match="in a circle"):
        load(write("b.yaml", "name: b\nextends: a.yaml"))
    for i in range(20):
        write(f"n{i}.yaml", f"name: n\nextends: n{i + 1}.yaml")
    with pytest.raises(ScenarioError, match="more than 8 files extend one another"):
        load(write("n20.yaml", "name: n").with_name("n0.yaml"))
