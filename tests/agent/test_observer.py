"""The observer effect is zero: with bursts and checkups or without any exam, learners become the same, bit for bit."""

from datetime import date

import numpy as np
import pytest
import torch

from agent.live import Student, live
from agent.monitor.checkups.checkup import NAMES, Examiner
from agent.monitor.life import Life
from agent.monitor.probes import Bank
from agent.monitor.scores import Checkup, Phase, ProbeScore
from agent.monitor.timetable import Timetable
from agent.stream import Block
from learners.gate import Gate
from learners.memory import Reservoir
from learners.nets import SegNet
from learners.recipes import make_learner

CLASSES, SIDE, BLOCK, BLOCKS_A_DAY, DAYS = 3, 16, 4, 2, 10
PHASES = tuple(Phase(name, (date(2030, 4, day),)) for name, day in (("early", 3), ("middle", 6), ("late", 9)))
LIFE = Life(date(2030, 4, 1), DAYS, 1, PHASES)
MEMORY_BYTES = 20 * (3 * SIDE**2 + SIDE**2 // 4)


def pictures(count, seed):
    """Blocks of colour that say which class they are, darker from frame to frame."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, CLASSES, (count, SIDE // 2, SIDE // 2)).astype(np.uint8)
    bright = (40 + 70 * truth).repeat(2, 1).repeat(2, 2)[:, None] + rng.integers(0, 20, (count, 3, SIDE, SIDE))
    return bright.astype(np.uint8), truth


def stream():
    for end in range(BLOCK, DAYS * BLOCKS_A_DAY * BLOCK + 1, BLOCK):
        images, truth = pictures(BLOCK, end)
        day = (end - 1) // (BLOCK * BLOCKS_A_DAY)
        yield Block(end, day, images, truth, (images[::2], truth[::2]), 2, np.zeros((BLOCK, 3)), np.zeros(BLOCK))


def a_bank(name="away", frames=6):
    images, truth = pictures(len(PHASES) * frames, 77)
    shape = len(PHASES), frames
    return Bank(
        name,
        images.reshape(*shape, *images.shape[1:]),
        truth.reshape(*shape, *truth.shape[1:]),
        np.zeros(shape, int),
        np.zeros(shape),
        np.zeros((*shape, 3)),
    )


def a_net(seed=0):
    return SegNet(CLASSES, generator=torch.Generator().manual_seed(seed), widths=(8, 8, 8))


def a_learner(name):
    learner = make_learner(
        name.removeprefix("gated "), a_net(), seed=3, memory_bytes=MEMORY_BYTES, regimes=3, regime_radius=0.01
    )
    if name.startswith("gated "):
        return Gate(learner, Reservoir(MEMORY_BYTES, frames=4, rng=np.random.default_rng(1)), every=3)
    return learner


def lived(name, *, watched):
    learner, events = a_learner(name), []
    student = Student(name, learner, new_frames=2, learns_without_labels=True)
    season = lambda day: "spring" if day < 5 else "summer"  # noqa: E731
    watching = {}
    if watched:
        watching = {
            "timetable": Timetable(4, others="season", burst_days=3, season=season),
            "examiner": Examiner(a_bank(), LIFE, a_net(9), classes=CLASSES, seed=1),
        }
    live(
        stream(),
        [student],
        {"home": a_bank("home", 2), "away": a_bank()} if watched else {},
        events.append,
        first_step=BLOCK * BLOCKS_A_DAY,
        exam_every_days=1000,
        classes=CLASSES,
        season=season,
        **watching,
    )
    return learner, events


def leaves(state, path=""):
    """Everything in a nested state, by where it is."""
    if isinstance(state, dict):
        return {key: leaf for name, value in state.items() for key, leaf in leaves(value, f"{path}/{name}").items()}
    return {path: state}


def same(a, b):
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else np.array_equal(a, b)


@pytest.fixture(scope="module")
def watched_finetune():
    return lived("finetune", watched=True)[1]


SLOWLY = [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("adapters", "cbp", "hat", "gated er", "slda", "packnet", "tent")
]


@pytest.mark.parametrize("name", ["er+ewc", "adabn", *SLOWLY])
def test_a_life_that_is_watched_leads_to_the_same_bits(name):
    drawn = torch.get_rng_state().clone(), np.random.get_state()[1].copy()  # noqa: NPY002
    (watched, events), (alone, _) = lived(name, watched=True), lived(name, watched=False)
    assert any(isinstance(event, Checkup) for event in events)
    assert any(isinstance(event, ProbeScore) and event.bank == "mini" for event in events)
    ours, theirs = leaves(watched.state_dict()), leaves(alone.state_dict())
    assert list(ours) == list(theirs)
    assert [key for key in ours if not same(ours[key], theirs[key])] == []
    assert watched.cost == alone.cost
    assert torch.equal(drawn[0], torch.get_rng_state())
    assert np.array_equal(drawn[1], np.random.get_state()[1])  # noqa: NPY002


def test_a_checkup_leaves_mode_and_gradients_as_they_were():
    learner, _ = lived("er", watched=False)
    learner.net.train()
    grads = [p.grad.clone() for p in learner.net.parameters()]
    hooks = [len(layer._forward_hooks) for layer in learner.net.modules()]
    learner.predict = lambda images: torch.zeros(len(images), CLASSES, SIDE // 2, SIDE // 2)
    Examiner(a_bank(), LIFE, a_net(9), classes=CLASSES, seed=1).check("er", learner, 9)
    assert learner.net.training
    assert all(torch.equal(a, p.grad) for a, p in zip(grads, learner.net.parameters(), strict=True))
    assert hooks == [len(layer._forward_hooks) for layer in learner.net.modules()]


def test_ticks_bursts_and_checkups_come_when_the_timetable_says(watched_finetune):
    events = watched_finetune
    probes = [(event.bank, event.day, event.burst_day) for event in events if isinstance(event, ProbeScore)]
    assert [day for bank, day, _ in probes if bank == "away"] == [1, 4, 8, 10]
    assert [day for bank, day, _ in probes if bank == "home"] == [1, 8, 10]
    assert [(day, burst) for bank, day, burst in probes if bank == "mini"] == [
        (1, None), (4, None), (5, 5), (6, 5), (7, 5), (8, None), (10, None),
    ]  # fmt: skip
    assert [event.day for event in events if isinstance(event, Checkup)] == [1, 8, 10]
    [last] = [event for event in events if isinstance(event, Checkup) and event.day == 10]
    assert list(last.numbers) == list(NAMES)


def test_who_never_changes_sits_an_exam_once_and_its_marks_are_written_again():
    learner, events = a_learner("frozen"), []
    asked = []
    predict = learner.predict
    learner.predict = lambda images: (asked.append(len(images)), predict(images))[1]
    live(
        stream(), [Student("frozen", learner, 2, still=True)], {"away": a_bank()}, events.append,
        first_step=DAYS * BLOCKS_A_DAY * BLOCK - BLOCK, exam_every_days=1, classes=CLASSES,
    )  # fmt: skip
    probes = [event for event in events if isinstance(event, ProbeScore)]
    assert [probe.day for probe in probes] == [9, 10]
    assert sum(asked) == len(PHASES) * 6 + BLOCK
    assert np.array_equal(probes[0].confusion, probes[1].confusion)


def test_marks_of_the_small_bank_at_a_tick_are_those_of_the_large_ones_first_frames(watched_finetune):
    events = watched_finetune
    by = {(e.bank, e.day): e.confusion for e in events if isinstance(e, ProbeScore)}
    assert np.array_equal(by["mini", 8], by["away", 8][:, :4])
    assert by["mini", 5].shape == (3, 4, CLASSES, CLASSES)
