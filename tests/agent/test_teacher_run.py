"""A run under a teacher of the scenario: everybody lives, updates are equal, and labels are counted for each."""

import json

import pytest

from agent.options import Pace, RunOptions
from agent.run import run
from scenarios.files import parse

SHORT = """
name: short
days: 60
steps_per_day: 4
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
"""
MIXED = "teacher: {budget: 0.05, asks: entropy, delay_d: 2, label_noise: 0.1, border_px: 1, contact: true}\n"
PACE = Pace(commission_updates=10, converge_updates=10, home_frames=1, away_frames=1, next_year_frames=1)


def costs(out, teacher, learners, **options):
    given = RunOptions(quick=True, out=out, learners=learners, references=False, workers=0, **options)
    folder = run(given, scenario=parse(SHORT + teacher), pace=PACE)
    summary = json.loads((folder / "summary.json").read_text())
    return {name: entry["cost"] for name, entry in summary["learners"].items()}, folder


@pytest.mark.slow
def test_all_kinds_of_learners_live_under_a_teacher_of_many_sorts(tmp_path):
    learners = ("frozen", "er+ewc", "finetune", "der++", "cbp", "slda", "tent", "cumulative")
    spent, folder = costs(tmp_path, MIXED, learners)
    assert {spent[name]["updates"] for name in ("er+ewc", "finetune", "der++", "cbp", "tent")} == {16}
    owners = spent["frozen"]["labels"]
    for name in learners[1:]:
        assert owners + 8 <= spent[name]["labels"] <= owners + 9 + 16 * 8, name  # 9 of 192 frames, and a few by contact
    assert spent["er+ewc"]["flops"] > spent["frozen"]["flops"]
    assert "labels" in (folder / "report.html").read_text()


@pytest.mark.parametrize("teacher", ["none", pytest.param("{budget: 0, contact: false}", marks=pytest.mark.slow)])
def test_where_nobody_answers_only_those_learn_who_need_no_labels(tmp_path, teacher):
    spent, _ = costs(tmp_path, f"teacher: {teacher}\n", ("frozen", "er+ewc", "tent"))
    assert [spent[name]["updates"] for name in ("frozen", "er+ewc", "tent")] == [0, 0, 16]
    assert len({cost["labels"] for cost in spent.values()}) == 1


@pytest.mark.slow
def test_asking_by_doubt_is_in_the_bill(tmp_path):
    evenly, _ = costs(tmp_path / "a", "teacher: {budget: 0.05}\n", ("er",))
    doubting, _ = costs(tmp_path / "b", "teacher: {budget: 0.05, asks: disagreement}\n", ("er",))
    assert doubting["er"]["flops"] > evenly["er"]["flops"] and doubting["er"]["labels"] == evenly["er"]["labels"]
    assert doubting["er"]["updates"] == evenly["er"]["updates"] == 16


def test_who_may_keep_no_pictures_learns_from_each_answer_once(tmp_path):
    spent, _ = costs(tmp_path, "teacher: {budget: 0.05}\n", ("ewc",), past_data=False)
    assert 0 < spent["ewc"]["updates"] < 16
