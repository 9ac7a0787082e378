"""A way through a stream that can be set aside after any block, and gone on with."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from agent.memento import SelfKept
from agent.place import Stream
from agent.stream import Block


class Passage:
    """Blocks of a stream from the first on, one after the other; keeps itself, see `agent.memento.SelfKept`.

    A life that can set itself aside (a patrol in a garden) goes on at once. Any other is a recording of some kind: its
    blocks up to there are read again and passed over.

    Args:
        stream: it is lived anew.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._blocks: Iterator[Block] = iter(stream)
        self._done = 0

    def __iter__(self) -> Iterator[Block]:
        return self

    def __next__(self) -> Block:
        block = next(self._blocks)
        self._done += 1
        return block

    def kept(self) -> dict[str, Any]:
        """How many blocks are behind, and the life itself where it can say more."""
        return {"done": self._done, "life": self._blocks if isinstance(self._blocks, SelfKept) else None}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on after the block after which it was kept."""
        self._done = int(kept["done"])
        if kept["life"] is None:
            self._blocks = islice(iter(self._stream), self._done, None)
