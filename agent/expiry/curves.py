"""A curve: how competent a learner was, and what it noticed of itself, tick by tick of one world; kept on disk."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from agent.expiry.definition import Expiry, Floats, Terms, expiry
from scenarios.untrusted import read_json


@dataclass(frozen=True)
class Curve:
    """One learner in one world.

    Attributes:
        learner: its name.
        world, axis, climate, seed, start: as in `agent.expiry.worlds.World` and its scenario.
        left_day: the day of the life on which its owner left it alone; commissioning ended the day before.
        home_levels: competence on days of commissioning, at the end of it; their mean is the home value.
        days: (T,) ticks, days of the life.
        competence: (T,) mIoU.
        signals: (T,) each, by name, as `agent.expiry.signals` has them.
        changed: whether any pixel at the last tick is another than where nothing moves; None where nature moves.
        code: hash of the sources that made it.
        seconds: that it took, all learners of the world together [s].
    """

    learner: str
    world: str
    axis: str | None
    climate: str
    seed: int
    start: str
    left_day: int
    home_levels: list[float]
    days: list[int]
    competence: list[float]
    signals: dict[str, list[float]] = field(default_factory=dict)
    changed: bool | None = None
    code: str = ""
    seconds: float = 0.0

    @property
    def home(self) -> float:
        """The home value."""
        return float(np.mean(self.home_levels))

    def expiry(self, terms: Terms) -> Expiry:
        """When it expired, in days of the life."""
        return expiry(self.days, self.competence, self.home, terms)

    def lasted(self, terms: Terms) -> tuple[int, bool]:
        """Days from being left alone to expiry, or to censoring; and whether it expired."""
        found = self.expiry(terms)
        return found.day - self.left_day, found.expired

    def noticed(self, names: tuple[str, ...]) -> Floats:
        """(T, F) the signals of those names."""
        return np.array([self.signals[name] for name in names], dtype=np.float64).T


def key_of(*decided: object) -> str:
    """Twelve hexadecimal digits over what decides a curve."""
    return hashlib.sha256(json.dumps(decided, sort_keys=True, default=str).encode()).hexdigest()[:12]


def keep(file: Path, curve: Curve) -> None:
    """Write a curve; the file is there whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(curve)), encoding="utf-8")
    unfinished.rename(file)


def kept(file: Path) -> Curve | None:
    """A curve that was kept, or None.

    Raises:
        ValueError: the file is damaged or of another version.
    """
    if not file.exists():
        return None
    try:
        return TypeAdapter(Curve).validate_python(read_json(file))
    except ValueError as error:  # of JSON, or a ValidationError, which has a line for every field
        raise ValueError(f"{file} is no curve of this version ({' '.join(str(error).split())}); delete it") from None
