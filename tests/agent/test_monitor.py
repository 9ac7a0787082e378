"""Claims about the monitor: what it writes, what it refuses, and that it changes nothing."""

import json
from datetime import date

import numpy as np
import pytest

from agent.monitor.life import Life
from agent.monitor.log import Log
from agent.monitor.monitor import Monitor
from agent.monitor.scores import BankInfo, ClassInfo, Phase, ProbeScore, StreamScore
from agent.monitor.summary import summarise

SEASONS = tuple(
    Phase(name, (date(2030, month, 15),))
    for name, month in (("spring", 4), ("summer", 7), ("autumn", 10), ("winter", 1))
)
CLASSES = (ClassInfo("sky", (150, 200, 240)), ClassInfo("lawn", (80, 150, 60)), ClassInfo("snow", (250, 250, 255)))
AWAY = BankInfo("away", np.array([True, True, True]), np.array([True, True, False]))


@pytest.fixture
def monitor(tmp_path):
    with Monitor(
        tmp_path,
        start=date(2030, 4, 1),
        days=400,
        commissioning_days=20,
        classes=CLASSES,
        phases=SEASONS,
        banks=[AWAY],
        learners=["frozen", "er+ewc"],
    ) as monitor:
        yield monitor


def probe(day, right, learner="er+ewc", truth=(60, 30, 10)):
    cells = np.stack([np.diag(np.array(truth)) for _ in SEASONS])[:, None]
    wrong = np.round(cells * (1 - right)).astype(int)
    cells = cells - wrong + np.roll(wrong, 1, axis=-1)
    return ProbeScore(learner, day * 24, day, "away", cells)


def block(day, step, frames=12, learner="er+ewc", loss=1.0):
    pixels = np.array([[50, 10, 0], [5, 30, 0], [0, 0, 0]])
    return StreamScore(learner, step, day, frames, pixels, pixels.T.copy(), loss, {"predict": 0.25})


def rows(folder, file="metrics.jsonl"):
    return [json.loads(line) for line in (folder / file).read_text().splitlines()]


def test_the_blocks_of_a_day_become_one_row(monitor, tmp_path):
    monitor.stream(block(20, 491, loss=1.0))
    monitor.stream(block(20, 503, frames=4, loss=3.0))
    assert len(rows(tmp_path)) == 1
    monitor.stream(block(21, 515))
    (row,) = rows(tmp_path)[1:]
    assert (row["day"], row["step"], row["frames"], row["loss"]) == (20, 503, 16, 1.5)
    assert "seconds" not in row
    assert rows(tmp_path, "timing.jsonl") == [
        {"kind": "stream", "learner": "er+ewc", "day": 20, "seconds": {"predict": 0.5}}
    ]
    assert Log.read(tmp_path).stream["er+ewc"][0]["seconds"] == {"predict": 0.5}
    assert np.sum(row["confusion"]) == 2 * 95


def test_every_row_is_on_disk_as_soon_as_it_is_known(monitor, tmp_path):
    monitor.probe(probe(20, 0.9))
    assert [row["kind"] for row in rows(tmp_path)] == ["begin", "probe"]


def test_the_log_alone_gives_the_same_summary(monitor, tmp_path):
    for day in range(20, 400, 20):
        monitor.probe(probe(day, 0.5, "frozen"))
        monitor.probe(probe(day, 0.7 + 0.0005 * day))
        monitor.stream(block(day, 24 * day))
    monitor.reference("joint@converged", "away", probe(0, 0.95).confusion)
    monitor.cost("er+ewc", {"flops": 1e12})
    monitor.end("finished")
    live = monitor.summary()
    assert summarise(Log.read(tmp_path)) == live
    json.dumps(live, allow_nan=False)


def test_the_log_is_the_same_whoever_was_faster(tmp_path):
    def lived(folder, order):
        folder.mkdir()
        with Monitor(folder, start=date(2030, 4, 1), days=400, commissioning_days=2, classes=CLASSES, phases=SEASONS,
                     banks=[AWAY], learners=["frozen", "er+ewc"]) as monitor:  # fmt: skip
            for day, learner in order:
                monitor.probe(probe(day, 0.5, learner))
                monitor.stream(block(day, 24 * day, learner=learner))
            monitor.end("finished")
        return (folder / "metrics.jsonl").read_bytes()

    days = range(20, 60, 20)
    in_turn = lived(tmp_path / "a", [(day, name) for day in days for name in ("frozen", "er+ewc")])
    one_first = lived(tmp_path / "b", [(day, name) for name in ("er+ewc", "frozen") for day in days])
    assert in_turn == one_first
    assert [row["kind"] for row in rows(tmp_path / "a")][-1] == "end"


def test_a_log_that_was_cut_off_in_the_middle_of_a_line_can_be_read(monitor, tmp_path):
    monitor.probe(probe(20, 0.9))
    monitor.probe(probe(40, 0.9))
    monitor.close()
    path = tmp_path / "metrics.jsonl"
    path.write_text(path.read_text()[:-40])
    log = Log.read(tmp_path)
    assert [tick.day for tick in log.probes["er+ewc", "away"]] == [20]
    assert summarise(log)["ended"] == "interrupted"


def test_a_damaged_line_in_the_middle_is_told_with_its_number(monitor, tmp_path):
    monitor.probe(probe(20, 0.9))
    monitor.close()
    path = tmp_path / "metrics.jsonl"
    first, second = path.read_text().splitlines()
    path.write_text("\n".join([first, second[:20], second]))
    with pytest.raises(ValueError, match=r"metrics\.jsonl:2: not JSON"):
        Log.read(tmp_path)


