"""A stream as a dataset: images, masks and what is known of each, in tar shards that any loader can read.

The form is that of WebDataset: files of one sample share what stands before the first dot of their names, and follow
one another in the tar. Shards are plain USTAR without times or owners, so equal streams make equal bytes.
"""

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from agent.export.error import ExportError, refuse_existing
from agent.garden_place import GardenPlace
from scenarios.tables import IGNORE

INDEX, FORMAT = "index.json", 1
FRAMES_PER_SHARD = 1000
Sample = tuple[str, bytes, bytes, bytes]
"""Key, image, mask and JSON of a frame."""


def write_shards(place: GardenPlace, out: Path, *, frames_per_shard: int = FRAMES_PER_SHARD) -> Path:
    """Write the stream of a garden: `frames-00000.tar`, ..., and `index.json`.

    A frame is three files: `000012.png` (RGB), `000012.mask.png` (class ids at the camera's size, 255 is no answer) and
    `000012.json` (see `told_of`). The index has the classes, the scenario, and of every shard its frames, bytes and
    SHA-256.

    Args:
        place: whose stream.
        out: a folder that does not exist yet.
        frames_per_shard: of all but the last.

    Returns:
        The path of the index.

    Raises:
        ExportError: `out` exists, or the number makes no sense.
    """
    refuse_existing(out)
    if frames_per_shard < 1:
        raise ExportError(f"frames-per-shard is {frames_per_shard}; give at least 1")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".unfinished-") as scratch:
        whole = Path(scratch) / "shards"
        whole.mkdir()
        shards, first, samples = [], 0, samples_of(place)
        while chunk := tuple(islice(samples, frames_per_shard)):
            path = whole / f"frames-{len(shards):05d}.tar"
            content = _tar(chunk)
            path.write_bytes(content)
            told = {"file": path.name, "first_step": first, "frames": len(chunk), "bytes": len(content)}
            shards.append(told | {"sha256": hashlib.sha256(content).hexdigest()})
            first += len(chunk)
        (whole / INDEX).write_text(json.dumps(_index(place, shards), indent=1) + "\n", encoding="utf-8")
        whole.rename(out)
    return out / INDEX


def samples_of(place: GardenPlace) -> Iterator[Sample]:
    """The samples of a stream, in order."""
    answered = _answered(place)
    for step, (day, moment) in enumerate(place.stream().moments()):
        told = told_of(place, step, day, moment.hour, moment.pose, answered.get(step))
        text = json.dumps(told, separators=(",", ":")).encode()
        yield f"{step:06d}", _png(moment.rgb[..., ::-1]), _png(moment.mask), text


def told_of(
    place: GardenPlace, step: int, day: int, hour: float, pose: np.ndarray, answered_step: int | None
) -> dict[str, Any]:
    """What the JSON of a frame says.

    `date`, `day` since the start, `hour` of solar time [h], control `step`, `pose` (x [m], y [m], heading [rad]),
    `commissioning` (whether the owner still trains the robot), and `answered_step`: the step at whose block's end the
    teacher's answer comes, null where this frame is never answered. Learners of a run are told no more than that.
    """
    return {
        "date": (place.start + timedelta(days=day)).isoformat(),
        "day": day,
        "hour": round(float(hour), 6),
        "step": step,
        "pose": [round(float(value), 6) for value in pose],
        "commissioning": step < place.commissioning_steps,
        "answered_step": answered_step,
    }


def _answered(place: GardenPlace) -> dict[int, int]:
    """By frame that is answered, the step at the end of the block with which the answer comes."""
    stream = place.stream()
    return {step: end for end, came in zip(stream.ends, stream.arrivals(), strict=True) for step in came}


def _png(pixels: np.ndarray) -> bytes:
    done, content = cv2.imencode(".png", np.ascontiguousarray(pixels))
    if not done:
        raise ExportError(f"a picture of shape {pixels.shape} cannot be written as PNG")
    return content.tobytes()


def _tar(samples: tuple[Sample, ...]) -> bytes:
    """A shard; every byte follows from the samples."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for key, image, mask, told in samples:
            for ending, content in (("png", image), ("mask.png", mask), ("json", told)):
                info = tarfile.TarInfo(f"{key}.{ending}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _index(place: GardenPlace, shards: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": place.name,
        "seed": place.seed,
        "fingerprint": place.fingerprint,
        "start": place.start.isoformat(),
        "days": place.days,
        "frames": sum(shard["frames"] for shard in shards),
        "frame_px": list(place.frame_px),
        "learn_every": place.learn_every,
        "labels_per_block": place.labels_per_block,
        "commissioning_steps": place.commissioning_steps,
        "no_answer": IGNORE,
        "classes": [{"name": known.name, "rgb": list(known.rgb)} for known in place.classes],
        "shards": shards,
        **place.as_config(),
    }
