"""The command: what it refuses, what it warns of, and that it says what the run itself said."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

import run_sim
from agent.monitor.log import Log
from agent.options import Pace, RunOptions
from agent.run import run
from agent.why_run import WhyOptions, why
from scenarios.files import load

PACE = Pace(commission_updates=15, converge_updates=10, home_frames=1, away_frames=4, next_year_frames=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A short life in a garden."""
    scenario = load("four_seasons").model_copy(update={"days": 60, "steps_per_day": 4})
    options = RunOptions(
        learners=("frozen", "er"), references=False, workers=0, seed=502, out=tmp_path_factory.mktemp("runs")
    )
    return run(options, scenario=scenario, pace=PACE)


def asked(folder: Path, **more):
    console = Console(file=io.StringIO(), width=80)
    return why(WhyOptions(folder, **more), console), console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def refusal(folder: Path, *more: str, capsys) -> str:
    assert run_sim.main(["why", str(folder), *more]) == 2
    return capsys.readouterr().err


@pytest.mark.slow
def test_a_run_tells_why_and_the_command_says_the_same_again(folder, capsys):
    rows = {row["learner"]: row for row in Log.read(folder).causes}
    assert rows
    found, text = asked(folder)
    assert capsys.readouterr().err == ""
    for causes in found:
        row = rows[causes.learner]
        assert (causes.then, causes.now, dict(causes.shares)) == (row["then"], row["now"], row["shares"])
        assert {k: list(v) for k, v in causes.interval.items()} == row["interval"]
    assert max(map(len, text.splitlines())) <= 80
    summary = json.loads((folder / "summary.json").read_text())
    for name, row in rows.items():
        assert summary["learners"][name]["causes"]["shares"] == row["shares"]


@pytest.mark.slow
def test_phases_frames_and_orders_can_be_chosen(folder):
    (found,), text = asked(folder, learner="er", from_="early summer", to="deep winter", frames=2, pairs=1, bank="away")
    assert (found.from_phase, found.to_phase, found.scenes) == ("early summer", "deep winter", 2)
    assert sum(found.shares.values()) == pytest.approx(found.lost, abs=1e-12)
    assert "early summer" in text


@pytest.mark.slow
def test_what_is_not_there_is_refused_by_name(folder, capsys):
    for more, says in (
        (("--learner", "erewc"), "'erewc' is not a learner of this run"),
        (("--to", "deep winer"), "did you mean 'deep winter'"),
        (("--from", "monsoon"), "'monsoon' is not a phase"),
        (("--from", "spring", "--to", "spring"), "both 'spring'"),
        (("--bank", "moon"), "'moon' is not a probe bank"),
        (("--frames", "0"), "frames is 0"),
    ):
        assert says in refusal(folder, *more, capsys=capsys)


@pytest.mark.slow
def test_weights_that_are_missing_or_changed_are_noticed(folder, capsys):
    config, weights = folder / "config.json", folder / "weights" / "er.safetensors"
    kept = {path: path.read_bytes() for path in (config, weights)}
    try:
        weights.write_bytes((folder / "weights" / "commissioned.safetensors").read_bytes())
        config.write_text(config.read_text().replace(json.loads(config.read_text())["hashes"]["place"], "0" * 16))
        asked(folder, learner="er", to="deep winter", frames=1)
        err = capsys.readouterr().err
        assert "the world has changed" in err
        assert "weights of er alone" in err
        weights.unlink()
        assert "did not come to its end" in refusal(folder, "--learner", "er", "--to", "autumn", capsys=capsys)
    finally:
        for path, data in kept.items():
            path.write_bytes(data)


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert "config.json does not exist" in refusal(tmp_path, capsys=capsys)


def test_a_run_without_a_garden_is_refused(tmp_path, capsys):
    (tmp_path / "config.json").write_text(json.dumps({"frames": {"name": "mine"}, "options": {"away_frames": 1}}))
    assert "nothing to switch between then and now" in refusal(tmp_path, capsys=capsys)
