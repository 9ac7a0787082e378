"""A long life takes no more memory than a short one, and its thinner log says what the full one would."""

import gc
import sys
from datetime import date
from types import FunctionType, ModuleType

import numpy as np
import pytest

from agent.checkpoint import KINDS
from agent.exams import Picture
from agent.keepsakes import MOST_PICTURES, nearest, worth_keeping
from agent.memento import put_back, take
from agent.monitor import thinning
from agent.monitor.inputs import STATISTICS
from agent.monitor.journal import FIRST, STREAM
from agent.monitor.log import Log
from agent.monitor.loss_alarm import LossAlarm
from agent.monitor.metrics import mean_iou
from agent.monitor.monitor import Monitor
from agent.monitor.scores import Alarm, BankInfo, ClassInfo, Inputs, Phase, ProbeScore, StreamScore
from agent.monitor.summary import summarise
from agent.monitor.thinning import MOST_ROWS, days_a_row
from agent.report.blocks import by_blocks
from agent.report.calibration import surplus_over_life
from agent.report.drift import signals

C, FIRST_DAY = 3, 20
CLASSES = tuple(ClassInfo(f"class {i}", (0, 0, 0)) for i in range(C))
PHASES = tuple(Phase(f"phase {month}", (date(2030, month, 15),)) for month in (4, 7, 10, 1))
SPEAKERS = (FIRST, STREAM, "er")


def a_monitor(folder, days, **more):
    folder.mkdir(exist_ok=True)
    counted = np.ones(C, dtype=bool)
    return Monitor(
        folder, start=date(2030, 4, 1), days=days, commissioning_days=FIRST_DAY, classes=CLASSES, phases=PHASES,
        banks=[BankInfo("away", counted, counted)], learners=("er",), **more,
    )  # fmt: skip


def live(monitor, days):
    """Days of a made-up life, each drawn from its own seed: an exam every ten days, a loss that rises on day 150, and a
    sky that nobody expected on day 78."""
    for day in days:
        rng = np.random.default_rng(day)
        if day % 10 == 0:
            right = np.clip(0.7 + 0.1 * np.sin(day / 58 + np.arange(len(PHASES))) + rng.normal(0, 0.01), 0, 1)
            monitor.probe(ProbeScore("er", 8 * day, day, "away", _answers(right)))
        if day % 3 == 2:
            continue  # a block of frames may be longer than a day
        signals = {name: float(rng.normal()) if day > FIRST_DAY + 21 else None for name in STATISTICS}
        if day == 78:
            signals["lightness"] = -7.5
        monitor.inputs(Inputs(8 * day, day, 8, dict.fromkeys(STATISTICS, float(rng.random())), signals, 8, 2.0))
        if day == 78:
            monitor.alarm(Alarm(8 * day, day, "page-hinkley", "lightness", -7.5, 30.0))
        for half in (1, 2):
            cells, copied = rng.integers(0, 9, (C, C)) + 30 * np.eye(C, dtype=int), rng.integers(0, 9, (C, C))
            reliability = np.zeros((C, 15, 3))
            reliability[:, 12] = np.stack([cells.sum(0), 0.8 * cells.sum(0), np.diag(cells)], axis=1)
            loss = 0.5 + 0.01 * rng.random() + (day > 150)
            monitor.stream(
                StreamScore(
                    "er", 8 * day + 4 * half, day, 4, cells, copied, loss, {"predict": 0.1}, copied.T, reliability, 0.4
                )
            )


