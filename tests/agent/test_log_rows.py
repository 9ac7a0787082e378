"""A log may come from a stranger: each of its rows is one of such a log, or is named with what is wrong about it."""

import json
from datetime import date

import numpy as np
import pytest

from agent.monitor.frames import pack, unpack
from agent.monitor.journal import METRICS, TIMING
from agent.monitor.log import Log
from agent.monitor.monitor import Monitor
from agent.monitor.scores import BankInfo, ClassInfo, Phase, ProbeScore, StreamScore

CLASSES = (ClassInfo("lawn", (0, 128, 0)), ClassInfo("soil", (90, 60, 30)))
ROWS = {"begin": 1, "stream": 2, "probe": 3, "cost": 4, "end": 5}  # lines of the log, from one on


@pytest.fixture
def folder(tmp_path):
    """The log of a day."""
    bank = BankInfo.of("away", np.array([0, 1]), classes=2, known=np.array([True, True]))
    phases = (Phase("spring", (date(2030, 4, 10),)),)
    day = {"start": date(2030, 4, 10), "days": 3, "commissioning_days": 1, "classes": CLASSES, "phases": phases}
    with Monitor(tmp_path, banks=[bank], learners=["er"], **day) as monitor:
        square = np.array([[5, 1], [0, 2]])
        monitor.stream(StreamScore("er", 12, 1, 3, square, square, 0.5, {"learn": 0.1}))
        monitor.stream(StreamScore("er", 24, 2, 3, square, square, 0.5))
        monitor.probe(ProbeScore("er", 24, 2, "away", square[None, None]))
        monitor.cost("er", {"flops": 1e9, "updates": 3, "seconds": 0.2})
        monitor.end("interrupted")
    rows = [json.loads(line) for line in (tmp_path / METRICS).read_text().splitlines()]
    rows = [next(row for row in rows if row["kind"] == kind) for kind in ROWS]
    (tmp_path / METRICS).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_a_log_as_it_is_written_is_read(folder):
    log = Log.read(folder)
    assert [row["day"] for row in log.stream["er"]] == [1]
    assert log.costs["er"]["seconds"] == 0.2


@pytest.mark.parametrize(
    ("kind", "field", "value", "said"),
    [
        ("begin", "days", 10**9, "first row: days: input should be less than"),
        ("begin", "start", "9999-12-31", "first row: start: value error, a date until the year"),
        ("begin", "start", 7, "first row: start: input should be a valid string"),
        ("begin", "learners", ["../../x"], r"first row: learners.0: string should match pattern"),
        ("begin", "phases", [], "first row: phases: "),
        ("stream", "kind", "dream", "unknown kind 'dream'"),
        ("stream", "kind", ["stream"], "unknown kind"),
        ("stream", "learner", "ewc", "learner: 'ewc' is not among those who live here"),
        ("stream", "learner", None, "learner: input should be a valid string, given None"),
        ("stream", "day", 4, "day: 4 is after the life, which has 3 days"),
        ("stream", "day", "2", "day: input should be a valid integer, given '2'"),
        ("stream", "loss", float("nan"), "loss: input should be a finite number"),
        ("stream", "confusion", [[1, 2]], "confusion: expected 2 x 2 counts"),
        ("stream", "copy_confusion", [[1, 2], [3, -1]], "copy_confusion.1.1: input should be greater"),
        ("stream", "reliability", [[[1, 2, 3]]], "reliability: expected 2 rows"),
        ("probe", "bank", "moon", "bank: 'moon' is not one of away"),
        ("probe", "confusion", [], "confusion: has 0 parts; expected 1"),
        ("probe", "single_frames", {"shape": [9, 1, 2, 2], "type": "<u2", "zlib_b85": ""}, "single_frames.shape"),
        ("cost", "flops", "many", "flops: input should be a valid number"),
        ("end", "ended", "well", "ended: input should be 'finished' or 'interrupted'"),
    ],
)
def test_a_row_that_is_none_of_such_a_log_is_named(folder, kind, field, value, said):
    lines = (folder / METRICS).read_text().splitlines()
    at = ROWS[kind] - 1
    lines[at] = json.dumps(json.loads(lines[at]) | {field: value})
    (folder / METRICS).write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=said) as caught:
        Log.read(folder)
    assert f"{METRICS}{'' if kind == 'begin' else f':{at + 1}'}" in str(caught.value)


def test_a_row_of_seconds_that_is_none_is_named(folder):
    with (folder / TIMING).open("a") as file:
        file.write('{"kind": "stream", "learner": [], "seconds": 3}\n\n')
    with pytest.raises(ValueError, match=rf"{TIMING}:\d: learner: input should be a valid string"):
        Log.read(folder)


def test_frames_that_unfold_to_other_than_they_claim_are_refused():
    packed = pack(np.ones((1, 40, 2, 2), np.int64))
    assert unpack(packed).sum() == 160
    for wrong in (packed | {"shape": [1, 39, 2, 2]}, packed | {"shape": [1, 41, 2, 2]}, packed | {"zlib_b85": "x"}):
        with pytest.raises(ValueError, match="single frames of a probe are"):
            unpack(wrong)
