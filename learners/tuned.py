"""What `run_sim.py tune` has found: settings by recipe, each with the hash of the search that found them.

Searches are described in `learners.search` (what was tried) and `agent.tune` (where, and what such a search cannot
tell). These had 16 trials each in the first of the tuning worlds: `run_sim.py tune RECIPE --trials 16 --worlds 1`.
A recipe that is not here has the settings of its parts, or those of `Settings`.
"""

from collections.abc import Sequence
from typing import Any

TUNED: dict[str, tuple[dict[str, Any], str]] = {
    "finetune": ({"learning_rate": 0.00142}, "227cb09e83ed"),
    "adabn": ({"adabn_momentum": 0.0196}, "12ffd7ec7c8d"),
    "tent": ({"tent_learning_rate": 2.81e-06}, "382d641e50eb"),
    "er": ({"learning_rate": 0.00415}, "bde3b5b8a54b"),
    "er-balanced": ({"learning_rate": 0.00415}, "8501ec52a35d"),
    "er-ace": ({"learning_rate": 0.00415}, "8334798856c2"),
    "der": ({"learning_rate": 0.00474, "der_alpha": 0.702}, "095b4353d307"),
    "der++": ({"learning_rate": 0.0035, "der_alpha": 0.236, "der_beta": 0.866}, "7e8a72ff52c1"),
    "mir": ({"learning_rate": 0.00687, "mir_rate": 0.29}, "dad265a5ba44"),
    "feature-replay": ({"learning_rate": 0.00687, "feature_share": 1.9}, "b89e4df7f7fb"),
    "packnet": ({"learning_rate": 0.00507, "regime_radius": 0.11, "prune": 0.382}, "5a6bc5823bdd"),
    "hat": ({"learning_rate": 0.00169, "regime_radius": 0.26, "prune": 0.764}, "93765a212e9b"),
    "adapters": ({"learning_rate": 0.00699, "regime_radius": 0.0548, "regimes": 7}, "7828b587897a"),
    "ssl": ({"learning_rate": 0.0021, "ssl_strength": 0.0538}, "77009fc99964"),
    "cassle": ({"learning_rate": 0.00165, "cassle_strength": 0.271}, "9ff04ab9f3df"),
    "l2": ({"learning_rate": 0.0054, "l2_strength": 0.00915}, "38f6cd69442b"),
    "ewc": ({"learning_rate": 0.002, "ewc_strength": 1.0, "ewc_decay": 0.9}, "577080147a56"),
    "si": ({"learning_rate": 0.00169, "si_strength": 7.34, "si_decay": 0.9867}, "8c428c1d2d33"),
    "mas": ({"learning_rate": 0.0035, "mas_strength": 0.14, "mas_decay": 0.9702}, "05f62b08a438"),
    "lwf": ({"learning_rate": 0.00169, "lwf_strength": 2.23, "lwf_temperature": 3.62}, "f8d6c13a4beb"),
    "agem": ({"learning_rate": 0.00205}, "6691604e2259"),
    "gem": ({"learning_rate": 0.00474, "gem_margin": 0.773}, "b0af95175235"),
    "ogd": ({"learning_rate": 0.0054, "ogd_directions": 34}, "fcfcdb4343c0"),
    "gpm": ({"learning_rate": 0.00413, "gpm_eps": 0.79}, "2b14e98668a9"),
    "l2init": ({"learning_rate": 0.00122, "l2init_strength": 5.32e-05}, "f4889e1b82dc"),
    "shrink": ({"learning_rate": 0.00125, "shrink_keep": 0.999167, "shrink_noise": 0.000765}, "252c757627db"),
    "cbp": ({"learning_rate": 0.00125, "cbp_rate": 0.000768, "cbp_maturity": 67}, "1c01ed65971f"),
    "redo": ({"learning_rate": 0.00125, "redo_tau": 0.042, "redo_every": 67}, "54a0ec7b9b9c"),
    "er+ewc": ({"learning_rate": 0.00699, "ewc_strength": 0.144, "ewc_decay": 0.983}, "2d2e3c6f0492"),
    "der+++lwf": (
        {
            "learning_rate": 0.00606,
            "der_alpha": 0.0426,
            "der_beta": 1.08,
            "lwf_strength": 0.642,
            "lwf_temperature": 3.88,
        },
        "e2f3d038b34c",
    ),
    "er+agem": ({"learning_rate": 0.00445}, "7424736db92e"),
    "er+ewc+shrink": (
        {
            "learning_rate": 0.00364,
            "ewc_strength": 3.06,
            "ewc_decay": 0.788,
            "shrink_keep": 0.99098,
            "shrink_noise": 0.000428,
        },
        "b6ba6b7b4c3a",
    ),
}


def found(parts: Sequence[str], mixtures: Sequence[tuple[str, Sequence[str]]] = ()) -> dict[str, Any]:
    """Settings for a recipe of these parts.

    A single part has its own. A mixture has what was found for its parts alone, but for the learning rate, which is
    the whole learner's; then what was found for mixtures within it, the largest last, and so its own before all.

    Args:
        parts: names in the order of the table.
        mixtures: names in `TUNED` with their parts.
    """
    if len(parts) == 1:
        return dict(TUNED.get(parts[0], ({}, ""))[0])
    settings: dict[str, Any] = {}
    for part in parts:
        settings |= {key: value for key, value in found([part]).items() if key != "learning_rate"}
    for name, within in sorted(mixtures, key=lambda mixture: len(mixture[1])):
        if set(within) <= set(parts):
            settings |= TUNED[name][0]
    return settings
