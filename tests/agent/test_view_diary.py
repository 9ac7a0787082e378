"""What the window shows of a learner is what the log says, and nothing of a later day."""

import numpy as np
import pytest

from agent.monitor.log import Log
from agent.monitor.loss_alarm import SIGNAL
from agent.monitor.matrix import scores
from agent.view.diary import Diary, alarms_of, curves_of, diagnosis_of

DAYS, DAY = 130, 100
PAIR = ("frozen", "finetune")


@pytest.fixture(scope="module")
def whole(run_maker, tmp_path_factory) -> Log:
    return Log.read(run_maker(tmp_path_factory.mktemp("diary") / "whole", learners=PAIR, days=DAYS, references=False))


def test_curves_are_the_marks_of_the_stream_and_of_the_exams(whole):
    present, stability, plasticity = curves_of(whole, "finetune")
    assert (present.name, stability.name, plasticity.name) == ("present", "stability", "plasticity")
    last = whole.stream["finetune"][-1]
    assert (present.days[-1], present.values[-1]) == (last["day"] + 1, last["miou"])
    days, matrix = scores(whole, "finetune", "away")
    phase = whole.life.phase_of_day
    assert plasticity.values[-1] == matrix[-1, phase[days[-1]]]
    lived = [(s, whole.life.first_lived(s)) for s in range(8)]
    behind = [s for s, visit in lived if visit and visit.last_day < days[-1] and s != phase[days[-1]]]
    assert stability.values[-1] == pytest.approx(matrix[-1, behind].mean())
    for curve in (present, stability, plasticity):
        assert np.isfinite(curve.values).all() and (np.diff(curve.days) > 0).all()


def test_a_day_of_a_whole_life_reads_like_a_life_that_has_come_so_far(whole, run_maker, tmp_path):
    so_far = Log.read(run_maker(tmp_path / "run", learners=PAIR, days=DAYS, until=DAY, references=False))
    diary = Diary(whole)
    for learner in whole.learners:
        for one, other in zip(diary.curves(learner, DAY), curves_of(so_far, learner), strict=True):
            known = -1 if one.name == "present" else None  # a day's last word comes with the next day's first block
            assert np.array_equal(one.days, other.days) and len(one.days)
            assert np.array_equal(one.values[:known], other.values[:known])
        assert diary.diagnosis(learner, DAY) == diagnosis_of(so_far, learner) != ""
    assert diary.diagnosis("frozen", 27) == ""
    assert all(len(curve.days) == 0 for curve in diary.curves("frozen", 27))


def test_alarms_are_told_by_day_and_those_of_others_are_not(whole):
    told = {"value": 9.0, "threshold": 8.0, "step": 0}
    whole.alarms[:] = [
        {"day": 90, "detector": "cusum", "signal": "location", **told},
        {"day": 60, "detector": "adwin", "signal": f"{SIGNAL}frozen", **told},
        {"day": 90, "detector": "page-hinkley", "signal": "contrast", **told},
    ]
    [stream] = alarms_of(whole)
    assert (stream.name, stream.first_day, stream.last_day) == ("cusum on location, page-hinkley on contrast", 90, 90)
    assert [span.first_day for span in alarms_of(whole, "frozen")] == [60, 90]
    assert alarms_of(whole, "finetune") == (stream,)
    assert [span.first_day for span in Diary(whole).alarms("frozen", 89.0)] == [60]
