"""A recording gives back what the place gave, bit for bit, and is never half of one."""

import pickle
from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest

from agent.garden_place import GardenPlace
from agent.monitor.probes import Bank
from agent.place import Place
from agent.recording import record
from agent.stream import Block
from scenarios.drift import DriftEvent
from tests.agent.tiny import tiny

SCENARIO = tiny(12, steps_per_day=3, commissioning_days=4, drift=(DriftEvent(axis="teacher.delay_d", set=4.0),))
PLACE = GardenPlace(SCENARIO, 7, learn_every=8, home_frames=1, away_frames=2, next_year_frames=1)


class Counting:
    """A place that counts how often its life is lived, and may break off."""

    def __init__(self, place: Place, breaks_off: bool = False) -> None:
        self._place, self._breaks_off, self.lives = place, breaks_off, 0

    def __getattr__(self, name: str):
        return getattr(self._place, name)

    def stream(self):
        stream = self._place.stream()
        self.lives += 1
        return _Breaking(stream) if self._breaks_off else stream


class _Breaking:
    def __init__(self, stream) -> None:
        self._stream = stream

    def __getattr__(self, name: str):
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[Block]:
        yield next(iter(self._stream))
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return record(PLACE, tmp_path_factory.mktemp("recordings"))


def same(ours, theirs) -> bool:
    if isinstance(ours, tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, np.ndarray):
        return ours.dtype == theirs.dtype and np.array_equal(ours, theirs)
    return ours == theirs


def test_a_recorded_life_is_the_life_bit_for_bit(recorded):
    blocks = list(PLACE.stream())
    for _ in range(2):  # and again
        again = list(recorded.stream())
        assert len(again) == len(blocks) > 3
        for ours, theirs in zip(again, blocks, strict=True):
            for field in fields(Block):
                assert same(getattr(ours, field.name), getattr(theirs, field.name)), field.name


def test_answers_that_come_late_come_as_late(recorded):
    arrivals = list(PLACE.stream().arrivals())
    assert list(recorded.stream().arrivals()) == arrivals
    assert recorded.stream().ends == PLACE.stream().ends
    assert any(steps and steps[0] < end - 8 for steps, end in zip(arrivals, PLACE.stream().ends, strict=True))


def test_a_recorded_exam_is_the_exam_bit_for_bit(recorded):
    banks = PLACE.banks()
    assert list(recorded.banks()) == list(banks)
    for name, bank in banks.items():
        for field in fields(Bank):
            assert same(getattr(recorded.banks()[name], field.name), getattr(bank, field.name)), field.name


def test_a_recording_says_of_itself_what_the_place_says(recorded):
    for name in Place.__annotations__ | {k: 0 for k, v in vars(Place).items() if isinstance(v, property)}:
        assert getattr(recorded, name) == getattr(PLACE, name), name
    assert [recorded.season(day) for day in range(PLACE.days)] == [PLACE.season(day) for day in range(PLACE.days)]
    assert recorded.as_config() == PLACE.as_config()
    with pytest.raises(IndexError, match="not -1"):
        recorded.season(-1)


def test_a_recording_travels_by_its_folder(recorded):
    packed = pickle.dumps(recorded)
    assert len(packed) < 20_000
    assert pickle.loads(packed) == recorded and hash(pickle.loads(packed)) == hash(recorded)


def test_what_is_written_to_a_recorded_frame_stays_in_this_process(recorded):
    next(iter(recorded.stream())).images[:] = 0
    assert next(iter(recorded.stream())).images.any()


def test_what_was_recorded_is_not_drawn_again(tmp_path):
    place = Counting(PLACE)
    first = record(place, tmp_path)
    lives = place.lives
    assert record(place, tmp_path) == first and place.lives == lives
    other = record(replace(PLACE, seed=8), tmp_path)
    assert other.folder != first.folder


def test_a_recording_that_was_broken_off_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        record(Counting(PLACE, breaks_off=True), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_shorter_than_it_says_is_refused(tmp_path):
    class Longer(Counting):
        life_steps = PLACE.life_steps + 1

    with pytest.raises(ValueError, match="were announced"):
        record(Longer(PLACE), tmp_path)
