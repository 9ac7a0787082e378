"""How a net's forward pass is computed: in which numbers, and as it is written or compiled.

The net stays what it was: its weights and their names, its layers, what `isinstance` says of it. Only its class is one
made here, whose forward pass goes around its own, so that copies of the net, and nets that are wrapped around it,
compute as it does.

* In `bfloat16` the forward pass runs under torch's autocast, and with it the backward pass of what ran: convolutions
  and matrix products in bfloat16, on copies of the weights. Weights, gradients of weights, what comes out (`Seen`), and
  with it every loss, stay float32.
* Compiled are passes of the numbers of frames that were named, each by itself (`dynamic=False`), so that what a pass
  computes depends on its own shape and not on those that came before. All others run as they are written; so do passes
  that somebody looks into, by hooks on layers or by counting operations, which compiled code would pass by.
"""

import functools
import importlib.util
import os
import shutil
import sys
import sysconfig
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import is_in_torch_dispatch_mode

from learners.base import Seen

PRECISIONS = ("float32", "bfloat16")
MOST_VARIANTS = 64
"""Compiled passes of one kind of net in a process: numbers of frames, with and without gradients, frozen or not."""


def check_precision(name: str, *, compiled: bool = False) -> None:
    """See that there is a precision of that name, and that it can be compiled where it is to be.

    What torch 2.13 compiles for a processor in bfloat16 gives the default net gradients of exactly 0 before its
    `F.interpolate`, without a word.

    Raises:
        ValueError: there is none, or it cannot; the message says what would do.
    """
    if name not in PRECISIONS:
        raise ValueError(f"precision is {name!r}; give {' or '.join(PRECISIONS)}")
    if compiled and name == "bfloat16":
        raise ValueError(
            "--compile and --precision bfloat16 do not go together: torch compiles gradients of bfloat16 wrongly where "
            "a net enlarges a map; give one of them"
        )


@dataclass(frozen=True)
class Computing:
    """How forward passes are computed.

    Attributes:
        precision: "float32", or "bfloat16" where torch's autocast wants it.
        compiled: numbers of frames whose passes are compiled; none for nothing compiled.
        backend: of torch.compile.

    Raises:
        ValueError: there is no such precision, or compiled passes are to be in bfloat16.
    """

    precision: str = "float32"
    compiled: tuple[int, ...] = ()
    backend: str = "inductor"

    def __post_init__(self) -> None:
        check_precision(self.precision, compiled=bool(self.compiled))


PLAIN = Computing()
"""As every net computes by itself."""


def computed(net: nn.Module, computing: Computing) -> nn.Module:
    """The net itself, which from now on computes as it is told; images (B, C, H, W) to `Seen`, both float32.

    Raises:
        ValueError: it is to be compiled, and has hooks on its layers.
    """
    if computing == computing_of(net):
        return net
    if computing.compiled:
        refuse_hooks(net)
    net.__class__ = _around(type(net), computing)
    return net


def computing_of(net: nn.Module) -> Computing:
    """How a net computes."""
    return getattr(type(net), "computing", PLAIN)


def refuse_hooks(net: nn.Module) -> None:
    """See that a net's passes can be compiled.

    Raises:
        ValueError: they cannot, for it has hooks on its layers.
    """
    if is_listened_to(net):
        raise ValueError(
            f"a {type(net).__name__} has hooks on its layers, which compiled code would pass by; leave out --compile"
        )


def is_listened_to(net: nn.Module) -> bool:
    """Whether a layer within the net has a hook on its forward or backward pass."""
    return any(
        layer._forward_hooks or layer._forward_pre_hooks or layer._backward_hooks or layer._backward_pre_hooks
        for layer in net.modules()
        if layer is not net
    )


def check_compiler(device: str) -> None:
    """See that here is what `torch.compile` needs: a C++ compiler and Python's headers, or Triton on a GPU.

    Raises:
        ValueError: something is not; the message says what, and what would do.
    """
    if device != "cpu":
        if importlib.util.find_spec("triton") is None:
            raise ValueError(
                "--compile on a GPU needs the package triton, which is not installed; install it, or leave it out"
            )
        return
    usual = {"darwin": "clang++", "win32": "cl"}.get(sys.platform, "g++")
    compiler = os.environ.get("CXX", usual)
    if shutil.which(compiler.split(" ")[0]) is None:
        raise ValueError(
            f"--compile needs a C++ compiler, and {compiler} is not found; install it, name another in the variable "
            "CXX, or leave out --compile"
        )
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if not header.is_file():
        raise ValueError(f"--compile needs Python's headers, and there is no {header}; install them, or leave it out")


@functools.cache
def _around(plain: type[nn.Module], computing: Computing) -> type[nn.Module]:
    """A class of nets that compute so; for the same two always the same class, for compiled code is kept by it."""
    compiled = _compiler(computing.backend)(plain.forward) if computing.compiled else plain.forward

    def forward(self: nn.Module, images: Tensor) -> Seen:
        chosen = plain.forward
        if len(images) in computing.compiled and not (is_in_torch_dispatch_mode() or is_listened_to(self)):
            chosen = compiled
        with _numbers(computing.precision, images.device.type):
            seen = chosen(self, images)
        return Seen(seen.logits.float(), seen.features.float()) if isinstance(seen, Seen) else seen

    def __reduce_ex__(self: nn.Module, protocol: Any) -> tuple:  # for copies and pickles: this class has no address
        return _blank, (plain, computing), self.__getstate__()

    kept = {"forward": forward, "computing": computing, "__reduce_ex__": __reduce_ex__, "__module__": __name__}
    return type(plain.__name__, (plain,), kept)


def _blank(plain: type[nn.Module], computing: Computing) -> nn.Module:
    made = _around(plain, computing)
    return made.__new__(made)


def _numbers(precision: str, device: str) -> Any:
    return nullcontext() if precision == "float32" else torch.autocast(device, torch.bfloat16)


def _compiler(backend: str) -> functools.partial:
    """`torch.compile`, set so that it chooses nothing by a stopwatch and leaves gradients to be asked for twice."""
    import torch._dynamo.config as tracing  # takes seconds, which only who compiles should wait
    import torch._functorch.config as differentiating
    import torch._inductor.config as generating

    tracing.recompile_limit = max(tracing.recompile_limit, MOST_VARIANTS)
    differentiating.donated_buffer = False
    options: dict[str, Any] = {}
    if backend == "inductor":
        options = {"cpp.threads": torch.get_num_threads(), "max_autotune": False}
        options |= {"deterministic": True} if hasattr(generating, "deterministic") else {}
    return functools.partial(torch.compile, dynamic=False, backend=backend, options=options or None)
