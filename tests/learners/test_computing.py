"""A net computes in the numbers that were chosen, compiled or not, and stays the net that it was."""

import copy
import pickle
import shutil
import sysconfig

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from learners.base import to_float
from learners.computing import PLAIN, Computing, check_compiler, computed, computing_of, is_listened_to
from learners.cost import count_flops
from learners.nets import SegNet, TinyNet
from learners.own import adopt
from learners.recipes import PARTS, RECIPES, make_learner

HALF = Computing("bfloat16")
FRAMES = 4
ran: list[int] = []
"""Frames of the passes that ran as compiled."""


@torch._dynamo.register_backend(name="noting")
def noting(graph, inputs):
    """Compiles nothing, and notes every pass."""

    def run(*given):
        ran.extend(len(value) for value in given if value.shape[1:] == (3, 8, 8))  # images among the weights
        return graph.forward(*given)

    return run


@pytest.fixture(autouse=True)
def unnoted():
    ran.clear()


@pytest.fixture
def images(tiny_batch):
    return to_float(tiny_batch(0, FRAMES).images)


def noting_net(net, frames=(FRAMES,)):
    return computed(net, Computing(compiled=frames, backend="noting"))


def test_nothing_asked_for_is_nothing_changed(tiny_net):
    net = tiny_net()
    assert computed(net, PLAIN) is net
    assert type(net) is TinyNet


def test_in_bfloat16_layers_compute_in_it_and_weights_gradients_and_answers_stay_float32(tiny_net, images):
    net, made, back = computed(tiny_net(), HALF), [], []
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    for layer in layers:
        layer.register_forward_hook(lambda layer, given, answer: made.append(answer.dtype))
        layer.register_full_backward_hook(lambda layer, into, out: back.append(out[0].dtype))
    seen = net(images.requires_grad_())
    F.cross_entropy(seen.logits, torch.zeros(FRAMES, 4, 4, dtype=torch.int64)).backward()
    assert made == back == [torch.bfloat16] * len(layers)
    kept = [seen.logits, seen.features, *net.parameters(), *(weight.grad for weight in net.parameters())]
    assert {tensor.dtype for tensor in kept} == {torch.float32}


def taught(learner, tiny_batch):
    """What a learner predicts after a few updates and a consolidation."""
    for step in range(4):
        learner.learn(tiny_batch(step))
    learner.consolidate("commissioning")
    learner.learn(tiny_batch(4))
    return learner.predict(tiny_batch(9, 8).images)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_learns_much_the_same_in_bfloat16(name, tiny_learner, tiny_net, tiny_batch):
    learners = [tiny_learner(name), tiny_learner(name, net=computed(tiny_net(), HALF))]
    usual, half = (taught(learner, tiny_batch) for learner in learners)
    assert half.dtype == torch.float32
    assert 0.0 < (half - usual).abs().max() < 0.03 * usual.abs().max()  # a number has eight bits


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")  # torch looks, where packnet lends weights
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_learns_the_same_compiled(name, tiny_learner, tiny_net, tiny_batch):
    learners = [tiny_learner(name), tiny_learner(name, net=noting_net(tiny_net(), (4, 8)))]
    usual, compiled = (taught(learner, tiny_batch) for learner in learners)
    torch.testing.assert_close(compiled, usual, rtol=1e-4, atol=1e-5)
    assert bool(ran) != any(part.hooks for part in RECIPES[name].parts)


def test_passes_of_other_numbers_of_frames_run_as_they_are_written(tiny_net, tiny_batch):
    net = noting_net(tiny_net(), (2, 5))
    with torch.no_grad():
        for frames in (1, 2, 3, 5, 2, 8):
            net(to_float(tiny_batch(0, frames).images))
    assert ran == [2, 5, 2]


