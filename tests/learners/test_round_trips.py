"""What is no recipe goes on from the disk, too, as if it had never stopped, bit for bit."""

import pytest
import torch

from learners.adamw import Optimizer
from learners.base import Learner
from learners.cost import Meter
from learners.disk import load_state, save_state
from learners.label_free.adabn import AdaBN
from learners.label_free.batch_norm import with_batch_norm
from learners.online import Online
from learners.terms.fit import Fit
from learners.terms.lwf import LwF
from learners.terms.si import SI


def with_term(make):
    def learner(net, seed):
        meter = Meter()
        term = make(net, meter, seed)
        return Online(net, [Fit(), term], meter=meter, optimizer=Optimizer(1e-2))

    return learner


LEARNERS = {
    "si, total gradient": with_term(lambda net, meter, seed: SI(net, strength=1.0, xi=1e-3, gradient="total")),
    "lwf, following": with_term(lambda net, meter, seed: LwF(strength=1.0, meter=meter, follow=0.1)),
    "adabn, batch norm": lambda net, seed: AdaBN(with_batch_norm(net)),
}
EVERY_LEARNER = pytest.mark.parametrize("name", LEARNERS)


def leaves(state, place=""):
    found = {}
    for key, value in state.items():
        found |= leaves(value, f"{place}/{key}") if isinstance(value, dict) else {f"{place}/{key}": value}
    return found


def same(ours, theirs):
    ours, theirs = leaves(ours), leaves(theirs)
    assert list(ours) == list(theirs)
    for place, value in ours.items():
        equal = torch.equal(value, theirs[place]) if isinstance(value, torch.Tensor) else value == theirs[place]
        assert equal, place


def live(learner, batch_of, steps):
    for step in steps:
        learner.learn(batch_of(step))
        if step % 4 == 3:
            learner.consolidate("schedule")


@EVERY_LEARNER
def test_continued_from_disk_is_never_having_stopped(name, tiny_net, tiny_batch, tmp_path):
    one, other = LEARNERS[name](tiny_net(0), 1), LEARNERS[name](tiny_net(5), 6)
    assert isinstance(one, Learner)
    live(one, tiny_batch, range(7))
    save_state(tmp_path / "half", one.state_dict())
    other.load_state_dict(load_state(tmp_path / "half"))
    same(one.state_dict(), other.state_dict())
    assert one.cost == other.cost
    for learner in (one, other):
        live(learner, tiny_batch, range(7, 14))
    same(one.state_dict(), other.state_dict())
    assert torch.equal(one.predict(tiny_batch(20).images), other.predict(tiny_batch(20).images))


@EVERY_LEARNER
def test_predicting_and_reading_the_state_change_nothing(name, tiny_net, tiny_batch):
    looked, plain = (LEARNERS[name](tiny_net(0), 1) for _ in range(2))
    for step in range(6):
        looked.predict(tiny_batch(step + 30).images)
        looked.state_dict()
        live(looked, tiny_batch, [step])
        live(plain, tiny_batch, [step])
    same(looked.state_dict(), plain.state_dict())


@EVERY_LEARNER
def test_a_state_that_was_read_is_a_copy(name, tiny_net, tiny_batch):
    learner = LEARNERS[name](tiny_net(0), 1)
    live(learner, tiny_batch, range(5))
    kept = leaves(learner.state_dict())
    before = {place: value.clone() if isinstance(value, torch.Tensor) else value for place, value in kept.items()}
    live(learner, tiny_batch, range(5, 9))
    for place, value in kept.items():
        assert torch.equal(value, before[place]) if isinstance(value, torch.Tensor) else value == before[place], place


@EVERY_LEARNER
def test_what_is_not_finite_leaves_the_weights_alone(name, tiny_net, tiny_batch):
    learner = LEARNERS[name](tiny_net(0), 1)
    live(learner, tiny_batch, range(5))
    before = leaves(learner.state_dict())
    bad = tiny_batch(6).as_float()
    bad.images[0, 0, 0, 0] = float("nan")
    assert learner.learn(bad) == {}
    after = leaves(learner.state_dict())
    assert learner.cost.skipped_updates == 1
    tensors = [place for place, value in before.items() if isinstance(value, torch.Tensor)]
    assert tensors
    assert all(torch.equal(before[place], after[place]) for place in tensors)
