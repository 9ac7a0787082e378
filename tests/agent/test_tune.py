"""Tuning: as many trials for all, what was lived is not lived again, and the best is told with its search."""

import json
from dataclasses import replace

import pytest

from agent import trial as trials
from agent import tune as tuning
from agent.trial import kept_row, trial
from agent.tune import TuneOptions, search_of, settled, tune, tuning_places
from learners.search import trials_of
from learners.settings import Settings
from learners.tuned import TUNED
from tests.agent.tiny import PACE, tiny

TINY = tiny(40, commissioning_days=10)


@pytest.fixture
def options(tmp_path, monkeypatch):
    monkeypatch.setattr(tuning, "WORLDS", ((TINY, 5), (TINY.model_copy(update={"climate": "mediterranean"}), 6)))
    monkeypatch.setattr(tuning, "PACE", PACE)
    return TuneOptions(trials=2, worlds=2, workers=0, out=tmp_path)


def test_all_have_their_trials_and_the_best_is_told(options):
    told = []
    found = tune(options, ("frozen", "ewc+er"), told.append)
    assert [result.recipe for result in found] == ["frozen", "er+ewc"]
    frozen, mixture = found
    assert frozen.best == frozen.default and not frozen.best.settings  # it has nothing to seek
    assert mixture.best.settings in trials_of("er+ewc", 2)
    assert mixture.default.settings["learning_rate"] == Settings().learning_rate
    assert mixture.spread[0] <= mixture.spread[1] <= mixture.spread[2] == mixture.best.score
    assert mixture.search == search_of("er+ewc", options) != frozen.search
    assert len(told) == 1 + 2 + 2 + 2 and told[-2:] == [frozen.line, mixture.line] and mixture.search in mixture.line
    rows = [json.loads(file.read_text()) for file in (options.out / "rows").iterdir()]
    assert len(rows) == 2 * (1 + 2)
    assert {row["world"] for row in rows} == {"tiny-5", "tiny-6"}
    assert len({row["miou_life"] for row in rows if row["recipe"] == "er+ewc"}) == 4  # settings reach the learner


def test_what_was_lived_is_not_lived_again(options, monkeypatch):
    options = replace(options, worlds=1)
    before = tune(options, ("finetune",), lambda line: None)
    lived = []

    def life(*given):
        lived.append(given)
        raise KeyboardInterrupt

    monkeypatch.setattr(trials.tasks, "life", life)
    assert tune(options, ("finetune",), lambda line: None) == before and not lived
    with pytest.raises(KeyboardInterrupt):
        tune(replace(options, trials=3), ("finetune",), lambda line: None)
    assert len(lived) == 1  # the third trial is a new one


def test_a_trial_that_was_stopped_leaves_no_row(options):
    brief = settled(options, 0)
    assert brief is not None
    asked = iter([False, False, False])
    assert trial(options.out / "rows", brief, "finetune", stop=lambda: next(asked, True)) is None
    assert kept_row(options.out / "rows", brief, "finetune") is None
    row = trial(options.out / "rows", brief, "finetune")
    assert row is not None and row == kept_row(options.out / "rows", brief, "finetune")
    assert row["updates"] == brief.updates and 0 < row["miou_life"] < 1
    assert row["settings"] == TUNED["finetune"][0]
    assert len(json.dumps(row)) < 2000


def test_what_is_reported_is_lived_elsewhere():
    places = tuning_places(4)
    assert len({place.fingerprint for place in places}) == 4
    for place in places:
        assert place.seed >= 500
        assert place.told not in ("humid_continental", "temperate_oceanic")


def test_options_that_make_no_sense_are_refused(tmp_path):
    with pytest.raises(ValueError, match="1 to 4 tuning worlds"):
        tune(TuneOptions(worlds=5, out=tmp_path), ("er",))
    with pytest.raises(ValueError, match="at least 1"):
        tune(TuneOptions(trials=0, out=tmp_path), ("er",))
    with pytest.raises(ValueError, match="'err'"):
        tune(TuneOptions(out=tmp_path), ("err",))
