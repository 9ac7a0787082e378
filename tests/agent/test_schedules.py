"""Schedules that no robot could keep to: cumulative learns anew from all, joint only answers."""

import numpy as np
import torch

from agent.perception import as_batch
from agent.schedules import Answering, Cumulative
from learners.nets import TinyNet
from learners.recipes import make_learner
from scenarios.tables import IGNORE

CLASSES, SIDE = 3, 8


def begin():
    return make_learner("finetune", TinyNet(CLASSES, generator=torch.Generator().manual_seed(0)), seed=0)


def frames(count, seed=0):
    """Squares of one primary colour and their class."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, CLASSES, count)
    images = np.broadcast_to(200 * np.eye(CLASSES)[classes][:, :, None, None], (count, 3, SIDE, SIDE)).astype(np.uint8)
    return images, np.broadcast_to(classes[:, None, None], (count, SIDE // 2, SIDE // 2)).astype(np.uint8)


def cumulative(updates=10, seed=0):
    commissioned = {name: value + 0.1 for name, value in begin().net.state_dict().items()}
    return Cumulative(begin, commissioned, commission_updates=updates, rng=np.random.default_rng(seed))


def weights(learner):
    return torch.cat([value.flatten() for value in learner.net.state_dict().values()])


def test_until_the_first_time_the_weights_of_commissioning_answer():
    learner = cumulative()
    before = weights(learner).clone()
    assert torch.allclose(before, weights(begin()) + 0.1)
    learner.learn(as_batch(*frames(8)))
    learner.consolidate("commissioning")
    assert torch.equal(weights(learner), before)


def test_it_learns_anew_with_an_update_for_every_occasion():
    learner = cumulative(updates=10)
    for seed in range(4):
        learner.learn(as_batch(*frames(8, seed)))
    learner.consolidate("season:summer")
    assert learner.cost.updates == 14
    learner.learn(as_batch(*frames(8, 9)))
    learner.consolidate("season:autumn")
    assert learner.cost.updates == 14 + 15


def test_it_forgets_its_weights_but_no_frame():
    """With the same frames and the same order, what was learned before the last time makes no difference."""
    twice, once = cumulative(seed=1), cumulative(seed=1)
    for learner in (twice, once):
        learner.learn(as_batch(*frames(32)))
    twice.consolidate("season:summer")
    twice._rng = np.random.default_rng(1)
    for learner in (twice, once):
        learner.consolidate("season:autumn")
    assert torch.equal(weights(twice), weights(once))


def test_it_keeps_only_answered_frames_and_says_what_they_weigh():
    learner, (images, labels) = cumulative(), frames(6)
    labels = labels.copy()
    labels[:2] = IGNORE
    learner.learn(as_batch(images, labels))
    learner.learn(as_batch(images, np.full_like(labels, IGNORE)))
    assert learner.cost.bytes_kept == 4 * (images[0].nbytes + labels[0].nbytes)
    learner.consolidate("season:summer")
    assert learner.cost.updates == 11  # an occasion without an answer is none


def test_saved_and_continued_is_as_never_stopped(tmp_path):
    from learners.disk import load_state, save_state

    whole, part = cumulative(), cumulative()
    for learner in (whole, part):
        learner.learn(as_batch(*frames(16)))
        learner.consolidate("season:summer")
    save_state(tmp_path / "state.safetensors", part.state_dict())
    again = cumulative(seed=99)
    again.load_state_dict(load_state(tmp_path / "state.safetensors"))
    for learner in (whole, again):
        learner.learn(as_batch(*frames(16, 5)))
        learner.consolidate("season:autumn")
    assert torch.equal(weights(whole), weights(again))
    assert whole.cost == again.cost


def test_who_only_answers_learns_nothing_and_has_cost_what_its_training_did():
    trained = begin()
    trained.learn(as_batch(*frames(8)))
    answering, before = Answering(trained), weights(trained).clone()
    assert answering.learn(as_batch(*frames(8, 1))) == {}
    answering.consolidate("season:summer")
    assert torch.equal(weights(answering), before)
    assert answering.cost == trained.cost
    assert answering.cost.updates == 1


def test_more_frames_make_it_better():
    learner = cumulative(updates=300)
    images, labels = frames(64)
    learner.learn(as_batch(images, labels))
    learner.consolidate("season:summer")
    right = learner.predict(torch.from_numpy(images)).argmax(1).numpy() == labels
    assert right.mean() > 0.9
