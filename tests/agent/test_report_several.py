"""Claims about `run_sim.py report`: one run's page is made anew, several are compared, and nothing is ever lost."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from agent.report import several
from agent.report.comparison import comparison, verdict
from agent.report.differences import warnings
from agent.report.rebuild import ReportOptions, report
from agent.report.report import FILE_NAME, write_report
from agent.report.several import MEASURES, Run
from run_sim import main


@pytest.fixture(scope="module")
def folders(run_maker, tmp_path_factory) -> list[Path]:
    """Three short lives in three gardens; the last has one learner less."""
    base = tmp_path_factory.mktemp("runs")
    present = ("frozen", "finetune", "er"), ("frozen", "finetune", "er"), ("frozen", "finetune")
    return [run_maker(base / f"run-{w}", learners=present[w], days=110, world=w) for w in range(3)]


@pytest.fixture(scope="module")
def runs(folders) -> list[Run]:
    return [Run.read(folder) for folder in folders]


def changed(folder: Path, target: Path, **parts: dict) -> Run:
    """A copy of a run whose configuration says something else."""
    shutil.copytree(folder, target)
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    for part, values in parts.items():
        config[part] |= values
    (target / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return Run.read(target)


def test_a_rebuilt_report_is_the_report_that_the_run_wrote(folders, tmp_path):
    folder = Path(shutil.copytree(folders[0], tmp_path / "run"))
    written = write_report(folder).read_text(encoding="utf-8")
    (folder / FILE_NAME).unlink()
    (folder / "summary.json").unlink()  # the log is enough
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert report(ReportOptions((folder,))) == folder / FILE_NAME
    assert (folder / FILE_NAME).read_text(encoding="utf-8") == written
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != FILE_NAME} == files


def test_a_report_that_the_project_did_not_make_is_left_alone(folders, tmp_path):
    folder = Path(shutil.copytree(folders[0], tmp_path / "run"))
    (folder / FILE_NAME).write_text("my own notes", encoding="utf-8")
    with pytest.raises(FileExistsError, match="was not made by Evergreen and is left alone"):
        report(ReportOptions((folder,)))
    with pytest.raises(FileExistsError, match="was not made by Evergreen"):
        report(ReportOptions((folder,), replace=True))
    assert (folder / FILE_NAME).read_text(encoding="utf-8") == "my own notes"


def test_a_comparison_is_replaced_only_when_that_is_said(folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = report(ReportOptions(tuple(folders)))
    assert path == Path("report-compare.html")
    with pytest.raises(FileExistsError, match="exists; name another file with --out, or add --replace"):
        report(ReportOptions(tuple(folders)))
    path.write_text("Made by Evergreen, and then cut off", encoding="utf-8")
    report(ReportOptions(tuple(folders), replace=True))
    assert path.stat().st_size > 1e6


def test_errors_name_the_folder_and_what_would_do(folders, tmp_path, capsys):
    (tmp_path / "garden").mkdir()
    (tmp_path / "garden" / "garden.json").write_text("{}", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    for given, said in (
        ([], "report needs the folder of a run"),
        ([tmp_path / "nowhere"], "nowhere does not exist; give the folder of a run"),
        ([tmp_path / "file"], "file is a file; give the folder that it lies in"),
        ([tmp_path / "garden"], "garden is a life of gardeners"),
        ([folders[0].parent], f"it holds the runs {folders[0]}"),
        ([folders[0], folders[0]], "is given twice"),
        ([*folders, "--out", tmp_path], "is a folder; --out wants a file"),
        ([*folders, "--out", tmp_path / "no" / "page.html"], "does not exist; make it"),
    ):
        assert main(["report", *map(str, given)]) == 2
        assert said in capsys.readouterr().err.replace("\n", " ")


def test_means_carry_students_interval_over_runs(runs):
    values = [run.summary["learners"]["finetune"]["miou"]["away"]["end"] for run in runs]
    told = several.over_runs(runs, "finetune", MEASURES[0])
    assert told is not None
    assert told.mean == pytest.approx(np.mean(values))
    low, high = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    assert told.half == pytest.approx((high - low) / 2)
    single = several.over_runs(runs[:1], "finetune", MEASURES[0])
    assert single is not None
    assert single.half is None
    assert several.over_runs(runs, "nobody", MEASURES[0]) is None


def test_pairs_are_taken_within_runs_so_that_the_garden_cancels_out(runs):
    apart = several.ahead(runs, "finetune", "frozen", MEASURES[0])
    assert apart is not None
    ends = [run.summary["learners"] for run in runs]
    expected = [told["finetune"]["miou"]["away"]["end"] - told["frozen"]["miou"]["away"]["end"] for told in ends]
    np.testing.assert_allclose(apart.values, expected)
    alone = several.over_runs(runs, "finetune", MEASURES[0])
    assert alone is not None
    assert np.std(apart.values) < np.std(alone.values)


def test_bands_are_of_exams_that_all_runs_have(runs):
    days, mean, half = several.curves(runs, "finetune", at_hand=False)
    assert days.tolist() == list(range(28, 110, 10))
    assert half is not None
    assert len(mean) == len(half) == len(days)
    assert several.curves(runs[:1], "finetune", at_hand=False)[2] is None
    assert len(several.curves(runs[2:], "er", at_hand=True)[0]) == 0


def test_nothing_is_warned_of_where_only_the_garden_differs(runs):
    assert warnings(runs) == []


def test_what_differs_is_warned_of(folders, runs, tmp_path, run_maker):
    first = runs[0]
    other = changed(folders[1], tmp_path / "scenario", scenario={"name": "dry_summers"})
    assert (
        "different scenarios, and means mix them: four_seasons (run-0) and dry_summers" in warnings([first, other])[0]
    )
    edited = changed(folders[1], tmp_path / "edited", scenario={"climate": "arid"})
    assert "one name and not one content" in warnings([first, edited])[0]
    newer = changed(folders[1], tmp_path / "newer", hashes={"code": "ffff"})
    assert "different code" in warnings([first, newer])[0]
    twin = changed(folders[0], tmp_path / "twin")
    assert "of the same world (four_seasons, seed 0)" in warnings([first, twin])[0]
    moved = changed(folders[0], tmp_path / "moved", hashes={"place": "eeee"})
    assert "different frames (hashes.place)" in warnings([first, moved])[0]
    slower = changed(folders[1], tmp_path / "slower", options={"learn_every": 24})
    assert warnings([first, slower]) == ["Options differ: learn_every (12 and 24)."]
    cut = run_maker(tmp_path / "cut", days=110, until=60, world=1, learners=("er",))
    assert warnings([first, Run.read(cut)]) == ["Not finished, and counted as far as they got: cut."]
    (cut / "config.json").unlink()
    assert any("Without config.json" in said for said in warnings([first, Run.read(cut)]))


def test_the_comparison_tells_means_pairs_curves_and_runs(runs):
    page = comparison(runs)
    for told in ("3 runs, 3 learners", "Within the same run", "frames (hash)", "run-2", "joint@converged",
                 "energy (estimate)"):  # fmt: skip
        assert told in page
    assert re.search(r"frozen</b>.*?<span>3</span>.*?<span>\d+\.\d ± \d+\.\d</span>", page)
    charts = {name: json.loads(text) for name, text in
              re.findall(r'data-chart="chart-([^"]+)">(.*?)</script>', page, flags=re.DOTALL)}  # fmt: skip
    bands = [trace for trace in charts["over-runs-year"]["data"] if trace.get("fill") == "toself"]
    lines = [trace for trace in charts["over-runs-year"]["data"] if "fill" not in trace]
    assert (len(bands), len(lines)) == (3, 3)
    assert len({trace["line"]["dash"] for trace in lines}) == 3
    assert "front-flops" in charts
    assert len(page.encode()) < 8e6


def test_the_verdict_ranks_and_says_who_was_not_everywhere(runs):
    said = verdict(runs)
    assert said.startswith("Over 3 runs, whole-year mIoU ended for er at ")
    assert "(in 2 of them)" in said
    assert said.index("er at") < said.index("frozen at")


def test_curves_are_of_runs_with_one_calendar(runs, run_maker, tmp_path):
    longer = Run.read(run_maker(tmp_path / "longer", days=120, learners=("er",), references=False))
    assert [run.name for run in several.one_calendar([longer, *runs])] == ["run-0", "run-1", "run-2"]
    assert "Of the 3 runs that begin on 1 April 2030" in comparison([*runs, longer])
