"""A crew of processes, one torch thread each: tasks go in, what happens in them comes out as messages."""

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

Send = Callable[[Any], None]
Stop = Callable[[], bool]
Task = Callable[[Send, Stop], None]

_POLL_S = 0.1
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_send: Send | None = None
_stop: Stop | None = None


class Crew:
    """Runs tasks in `workers` processes, or one after another in this one if there are none.

    A task is picklable and is called with `send` and `stop`. On the first Ctrl-C tasks are asked to stop, and what
    they still send is handled; a second one breaks off. The first is noted by a signal handler and not raised: an
    exception in the middle of reading a message would leave half of it in the pipe.
    """

    def __init__(self, workers: int) -> None:
        self.interrupted = False
        self._pool: ProcessPoolExecutor | None = None
        if workers:
            context = multiprocessing.get_context("spawn")
            self._messages = context.Queue()
            self._stop_all = context.Event()
            for variable in _THREAD_VARIABLES:  # read when a process first loads the libraries
                os.environ.setdefault(variable, "1")
            self._pool = ProcessPoolExecutor(workers, context, _begin, (self._messages, self._stop_all))

    def run(self, tasks: Sequence[Task], handle: Callable[[Any], None]) -> None:
        """Do all tasks, in order of submission as processes become free, and handle every message here.

        Raises:
            Whatever a task raised, after the others were asked to stop.
        """
        if self._pool is None:
            self._run_here(tasks, handle)
            return
        futures = [self._pool.submit(_do, task) for task in tasks]
        with self._noting_interrupts():
            while not self._done(futures) or self._handle_one(handle):
                self._handle_one(handle)
                if self.interrupted or any(map(_failed, futures)):
                    self._stop_all.set()
                    for future in futures:
                        future.cancel()
        for future in futures:
            if not future.cancelled():
                future.result()

    def close(self) -> None:
        """Let the processes go."""
        if self._pool is not None:
            self._stop_all.set()
            self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _run_here(self, tasks: Sequence[Task], handle: Callable[[Any], None]) -> None:
        one_thread()
        with self._noting_interrupts():
            for task in tasks:
                if not self.interrupted:
                    task(handle, lambda: self.interrupted)

    def _handle_one(self, handle: Callable[[Any], None]) -> bool:
        """Handle the next message, if one comes soon."""
        try:
            message = self._messages.get(timeout=_POLL_S)
        except queue.Empty:
            return False
        handle(message)
        return True

    @staticmethod
    def _done(futures: Sequence[Future]) -> bool:
        return all(future.done() for future in futures)

    @contextmanager
    def _noting_interrupts(self) -> Iterator[None]:
        """Within this, the first Ctrl-C sets `interrupted`; where handlers cannot be set, it is raised as always."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(number: int, frame: Any) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True

        before = signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def _failed(future: Future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is not None


def _begin(messages: Any, stop_all: Any) -> None:
    """In a new process: one thread, and Ctrl-C is the parent's business."""
    global _send, _stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    one_thread()
    _send, _stop = messages.put, stop_all.is_set


def one_thread() -> None:
    """Make results the same in every process: one thread, and numbers too small to matter are 0 (they are slow)."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def _do(task: Task) -> None:
    assert _send is not None and _stop is not None, "tasks run in a process that _begin has prepared"
    task(_send, _stop)
