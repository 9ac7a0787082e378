"""A run that is over can be opened by its folder: what it was, where it lived, and the nets along its life."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file

from agent.kept_weights import KeptWeights, days_kept
from agent.live import grade, sit
from agent.nets import fresh_net
from agent.past import PastError, PastRun, read_config
from learners.frozen import Frozen


@pytest.fixture
def copy(lived_run, tmp_path):
    """A copy that a test may spoil."""
    return shutil.copytree(lived_run, tmp_path / "run")


def test_a_run_is_opened_with_its_garden_its_log_and_its_learners(lived_run):
    past = PastRun.open(lived_run)
    assert past.had_garden and not past.of_gardeners and past.same_world
    assert (past.place.days, past.place.seed, past.place.away_frames) == (40, 5, 1)
    assert past.place.fingerprint == past.config["hashes"]["place"]
    assert past.learners == ("frozen", "adabn") and past.log.ended == "finished"


def test_weights_are_kept_along_a_life_and_of_who_never_changes_once(lived_run):
    past = PastRun.open(lived_run)
    assert past.days_kept("frozen") == ()
    first, second = past.days_kept("adabn")
    assert first == min(tick.day for tick in past.log.probes["adabn", "away"]) < second
    sets = [load_file(path) for path in sorted((lived_run / "weights" / "adabn").iterdir())]
    assert any(not np.array_equal(sets[0][name], sets[1][name]) for name in sets[0])


@pytest.mark.parametrize(("tick", "at_end"), [(0, False), (-1, True)])
def test_who_looks_through_kept_weights_says_what_the_learner_said(lived_run, tick, at_end):
    past = PastRun.open(lived_run)
    bank = past.place.banks()["away"]
    for name in past.learners:
        day = None if at_end or name == "frozen" else past.days_kept(name)[0]
        said = grade(bank, sit(past.eyes(name, day), bank)).sum(1)
        assert np.array_equal(said, past.log.probes[name, "away"][tick].confusion), name


def test_keeping_weights_only_reads_and_stays_within_its_number(tmp_path):
    net = fresh_net(1, 3)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    blocks = [SimpleNamespace(step=12 * day, day=day) for day in range(101)]
    some, none = (SimpleNamespace(name=name, still=still, learner=Frozen(net)) for name, still in (("a", 0), ("b", 1)))
    passed = KeptWeights(tmp_path, sets=4, first_step=120, days=100).along(blocks, [some, none])  # pyright: ignore[reportArgumentType]
    assert list(passed) == blocks
    assert days_kept(tmp_path, "a") == (11, 34, 57, 80) and days_kept(tmp_path, "b") == ()
    assert all(value.equal(before[name]) for name, value in net.state_dict().items())
    none_kept = KeptWeights(tmp_path / "0", sets=0, first_step=120, days=100).along(blocks, [some])  # pyright: ignore[reportArgumentType]
    assert list(none_kept) == blocks and not (tmp_path / "0").exists()


def test_without_sets_there_are_none(lived_run, tmp_path):
    assert days_kept(lived_run, "commissioned") == days_kept(tmp_path, "er") == ()


def test_what_is_no_run_is_refused_with_what_would_do(copy, tmp_path):
    for folder, says in (
        (tmp_path, r"config\.json does not exist; give the folder"),
        (tmp_path / "nowhere", "is not there"),
        (copy / "config.json", "is a file"),
    ):
        with pytest.raises(PastError, match=says):
            PastRun.open(folder)
    assert read_config(tmp_path) == {}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "expected an object"),
        ("{}", "neither a 'scenario' nor 'frames'"),
        ('{"frames": {"name": "mine"}}', "no garden to go back to"),
        ('{"scenario": {"name": "x"}, "options": {"gardeners": ["ideal"]}}', "gardeners see what they drive to"),
        ('{"scenario": {"name": "x"}, "options": {"seed": 1}}', r"options\.learn_every is missing"),
        (
            '{"scenario": {"name": "x", "dayz": 3}, "options": {"seed": 1, "learn_every": 12}}',
            r"scenario\.dayz.*another version",
        ),
    ],
)
def test_configurations_that_cannot_be_lived_again_are_refused(tmp_path, written, says):
    (tmp_path / "config.json").write_text(written, encoding="utf-8")
    with pytest.raises(PastError, match=says):
        _ = PastRun.open(tmp_path).place


def test_half_made_and_damaged_runs_are_refused(copy):
    shutil.rmtree(copy / "weights" / "adabn")
    (copy / "weights" / "adabn.safetensors").write_bytes(b"no weights")
    (copy / "weights" / "frozen.safetensors").unlink()
    past = PastRun.open(copy)
    assert past.days_kept("adabn") == ()
    for name, says in (("frozen", "did not come to its end"), ("adabn", "no safetensors file")):
        with pytest.raises(PastError, match=says):
            past.eyes(name)
    (copy / "metrics.jsonl").write_text(json.dumps({"kind": "begin", "format": 0}) + "\n", encoding="utf-8")
    with pytest.raises(PastError, match="another version"):
        _ = PastRun.open(copy).log
    (copy / "metrics.jsonl").unlink()
    with pytest.raises(PastError, match="before its robot was commissioned"):
        _ = PastRun.open(copy).log
