"""A picture of the window, and beside it what it shows in numbers."""

import json
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from garden_env.viewer.film import free_name
from garden_env.viewer.state import Hand, Mind, ViewState


def save_screenshot(folder: Path, pixels: np.ndarray, state: ViewState, hand: Hand) -> Path:
    """Write `evergreen-<date>-<step>.png` and a `.json` of the same name; nothing that is there is overwritten.

    Args:
        folder: is made if it is not there.
        pixels: (H, W, 3) uint8, as shown.
        state, hand: what is shown, and how.

    Returns:
        The path of the picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    when = state.course.start + timedelta(days=state.day)
    path = free_name(folder, f"evergreen-{when}-{state.step}", ".png")
    save_png(path, pixels)
    path.with_suffix(".json").write_text(json.dumps(told(state, hand), indent=2) + "\n", encoding="utf-8")
    return path


def save_png(path: Path, pixels: np.ndarray) -> None:
    """Write a picture (H, W, 3) uint8.

    Raises:
        ValueError: the name does not end in .png.
        FileExistsError: there is a file of that name.
        OSError: it cannot be written.
    """
    if path.suffix != ".png":
        raise ValueError(f"a picture's name ends in .png, given {path}")
    if path.exists():
        raise FileExistsError(f"{path} exists already; name another file, or move it away")
    path.parent.mkdir(parents=True, exist_ok=True)
    done, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    assert done, "OpenCV cannot write PNG"
    path.write_bytes(encoded.tobytes())


def told(state: ViewState, hand: Hand) -> dict[str, Any]:
    """The numbers of a state, ready for JSON; pictures and the calendar are left out."""
    body, plants = state.body, state.plants
    return {
        "date": (state.course.start + timedelta(days=state.day)).isoformat(),
        "day": state.day,
        "hour": round(state.hour, 3),
        "step": state.step,
        "pose": {"x_m": float(body.pose[0]), "y_m": float(body.pose[1]), "heading_rad": float(body.pose[2])},
        "tank": round(body.tank, 4),
        "sprayed_l": round(body.sprayed_l, 3),
        "bumped": body.bumped,
        "driver": state.driver,
        "air": {name: round(value, 3) for name, value in vars(state.air).items()},
        "plants": [
            {
                "species": species, "x_m": round(float(x), 3), "y_m": round(float(y), 3),
                "water": round(float(water), 3), "wilted": bool(wilted), "alive": bool(alive),
            }
            for species, (x, y), water, wilted, alive in zip(
                plants.species, plants.place_m, plants.water, plants.wilted, plants.alive, strict=True
            )
        ],
        "mind": None if state.mind is None else _mind(state.mind),
        "overlay": hand.overlay,
        "class_alone": hand.solo,
    }  # fmt: skip


def _mind(mind: Mind) -> dict[str, Any]:
    """The learner's numbers; what is not known is null."""
    sight = mind.sight
    return {
        "learner": mind.learner,
        "learning": mind.learning,
        "doing": mind.doing,
        "miou_of_late": _number(mind.present),
        "updates": mind.updates,
        "labels": mind.labels,
        "memory": {name: _number(share) for name, share in mind.memory},
        "curves": {curve.name: _number(curve.values[-1]) for curve in mind.curves if len(curve.values)},
        "alarms": [{"first_day": span.first_day, "last_day": span.last_day, "by": span.name} for span in mind.alarms],
        "diagnosis": mind.diagnosis,
        "seen_at_step": None if sight is None else sight.step,
    }


def _number(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
