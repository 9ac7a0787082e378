"""What a full monitor adds to the log of a made-up run: nature, changes, alarms, signals, checkups, bursts, confidence.

Rows are made up to be seen: snow in winter, a lens that gets dirty, a learner that slowly loses its plasticity.
"""

import json
from pathlib import Path

import numpy as np

from agent.monitor.log import FILE_NAME

BINS = 15
BURST_DAYS = range(180, 200)
CHANGES = [
    {"name": "camera.dirt", "axes": ["camera.dirt"], "first_day": 90, "last_day": 150, "abrupt": False},
    {"name": "ground.snow_cover", "axes": ["ground.snow_cover"], "first_day": 180, "last_day": 180, "abrupt": True},
]
SIGNALS = ("lightness", "a", "b", "saturation", "contrast", "edges", "sky", "features T2")


def monitored(folder: Path) -> Path:
    """Add the rows to a run's log; returns the folder."""
    path = folder / FILE_NAME
    begin, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rng = np.random.default_rng(3)
    begin["banks"].append(begin["banks"][1] | {"name": "mini"})
    days, first, learners = begin["days"], begin["commissioning_days"], begin["learners"]
    for row in rows:
        if row["kind"] == "stream" and row["day"] % 7 == 0:  # a week apart: readers take rows as they come
            row |= {"reliability": _reliability(row, rng), "entropy": round(0.4 + 0.1 * rng.random(), 4)}
            row["prior_confusion"] = _blind(row["confusion"])
    rows += [{"kind": "nature", "days": _nature(days, rng)}, {"kind": "truth", "changes": CHANGES}]
    rows += [_signals(day, rng) for day in range(first, days)]
    rows += [
        {"kind": "alarm", "day": day, "step": day * 24, "detector": "CUSUM", "signal": "features T2", "value": 9.31,
         "threshold": 8.0} for day in (101, 181, 260)
    ]  # fmt: skip
    for learner in learners:
        pooled = [row for row in rows if row["kind"] == "probe" and row["learner"] == learner and row["bank"] == "away"]
        rows += [_checkup(learner, row["day"], days, rng) for row in pooled if row["learner"] != "frozen"]
        rows += [_burst(pooled, learner, day) for day in BURST_DAYS]
    path.write_text("".join(json.dumps(row) + "\n" for row in [begin, *rows]), encoding="utf-8")
    return folder


def _reliability(row: dict, rng: np.random.Generator) -> list:
    """(C, B, 3): confidence that is higher than it should be, by a tenth where it is high."""
    confusion = np.array(row["confusion"])
    cells = np.zeros((len(confusion), BINS, 3))
    middles = (np.arange(BINS) + 0.5) / BINS
    for c, predicted in enumerate(confusion.sum(axis=0)):
        pixels = rng.multinomial(predicted, middles**3 / (middles**3).sum())
        cells[c] = np.stack([pixels, pixels * middles, rng.binomial(pixels, middles**1.3)], axis=1)
    return np.round(cells, 3).tolist()


def _blind(confusion: list) -> list:
    """What comes of naming every pixel by how common the classes are."""
    truth = np.array(confusion).sum(axis=1)
    return np.round(np.outer(truth, truth / truth.sum())).astype(int).tolist()


def _nature(days: int, rng: np.random.Generator) -> dict[str, list[float]]:
    turn = 2 * np.pi * (np.arange(days) + 90) / 365.25  # 0 at New Year
    winter, autumn = np.clip(np.cos(turn), 0, 1), np.clip(np.cos(turn - 5.4), 0, 1)
    summer = np.clip(-np.cos(turn), 0, 1)
    columns = {
        "bloom": 0.4 * summer**2,
        "snow": (winter > 0.6) * np.minimum(1, 2 * winter - 1),
        "litter": 0.5 * autumn**3,
        "lawn_green": 0.4 + 0.6 * summer,
        "wilted": np.where(rng.random(days) < 0.05, 0.3 * summer, 0.0),
        "frost": 0.2 * (winter > 0.9),
        "rain_mm": rng.gamma(0.3, 8.0, days) * (rng.random(days) < 0.4),
    }
    return {name: np.round(values, 3).tolist() for name, values in columns.items()}


def _signals(day: int, rng: np.random.Generator) -> dict:
    place = np.arange(len(SIGNALS))
    dirt, snow = (day >= 90) * (place == SIGNALS.index("contrast")), (180 <= day < 290) * (place % 3 == 0)
    shift = 4 * dirt + 7 * snow
    values = np.round(rng.normal(0, 1, len(SIGNALS)) + shift, 3).tolist()
    return {
        "kind": "inputs", "day": day, "step": day * 24, "frames": 24, "block_frames": 48, "tau_frames": 21.5,
        "statistics": dict(zip(SIGNALS, values, strict=True)), "signals": dict(zip(SIGNALS, values, strict=True)),
    }  # fmt: skip


def _checkup(learner: str, day: int, days: int, rng: np.random.Generator) -> dict:
    age = day / days
    ails = 0.5 if learner == "finetune" else 0.1
    numbers = {
        "trainability": 1 - ails * age, "units.dormant": 0.01 + 0.4 * ails * age,
        "features.effective_rank": 1 - ails * age, "weights.moved": 0.2 + age * (0.2 + ails),
        "weights.size": 0.02 + 0.01 * age, "features.cka": 1 - ails * age,
        "gradients.cosine": 0.1 - 0.5 * ails * age, "gradients.null_low": -0.08, "gradients.null_high": 0.07,
        "gradients.negative": 0.3 + ails * age, "fisher.overlap": None, "cost.forwards": 512.0,
    }  # fmt: skip
    noisy = {name: None if value is None else round(value + rng.normal(0, 0.004), 4) for name, value in numbers.items()}
    return {"kind": "checkup", "learner": learner, "day": day, "step": day * 24, "numbers": noisy}


def _burst(pooled: list[dict], learner: str, day: int) -> dict:
    """A daily small exam: fine-tuning dips for a week after the snow and comes back, the others hold."""
    nearest = min(pooled, key=lambda row: abs(row["day"] - day))
    confusion = np.array(nearest["confusion"])
    dip = 0.3 * max(0.0, 1 - abs(day - 184) / 5) if learner == "finetune" else 0.0
    right = np.einsum("scc->sc", confusion)
    lost = (dip * right).astype(int)
    fallen = confusion.copy()
    for c in range(confusion.shape[1]):
        fallen[:, c, c] -= lost[:, c]
        fallen[:, c, (c + 1) % confusion.shape[1]] += lost[:, c]
    return {
        "kind": "probe", "learner": learner, "bank": "mini", "day": day, "step": day * 24, "frames": 16, "burst": True,
        "burst_day": BURST_DAYS[0],
        "miou": [], "confusion": fallen.tolist(),
    }  # fmt: skip
