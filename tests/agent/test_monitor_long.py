"""Claims about the log of a long life: what it holds, what its numbers say, and how much memory it takes."""

import json
import tracemalloc
from datetime import date

import numpy as np
import pytest

from agent.monitor.evidence import gather
from agent.monitor.log import Log
from agent.monitor.monitor import Monitor
from agent.monitor.prequential import FADING
from agent.monitor.scores import BankInfo, Checkup, ClassInfo, Phase, ProbeScore, StreamScore
from agent.monitor.thinning import LIMIT_TICKS

MONTHS = (4, 6, 7, 9, 10, 12, 1, 3)
PHASES = tuple(Phase(f"phase {month}", (date(2030, month, 15),)) for month in MONTHS)
CLASSES = tuple(ClassInfo(f"class {i}", (0, 0, 0)) for i in range(12))
C, FRAMES = len(CLASSES), 32
EVERYTHING = np.ones(C, dtype=bool)


def a_monitor(folder, days, learners=("er",), plan=None):
    return Monitor(
        folder, start=date(2030, 4, 1), days=days, commissioning_days=20, classes=CLASSES, phases=PHASES,
        banks=[BankInfo("away", EVERYTHING, EVERYTHING)], learners=learners, plan=plan,
    )  # fmt: skip


def confusion(right, rng, frames=FRAMES, pixels=80):
    """(8, n, C, C): by phase a share of right pixels, a little different in every frame."""
    shares = np.clip(np.asarray(right)[:, None] + rng.normal(0, 0.02, (len(PHASES), frames)), 0, 1)
    hits = np.round(pixels * shares).astype(int)
    cells = np.zeros((len(PHASES), frames, C, C), int)
    for c in range(C):
        cells[:, :, c, c] = hits
        cells[:, :, c, (c + 1) % C] = pixels - hits
    return cells


def a_day(day, rng, learner="er", loss=0.5):
    cells = confusion([0.8] * 8, rng, 1).sum((0, 1))
    reliability = np.zeros((C, 15, 3))
    reliability[:, 12:] = [[100, 83, 80]] * 3
    copied = cells.T.copy()
    return StreamScore(learner, 24 * day, day, 24, cells, copied, loss, {"predict": 0.1}, copied, reliability, 0.4)


@pytest.fixture(scope="module")
def ten_years(tmp_path_factory):
    """A log of ten years, a tick every ten days: one learner holds on, but forgets June after the sixth year."""
    folder = tmp_path_factory.mktemp("long")
    rng, fixed = np.random.default_rng(0), [np.random.default_rng(9) for _ in range(2)]
    with a_monitor(folder, 3652, plan={"every_days": 10, "share": 0.1}) as monitor:
        for day in range(20, 3652):
            if day % 10 == 0:
                right = np.full(8, 0.8) + rng.normal(0, 0.004)
                if day > 2200:
                    right[1] = 0.5
                monitor.probe(ProbeScore("er", 24 * day, day, "away", confusion(right, fixed[0])))
                fixed[0] = np.random.default_rng(9)
            monitor.stream(a_day(day, rng))
        monitor.checkup(Checkup("er", 0, 20, {"trainability": 1.0, "units.dormant": 0.0, "features.cka": float("nan")}))
        monitor.checkup(Checkup("er", 9, 3650, {"trainability": 0.9, "units.dormant": 0.05, "features.cka": 0.7}))
        monitor.end("finished")
        summary = monitor.summary()
    return folder, summary


