"""What a vector environment tells beside its observations: a dictionary of arrays over gardens, as Gymnasium has it."""

from collections.abc import Callable
from typing import Any

import numpy as np

Info = dict[str, Any]


class Infos:
    """Keeps what stays the same for a day, so that a step writes nothing garden by garden.

    Arrays that are kept for more than a step are handed out read-only.

    Args:
        count: how many gardens.
        add: `gymnasium.vector.VectorEnv._add_info`, which adds the info of one garden to that of all.
    """

    def __init__(self, count: int, add: Callable[[Info, Info, int], Info]) -> None:
        self._add, self._daily = add, Info()
        self._frozen = True
        self._all = np.ones(count, bool)
        self._all.flags.writeable = False

    def note(self, i: int, told: Info) -> None:
        """Keep what is told of garden i until it is told anew."""
        if self._frozen:
            self._daily, self._frozen = _thawed(self._daily), False
        self._daily = self._add(self._daily, told, i)

    def of(self, rows: np.ndarray, fresh: Info, terms: dict[str, np.ndarray], moved: np.ndarray) -> Info:
        """The info of a step.

        Args:
            rows: (N,) bool, the gardens that it is about.
            fresh: what changed for all of them in this step, arrays (N, ...); joined to what is kept.
            terms: of the reward, each (N,).
            moved: (N,) bool, gardens that earned it.
        """
        if not self._frozen:
            _freeze(self._daily)
            self._frozen = True
        infos = _joined(self._daily, _masked(fresh, self._all))
        if moved.any():
            infos |= _masked(
                {"reward_terms": {name: np.where(moved, term, 0.0) for name, term in terms.items()}}, moved
            )
        return infos if rows.all() else _cut(infos, rows)


def _masked(told: Info, rows: np.ndarray) -> Info:
    """With a mask beside every key: which gardens have it."""
    out = Info()
    for key, value in told.items():
        out[key], out[f"_{key}"] = _masked(value, rows) if isinstance(value, dict) else value, rows
    return out


def _joined(kept: Info, fresh: Info) -> Info:
    """Both, dictionaries within included; none of those handed in is changed."""
    out = {key: _joined(value, {}) if isinstance(value, dict) else value for key, value in kept.items()}
    for key, value in fresh.items():
        out[key] = _joined(out.get(key, {}), value) if isinstance(value, dict) else value
    return out


def _thawed(told: Info) -> Info:
    return {key: _thawed(value) if isinstance(value, dict) else value.copy() for key, value in told.items()}


def _freeze(told: Info) -> None:
    for value in told.values():
        if isinstance(value, dict):
            _freeze(value)
        else:
            value.flags.writeable = False


def _cut(told: Info, rows: np.ndarray) -> Info:
    """Of some gardens only: 0, False or None for the others."""
    out = Info()
    for key, value in told.items():
        if isinstance(value, dict):
            out[key] = _cut(value, rows)
            continue
        out[key] = np.full(value.shape, None) if value.dtype == object else np.zeros_like(value)
        out[key][rows] = value[rows]
    return out
