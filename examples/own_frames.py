"""Live through a folder of your own: dated pictures, masks for some of them, and a table of classes.

A camera in a garden took five pictures a day from September to November; somebody drew masks for two in three of
them, and went on holiday in October. Here a garden of Evergreen stands in for yours: what `take_pictures` writes is
what you would bring. docs/own_data.md says how a folder is laid out. On the command line the same is

    python run_sim.py --frames autumn --memory-share 0.1 --no-references
"""

import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from agent.folder.place import FolderPlace
from agent.options import Pace, RunOptions
from agent.run import run
from garden_env.garden import plant_garden
from garden_env.layout import sample_pose
from scenarios.files import parse
from scenarios.tables import CLASSES

AUTUMN = """
name: autumn
start: 2030-09-01
days: 91
camera: {width_px: 96, height_px: 72}
"""
HOURS = (8.0, 10.0, 12.0, 14.0, 16.0)
HOLIDAY = range(45, 58)  # days on which nobody draws masks


def take_pictures(folder: Path) -> None:
    """Write images/, masks/ and classes.yaml, as a camera and its owner would have left them."""
    garden, rng = plant_garden(parse(AUTUMN), seed=5), np.random.default_rng(5)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    table = [f"- {{name: {row.name}, rgb: [{', '.join(map(str, row.rgb))}]}}\n" for row in CLASSES.values()]
    (folder / "classes.yaml").write_text("".join(table), encoding="utf-8")
    for day in range(garden.scenario.days):
        for hour in HOURS:
            seen = garden.view(day, hour, np.array(sample_pose(garden.layout, rng)))
            name = f"{garden.scenario.start + timedelta(days=day)}T{int(hour):02d}-00-00"
            cv2.imwrite(str(folder / "images" / f"{name}.jpg"), cv2.cvtColor(seen.rgb, cv2.COLOR_RGB2BGR))
            if day not in HOLIDAY and rng.random() < 2 / 3:
                cv2.imwrite(str(folder / "masks" / f"{name}.png"), seen.mask)


def main() -> None:
    """Take pictures, live through them with three learners, and print what they know at the end."""
    with TemporaryDirectory() as made:
        take_pictures(Path(made) / "autumn")
        place = FolderPlace(Path(made) / "autumn", frame_px=(48, 64), cache=Path(made) / "frames")
        print(f"{place.name}: {place.told}")
        print("examined:", ", ".join(phase.name for phase in place.phases))
        options = RunOptions(
            learners=("frozen", "finetune", "er+ewc"), memory_share=0.1, references=False, workers=0, out=Path(made)
        )
        folder = run(options, place=place, pace=Pace(commission_updates=60))
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        print(f"{summary['days']} days, {summary['ended']}")
        for name, told in summary["learners"].items():
            whole, present = told["miou"]["held_out"]["end"], told["present"]["mean"]
            print(f"{name:>9}: mIoU {whole:.1%} over all phases at the end, {present:.1%} on the one at hand")


if __name__ == "__main__":
    main()
