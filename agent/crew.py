"""A crew of processes, one torch thread each unless told otherwise: tasks go in, what happens comes out as messages."""

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Send = Callable[[Any], None]
Stop = Callable[[], bool]
Task = Callable[[Send, Stop], None]

KILLED = (
    "a process that worked on it was killed from outside, most often by the system for lack of memory: close other "
    "programs, or give fewer --workers"
)
_POLL_S = 0.1
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_send: Send | None = None
_stop: Stop | None = None


class Crew:
    """Runs tasks in `workers` processes, or one after another in this one if there are none.

    A task is picklable and is called with `send` and `stop`, where torch has `threads` threads. On the first Ctrl-C
    tasks are asked to stop, and what they still send is handled; a second one breaks off. The first is noted by a
    signal handler and not raised: an exception in the middle of reading a message would leave half of it in the pipe.
    """

    def __init__(self, workers: int, threads: int = 1) -> None:
        self.interrupted = False
        self._threads = threads
        self._pool: ProcessPoolExecutor | None = None
        if workers:
            context = multiprocessing.get_context("spawn")
            self._messages = context.Queue()
            self._messages.cancel_join_thread()
            self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
            threading.Thread(target=_forward, args=(self._messages, self._inbox), daemon=True).start()
            self._stop_all = context.Event()
            for variable in _THREAD_VARIABLES:  # read when a process first loads the libraries
                os.environ.setdefault(variable, "1")
            self._pool = ProcessPoolExecutor(workers, context, _begin, (self._messages, self._stop_all, threads))

    def run(self, tasks: Sequence[Task], handle: Callable[[Any], None]) -> None:
        """Do all tasks, in order of submission as processes become free, and handle every message here.

        Raises:
            Whatever a task raised, after the others were asked to stop.
            ChildProcessError: a process was killed; what it was about to tell is lost.
        """
        if self._pool is None:
            self._run_here(tasks, handle)
            return
        try:
            self._run_apart(tasks, handle)
        except BrokenProcessPool as error:
            raise ChildProcessError(KILLED) from error

    def stop(self) -> None:
        """Ask the tasks to stop, as the first Ctrl-C does."""
        self.interrupted = True

    def close(self) -> None:
        """Let the processes go."""
        if self._pool is not None:
            self._stop_all.set()
            self._pool.shutdown(cancel_futures=True)
            self._messages.put(_Closed())

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _run_apart(self, tasks: Sequence[Task], handle: Callable[[Any], None]) -> None:
        """Do all tasks in the processes."""
        with self._noting_interrupts():
            futures = [self._submit(task) for task in tasks]
            ended = 0
            while ended < len(tasks) and not any(map(_broken, futures)):
                message = self._next_message()
                if isinstance(message, _Ended):
                    ended += 1
                elif message is not None:
                    handle(message)
                if self.interrupted or any(map(_failed, futures)):
                    self._stop_all.set()
                    ended += sum(future.cancel() for future in futures if not future.cancelled())
        for future in sorted(futures, key=_broken):  # what went wrong in a task comes before that processes died
            if not future.cancelled():
                future.result()

    def _run_here(self, tasks: Sequence[Task], handle: Callable[[Any], None]) -> None:
        with _steady_meanwhile(self._threads), self._noting_interrupts():
            for task in tasks:
                if not self.interrupted:
                    task(handle, lambda: self.interrupted)

    def _submit(self, task: Task) -> Future:
        """Hand out a task; a process that starts for it is born deaf to Ctrl-C, which is its parent's business."""
        assert self._pool is not None, "there are no processes to hand tasks to"
        if threading.current_thread() is not threading.main_thread():
            return self._pool.submit(_do, task)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return self._pool.submit(_do, task)
        finally:
            signal.signal(signal.SIGINT, before)

    def _next_message(self) -> Any:
        """The next message of any task, or None if none comes soon."""
        try:
            message = self._inbox.get(timeout=_POLL_S)
        except queue.Empty:
            return None
        if isinstance(message, _Unreadable):
            raise message.error
        return message

    @contextmanager
    def _noting_interrupts(self) -> Iterator[None]:
        """Within this, the first Ctrl-C or SIGTERM sets `interrupted`, the second is a KeyboardInterrupt.

        Where handlers cannot be set, signals do what they always do.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(number: int, frame: Any) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@dataclass(frozen=True)
class _Ended:
    """The last message of every task that began: after it, none of its messages is on the way."""


@dataclass(frozen=True)
class _Unreadable:
    """Stands for a message that could not be read."""

    error: Exception


@dataclass(frozen=True)
class _Closed:
    """The crew's own last message: no more come."""


def _forward(messages: Any, inbox: "queue.SimpleQueue[Any]") -> None:
    """In a thread of its own, pass messages on: of a process killed in the middle of one, the rest never comes, and
    only this thread then waits for it."""
    while True:
        try:
            message = messages.get()
        except Exception as error:  # too little memory for it, or its class cannot be found
            message = _Unreadable(error)
        if isinstance(message, _Closed):
            return
        inbox.put(message)
        if isinstance(message, _Unreadable) and isinstance(message.error, OSError | EOFError):
            return  # the pipe is gone


def _failed(future: Future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is not None


def _broken(future: Future) -> bool:
    """Whether the process died under the task, so that no last message will come."""
    return _failed(future) and isinstance(future.exception(), BrokenProcessPool)


def _begin(messages: Any, stop_all: Any, threads: int) -> None:
    """In a new process: its threads, and Ctrl-C is the parent's business; without a parent there is nothing to do."""
    global _send, _stop
    for number in (signal.SIGINT, signal.SIGTERM):  # a service manager sends it to all processes of a run
        signal.signal(number, signal.SIG_IGN)
    parent = os.getppid()

    def stop() -> bool:
        if os.getppid() != parent:  # it was killed: nobody hears, and somebody else may go on in its folder
            os._exit(1)
        return stop_all.is_set()

    steady(threads)
    messages.cancel_join_thread()  # a parent that no longer listens must not keep this process from ending
    _send, _stop = messages.put, stop


def steady(threads: int = 1) -> None:
    """Make results the same in every process: so many threads, and numbers too small to matter are 0, for speed."""
    import torch

    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


@contextmanager
def _steady_meanwhile(threads: int) -> Iterator[None]:
    """`steady` in a caller's own process, which gets its threads and its tiny numbers back."""
    import torch

    before, flushing = torch.get_num_threads(), not sys.float_info.min / 2  # torch can set it, but not tell
    steady(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(flushing)


def _do(task: Task) -> None:
    assert _send is not None and _stop is not None, "tasks run in a process that _begin has prepared"
    try:
        task(_send, _stop)
    finally:
        _send(_Ended())
