"""A fleet: what feeds whom, what is kept apart, and that looking on changes nothing."""

import io
import json
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from rich.console import Console

import run_sim
from agent import tasks
from agent.enrolment import enrol
from agent.fleet import charts
from agent.fleet.brief import FleetBrief
from agent.fleet.convoy import Convoy
from agent.fleet.gardens import garden_seed, grounds_of
from agent.fleet.life import Lived
from agent.fleet.options import FleetOptions
from agent.fleet.page import render, write_page
from agent.fleet.provenance import Provenance
from agent.fleet.pupils import ALONE, SHARED, roster
from agent.fleet.results import contrasts, whole_only
from agent.fleet.run import Listener, run_fleet
from agent.fleet.tell import print_fleet
from agent.live import live
from agent.monitor.log import Log
from agent.nets import load_weights
from agent.perception import as_batch
from agent.report.palette import marks
from agent.report.report import write_report
from learners.memory import Reservoir
from scenarios.spec import CameraSpec, TeacherSpec
from tests.agent.browser import CHROMIUM, Browser, opens_calmly
from tests.agent.tiny import PACE, tiny

NORTH = tiny(32, commissioning_days=7, climate="humid_continental")
SOUTH = tiny(32, commissioning_days=7, climate="mediterranean")
GARDENS = {"chicago": NORTH, "madrid": SOUTH}


def options(out, **changes):
    return FleetOptions(
        **({"learner": "er", "workers": 0, "others": False, "exam_every_days": 20, "out": out} | changes)
    )