def test_the_exam_must_not_change(monitor):
    monitor.probe(probe(20, 0.9))
    with pytest.raises(ValueError, match="true labels of bank 'away' have changed"):
        monitor.probe(probe(30, 0.9, truth=(50, 40, 10)))


def test_an_unknown_learner_is_told_with_the_nearest_name(monitor):
    with pytest.raises(ValueError, match=r"did you mean 'er\+ewc'"):
        monitor.stream(block(20, 480, learner="er+ewk"))


def test_a_wrong_shape_is_told_with_the_right_one(monitor):
    with pytest.raises(ValueError, match=r"expected \(4, n, 3, 3\)"):
        monitor.probe(ProbeScore("frozen", 0, 20, "away", np.zeros((4, 3, 3), int)))


def test_a_folder_with_a_log_is_not_written_over(monitor, tmp_path):
    with pytest.raises(FileExistsError):
        Monitor(tmp_path, start=date(2030, 4, 1), days=40, commissioning_days=2, classes=CLASSES, phases=SEASONS,
                banks=[AWAY], learners=["frozen"])  # fmt: skip


def test_looking_changes_no_score(monitor):
    score, seen = block(20, 480), probe(20, 0.8)
    kept = score.confusion.copy(), score.copy_confusion.copy(), seen.confusion.copy()
    monitor.stream(score)
    monitor.stream(score)
    monitor.probe(seen)
    for before, after in zip(kept, (score.confusion, score.copy_confusion, seen.confusion), strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_present_fades_in_about_a_hundred_frames(monitor):
    assert np.isnan(monitor.now("er+ewc")["miou"])
    perfect = StreamScore("er+ewc", 0, 20, 24, np.diag([50, 50, 0]), np.diag([50, 50, 0]), 0.0)
    for day in range(20, 60):
        monitor.stream(block(day, day * 24, frames=24))
    low = monitor.now("er+ewc")["miou"]
    for _ in range(12):
        monitor.stream(perfect)
    assert low < 0.75
    assert monitor.now("er+ewc")["miou"] > 0.95


def test_known_classes_are_scored_beside_all(monitor):
    confusion = np.stack([np.array([[60, 0, 0], [0, 30, 0], [0, 10, 0]])] * 4)[:, None]
    monitor.probe(ProbeScore("frozen", 480, 20, "away", confusion))
    level = monitor.summary()["learners"]["frozen"]["miou"]["away"]
    assert level["known_end"] == 1.0
    assert level["end"] == pytest.approx((1 + 30 / 40 + 0) / 3)


def test_the_gap_is_closed_by_a_learner_at_the_ceiling_and_open_for_the_frozen_one(monitor):
    for day in range(20, 400, 20):
        monitor.probe(probe(day, 0.5, "frozen"))
        monitor.probe(probe(day, 0.9))
    monitor.reference("joint@converged", "away", probe(0, 0.9).confusion)
    told = monitor.summary()["learners"]
    assert told["er+ewc"]["gap_closed"] == {"end": pytest.approx(1.0), "anytime": pytest.approx(1.0)}
    assert told["frozen"]["gap_closed"] == {"end": 0.0, "anytime": 0.0}
    assert told["er+ewc"]["plasticity"]["gap"] == pytest.approx(0.0)
    assert told["frozen"]["plasticity"]["gap"] > 0.2


def test_a_season_counts_as_forgotten_only_once_it_has_been_lived_through(monitor):
    days = range(20, 400, 10)
    for day in days:
        cells = probe(day, 0.9).confusion.copy()
        if day > 250:
            cells[1] = probe(day, 0.5).confusion[1]  # summer is lost when it is past
        if day < 100:
            cells[3] = probe(day, 0.9).confusion[3]
        else:
            cells[3] = probe(day, 0.3).confusion[3]  # winter was good before it ever came: no forgetting
        monitor.probe(ProbeScore("er+ewc", day * 24, day, "away", cells))
    told = monitor.summary()["learners"]["er+ewc"]["stability"]
    assert told["worst_phase"] == "summer"
    assert told["by_phase"][3] == pytest.approx(0.0)
    assert told["by_phase"][0] is None  # spring is at hand again, it is not past


def test_days_belong_to_the_phase_whose_middle_is_nearest_around_the_turn_of_the_year():
    life = Life(date(2030, 1, 1), 365, 10, SEASONS)
    names = [SEASONS[s].name for s in life.phase_of_day]
    assert names[0] == "winter"  # 1 January
    assert names[31 + 20] == "winter"  # 21 February
    assert names[59 + 10] == "spring"  # 11 March
    assert names[334 + 20] == "winter"  # 21 December


def test_a_stub_of_a_season_at_the_start_has_not_been_lived_through():
    life = Life(date(2030, 2, 20), 365, 5, SEASONS)
    assert life.visits[0].phase == 3
    assert not life.visits[0].complete
    spring = life.first_lived(0)
    assert spring is not None
    assert spring.first_day == life.visits[1].first_day
    first_winter = life.first_lived(3)
    assert first_winter is None or first_winter.first_day > 250


def test_a_phase_without_dates_is_refused():
    with pytest.raises(ValueError, match="has no dates"):
        Phase("spring", ())
