"""How nets compute is an option of a run: what cannot be is refused before any work, and what was chosen holds."""

import json
import shutil

import pytest
import torch
from torch import nn

from agent.options import RunOptions
from agent.resume import ResumeOptions, resume
from agent.run import computing_for, garden_place, run
from learners.computing import Computing
from learners.nets import TinyNet
from tests.agent.test_resume import Photographer, assert_same
from tests.agent.tiny import PACE, tiny

made: set[tuple[torch.dtype, int]] = set()
"""Types that layers have made, and torch's threads meanwhile."""


def noting_net(seed, classes):
    net = TinyNet(classes, generator=torch.Generator().manual_seed(seed))
    net.head.register_forward_hook(_note)
    return net


def _note(layer: nn.Module, given: tuple, answer: torch.Tensor) -> None:
    made.add((answer.dtype, torch.get_num_threads()))


def live(out, watcher=None, **options):
    made.clear()
    chosen = RunOptions(
        learners=("er+ewc",), references=False, workers=0, checkups=False, checkpoint_every_days=4, out=out, **options
    )
    scenario = tiny(48, commissioning_days=8)
    return run(chosen, watcher, scenario=scenario, pace=PACE, make_net=noting_net)


def test_a_life_in_bfloat16_on_two_threads_is_gone_on_with_to_the_same_bits(tmp_path, unexplained):
    watcher = Photographer()
    folder = live(tmp_path / "runs", watcher, precision="bfloat16", threads=2)
    assert made == {(torch.bfloat16, 2)}
    options = json.loads((folder / "config.json").read_text())["options"]
    assert (options["precision"], options["compile"], options["threads"]) == ("bfloat16", False, 2)
    died = shutil.copytree(watcher.copies["in its life"], tmp_path / "runs" / "copy")
    made.clear()
    resume(ResumeOptions(died, workers=0), make_net=noting_net)
    assert made == {(torch.bfloat16, 2)}
    assert_same(folder, died)


def test_nothing_asked_for_computes_in_float32_on_one_thread(tmp_path, unexplained):
    live(tmp_path)
    assert made == {(torch.float32, 1)}


def test_what_is_compiled_are_the_usual_numbers_of_frames():
    options = RunOptions(compile=True, learn_every=10)
    place = garden_place(options, tiny(24), PACE)
    assert computing_for(options, place) == Computing(compiled=(10, 16, 32))
    assert computing_for(RunOptions(precision="bfloat16"), place) == Computing("bfloat16")


def test_a_net_that_cannot_be_compiled_is_refused_before_a_folder_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: name)
    with pytest.raises(ValueError, match="a TinyNet has hooks on its layers"):
        live(tmp_path / "runs", compile=True)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"precision": "half"}, "precision is 'half'; give float32 or bfloat16"),
        ({"precision": "bfloat16", "compile": True}, "gradients of bfloat16 wrongly .* give one of them"),
        ({"threads": 0}, "threads is 0; give at least 1"),
        ({"compile": True, "learners": ("er", "hat@season")}, r"--compile: 'hat' in 'hat@season' hangs hooks on"),
    ],
)
def test_what_makes_no_sense_is_said(options, said):
    with pytest.raises(ValueError, match=said):
        RunOptions(**options).check()


def test_without_a_compiler_there_is_no_compiling(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(ValueError, match=r"--compile needs a C\+\+ compiler, and no-such-compiler is not found"):
        RunOptions(compile=True).check()


@pytest.mark.slow
def test_a_compiled_life_is_gone_on_with_to_the_same_bits(tmp_path, unexplained):
    """In a process of its own, which has lived nothing of what came before."""
    chosen = RunOptions(
        learners=("frozen", "er+ewc"), references=False, workers=1, checkups=False, checkpoint_every_days=4,
        compile=True, out=tmp_path / "runs",
    )  # fmt: skip
    watcher = Photographer()
    folder = run(chosen, watcher, scenario=tiny(24, commissioning_days=8), pace=PACE)
    died = shutil.copytree(watcher.copies["in its life"], tmp_path / "runs" / "copy")
    resume(ResumeOptions(died, workers=1))
    assert_same(folder, died)