def read(folder):
    return json.loads((folder / "fleet.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    return run_fleet(options(tmp_path_factory.mktemp("fleet")), scenarios=GARDENS, pace=PACE)


def test_a_convoy_is_the_lives_of_its_robots_round_by_round():
    homes = grounds_of(options("unused"), GARDENS, PACE).homes
    together = list(Convoy(homes, 0).stream())
    for i, home in enumerate(homes):
        for block, own in zip(together[i :: len(homes)], home.place.stream(), strict=True):
            assert (block.step, block.day) == (own.step, own.day)
            assert np.array_equal(block.images, own.images) and np.array_equal(block.labelled[1], own.labelled[1])
    assert [block.step for block in together] == Convoy(homes, 0).stream().ends


def test_who_is_fed_by_whom_is_all_that_differs(fleet):
    data = read(fleet)
    labels = data["costs"]["shared"]["labels_by_garden"]
    assert set(labels) == {"chicago", "madrid"} and labels["chicago"] == labels["madrid"] > 0
    for garden in labels:
        alone, drilled = data["costs"][f"alone {garden}"], data["costs"][f"drilled {garden}"]
        own = {name: count if name == garden else 0 for name, count in labels.items()}
        assert alone["labels_by_garden"] == drilled["labels_by_garden"] == own
        assert drilled["updates"] == data["costs"]["shared"]["updates"] == 2 * alone["updates"] > 0
    bounds = {name: told["bound_bytes"] for name, told in data["memory"].items()}
    assert bounds["shared"] == bounds["alone chicago"] + bounds["alone madrid"]


def test_the_memory_keeps_its_bound_and_knows_whose_frames_it_holds(fleet):
    memory = read(fleet)["memory"]
    for name, told in memory.items():
        assert 0 < max(told["bytes"]) <= told["most_bytes"] <= told["bound_bytes"], name
    frame_bytes = 16 * 16 * 3 + 8 * 8
    held = memory["shared"]["held"]
    assert held["chicago"][-1] + held["madrid"][-1] == memory["shared"]["bytes"][-1] // frame_bytes
    assert min(held["chicago"][-1], held["madrid"][-1]) > 0
    assert memory["alone madrid"]["held"]["chicago"] == [0] * len(memory["alone madrid"]["days"])
    rows = [json.loads(line) for line in (fleet / "fleet.jsonl").read_text().splitlines()]
    assert rows[0]["kind"] == "memory" and rows[0]["bytes"] <= rows[0]["bound_bytes"]


def test_looking_on_changes_nothing(fleet, tmp_path):
    grounds = grounds_of(options(tmp_path), GARDENS, PACE)
    brief = FleetBrief(grounds, "er", 0, FleetOptions.memory_share, tmp_path, "code")
    own = brief.of(roster(2, others=False, drilled=False)[0])
    frames = tasks.train_first(own, lambda message: None, lambda: False)
    student = enrol(own, "er", frames)
    live(own.place.stream(), [student], {}, lambda event: None, first_step=own.place.commissioning_steps,
         exam_every_days=20, scored=False)  # fmt: skip
    lived = load_weights(fleet / "pupils" / "shared" / "weights" / "er.safetensors", own.first_net())
    for name, weights in student.learner.net.state_dict().items():
        assert torch.equal(weights, lived.state_dict()[name]), name


def test_every_garden_has_a_log_as_of_a_run(fleet):
    for garden in GARDENS:
        log = Log.read(fleet / "gardens" / garden)
        assert log.ended == "finished" and log.learners == ("shared", "alone", "drilled")
        for kind in log.learners:
            assert {bank for who, bank in log.probes if who == kind} == {"home", "away", "next_year"}
            days = [row["day"] for row in log.stream[kind]]
            assert days == sorted(set(days)) and sum(row["frames"] for row in log.stream[kind]) == 2 * 32 - 12
            assert log.costs[kind]["updates"] == log.costs["alone"]["updates"] * (1 + (kind == "drilled"))
    assert "every robot has a learner of its own" in write_report(fleet / "gardens" / "madrid").read_text("utf-8")


def test_transfer_is_told_from_the_exams_of_each_garden(fleet):
    data = read(fleet)
    for row in data["transfer"]:
        home = row["lived_in"]
        told = data["gardens"][home][ALONE]
        assert row["end"][home] == pytest.approx(told["end"], abs=1e-9)
        assert row["start"][home] == pytest.approx(told["start"], abs=1e-3)
        assert set(row["end"]) == set(GARDENS)


def test_the_same_garden_grows_in_every_fleet():
    two, three = (grounds_of(FleetOptions(gardens=names)) for names in (("madrid", "london"), ("chicago", "madrid")))
    assert two.homes[0] == three.homes[1]
    again = grounds_of(FleetOptions(gardens=("madrid", "madrid")))
    assert again.names == ("madrid", "madrid-2") and garden_seed(0, "madrid-2") == again.homes[1].place.seed


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        ({"days": 33}, "madrid has days 33 and chicago has 32; a fleet lives one calendar"),
        ({"camera": CameraSpec(width_px=24, height_px=16)}, "the camera of madrid has 24 x 16 px"),
        ({"teacher": TeacherSpec(budget=0.5)}, "madrid has a teacher of its own"),
    ],
)
def test_gardens_that_do_not_go_together_are_refused(tmp_path, other, complaint):
    changed = SOUTH.model_copy(update=other)
    with pytest.raises(ValueError, match=complaint):
        run_fleet(options(tmp_path), scenarios=GARDENS | {"madrid": changed}, pace=PACE)
    assert not list(tmp_path.iterdir())