@pytest.mark.slow
def test_ten_years_take_less_than_twenty_megabytes_of_memory_a_learner(ten_years):
    folder, _ = ten_years
    tracemalloc.start()
    log = Log.read(folder)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(log.stream["er"]) == -(-3632 // 5)  # a row every five days
    assert held < 20e6, f"{held / 1e6:.0f} MB"


@pytest.mark.slow
def test_the_log_of_ten_years_gives_the_same_numbers_again(ten_years):
    folder, summary = ten_years
    from agent.monitor.summary import summarise

    assert summarise(Log.read(folder)) == summary
    json.dumps(summary, allow_nan=False)


@pytest.mark.slow
def test_what_was_lost_in_june_is_flagged_and_told_and_nothing_else(ten_years):
    _, summary = ten_years
    told = summary["learners"]["er"]
    flagged = [row["phase"] for row in told["continual"]["forgotten"] if row["flagged"]]
    assert flagged == ["phase 6"]
    [row] = [row for row in told["continual"]["forgotten"] if row["flagged"]]
    assert 0.25 < row["low"] < row["lost"] < row["high"] < 0.45
    verdicts = [finding["verdict"] for finding in told["diagnosis"] if finding["bad"]]
    assert verdicts == ["forgetting", "explained by temporal correlation"]  # it repeats no more than the last answer


def short(tmp_path, rows=40, right=0.8, wobble=0.0):
    rng = np.random.default_rng(1)
    with a_monitor(tmp_path, 456) as monitor:
        for i, day in enumerate(np.linspace(20, 456, rows).astype(int)):
            marks = np.full(8, right) + (rng.normal(0, wobble) if wobble else 0.0) + 0.0 * i
            monitor.probe(ProbeScore("er", 24 * int(day), int(day), "away", confusion(marks, np.random.default_rng(9))))
        summary = monitor.summary()["learners"]["er"]
    return summary, Log.read(tmp_path)


def test_a_learner_that_only_wavers_is_not_flagged(tmp_path):
    told, log = short(tmp_path, wobble=0.02)
    assert max(row["lost"] for row in told["continual"]["forgotten"]) > 0.01  # a running maximum rises by itself
    assert [row["phase"] for row in told["continual"]["forgotten"] if row["flagged"]] == []
    assert not any(finding["bad"] for finding in told["diagnosis"])
    assert gather(log, "er").changes_from == "seasons"


def test_what_never_changes_has_no_transfer_no_windows_and_no_loss(tmp_path):
    told, _ = short(tmp_path)
    told = told["continual"]
    assert told["bwt"] == told["fwt"] == 0.0
    assert set(told["wf"].values()) == set(told["wp"].values()) == {0.0}
    assert told["aaa"] == pytest.approx(told["min_acc"], abs=0.01) == pytest.approx(told["wc_acc"], abs=0.01)
    assert all(row["low"] == row["high"] == row["lost"] == 0.0 for row in told["forgotten"])
    assert told["gaps"] == [] and told["changes"] is None and told["regret"] is None


def test_bursts_in_the_log_become_gaps_and_abrupt_changes_recoveries(tmp_path):
    with a_monitor(tmp_path, 456) as monitor:
        for day in range(20, 457, 10):
            right = [0.4] * 8 if 200 < day <= 230 else [0.8] * 8
            monitor.probe(ProbeScore("er", 0, day, "away", confusion(right, np.random.default_rng(9))))
        for day, right in zip(range(150, 155), (0.8, 0.5, 0.6, 0.75, 0.8), strict=True):
            few = confusion([right] * 8, np.random.default_rng(9), 4)
            monitor.probe(ProbeScore("er", 0, day, "mini", few, burst_day=150))
        snow = {"name": "snow", "axes": [], "first_day": 200, "last_day": 200, "abrupt": True}
        monitor.log.add({"kind": "truth", "changes": [snow]})
        told = monitor.summary()["learners"]["er"]["continual"]
    [gap] = told["gaps"]
    assert (gap["day"], gap["is_gap"], gap["censored"]) == (150, True, False)
    assert gap["depth"] > 0.2 and gap["days"] in (3, 4)
    [change] = told["changes"]["each"]
    assert change["day"] == 200 and change["depth"] > 0.3 and change["days"] == 40 and not change["censored"]
    again = Log.read(tmp_path)
    assert again.probes["er", "mini"][0].burst_day == 150


def test_fading_calibration_and_the_blind_guesser_stand_in_the_rows_of_the_stream(tmp_path):
    rng = np.random.default_rng(0)
    with a_monitor(tmp_path, 456) as monitor:
        for day in range(20, 40):
            monitor.stream(a_day(day, rng, loss=1.0 if day == 39 else 0.0))
        told = monitor.summary()["learners"]["er"]
    row = Log.read(tmp_path).stream["er"][-1]
    weights = FADING ** np.arange(24 * 20)
    assert row["faded_loss"] == pytest.approx(weights[:24].sum() / weights.sum(), abs=1e-6)
    assert row["entropy"] == 0.4 and row["reliability"].shape == (C, 15, 3) and row["prior_miou"] > 0
    assert told["stream"]["prior_miou"] == pytest.approx(told["stream"]["copy_miou"])
    assert len(told["stream"]["by_class"]) == C
    assert told["calibration"]["ece"] == pytest.approx(0.03)
    assert told["health"] is None


def test_a_checkup_is_kept_with_null_for_what_is_no_number(tmp_path):
    with a_monitor(tmp_path, 456) as monitor:
        monitor.checkup(Checkup("er", 5, 30, {"trainability": 1.25, "features.cka": float("nan"), "units.dead": None}))
        health = monitor.summary()["learners"]["er"]["health"]
        with pytest.raises(ValueError, match="did you mean 'er'"):
            monitor.checkup(Checkup("re", 5, 30, {}))
    [row] = Log.read(tmp_path).checkups["er"]
    assert row["numbers"] == {"trainability": 1.25, "features.cka": None, "units.dead": None}
    assert health == {"checkups": 1, "first": health["last"], "last": {"day": 30, "numbers": row["numbers"]}}


def test_ticks_beyond_the_limit_are_thinned(tmp_path, monkeypatch):
    assert LIMIT_TICKS == 10_000
    monkeypatch.setattr("agent.monitor.log.LIMIT_TICKS", 40)
    with a_monitor(tmp_path, 456) as monitor:
        for day in range(20, 120):
            right = 0.2 if day == 47 else 0.8
            monitor.probe(ProbeScore("er", 0, day, "away", confusion([right] * 8, np.random.default_rng(9), 2)))
        monitor.end("finished")
        ticks = [tick.day for tick in monitor.log.probes["er", "away"]]
    assert len(ticks) <= 40
    assert 47 in ticks and ticks[0] == 20 and ticks[-1] == 119
