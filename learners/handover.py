"""What one learner leaves to the next beside its weights: whatever both have one of a kind of."""

from typing import Any

from torch import Tensor

from learners.adamw import AdamW
from learners.base import Learner, State
from learners.gate import Gate
from learners.memory import NoMemory
from learners.plasticity.renewing import Renewing


def carry_memory(before: Learner, after: Learner) -> bool:
    """Let the memory of a learner go on as another's; frames, their number and the generator are as they were.

    Of one kind are memories that keep the same things of a frame, in the same room: those of `er` and of `mir`, say,
    but not those of `er` and `der`, which keeps logits, too.

    Returns:
        Whether it was carried on; if not, `after` is as it was.
    """
    old, new = _memory(before), _memory(after)
    if old is None or new is None:
        return False
    kept: State = old.state_dict()
    if not kept or _form(kept) != _form(new.state_dict()):
        return False
    new.load_state_dict(kept)
    return True


def carry_moments(before: Learner, after: Learner) -> None:
    """Let an optimizer go on with the moments of the one before, where both move the same weights.

    An optimizer that begins anew takes its first steps in full length whatever the gradient, and a learner that follows
    would fall back for that alone.
    """
    old, new = (getattr(_innermost(learner), "optimizer", None) for learner in (before, after))
    if isinstance(old, AdamW) and isinstance(new, AdamW):
        kept = old.state_dict()
        if _form(kept) == _form(new.state_dict()):
            new.load_state_dict(kept)


def carry_guard(before: Learner, after: Learner) -> None:
    """Let a guard set go on from gate to gate, where both are behind one."""
    if isinstance(before, Gate) and isinstance(after, Gate):
        after.guard.load_state_dict(before.guard.state_dict())


def _memory(learner: Any) -> Any:
    """The memory of past frames within a learner; None where there is none."""
    memory = getattr(_innermost(learner), "memory", None)
    return None if isinstance(memory, NoMemory) else memory


def _innermost(learner: Any) -> Any:
    """Who learns, behind a gate and whoever looks after the net."""
    while isinstance(learner, Gate | Renewing):
        learner = learner.learner
    return learner


def _form(state: Any, name: str = "") -> Any:
    """What a state must have in common with another to be put in its place: names, types, shapes of rows, room."""
    if isinstance(state, dict):
        return {key: _form(part, key) for key, part in state.items()}
    if isinstance(state, Tensor):
        return str(state.dtype), tuple(state.shape[1:])
    return state if name == "capacity" else type(state).__name__
