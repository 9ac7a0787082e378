"""How long a run will still take: what is left to do, at the pace measured so far, shared out among the processes."""

from collections.abc import Mapping
from dataclasses import dataclass

PASS_S = 1e-3  # seconds of a frame's way through the net, before anything is measured
PRIOR_PASSES = 500.0  # for how many measured passes that guess counts
OWN_SHARE = 0.05  # a task's own pace outweighs that of all when more than this share of it is done


@dataclass
class _Task:
    work: float  # passes of frames through the net, as foreseen
    began_s: float | None = None
    began_at: float = 0.0  # share done when first heard of
    told_s: float = 0.0  # when last heard of,
    done: float = 0.0  # and the share done then

    @property
    def spent_s(self) -> float:
        return 0.0 if self.began_s is None else self.told_s - self.began_s

    @property
    def passed(self) -> float:
        return self.work * (self.done - self.began_at)


class Forecast:
    """Foresees the end of a run.

    Args:
        first: name and work of the task that all others wait for.
        others: the same of the others, in the order in which they are begun. Work is counted in passes of a frame
            through the net; a task that may end early counts in full, so the forecast errs on the late side.
        workers: processes that work at the same time.
        now_s: the time [s], on any clock.
    """

    def __init__(self, first: tuple[str, float], others: Mapping[str, float], *, workers: int, now_s: float) -> None:
        self._first, self._workers = first[0], max(1, workers)
        self._tasks = {name: _Task(work) for name, work in (first, *others.items())}
        self.tell(self._first, 0.0, now_s)

    def tell(self, name: str, share: float, now_s: float) -> None:
        """Take in that a share of 1 of a task is done."""
        task = self._tasks[name]
        if task.began_s is None:
            task.began_s, task.began_at = now_s, share
        task.told_s, task.done = now_s, min(share, 1.0)

    def task_left_s(self, name: str, now_s: float) -> float | None:
        """Seconds left of one task; None if it has not begun."""
        return None if self._tasks[name].began_s is None else self._left_s(self._tasks[name], now_s)

    def left_s(self, now_s: float) -> float:
        """Seconds until all is done: running tasks keep their process, the next one goes to the first that is free."""
        others = [task for name, task in self._tasks.items() if name != self._first and task.done < 1.0]
        free_s = [0.0] * self._workers
        for task in sorted(others, key=lambda task: task.began_s is None):
            earliest = free_s.index(min(free_s))
            free_s[earliest] += self._left_s(task, now_s)
        return self._left_s(self._tasks[self._first], now_s) + max(free_s)

    def share_done(self) -> float:
        """The share of all work that is done."""
        tasks = self._tasks.values()
        return sum(task.work * task.done for task in tasks) / sum(task.work for task in tasks)

    def _left_s(self, task: _Task, now_s: float) -> float:
        if task.done >= 1.0:
            return 0.0
        known = OWN_SHARE * task.work
        pace_s = (self._pace_s() * known + task.spent_s) / (known + task.passed)
        since_s = 0.0 if task.began_s is None else now_s - task.told_s
        return max(0.0, task.work * (1 - task.done) * pace_s - since_s)

    def _pace_s(self) -> float:
        """Seconds a pass, over all tasks."""
        spent_s = sum(task.spent_s for task in self._tasks.values())
        passed = sum(task.passed for task in self._tasks.values())
        return (PASS_S * PRIOR_PASSES + spent_s) / (PRIOR_PASSES + passed)


def clock(seconds: float | None) -> str:
    """A time left, in at most five characters for anything under a hundred hours.

    >>> clock(None), clock(8.4), clock(754), clock(7384)
    ('-:--', '0:08', '12:34', '2h03')
    """
    if seconds is None:
        return "-:--"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}"