def _answers(right):
    """(S, 1, C, C): by phase a share of right pixels."""
    hits = np.round(1000 * right).astype(int)
    cells = np.einsum("s,cd->scd", hits, np.eye(C, dtype=int))
    return (cells + np.einsum("s,cd->scd", 1000 - hits, np.roll(np.eye(C, dtype=int), 1, axis=1)))[:, None]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The log of one life with a row a day, and with a row every five days."""
    logs = []
    with pytest.MonkeyPatch.context() as patch:
        for most_rows in (MOST_ROWS, 100):
            patch.setattr(thinning, "MOST_ROWS", most_rows)
            folder = tmp_path_factory.mktemp("life")
            with a_monitor(folder, 400, remembers=most_rows == MOST_ROWS) as monitor:
                live(monitor, range(FIRST_DAY, 400))
                monitor.end("finished")
            logs.append(Log.read(folder))
    return logs


def test_a_life_of_any_length_has_so_many_rows_at_most_and_one_of_three_years_a_row_a_day():
    lengths = np.unique(np.geomspace(1, 36_600, 400).astype(int))
    assert all(-(-days // days_a_row(int(days))) <= MOST_ROWS for days in lengths)
    assert {days_a_row(days) for days in (1, 456, 1096)} == {1}
    for together in {days_a_row(int(days)) for days in lengths}:  # what the report pools over ten days is whole rows
        assert 10 % together == 0 or together % 10 == 0


def test_a_thinner_log_has_the_same_summary(both):
    full, thin = both
    assert (len(full.stream["er"]), len(thin.stream["er"])) == (253, 76)
    told, again = summarise(full), summarise(thin)
    of_full, of_thin = (entry["learners"]["er"] for entry in (told, again))
    assert again["drift"] == told["drift"] and told["drift"]["alarms"] == {"page-hinkley": 1}
    for rounded in ("stream", "calibration"):  # rows of a day are rounded before they are added up
        _assert_near(of_thin.pop(rounded), of_full.pop(rounded), 1e-4)
    findings = [entry.pop("diagnosis") for entry in (of_full, of_thin)]
    assert [finding["verdict"] for finding in findings[1]] == [finding["verdict"] for finding in findings[0]]
    assert again == told  # everything else, to the bit


def _assert_near(thin, full, tolerance):
    assert thin.keys() == full.keys()
    for name, value in full.items():
        if value is None or isinstance(value, str):
            assert thin[name] == value
        else:
            np.testing.assert_allclose(thin[name], value, rtol=tolerance, atol=tolerance, err_msg=name)


def test_a_thinner_log_draws_the_same_curves_and_keeps_what_stood_out(both):
    full, thin = both
    for key in ("confusion", "copy_confusion", "prior_confusion"):
        for drawn, before in zip(*(by_blocks(log, "er", key, mean_iou) for log in (thin, full)), strict=True):
            np.testing.assert_array_equal(drawn, before)
    for drawn, before in zip(*(surplus_over_life(log, "er") for log in (thin, full)), strict=True):
        np.testing.assert_allclose(drawn, before, atol=1e-6)  # confidences are rounded before they are added up
    lowest = [np.array(signals(log)["data"][0]["z"], dtype=float)[0] for log in (full, thin)]
    assert np.nanmin(lowest[0]) == np.nanmin(lowest[1]) == -7.5 and len(lowest[1]) < len(lowest[0]) / 3
    assert thin.alarms == full.alarms
    assert any(alarm["signal"] == "loss of er" and 150 < alarm["day"] < 170 for alarm in thin.alarms)


def test_a_life_that_died_between_two_rows_goes_on_to_the_same_log(tmp_path, monkeypatch):
    monkeypatch.setattr(thinning, "MOST_ROWS", 20)
    whole, died = tmp_path / "whole", tmp_path / "died"
    with a_monitor(whole, 100, remembers=False) as monitor:
        live(monitor, range(FIRST_DAY, 100))
        monitor.end("finished")
    monitor = a_monitor(died, 100, remembers=False)
    live(monitor, range(FIRST_DAY, 64))
    state, counts = take(monitor.part_of(SPEAKERS), KINDS), monitor.counts(SPEAKERS)
    assert len(state.outline["dict"][1][1]["dict"]) == 2  # the stream and the learner have days that wait
    live(monitor, range(64, 90))
    monitor.close()
    monitor = Monitor.go_on(died, counts, remembers=False)
    monitor.take_over(put_back(state, {"losses": {"er": LossAlarm("er")}}, KINDS))
    live(monitor, range(64, 100))
    monitor.end("finished")
    monitor.close()
    for name in ("metrics.jsonl", "timing.jsonl"):
        assert (died / name).read_bytes() == (whole / name).read_bytes()


def test_who_keeps_the_log_of_ten_years_holds_no_more_after_ten_than_after_two(tmp_path):
    with a_monitor(tmp_path, 3652, remembers=False) as monitor:
        live(monitor, range(FIRST_DAY, 731, 5))
        held, file = deep_bytes(monitor), (tmp_path / "metrics.jsonl").stat().st_size
        live(monitor, range(731, 3652, 5))
        written = (tmp_path / "metrics.jsonl").stat().st_size - file
        assert deep_bytes(monitor) - held < 0.05 * written  # whose row it is, and the loss of every day since an alarm
        assert monitor.log.stream == {} and monitor.log.probes == {} and monitor.log.inputs == []
        assert np.isfinite(list(monitor.now("er").values())).all()
        assert monitor.summary()["learners"]["er"]["stream"]["frames"] > 3500  # the file knows it all


def deep_bytes(thing):
    """Of an object and all that it holds."""
    seen, todo, total = set(), [thing], 0
    while todo:
        held = todo.pop()
        if id(held) in seen or isinstance(held, type | ModuleType | FunctionType):
            continue
        seen.add(id(held))
        total += sys.getsizeof(held)
        todo.extend(gc.get_referents(held))
    return total


def test_of_the_pictures_of_a_life_those_are_kept_that_its_report_shows():
    guess, days = np.zeros((2, 2, 2), np.uint8), (40, 131, 222, 313)
    kept = every = []
    for day in range(20, 3652, 10):
        every = [*every, Picture("er", day, guess)]
        kept = worth_keeping([*kept, every[-1]], days)
        assert len(kept) <= MOST_PICTURES + len(days) + 1
        assert [nearest(kept, wanted) for wanted in (*days, day)] == [nearest(every, wanted) for wanted in (*days, day)]
        assert day > 456 or kept == every
    assert sorted(picture.day for picture in kept) == [picture.day for picture in kept]
