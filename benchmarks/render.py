"""How long a frame takes: microseconds for RGB, both labels and depth, on one core and on all of them.

Run: python benchmarks/render.py

Times are the best of several rounds, in processor time of the drawing process (so a busy machine disturbs less), over
random poses and the moments of a year. `share` is what writing the same bytes costs, as a share of the frame's time:
1 would be a renderer that costs nothing. `rival` compares with 10x ViZDoom's 2,500 labelled frames a second per core
at 160x120 (a figure read elsewhere, on another machine: a rough mark, not a measurement).
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from garden_env.almanac import make_almanac
from garden_env.camera import empty_frame
from garden_env.layout import plan_garden, sample_pose
from garden_env.look import make_look
from garden_env.render.draw import Scene, draw
from scenarios.spec import CameraSpec, Scenario

SIZES = ((64, 64), (160, 120), (640, 480))
ROUNDS = 5


def best_us(work, count: int) -> float:
    """Best mean time of `count` calls of `work(i)`, in processor microseconds."""
    best = np.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        for i in range(count):
            work(i)
        best = min(best, (time.process_time() - start) / count)
    return best * 1e6


def prepare(seed: int):
    """A garden, the looks of a year and random poses."""
    scenario = Scenario(name="bench")
    layout = plan_garden(scenario.garden, np.random.default_rng(seed))
    almanac, scene = make_almanac(scenario, seed), Scene(layout)
    water = np.ones(len(layout.plant_species))
    rng = np.random.default_rng(seed)
    poses = [np.array(sample_pose(layout, rng)) for _ in range(200)]
    moments = [(day, 9.0 + hour / 2) for day in range(0, 360, 30) for hour in range(12)]

    def look(i):
        day, hour = moments[i % len(moments)]
        return make_look(layout, almanac, day, hour, water, 0.4 * water)

    return scene, look, poses, len(moments)


def measure(seed: int = 0) -> dict[str, float]:
    """Microseconds by name, on this core."""
    scene, look, poses, moments = prepare(seed)
    looks = [look(i) for i in range(moments)]
    found = {"make_look": best_us(look, moments)}
    for width, height in SIZES:
        camera = CameraSpec(width_px=width, height_px=height, noise=0)
        out = empty_frame(camera)

        def view(i, camera=camera, out=out):
            draw(scene, looks[i % moments], poses[i % len(poses)], camera, out)

        def write(i, out=out):
            for array in (out.rgb, out.mask, out.mask_under, out.depth_m):
                array.fill(i & 7)

        count = 400 if width < 200 else 20
        found[f"{width}x{height}"] = best_us(view, count)
        found[f"bytes {width}x{height}"] = best_us(write, count)
    return found


def main() -> None:
    one = measure()
    print(f"make_look with shadows, 12 moments a day: {one['make_look']:.0f} us a moment")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as pool:
        together = list(pool.map(measure, range(cores)))
    print(f"\n{'size':>8} {'us a frame':>11} {'frames/s/core':>14} {'share':>6} {f'frames/s on {cores} cores':>24}")
    for width, height in SIZES:
        size = f"{width}x{height}"
        rate = sum(1e6 / other[size] for other in together)
        print(
            f"{size:>8} {one[size]:11.0f} {1e6 / one[size]:14.0f} {one['bytes ' + size] / one[size]:6.2f} {rate:24.0f}"
        )
    print(f"\nrival at 160x120: {1e6 / one['160x120'] / 25_000:.2f} of 25,000 frames a second")


if __name__ == "__main__":
    main()
