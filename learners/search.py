"""The search for settings: what is tried for each recipe, published before anything is tried.

Every part of the table has a few ranges of its own settings; all that descend by the shared optimizer share the range
of its learning rate. A recipe's space is the product of its parts' ranges. It is searched by scrambled Sobol points
(Owen 1998, after Sobol' 1967), which cover few dimensions more evenly than random search does; the first trial is
`Settings` as it stands, so that no search can come out below the defaults on its own worlds. The first k trials are the
same however many are made.

`search_hash` names a search by everything that decides it: tuned values carry it, and whoever doubts them can run the
same search again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np
from scipy.stats import qmc

from learners.recipes import find_recipe
from learners.settings import Settings

SOBOL_SEED = 7  # scrambles the points, the same way for every recipe; not chosen by what came of it
DIGITS = 3  # values are rounded to so many significant ones, to be read and copied


@dataclass(frozen=True)
class Range:
    """Where a setting is sought.

    Attributes:
        low, high: both ends belong to it.
        scale: even in the value, in its logarithm, or in the logarithm of what it lacks to 1.
        whole: whether it is rounded to whole numbers.
    """

    low: float
    high: float
    scale: Literal["linear", "log", "log of the rest"] = "log"
    whole: bool = False

    def at(self, share: float) -> float | int:
        """The value at a share of the way, 0 at `low` and 1 at `high`.

        >>> Range(0.01, 1.0).at(0.5), Range(0.9, 0.999, "log of the rest").at(0.5), Range(1, 9, "linear", True).at(0.49)
        (0.1, 0.99, 5)
        """
        if self.scale == "linear":
            value = self.low + share * (self.high - self.low)
        elif self.scale == "log":
            value = self.low * (self.high / self.low) ** share
        else:
            rest = (1 - self.low) * ((1 - self.high) / (1 - self.low)) ** share
            return round(1 - rest) if self.whole else float(1 - Decimal(str(_significant(rest))))
        return round(value) if self.whole else _significant(value)


RATE: dict[str, Range] = {"learning_rate": Range(2.5e-4, 8e-3)}
"""Of every recipe that descends by the shared optimizer."""
SPACES: dict[str, dict[str, Range]] = {
    "frozen": {},
    "finetune": RATE,
    "adabn": {"adabn_momentum": Range(0.002, 0.5)},
    "tent": {"tent_learning_rate": Range(1e-6, 1e-3)},
    "er": RATE,
    "er-balanced": RATE,
    "er-ace": RATE,
    "der": RATE | {"der_alpha": Range(0.02, 2.0)},
    "der++": RATE | {"der_alpha": Range(0.02, 2.0), "der_beta": Range(0.1, 2.0)},
    "mir": RATE | {"mir_rate": Range(0.01, 1.0)},
    "feature-replay": RATE | {"feature_share": Range(0.25, 4.0)},
    "packnet": RATE | {"regime_radius": Range(0.05, 0.5), "prune": Range(0.3, 0.8, "linear")},
    "hat": RATE | {"regime_radius": Range(0.05, 0.5), "prune": Range(0.3, 0.8, "linear")},
    "adapters": RATE | {"regime_radius": Range(0.05, 0.5), "regimes": Range(2, 8, whole=True)},
    "ssl": RATE | {"ssl_strength": Range(0.01, 3.0)},
    "cassle": RATE | {"cassle_strength": Range(0.01, 3.0)},
    "slda": {},
    "ncm": {},
    "l2": RATE | {"l2_strength": Range(1e-4, 10.0)},
    "ewc": RATE | {"ewc_strength": Range(0.1, 1000.0), "ewc_decay": Range(0.5, 0.99, "log of the rest")},
    "si": RATE | {"si_strength": Range(0.01, 100.0), "si_decay": Range(0.5, 0.99, "log of the rest")},
    "mas": RATE | {"mas_strength": Range(1e-3, 10.0), "mas_decay": Range(0.5, 0.99, "log of the rest")},
    "lwf": RATE | {"lwf_strength": Range(0.05, 10.0), "lwf_temperature": Range(1.0, 4.0)},
    "agem": RATE,
    "gem": RATE | {"gem_margin": Range(0.0, 1.0, "linear")},
    "ogd": RATE | {"ogd_directions": Range(15, 120, whole=True)},
    "gpm": RATE | {"gpm_eps": Range(0.7, 0.99, "log of the rest")},
    "l2init": RATE | {"l2init_strength": Range(1e-5, 0.1)},
    "shrink": RATE | {"shrink_keep": Range(0.97, 0.9999, "log of the rest"), "shrink_noise": Range(1e-4, 0.03)},
    "cbp": RATE | {"cbp_rate": Range(1e-5, 1e-2), "cbp_maturity": Range(25, 400, whole=True)},
    "redo": RATE | {"redo_tau": Range(0.003, 0.2), "redo_every": Range(25, 400, whole=True)},
}
"""The published search space: for each part of the table the settings that are sought, and where.

What changes the cost of an update by design is left alone: frames, candidates, draws, strides; so is how often a
learner consolidates, which is the agent's. Ranges reach a factor of ten and more to both sides of what the papers or
the first guesses say.
"""


def space_of(recipe: str) -> dict[str, Range]:
    """The joint space of a recipe's parts, in the order of the table.

    Raises:
        ValueError: there is no such recipe, or no ranges for a part of it.
    """
    space: dict[str, Range] = {}
    for part in find_recipe(recipe).parts:
        if part.name not in SPACES:
            raise ValueError(f"nothing says where the settings of {part.name!r} are to be sought; add it to SPACES")
        space |= SPACES[part.name]
    return space


def trials_of(recipe: str, trials: int) -> list[dict[str, Any]]:
    """What to try: settings by name, one dict a trial; the first is `Settings` as it stands.

    A recipe with nothing to seek has one trial, for all others would be the same.

    Raises:
        ValueError: if fewer than one trial is asked for.
    """
    if trials < 1:
        raise ValueError(f"trials is {trials}; give at least 1")
    space, defaults = space_of(recipe), asdict(Settings())
    first = {name: defaults[name] for name in space}
    if not space or trials == 1:
        return [first]
    sobol = qmc.Sobol(len(space), scramble=True, rng=SOBOL_SEED)
    points = sobol.random_base2(int(np.ceil(np.log2(trials))))[: trials - 1]
    return [first, *({name: space[name].at(x) for name, x in zip(space, point, strict=True)} for point in points)]


def search_hash(recipe: str, trials: int, worlds: Sequence[str], pace: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits over all that decides a search.

    Args:
        recipe: its name, and through it its parts and their ranges.
        trials: how many.
        worlds: what says which tuning worlds, such as their fingerprints.
        pace: how a trial is lived, JSON-able.
    """
    told = {
        "recipe": find_recipe(recipe).name,
        "space": {name: asdict(where) for name, where in space_of(recipe).items()},
        "defaults": asdict(Settings()),
        "sampler": ["Sobol", SOBOL_SEED, DIGITS],
        "trials": trials,
        "worlds": list(worlds),
        "pace": dict(pace),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def _significant(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
