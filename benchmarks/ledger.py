"""Where a process's time goes: seconds of the processor by part, each counted once."""

import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

MISSING = object()


class Ledger:
    """Charges the calling thread's processor time to the innermost part that is open.

    with Ledger() as ledger:
        ledger.watch(World, "advance", "world")
        ...
        ledger.seconds["world"]

    Attributes:
        seconds: by part [s]; what runs inside another part is taken from that one.
        calls: by part, how often it was begun.
    """

    def __init__(self) -> None:
        self.seconds, self.calls = Counter[str](), Counter[str]()
        self._open: list[str] = []
        self._since_s = 0.0
        self._patches = ExitStack()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *exception: object) -> None:
        self._patches.close()

    @property
    def open(self) -> tuple[str, ...]:
        """The parts that are under way, the outermost first."""
        return tuple(self._open)

    def forget(self) -> None:
        """Begin to count now; parts that are under way go on."""
        self._charge()
        self.seconds.clear()
        self.calls.clear()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What is done within this is charged to a part."""
        self._charge()
        self._open.append(name)
        self.calls[name] += 1
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def watch(self, owner: Any, attribute: str, part: str | Callable[[], str]) -> None:
        """Charge every call of a function or method to a part, or to what `part` says when it is called.

        The function is put back when the ledger is closed.
        """
        work, own = getattr(owner, attribute), vars(owner).get(attribute, MISSING)

        @functools.wraps(work)
        def charged(*args: Any, **kwargs: Any) -> Any:
            with self.part(part if isinstance(part, str) else part()):
                return work(*args, **kwargs)

        setattr(owner, attribute, charged)
        self._patches.callback(_put_back, owner, attribute, own)

    def _charge(self) -> None:
        now_s = time.thread_time()
        if self._open:
            self.seconds[self._open[-1]] += now_s - self._since_s
        self._since_s = now_s


def _put_back(owner: Any, attribute: str, own: Any) -> None:
    if own is MISSING:
        delattr(owner, attribute)
    else:
        setattr(owner, attribute, own)
