"""Real time: the world does not wait for a learner, and who is slow misses frames (Ghunaim et al. 2023).

The stream moves on at the robot's own speed. A machine of a stated rate looks at every frame first; what time is left
is for learning. An update that takes longer than a block delays what comes after it: until it is done the robot
answers with the weights from before, and a block that would have to wait for a whole block or longer is never learned
from. So a learner whose update takes c blocks learns from every c-th block, and fractions add up, as in "Real-time
evaluation in online continual learning: a new hope" (arXiv:2302.01047). Where everything is
done in time, a life has the same bits as one in which the world waits.

Time is work: floating-point operations that were counted, at so many a second. So a life in real time can be lived
again with the same bits anywhere. By the clock on the wall it cannot: what else the machine does then decides what is
learned.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from torch import Tensor, nn

from learners.base import Batch, Learner, State
from learners.cost import Cost, count_flops
from learners.served import Served, weights_of

Clock = Literal["flops", "wall"]
T = TypeVar("T")
ROUNDING = 1e-9  # of a sum of many blocks


@dataclass(frozen=True)
class RealTime:
    """How fast the world goes, and the machine.

    Attributes:
        clock: "flops" counts work; "wall" looks at the clock, and cannot be reproduced.
        machine_gflops: floating-point operations that the machine does [1e9 a second]; not used by the wall.
        step_s: seconds that a control step takes: one frame.
        missed: what becomes of the answers of a block that is not learned from: "lost", or "kept" in the memory of a
            learner that has one.
    """

    clock: Clock = "flops"
    machine_gflops: float = 0.2
    step_s: float = 1.0
    missed: Literal["lost", "kept"] = "lost"

    @property
    def told(self) -> str:
        """One line about it, for people."""
        if self.clock == "wall":
            return f"by the clock, a frame every {self.step_s:g} s: NOT REPRODUCIBLE"
        return f"{self.machine_gflops:g} GFLOP/s, a frame every {self.step_s:g} s"


class Hurried:
    """A learner that lives in real time; is itself a learner.

    Args:
        learner: who learns. Its life begins free of work: what it has cost before does not count.
        real: how fast world and machine are.
        frame_shape: (C, H, W) of what it looks at.
        block_frames: frames between two occasions to learn.

    Attributes:
        net: that learns; what is served may be behind it.
        missed: blocks from which nothing was learned, for there was no time.
        stale: blocks that were answered with weights from before an update that should have been done.

    Raises:
        ValueError: the machine is too slow even to look at every frame.
    """

    def __init__(self, learner: Learner, real: RealTime, *, frame_shape: tuple[int, ...], block_frames: int) -> None:
        self._learner, self._real, self.net = learner, real, learner.net
        self._served = Served(learner.net)
        self._free_a_step = _free_a_step(learner.net, real, frame_shape)
        self._block = block_frames * self._free_a_step
        self._now = self._done = 0.0  # work that there was time for so far; and when all that was begun will be done
        self._coming: deque[tuple[float, dict[str, Tensor]]] = deque()  # when weights are ready, and which
        self._behind = False
        self._waiting: str | None = None  # a consolidation that there was no time for yet
        self.missed = self.stale = 0

    @property
    def cost(self) -> Cost:
        return self._learner.cost

    @property
    def learner(self) -> Learner:
        """Who lives in real time."""
        return self._learner

    def time_passes(self, frames: int, *, looking: bool = True) -> None:
        """So many frames went by; what became ready meanwhile is served from now on.

        Args:
            frames: of the stream.
            looking: whether they are a block to be answered; not so after the last one.
        """
        self._now += frames * self._free_a_step
        while self._coming and self._coming[0][0] <= self._now * (1 + ROUNDING):
            self._served.put(self._coming.popleft()[1])
        self.stale += looking and bool(self._coming)

    def predict(self, images: Tensor) -> Tensor:
        """Logits by the weights that are ready."""
        return self._served.predict(images) if self._coming else self._learner.predict(images)

    def learn(self, batch: Batch) -> dict[str, float]:
        """Learn, if the machine will be free before the next block is there; else the block is missed."""
        self._behind = self._done - self._now >= self._block * (1 - ROUNDING)
        if self._behind:
            self.missed += 1
            if self._real.missed == "kept":
                self._learner.remember(batch.fresh)
            return {}
        losses = self._work(lambda: self._learner.learn(batch))
        if self._waiting is not None:
            reason, self._waiting = self._waiting, None
            self._work(lambda: self._learner.consolidate(reason))
        return losses

    def remember(self, batch: Batch) -> None:
        self._learner.remember(batch)

    def consolidate(self, reason: str) -> None:
        """Consolidate; where the block was missed, after the next one that is not."""
        if self._behind:
            self._waiting = reason
        else:
            self._work(lambda: self._learner.consolidate(reason))

    def state_dict(self) -> State:
        return {
            "learner": self._learner.state_dict(),
            "served": weights_of(self._served.net),
            "coming": [{"ready": ready, "weights": weights} for ready, weights in self._coming],
            "clock": [self._now, self._done],
            "told": {"missed": self.missed, "stale": self.stale, "behind": self._behind, "waiting": self._waiting},
        }

    def load_state_dict(self, state: State) -> None:
        self._learner.load_state_dict(state["learner"])
        self._served.put(state["served"])
        self._coming = deque((float(item["ready"]), dict(item["weights"])) for item in state["coming"])
        self._now, self._done = map(float, state["clock"])
        told: dict[str, Any] = state["told"]
        self.missed, self.stale, self._behind = int(told["missed"]), int(told["stale"]), bool(told["behind"])
        self._waiting = told["waiting"]

    def _work(self, do: Callable[[], T]) -> T:
        """Do it at once, and let it be ready when the machine would have done it."""
        if not self._coming:
            self._served.put(weights_of(self._learner.net))
        flops, started_s = self._learner.cost.flops, time.perf_counter()
        result = do()
        self.net = self._learner.net  # some begin anew with another
        if self._real.clock == "wall":
            work = time.perf_counter() - started_s
        else:
            work = self._learner.cost.flops - flops
        if work:
            self._done = max(self._done, self._now) + work
            self._coming.append((self._done, weights_of(self._learner.net)))
        return result


def _free_a_step(net: nn.Module, real: RealTime, frame_shape: tuple[int, ...]) -> float:
    """What there is time for at every frame beside looking at it: operations, or seconds of the clock on the wall."""
    if real.clock == "wall":
        return real.step_s
    looking, _ = count_flops(net, frame_shape)
    free = real.step_s * real.machine_gflops * 1e9 - looking
    if free <= 0:
        least = looking / real.step_s / 1e9
        raise ValueError(
            f"machine-gflops {real.machine_gflops:g} at a frame every {real.step_s:g} s is too slow even to look at "
            f"each frame, which takes {least:.3g} GFLOP/s; give more, or a longer --step-seconds"
        )
    return free
