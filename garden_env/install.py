"""The last step of an installation: check OpenCV, compile the kernels. Run `python -m garden_env.install`."""

import importlib
import subprocess
import sys
import time
from pathlib import Path


def ensure_opencv() -> None:
    """See that `import cv2` works; where libGL, glib or xcb are missing, swap in the headless build."""
    try:
        importlib.import_module("cv2")
        return
    except ImportError as error:
        print(f"OpenCV does not load here ({error}); installing opencv-python-headless in its place.")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "uninstall", "--yes", "opencv-python"], check=True)
    subprocess.run([*pip, "install", "--force-reinstall", "--no-deps", "opencv-python-headless"], check=True)
    subprocess.run([sys.executable, "-c", "import cv2"], check=True)


def compile_kernels() -> None:
    """Step a garden once with everything switched on, so that Numba's disk cache is filled.

    What was kept before is removed: Numba sees that a file has changed, but not that another has from which it calls.
    """
    for kept in Path(__file__).parent.rglob("__pycache__/*.nb[ic]"):
        kept.unlink(missing_ok=True)
    import gymnasium
    import numpy as np

    from garden_env.garden import plant_garden
    from garden_env.world import World
    from scenarios.files import load

    started_s = time.perf_counter()
    env = gymnasium.make("garden_env:evergreen/Garden-v0", labels=True)
    env.reset(seed=0)
    env.step(np.array([0.5, 0.1, 1.0], np.float32))  # drives and sprays
    env.close()
    garden = plant_garden(load("four_seasons"), 0)
    World([garden]).draw_map(0)
    print(f"Kernels compiled in {time.perf_counter() - started_s:.0f} s; they are kept on disk.")


if __name__ == "__main__":
    ensure_opencv()
    compile_kernels()
