"""A dataset as the folder of pictures that `run_sim.py --frames DIR` lives through."""

import json
import tempfile
from pathlib import Path

import cv2
import yaml

from agent.export.error import refuse_existing
from agent.export.reading import Shot, read_index, read_shards
from agent.folder.class_table import FILE_NAME as CLASSES
from agent.folder.listing import IMAGES, MASKS

ABOUT = ".evergreen.json"


def to_folder(shards: Path, out: Path) -> int:
    """Unpack a dataset as docs/own_data.md has it: `images/`, `masks/` of the frames that were answered,
    `classes.yaml`.

    Names begin with the date and the solar time, and end with the control step.

    Args:
        shards: a folder that was written with `--to frames`.
        out: a folder that does not exist yet.

    Returns:
        How many images there are.

    Raises:
        ExportError: `out` exists, or the dataset is damaged.
    """
    refuse_existing(out)
    index = read_index(shards)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".unfinished-") as scratch:
        whole = Path(scratch) / "folder"
        for part in (IMAGES, MASKS):
            (whole / part).mkdir(parents=True)
        count = 0
        for shot in read_shards(shards):
            name = f"{name_of(shot)}.png"
            cv2.imwrite(str(whole / IMAGES / name), shot.rgb[..., ::-1])
            if shot.told["answered_step"] is not None:
                cv2.imwrite(str(whole / MASKS / name), shot.mask)
            count += 1
        (whole / CLASSES).write_text(yaml.safe_dump(index["classes"], sort_keys=False), encoding="utf-8")
        about = {key: value for key, value in index.items() if key != "shards"}
        (whole / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        whole.rename(out)
    return count


def name_of(shot: Shot) -> str:
    """The name of a frame's file: date, solar time and control step.

    >>> import numpy as np
    >>> told = {"date": "2030-04-10", "hour": 6.5, "step": 12}
    >>> name_of(Shot(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8), told))
    '2030-04-10T06-30-00_000012'
    """
    seconds = int(3600 * shot.told["hour"]) % 86400
    clock = f"{seconds // 3600:02d}-{seconds // 60 % 60:02d}-{seconds % 60:02d}"
    return f"{shot.told['date']}T{clock}_{shot.told['step']:06d}"