@pytest.mark.parametrize("computing", [HALF, Computing(compiled=(FRAMES,), backend="noting")], ids=["half", "compiled"])
def test_a_net_keeps_its_names_and_its_copies_compute_as_it_does(computing, tiny_net, images):
    plain, net = tiny_net(), computed(tiny_net(), computing)
    assert isinstance(net, TinyNet)
    assert net.state_dict().keys() == plain.state_dict().keys()
    assert repr(net) == repr(plain)
    copies = copy.deepcopy(net), pickle.loads(pickle.dumps(net))
    with torch.no_grad():
        next(net.parameters()).zero_()  # copies have weights of their own
        net.load_state_dict(plain.state_dict())
        said = [other(images).logits for other in (net, *copies)]
    assert [type(other) for other in copies] == [type(net)] * 2
    assert [computing_of(other) for other in (net, *copies)] == [computing] * 3
    assert len(ran) == 3 * bool(computing.compiled)
    assert torch.equal(said[0], said[1])
    assert torch.equal(said[0], said[2])


def test_who_looks_into_a_pass_sees_it(tiny_net, images):
    net, heard = noting_net(tiny_net()), []
    with torch.no_grad():
        net(images)
        handle = net.head.register_forward_hook(lambda layer, given, answer: heard.append(answer))
        said = net(images).logits
        handle.remove()
        net(images)
    assert torch.equal(heard[0], said)
    assert len(heard) == 1
    assert ran == [FRAMES] * 2
    assert count_flops(noting_net(tiny_net(), (1,)), (3, 8, 8)) == count_flops(tiny_net(), (3, 8, 8))


@pytest.mark.parametrize("name", PARTS)
def test_the_table_says_who_hangs_hooks_on_the_net(name, generator):
    net = SegNet(3, generator=generator)
    make_learner(name, net, seed=0, memory_bytes=10**5)
    assert is_listened_to(net) == PARTS[name].hooks


def test_a_net_that_is_listened_to_is_not_compiled():
    own = adopt(nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 3, 1)))
    with pytest.raises(ValueError, match=r"Adopted has hooks on its layers, .* leave out --compile"):
        noting_net(own)


def test_a_precision_that_is_none_is_refused_by_name():
    with pytest.raises(ValueError, match="precision is 'float16'; give float32 or bfloat16"):
        Computing("float16")


def test_what_torch_compiles_wrongly_is_refused():
    with pytest.raises(ValueError, match="do not go together: torch compiles gradients of bfloat16 wrongly"):
        Computing("bfloat16", compiled=(FRAMES,))


def test_what_a_compiler_lacks_is_said(monkeypatch, tmp_path):
    check = lambda: check_compiler("cpu")  # noqa: E731
    monkeypatch.setenv("CXX", "no-such-compiler -O2")
    with pytest.raises(ValueError, match=r"needs a C\+\+ compiler, and no-such-compiler -O2 is not found; install it"):
        check()
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(ValueError, match=r"needs Python's headers, and there is no .*Python.h; install them"):
        check()
    (tmp_path / "Python.h").touch()
    check()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="on a GPU needs the package triton"):
        check_compiler("cuda")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # of its own parts
def test_what_is_truly_compiled_says_the_same_and_learns_the_same(generator):
    images = torch.rand(16, 3, 32, 32, generator=generator).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 3, (16, 16, 16), generator=generator)
    plain = SegNet(3, generator=generator)
    gradients, said = [], []
    for net in (plain, *(computed(copy.deepcopy(plain), Computing(compiled=(16,))) for _ in range(2))):
        F.cross_entropy(net(images).logits, labels).backward()
        gradients.append(torch.cat([weight.grad.flatten() for weight in net.parameters()]))
        with torch.no_grad():
            said.append(net.eval()(images).logits)
    torch.testing.assert_close(said[1], said[0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-3, atol=1e-5)
    assert not torch.equal(gradients[1], gradients[0])  # for it is other code
    assert torch.equal(said[1], said[2])
    assert torch.equal(gradients[1], gradients[2])
