"""Bring your own: any net that makes scores for every pixel of a picture, as the learners want it.

A net of somebody else returns a tensor of scores, or a dictionary with one under "out", as those of torchvision do. The
learners also want to see what its last layer looks at, and to know how many classes there are. `adopt` tries the net on
a picture, finds the layer whose answer is the net's answer, and listens there; the net's own code stays as it is.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import Seen, to_float
from learners.freezing import guard_group_norm
from learners.weight_files import put_weights, read_weights

Layer = nn.Conv2d | nn.Linear
ClassTable = Sequence[str] | Mapping[str, int | Sequence[int]]


def adopt(
    net: nn.Module,
    *,
    head: str | None = None,
    classes: ClassTable | None = None,
    weights: Path | str | Mapping[str, Tensor] | None = None,
    example: Tensor | None = None,
) -> "Adopted":
    """A net of one's own as a learner wants it: `make_learner("er+ewc", adopt(net), ...)`, `Online(adopt(net), ...)`.

    Pictures come to it as floats in 0..1, channels last in memory; a net that wants others brings its own first step.
    Labels are at the size of its answer. Its batch normalisation is in training mode during an update, and otherwise
    in evaluation mode. Dropout draws from torch's global generator: with it, equal seeds give no equal lives.

    Args:
        net: images (B, C, H, W) to scores (B, K, H', W') or (B, K), or to a dictionary with those under "out". Scores
            are logits: what goes into a softmax, not what comes out of one. Becomes the adopted net's own.
        head: name of the layer that makes the scores, a convolution or linear; found by trying unless given.
        classes: names of the K classes; or a table of other classes, each with the number of the output, or of all the
            outputs, that mean it: `{"grass": 8, "building": [2, 3]}`. Probabilities of several are added up; an output
            that nobody names is left out.
        weights: the net's, as a .safetensors file or by name.
        example: on which it is tried, (B, C, H, W) uint8 or float; a picture of 64x64 in three colours unless given.

    Raises:
        FileNotFoundError: if there is no such file.
        TypeError: if what the net returns are no scores.
        ValueError: if weights, table, head or example do not fit the net; the message says where.
    """
    if isinstance(weights, str | Path):
        put_weights(net, read_weights(weights), source=str(weights))
    elif weights is not None:
        put_weights(net, weights)
    return Adopted(net, head=head, classes=classes, example=example)


class Adopted(nn.Module):
    """Images (B, C, H, W) to `Seen`; made by `adopt`, whose arguments it takes.

    Attributes:
        net: one's own.
        classes: how many there are in the end.
        class_names: as they were given; numbers as text otherwise.
        channels: of the images.
        scale: pixels of the image along one of the features; None where that is no whole number.
        order: names of the layers in the order in which they run.
    """

    def __init__(self, net: nn.Module, *, head: str | None, classes: ClassTable | None, example: Tensor | None):
        super().__init__()
        self.net = net
        guard_group_norm(net)
        self._listening: list[Tensor] = []
        self.head_name, outputs, self.order = "", 0, ()
        device = next((parameter.device for parameter in net.parameters()), torch.device("cpu"))
        tried = _try(net, to_float(_example() if example is None else example, device))
        self.head_name = f"net.{_find_head(net, head, tried)}"
        self.order = tuple(f"net.{name}" for name, _ in tried.runs)
        self.head.register_forward_pre_hook(partial(self._listen))
        outputs = tried.scores.shape[1]
        self.class_names, members = _read_table(classes, outputs)
        self.classes, self.channels = len(self.class_names), tried.images.shape[1]
        self._members: Tensor | None
        self.register_buffer("_members", members, persistent=False)  # the table is no weight
        with torch.no_grad():
            features = self.eval()(tried.images).features
        sides = [image / seen for image, seen in zip(tried.images.shape[2:], features.shape[2:], strict=True)]
        self.scale = int(sides[0]) if sides[0] == sides[1] == int(sides[0]) else None

    @property
    def head(self) -> nn.Module:
        """The last layer."""
        return self.get_submodule(self.head_name)

    def forward(self, images: Tensor) -> Seen:
        self._listening.clear()
        scores = _scores(self.net(images))
        [features] = self._listening[-1:]
        self._listening.clear()
        if isinstance(self.head, nn.Linear) and features.ndim == 4:  # a linear layer works on the last dimension
            features = features.movedim(-1, 1)
        return Seen(self.translate(scores), features if features.ndim == 4 else features[:, :, None, None])

    def translate(self, scores: Tensor) -> Tensor:
        """Scores (N, K, ...) of the net's own outputs as logits (N, classes, ...): log of the sum of exp of members."""
        if self._members is None:
            return scores
        if self._members.shape[1] == 1:
            return scores[:, self._members[:, 0]]
        padded = F.pad(scores, (0, 0) * (scores.ndim - 2) + (0, 1), value=torch.finfo(scores.dtype).min)
        return padded[:, self._members].logsumexp(2)

    def _listen(self, layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        self._listening.append(given[0])


class _Tried:
    """One run of a net: its images, its scores, and the layers that ran, with what they made."""

    def __init__(self, images: Tensor):
        self.images, self.scores = images, images
        self.runs: list[tuple[str, nn.Module]] = []
        self.made: dict[str, Any] = {}


@torch.no_grad()
def _try(net: nn.Module, images: Tensor) -> _Tried:
    tried = _Tried(images)

    def note(name: str, layer: nn.Module, given: tuple, made: Any) -> None:
        tried.runs.append((name, layer))
        tried.made[name] = made.clone() if isinstance(made, Tensor) else made  # it may be changed in place afterwards

    leaves = [(name, layer) for name, layer in net.named_modules() if not any(layer.children())]
    hooks = [layer.register_forward_hook(partial(note, name)) for name, layer in leaves]
    was_training = net.training
    try:
        tried.scores = _scores(net.eval()(images))
    except RuntimeError as error:
        raise ValueError(
            f"the net does not run on {tuple(images.shape)}: {error}; give a picture that it takes as example="
        ) from error
    finally:
        net.train(was_training)
        for hook in hooks:
            hook.remove()
    return tried


def _scores(answer: Any) -> Tensor:
    """The scores (B, K, H', W') in what a net returns."""
    found = answer["out"] if isinstance(answer, Mapping) and "out" in answer else answer
    if not isinstance(found, Tensor) or found.ndim not in (2, 4) or not found.is_floating_point():
        shape = f" {tuple(found.shape)} {found.dtype}" if isinstance(found, Tensor) else ""
        raise TypeError(
            f"the net returns a {type(found).__name__}{shape}; expected scores (B, K, H, W) or (B, K), float, or a "
            'dictionary with those under "out"'
        )
    return found if found.ndim == 4 else found[:, :, None, None]


def _example() -> Tensor:
    """A picture of 64x64 in three colours, from dark to bright."""
    return torch.linspace(0.0, 1.0, 3 * 64 * 64).reshape(1, 3, 64, 64)


def _find_head(net: nn.Module, name: str | None, tried: _Tried) -> str:
    """The last layer to run of those whose answer is the net's answer, but for its size."""
    runs = [found for found, layer in tried.runs if isinstance(layer, Layer)]
    if name is not None and name not in runs:
        raise ValueError(f"head={name!r} is no convolution or linear layer that runs; there are {', '.join(runs)}")
    for found in reversed(runs) if name is None else [name]:
        if runs.count(found) == 1 and _is_answer(net.get_submodule(found), tried.made[found], tried.scores):
            return found
    which = "no convolution or linear layer" if name is None else repr(name)
    raise ValueError(
        f"{which} of this {type(net).__name__} makes its scores; the last layer must, and what it says may only be "
        "enlarged: a softmax, or a layer after it, does not belong into the net"
    )


def _is_answer(layer: nn.Module, made: Tensor, scores: Tensor) -> bool:
    if isinstance(layer, nn.Linear) and made.ndim == 4:
        made = made.movedim(-1, 1)
    made = made if made.ndim == 4 else made[:, :, None, None]
    if made.ndim != 4 or made.shape[:2] != scores.shape[:2]:
        return False
    if made.shape == scores.shape:
        return torch.equal(made, scores)
    size = scores.shape[2:]
    enlarged = (
        F.interpolate(made, size, mode="bilinear"),
        F.interpolate(made, size, mode="bilinear", align_corners=True),
        F.interpolate(made, size, mode="nearest"),
    )
    return any(torch.allclose(one, scores, rtol=1e-4, atol=1e-5) for one in enlarged)


def _read_table(classes: ClassTable | None, outputs: int) -> tuple[tuple[str, ...], Tensor | None]:
    """Names of the classes, and the outputs (classes, M) that mean each, filled up with the number of outputs.

    Raises:
        ValueError: if the table does not fit.
    """
    if classes is None:
        return tuple(map(str, range(outputs))), None
    names = tuple(classes)
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"classes {list(names)}: there must be one, and each has its own name")
    if not isinstance(classes, Mapping):
        if len(names) != outputs:
            raise ValueError(
                f"{len(names)} class names for a net with {outputs} outputs; name them all, or say which output means "
                "which class: {'grass': 8, 'building': [2, 3]}"
            )
        return names, None
    rows = [[row] if isinstance(row, int) else list(row) for row in classes.values()]
    for name, row in zip(names, rows, strict=True):
        wrong = [number for number in row if not 0 <= number < outputs]
        if wrong or not row:
            raise ValueError(f"class {name!r} is output {wrong or row}; expected one or more of 0..{outputs - 1}")
    used = [number for row in rows for number in row]
    twice = sorted({number for number in used if used.count(number) > 1})
    if twice:
        raise ValueError(f"outputs {twice} are named more than once; each output means one class at most")
    most = max(map(len, rows))
    return names, torch.tensor([row + [outputs] * (most - len(row)) for row in rows])
