"""The stream is one life, the same for everybody; the exam is made of other frames."""

from itertools import islice

import numpy as np
import pytest

from agent.monitor.probes import PHASES, build_banks, phase_days
from agent.stream import PatrolStream, fingerprint
from agent.teacher import pick
from garden_env.garden import plant_garden
from scenarios.drift import DriftEvent
from scenarios.files import load

SCENARIO = load("four_seasons").model_copy(update={"days": 80, "steps_per_day": 6, "commissioning_days": 10})


@pytest.fixture(scope="module")
def garden():
    return plant_garden(SCENARIO, 4)


@pytest.fixture(scope="module")
def blocks(garden):
    return list(PatrolStream(garden))


@pytest.fixture(scope="module")
def banks(garden, blocks):
    avoid = np.concatenate([block.poses for block in blocks[:5]])
    return build_banks(garden, home_frames=2, away_frames=4, next_year_frames=2, avoid=avoid)


def test_a_life_lived_twice_is_the_same_life(garden, blocks):
    assert fingerprint(iter(PatrolStream(garden))) == fingerprint(iter(blocks))


def test_blocks_cover_the_calendar_without_gaps(blocks):
    assert [block.step for block in blocks] == list(range(12, 80 * 6 + 1, 12))
    assert [block.day for block in blocks] == [(block.step - 1) // 6 for block in blocks]
    assert all(len(block.labelled[0]) == 8 for block in blocks)


def test_the_answers_are_to_the_frames_that_were_shown(blocks):
    for block in blocks[:3]:
        chosen = pick(12, 8)
        np.testing.assert_array_equal(block.labelled[0], block.images[chosen])
        np.testing.assert_array_equal(block.labelled[1], block.truth[chosen])


def test_a_teacher_who_errs_is_late_and_silent_changes_answers_only(garden, blocks):
    events = (
        {"axis": "teacher.label_noise", "set": 0.2},
        {"axis": "teacher.delay_d", "set": 5},
        {"axis": "teacher.answered", "set": 0.5},
    )
    drift = tuple(DriftEvent.model_validate(event) for event in events)
    scripted = list(PatrolStream(plant_garden(SCENARIO.model_copy(update={"drift": drift, "days": 20}), 4)))
    assert fingerprint(iter(scripted)) == fingerprint(iter(blocks[: len(scripted)]))
    told = [len(block.labelled[1]) for block in scripted]
    assert told[:2] == [0, 0] and 0 < sum(told) < 8 * len(told) * 0.7
    shown = {
        frame.tobytes(): truth for block in scripted for frame, truth in zip(block.images, block.truth, strict=True)
    }
    for block in scripted:
        for frame, label in zip(*block.labelled, strict=True):
            answered = label != 255
            assert (label != shown[frame.tobytes()])[answered].mean() == pytest.approx(0.2, abs=0.01)


def test_a_last_block_that_is_short_is_scored_and_not_learned_from():
    scenario = SCENARIO.model_copy(update={"days": 5})  # 30 steps
    last = list(PatrolStream(plant_garden(scenario, 4)))[-1]
    assert (last.step, len(last.images), len(last.truth), len(last.labelled[1])) == (30, 6, 6, 0)


def test_a_fast_calendar_has_fewer_blocks_and_as_many_days():
    scenario = SCENARIO.model_copy(update={"days": 40, "speed": 4.0})
    blocks = list(PatrolStream(plant_garden(scenario, 4)))
    assert [block.step for block in blocks] == [12, 24, 36, 48, 60]
    assert blocks[-1].day == 39


def test_labels_cost_the_same_whatever_the_block(garden):
    for learn_every in (8, 24):
        block = next(iter(PatrolStream(garden, learn_every=learn_every)))
        assert len(block.images) == learn_every
        assert len(block.labelled[1]) == 8


def test_another_seed_is_another_life(garden, blocks):
    other = PatrolStream(plant_garden(SCENARIO, 5))
    assert fingerprint(islice(iter(other), 3)) != fingerprint(iter(blocks[:3]))


def test_no_frame_of_the_exam_occurs_in_the_stream(blocks, banks):
    """Not by its pixels, which noise would tell apart anyway, nor by where and when it was taken."""
    lived = {image.tobytes() for block in blocks for image in block.images}
    places = {tuple(pose) for block in blocks for pose in block.poses}
    for bank in banks.values():
        for image in bank.images.reshape(-1, *bank.images.shape[2:]):
            assert image.tobytes() not in lived
        for pose in bank.poses.reshape(-1, 3):
            assert tuple(pose) not in places


def test_the_exam_is_taken_through_the_same_sensor_as_the_stream(garden, banks):
    bank, camera = banks["home"], SCENARIO.camera
    clean = garden.view(int(bank.days[0, 0]), bank.hours[0, 0], bank.poses[0, 0]).rgb.transpose(2, 0, 1).astype(float)
    noise = bank.images[0, 0] - clean
    middle = (clean > 20) & (clean < 235)  # where clipping does not hide it
    assert noise[middle].std() == pytest.approx(camera.noise, rel=0.1)


def test_banks_are_taken_on_the_same_dates(banks):
    for phase in range(len(PHASES)):
        assert set(banks["home"].days[phase]) <= set(banks["away"].days[phase])


def test_every_bank_has_every_phase_and_its_frames_differ(banks):
    assert list(banks) == ["home", "away", "next_year"]
    for bank in banks.values():
        assert bank.images.shape[0] == len(PHASES)
        assert len({image.tobytes() for image in bank.images.reshape(-1, *bank.images.shape[2:])}) == bank.days.size


def test_the_exam_is_the_same_whenever_it_is_set(garden, blocks, banks):
    avoid = np.concatenate([block.poses for block in blocks[:5]])
    again = build_banks(garden, home_frames=2, away_frames=4, next_year_frames=2, avoid=avoid)
    for name, bank in banks.items():
        np.testing.assert_array_equal(bank.images, again[name].images)
        np.testing.assert_array_equal(bank.truth, again[name].truth)


def test_setting_the_exam_does_not_change_the_life(garden, blocks, banks):
    assert fingerprint(iter(PatrolStream(garden))) == fingerprint(iter(blocks))


def test_exam_poses_at_home_keep_away_from_those_of_commissioning(blocks, banks):
    lived = np.concatenate([block.poses for block in blocks[:5]])
    for pose in banks["home"].poses.reshape(-1, 3):
        near = np.hypot(*(lived[:, :2] - pose[:2]).T) < 0.5
        turned = np.abs(np.angle(np.exp(1j * (lived[near, 2] - pose[2]))))
        assert (turned >= 0.5).all()


def test_phases_lie_in_the_first_year_and_follow_the_hemisphere():
    north = load("four_seasons")
    south = load("southern_seasons")
    assert all(0 <= day < 366 for day in phase_days(north) + phase_days(south))
    names = [name for name, _, _ in PHASES]
    for scenario, month in ((north, 7), (south, 1)):
        midsummer = scenario.start.toordinal() + phase_days(scenario)[names.index("high summer")]
        assert type(scenario.start).fromordinal(midsummer).month == month


def test_a_third_of_the_exams_plants_lack_water(garden):
    shares = [(plant_garden(SCENARIO, seed).exam_water[0] < 0.4).mean() for seed in range(12)]
    assert 0.25 < np.mean(shares) < 0.42
