"""What a net makes of a frame is shown, and asking changes nothing."""

import numpy as np
import pytest
import torch

from agent.nets import fresh_net
from agent.perception import recognise
from agent.teacher import answer
from agent.view.eyes import sight_of
from garden_env.camera import Frame
from learners.recipes import make_learner
from scenarios.tables import CLASSES


@pytest.fixture
def frame() -> Frame:
    rng = np.random.default_rng(4)
    rgb, mask = rng.integers(0, 256, (64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8)
    mask[40:] = 1
    return Frame(rgb, mask, mask, np.ones((64, 64), np.float32), np.zeros(3))


def test_a_learner_is_asked_and_stays_as_it_was(frame):
    learner = make_learner("er+ewc", fresh_net(3, len(CLASSES)), seed=3, memory_bytes=1 << 18)
    before = {name: value.clone() for name, value in learner.net.state_dict().items()}
    sight = sight_of(learner, frame, 7)
    assert sight.step == 7 and sight.guess.shape == sight.truth.shape == sight.doubt.shape == (32, 32)
    assert np.array_equal(sight.guess, recognise(learner, frame.rgb.transpose(2, 0, 1)[None].copy())[0])
    assert np.array_equal(sight.truth, answer(frame.mask[None])[0])
    assert all(torch.equal(value, before[name]) for name, value in learner.net.state_dict().items())


def test_doubt_is_the_share_of_the_entropy_that_there_can_be(frame):
    net = fresh_net(3, len(CLASSES))
    sure = sight_of(net, frame, 0)
    assert sure.doubt.min() > 0.0 and sure.doubt.max() < 1.0
    with torch.no_grad():
        for parameter in net.head.parameters():
            parameter.zero_()
    assert sight_of(net, frame, 0).doubt == pytest.approx(1.0)
