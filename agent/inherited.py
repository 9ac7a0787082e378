"""A checkpoint of another run as that of a branch: one of its learners alone, under the branch's name.

In the other run a learner that costs nothing may have lived beside it, and the stream monitor may have looked on; both
are left out. A state (`agent.memento`) says that something stands in two places by a number, counted from the first on;
so whatever is left out, the rest is numbered anew.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.checkpoint import KINDS, Checkpoint
from agent.memento import Memento, take
from agent.monitor.journal import FIRST, Counts, Row, speaker
from agent.monitor.loss_alarm import SIGNAL, LossAlarm

_UNNUMBERED = ("float", "scalar", "tuple", "again")


def inherited(checkpoint: Checkpoint, group: Sequence[str], learner: str, name: str, *, run: Path) -> Checkpoint:
    """A checkpoint of a life that a group lived side by side, as one that one of them lives alone.

    Args:
        checkpoint: of the group's life, which is not over.
        group: whose it is, in their order.
        learner: of them, who goes on.
        name: under which.
        run: folder that it is from, for messages.

    Raises:
        CheckpointError: it does not fit.
    """
    assert checkpoint.life is not None, "a life that is over is not gone on with"
    told = checkpoint.remember({"monitor": {"losses": {each: LossAlarm(each) for each in group}}}, run)
    tables = {key: {name: table[learner]} if learner in table else {} for key, table in told["monitor"].items()}
    tables["waiting"] = {each: [renamed(row, name) for row in rows] for each, rows in tables["waiting"].items()}
    tables["losses"] = {each: alarm.of_another(name) for each, alarm in tables["losses"].items()}
    ours = {
        "monitor": tables,
        "pictures": {name: [replace(picture, learner=name) for picture in told["pictures"].get(learner, [])]},
        "decisions": [row | {"learner": name} for row in told["decisions"] if row["learner"] == learner],
    }
    counts = {file: {name: rows[learner]} for file, rows in checkpoint.counts.items() if learner in rows}
    return replace(
        checkpoint,
        life=alone(checkpoint.life, group.index(learner), {learner: name}, [each for each in group if each != learner]),
        told=take(ours, KINDS),
        counts=counts,
    )


def over(
    rows: Mapping[str, Mapping[str, Sequence[Row]]], speakers: Sequence[str], decisions: Sequence[Row]
) -> Checkpoint:
    """The checkpoint of somebody who has nothing left to do, and whose rows all stand in the log.

    Args:
        rows: of the log, by file and speaker.
        speakers: whose they are.
        decisions: of their gates.
    """
    nothing = {"today": {}, "waiting": {}, "faded": {}, "faded_loss": {}, "losses": {}}
    told = {"monitor": nothing, "pictures": {}, "decisions": list(decisions)}
    counts: Counts = {file: {who: len(said[who]) for who in speakers if who in said} for file, said in rows.items()}
    return Checkpoint(0, 0, None, take(told, KINDS), counts)


def renamed(row: Row, name: str) -> Row:
    """A row of the log as another learner's.

    >>> renamed({"kind": "alarm", "signal": "loss of er", "day": 3}, "er-since-10-20")
    {'kind': 'alarm', 'signal': 'loss of er-since-10-20', 'day': 3}
    """
    if row["kind"] == "alarm":
        return row | {"signal": SIGNAL + name}
    return row | {"learner": name}


def by_speaker(rows: Iterator[Row]) -> dict[str, list[Row]]:
    """The rows of a file of the log, by who speaks; the last word of a run is left out."""
    said: dict[str, list[Row]] = {FIRST: []}
    for row in rows:
        if row["kind"] != "end":
            said.setdefault(speaker(row), []).append(row)
    return said


def alone(life: Memento, seat: int, names: Mapping[str, str], gone: Collection[str]) -> Memento:
    """The state of a life with one student.

    Args:
        life: as `agent.checkpoint.LifeKeeper` keeps it.
        seat: of that student among the others.
        names: what those who stay are called from now on.
        gone: who do not stay.
    """
    copier = _Copier(seat, names, gone)
    copier.number(life.outline)
    outline = copier.copy(life.outline, ())
    return Memento(outline, {name: array for name, array in life.arrays.items() if name in copier.arrays})


@dataclass
class _Copier:
    seat: int
    names: Mapping[str, str]
    gone: Collection[str]
    arrays: set[str] = field(default_factory=set)  # that are still spoken of; asked about, never gone through
    _nodes: list[dict[str, Any]] = field(default_factory=list)  # by the number they had
    _numbers: dict[int, int] = field(default_factory=dict)  # that they had, by id
    _now: dict[int, int] = field(default_factory=dict)  # number that they have, by the one they had

    def number(self, node: Any) -> None:
        """Count as `agent.memento` does: what holds something comes before what it holds."""
        if not isinstance(node, dict):
            return
        if not any(tag in node for tag in _UNNUMBERED):
            self._numbers[id(node)] = len(self._nodes)
            self._nodes.append(node)
        for part in _parts(node):
            self.number(part)

    def copy(self, node: Any, place: tuple[str, ...]) -> Any:
        """The node without what is left out."""
        if not isinstance(node, dict) or "float" in node or "scalar" in node:
            return node
        if "again" in node:
            if node["again"] in self._now:
                return {"again": self._now[node["again"]]}
            node = self._nodes[node["again"]]  # where it stood first was left out
        if id(node) in self._numbers:
            self._now[self._numbers[id(node)]] = len(self._now)
        for tag in ("tensor", "array"):
            if tag in node:
                self.arrays.add(node[tag]["name"])
                return node
        made = dict(node)
        if "state" in node:
            made["state"] = {name: self.copy(part, (*place, name)) for name, part in node["state"].items()}
        for tag in ("kept", "generator"):
            if tag in node:
                made[tag] = self.copy(node[tag], place)
        if "dict" in node:
            stay = [entry for entry in node["dict"] if not self._leaves(entry[0], place)]
            made["dict"] = [[self._key(key, place), self._value(key, part, place)] for key, part in stay]
        for tag in ("list", "deque", "tuple"):
            if tag in node:
                parts = [node[tag][self.seat]] if place in (("students",), ("loop", "updates")) else node[tag]
                made[tag] = [self.copy(part, (*place, "*")) for part in parts]
        return made

    def _value(self, key: Any, part: Any, place: tuple[str, ...]) -> Any:
        return None if (*place, key) == ("watch",) else self.copy(part, (*place, str(key)))

    def _leaves(self, key: Any, place: tuple[str, ...]) -> bool:
        return place[:1] != ("students",) and any(name in self.gone for name in _names(key))

    def _key(self, key: Any, place: tuple[str, ...]) -> Any:
        if place[:1] == ("students",):
            return key
        if isinstance(key, dict) and "tuple" in key:
            return {"tuple": [self.names.get(part, part) if isinstance(part, str) else part for part in key["tuple"]]}
        return self.names.get(key, key) if isinstance(key, str) else key


def _names(key: Any) -> list[str]:
    """The texts in a key of a dict."""
    return [part for part in (key.get("tuple", []) if isinstance(key, dict) else [key]) if isinstance(part, str)]


def _parts(node: dict[str, Any]) -> Iterator[Any]:
    """What a node holds, in the order in which it was taken; keys of a dict hold nothing that is numbered."""
    yield from (part for _, part in node.get("dict", []))
    for tag in ("list", "deque", "tuple"):
        yield from node.get(tag, [])
    yield from node.get("state", {}).values()
    for tag in ("kept", "generator"):
        if tag in node:
            yield node[tag]
