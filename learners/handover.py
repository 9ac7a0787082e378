"""What one learner leaves to the next: its memory, where that is one of the same kind, and its guard set."""

from typing import Any

from torch import Tensor

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


def carry_guard(before: Learner, after: Learner) -> None:
    """Let a guard set go on from gate to gate, where both are behind one."""
    if isinstance(before, Gate) and isinstance(after, Gate):
        after.guard.load_state_dict(before.guard.state_dict())


def _memory(learner: Any) -> Any:
    """The memory of past frames within a learner; None where there is none."""
    while isinstance(learner, Gate | Renewing):
        learner = learner.learner
    memory = getattr(learner, "memory", None)
    return None if isinstance(memory, NoMemory) else memory


def _form(state: Any, name: str = "") -> Any:
    """What a state must have in common with another to be put in its place: names, types, shapes of rows, room."""
    if isinstance(state, dict):
        return {key: _form(part, key) for key, part in state.items()}
    if isinstance(state, Tensor):
        return str(state.dtype), tuple(state.shape[1:])
    return state if name == "capacity" else type(state).__name__
