"""The stream monitor in a run: it writes what it saw, scores against the script, and changes nobody's weights."""

import pytest
from safetensors.numpy import load_file

from agent import tasks
from agent.monitor.log import Log
from agent.monitor.scores import Alarm, Inputs
from agent.options import Pace, RunOptions
from agent.run import brief_for, garden_place, run
from scenarios.files import parse

SHORT = """
name: short
days: 30
steps_per_day: 12
commissioning_days: 12
camera: {width_px: 16, height_px: 16}
garden: {beds: 1, trees: 0, props: 0, pond: false}
drift:
  - {axis: camera.exposure_ev, add: 3, at: 2030-05-05}
"""
PACE = Pace(commission_updates=3, converge_updates=10, home_frames=1, away_frames=1, next_year_frames=1)


@pytest.fixture(scope="module")
def lives(tmp_path_factory):
    """By whether the stream monitor looked on: the weights of er after its life, and what was told of it."""
    scenario, options = parse(SHORT), RunOptions(out=tmp_path_factory.mktemp("watched"), exam_every_days=30)
    brief = brief_for(options, garden_place(options, scenario, PACE), PACE, options.out)
    tasks.commission(brief, lambda message: None, lambda: False)
    lived = {}
    for watched in (True, False):
        told: list = []
        tasks.life(brief, ("er",), told.append, lambda: False, watched=watched)
        lived[watched] = load_file(brief.weights("er")), told
    return lived


def test_weights_are_the_same_bits_with_and_without_the_monitor(lives):
    (with_monitor, _), (without, _) = lives[True], lives[False]
    assert with_monitor.keys() == without.keys()
    assert all((with_monitor[name] == without[name]).all() for name in with_monitor)


def test_only_who_watches_tells_what_the_days_looked_like(lives):
    days = {watched: [event.day for event in lives[watched][1] if isinstance(event, Inputs)] for watched in lives}
    assert days == {True: list(range(30)), False: []}
    assert not any(isinstance(event, Alarm) for event in lives[False][1])


@pytest.mark.slow
def test_a_run_logs_inputs_once_and_the_scripted_truth(tmp_path):
    options = RunOptions(learners=("frozen", "finetune"), references=False, workers=0, out=tmp_path)
    folder = run(options, scenario=parse(SHORT), pace=PACE)
    log = Log.read(folder)
    assert [row["day"] for row in log.inputs] == list(range(30))
    assert log.inputs[0]["frames"] == 12
    assert log.changes == [
        {"name": "camera.exposure_ev", "axes": ["camera.exposure_ev"], "first_day": 25, "last_day": 25, "abrupt": True}
    ]
    bright = [row["statistics"]["lightness"] for row in log.inputs]
    assert min(bright[25:]) > max(bright[:25])
