"""What every task of a run knows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from agent.branches import Fork
from agent.kept_weights import weights_path
from agent.monitor.plan import MonitorPlan
from agent.nets import fresh_net
from agent.options import Pace
from agent.place import Place
from agent.realtime import RealTime
from learners.computing import PLAIN, Computing, computed

if TYPE_CHECKING:  # it knows of enrolment, and that of briefs
    from agent.onlooker import Onlooker


@dataclass(frozen=True)
class Brief:
    """What every task of a run knows; small, for it travels between processes.

    Attributes:
        place: where the lives are lived.
        folder: of the run.
        exam_every_days: days between two exams.
        memory_bytes: bound of a replay memory; 0 where no picture of the past may be kept.
        pace: how much is done.
        cache: folder in which references are kept for other runs.
        code: hash of the sources, taken once at the start: they may be edited while a run goes on.
        gate_every: updates after which what was learned is served, if it does no harm; 0 for at once.
        make_net: seed and number of classes to a net with its first weights.
        changes: settings, by name, that all learners are to have instead of their recipes'.
        plan: when what is examined, bursts and checkups among it; without one, all banks every `exam_every_days`.
        replay_share: share of an update's frames that are recalled where a recipe recalls any; None for the recipe's.
        realtime: how fast the world goes by; None where it waits until everybody has learned.
        keep_weights: sets of weights of each learner that are kept along its life, at most.
        onlooker: who sits beside the run; only where all of it is done in one process.
        checkpoint_every_days: days between two checkpoints of a life; 0 for none at all.
        keep_checkpoints: of each life, that stay when the run has finished, at most.
        fork: of which other run's life this one's branches are, and from when on; None where it is none.
        device: where nets live, see `agent.device`.
        computing: how nets compute, see `learners.computing`.
        threads: of torch, in each process.
    """

    place: Place
    folder: Path
    exam_every_days: int
    memory_bytes: int
    pace: Pace
    cache: Path
    code: str
    gate_every: int = 0
    make_net: Callable[[int, int], nn.Module] = fresh_net
    changes: tuple[tuple[str, Any], ...] = ()
    plan: MonitorPlan | None = None
    replay_share: float | None = None
    realtime: RealTime | None = None
    keep_weights: int = 0
    onlooker: "Onlooker | None" = None
    checkpoint_every_days: int = 0
    keep_checkpoints: int = 0
    fork: Fork | None = None
    device: str = "cpu"
    computing: Computing = PLAIN
    threads: int = 1

    @property
    def seed(self) -> int:
        return self.place.seed

    @property
    def keeps_pictures(self) -> bool:
        """Whether pictures of the past may be kept."""
        return self.memory_bytes > 0

    @property
    def updates(self) -> int:
        """Updates of a learner in its life, if its teacher always answers."""
        place = self.place
        return place.life_steps // place.learn_every - place.commissioning_steps // place.learn_every

    def first_net(self) -> nn.Module:
        """The net with its first weights, drawn on the processor and then moved to the run's device; computes as the
        run wants it."""
        return computed(self.make_net(self.seed, len(self.place.classes)).to(self.device), self.computing)

    def weights(self, name: str) -> Path:
        """Where the weights of that name are kept."""
        return weights_path(self.folder, name)