def test_a_learner_that_is_told_the_season_needs_one_that_is_the_same_everywhere(tmp_path):
    turned = {"chicago": NORTH, "south": SOUTH.model_copy(update={"southern": True})}
    with pytest.raises(ValueError, match="not the same in all of chicago, south"):
        grounds_of(options(tmp_path, learner="er@season"), turned, PACE)
    assert grounds_of(options(tmp_path), turned, PACE).names == ("chicago", "south")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--gardens", "madrid"], "a fleet has two at least"),
        (["--gardens", "madrid", "chikago"], "did you mean 'chicago'"),
        (["--learner", "frozen"], "never learns"),
        (["--learner", "joint"], "all frames at hand"),
        (["--memory-share", "0"], "memory-share"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_lived(arguments, complaint, capsys, tmp_path):
    assert run_sim.main(["fleet", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


class Impatient(Listener):
    """Interrupts when the first learner has lived."""

    def message(self, message, brief):
        if isinstance(message, Lived):
            raise KeyboardInterrupt


@pytest.mark.slow
def test_an_interrupted_fleet_tells_what_was_lived_and_compares_nobody_who_was_cut_short(tmp_path):
    folder = run_fleet(options(tmp_path), Impatient(), scenarios=GARDENS, pace=PACE)
    data = read(folder)
    assert data["interrupted"] and list(data["costs"]) == ["shared"] and data["contrasts"] == []
    assert "Interrupted" in (folder / "fleet.html").read_text(encoding="utf-8")
    assert Log.read(folder / "gardens" / "madrid").ended == "interrupted"


def test_differences_are_taken_garden_by_garden_among_those_who_lived_to_the_end():
    def told(life, start=0.2):
        return {"life": life, "start": start}

    gardens = {"a": {"shared": told(0.5), "alone": told(0.4)}, "b": {"shared": told(0.6), "alone": told(0.7)}}
    [row] = contrasts(gardens)
    assert row["name"] == "shared - alone" and row["mean"] == pytest.approx(0.0)
    assert row["by_garden"] == pytest.approx({"a": 0.1, "b": -0.1})
    assert contrasts(whole_only(gardens, ["shared", "alone a"])) == []
    assert contrasts(whole_only(gardens, ["shared", "alone a", "alone b"])) == [row]


def test_a_remembered_frame_of_unknown_origin_is_no_garden_s():
    class Keeper:
        memory = Reservoir(10_000, frames=2, rng=np.random.default_rng(0))

    images = np.random.default_rng(1).integers(0, 256, (3, 3, 16, 16), np.uint8)
    Keeper.memory.remember(as_batch(images, np.zeros((3, 8, 8), np.uint8)))
    known = Provenance(2)
    known.see(0, images[:1])
    known.see(1, images[1:2])
    with pytest.raises(LookupError, match="no garden"):
        known.held(Keeper())
    known.see(1, images[2:])
    assert known.held(Keeper()).tolist() == [1, 2] and known.labels.tolist() == [1, 2]


def test_page_and_terminal_tell_the_same(fleet):
    data = read(fleet)
    console = Console(file=io.StringIO(), width=80)
    print_fleet(data, fleet, console)
    said, page = console.file.getvalue(), (fleet / "fleet.html").read_text(encoding="utf-8")
    assert data["answer"] in " ".join(said.split()) and data["answer"] in page
    assert max(len(line) for line in said.splitlines() if str(fleet) not in line) <= 80
    look = marks(tuple(data["kinds"]))
    for chart in (charts.levels(data, look), charts.over_life(data, look, "madrid"), charts.transfer(data),
                  charts.memory(data, marks(tuple(data["gardens"])))):  # fmt: skip
        go.Figure(chart)
    keeps_none = {name: told | {"held": None} for name, told in data["memory"].items()}
    assert "keeps no frames" in render(data | {"memory": keeps_none})
    with pytest.raises(FileExistsError):
        write_page(fleet, data)


@pytest.mark.slow
def test_results_do_not_depend_on_how_many_processes_there_are(fleet, tmp_path):
    other = run_fleet(options(tmp_path, workers=2), scenarios=GARDENS, pace=PACE)
    for path in ("fleet.json", "fleet.jsonl", "gardens/chicago/metrics.jsonl", "gardens/madrid/metrics.jsonl",
                 "pupils/shared/weights/er.safetensors"):  # fmt: skip
        assert (other / path).read_bytes() == (fleet / path).read_bytes(), path


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open a page with")
def test_the_page_opens_on_a_desk_and_on_a_phone(fleet, tmp_path):
    with Browser(tmp_path) as browser:
        opens_calmly(browser, fleet / "fleet.html", charts=5)


def test_the_roster_leaves_one_out_for_everybody():
    pupils = roster(3, others=True, drilled=True)
    assert [pupil.kind for pupil in pupils].count(SHARED) == 1
    others = [pupil for pupil in pupils if pupil.kind == "others"]
    assert [(pupil.examined, pupil.fed) for pupil in others] == [((0,), (1, 2)), ((1,), (0, 2)), ((2,), (0, 1))]
    assert all(replace(pupil, kind=ALONE).robots == 3 for pupil in pupils if pupil.kind == "drilled")
