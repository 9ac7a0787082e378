"""One world in a process of its own, on one core: asked for so many frames, it says what they cost.

    python worker.py CASE WIDTH HEIGHT NUMBER CORE

Reads a number of steps a line and answers with a line of JSON: frames, processor seconds of this process and of those
that it started (ViZDoom's engine is one), and seconds of a calibration loop just before and just after. Runs in the
environment of the peers as well as in ours, so it imports nothing but what its case needs.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import learning
import numpy as np

SEED = 0
WARM_UP = 5
ACTIONS = 4096  # drawn beforehand, and used in turn
Step = Callable[[], int]
"""Makes a step; returns how many frames that were."""


def vizdoom() -> Step:
    """ViZDoom itself, without a wrapper around it: 160 x 120, RGB, labels and depth, a maze with a view like ours."""
    import vizdoom as vzd

    game = vzd.DoomGame()
    game.load_config(f"{vzd.scenarios_path}/my_way_home.cfg")
    game.set_screen_resolution(vzd.ScreenResolution.RES_160X120)
    game.set_screen_format(vzd.ScreenFormat.RGB24)
    game.set_labels_buffer_enabled(True)
    game.set_depth_buffer_enabled(True)
    game.set_window_visible(False)
    game.set_sound_enabled(False)
    game.set_mode(vzd.Mode.PLAYER)
    game.set_seed(SEED)
    game.init()
    buttons = game.get_available_buttons_size()
    actions = np.random.default_rng(SEED).integers(0, 2, (ACTIONS, buttons)).tolist()
    count = 0

    def step() -> int:
        nonlocal count
        game.make_action(actions[count % ACTIONS])
        count += 1
        if game.is_episode_finished():
            game.new_episode()
        state = game.get_state()
        assert state.screen_buffer.shape == (120, 160, 3)
        assert state.labels_buffer.shape == state.depth_buffer.shape == (120, 160)
        return 1

    return step


def procgen() -> Step:
    """Procgen's maze through its own vector interface, on no threads of its own: 64 x 64, RGB alone."""
    import warnings

    warnings.simplefilter("ignore")
    from procgen import ProcgenGym3Env

    env = ProcgenGym3Env(num=NUMBER, env_name="maze", num_threads=0, rand_seed=SEED)
    actions = np.random.default_rng(SEED).integers(0, 15, (ACTIONS, NUMBER))
    count = 0

    def step() -> int:
        nonlocal count
        env.act(actions[count % ACTIONS])
        count += 1
        _, seen, _ = env.observe()
        assert seen["rgb"].shape == (NUMBER, 64, 64, 3)
        return NUMBER

    return step


def car_racing() -> Step:
    """Gymnasium's CarRacing-v3: 96 x 96, RGB alone."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    import gymnasium

    return _single(gymnasium.make("CarRacing-v3"))


def garden() -> Step:
    """One garden through `gymnasium.make`: RGB, mask, the mask under snow and leaves, depth, and the robot's senses."""
    import gymnasium

    import garden_env  # noqa: F401  registers it

    return _single(gymnasium.make("evergreen/Garden-v0", scenario=_scenario(), labels=True, depth=True))


def garden_vector() -> Step:
    """Gardens side by side through `gymnasium.make_vec`; what is seen is handed out without a copy."""
    import gymnasium

    import garden_env  # noqa: F401  registers it

    env = gymnasium.make_vec(
        "evergreen/Garden-v0", num_envs=NUMBER, vectorization_mode="vector_entry_point",
        scenario=_scenario(), labels=True, depth=True, copy=False,
    )  # fmt: skip
    env.reset(seed=SEED)
    env.action_space.seed(SEED)
    actions = [env.action_space.sample() for _ in range(256)]
    count = 0

    def step() -> int:
        nonlocal count
        seen, *_ = env.step(actions[count % len(actions)])
        count += 1
        assert seen["rgb"].shape == (NUMBER, HEIGHT, WIDTH, 3)
        return NUMBER

    return step


def bytes_alone() -> Step:
    """Writes as many bytes as a garden's frame has, and nothing else: no renderer can be faster."""
    shape = (HEIGHT, WIDTH)
    arrays = [
        np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8), np.zeros(shape, np.uint8),
        np.zeros(shape, np.float32),
    ]  # fmt: skip
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        for array in arrays:
            array.fill(count & 7)
        return 1

    return step


CASES = {
    "vizdoom": vizdoom,
    "procgen": procgen,
    "car_racing": car_racing,
    "garden": garden,
    "garden_vector": garden_vector,
    "bytes": bytes_alone,
    **learning.CASES,
}


def _single(env) -> Step:
    env.reset(seed=SEED)
    env.action_space.seed(SEED)
    actions = [env.action_space.sample() for _ in range(ACTIONS)]
    count = 0

    def step() -> int:
        nonlocal count
        *_, terminated, truncated, _ = env.step(actions[count % ACTIONS])
        count += 1
        if terminated or truncated:
            env.reset()
        return 1

    return step


def _scenario():
    from scenarios.files import load

    scenario = load("four_seasons")
    camera = scenario.camera.model_copy(update={"width_px": WIDTH, "height_px": HEIGHT})
    return scenario.model_copy(update={"camera": camera})


def family_cpu_s() -> float:
    """Processor seconds of this process and of all that it has started, to the nanosecond."""
    return sum(_cpu_s(pid) for pid in _family(os.getpid()))


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += _family(int(child))
    return found


def _cpu_s(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def calibrate_s() -> float:
    """Processor seconds of a fixed loop: what a moment of this machine is worth."""
    start_s = time.process_time()
    number = 1
    for _ in range(200_000):
        number = (number * 1103515245 + 12345) & 0x7FFFFFFF
    return time.process_time() - start_s


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {CORE})
    step = CASES[CASE]()
    for _ in range(WARM_UP):
        step()
    print("ready", flush=True)
    for line in sys.stdin:
        before_s = calibrate_s()
        start_s, frames = family_cpu_s(), 0
        for _ in range(int(line)):
            frames += step()
        cpu_s = family_cpu_s() - start_s
        told = {"frames": frames, "cpu_s": cpu_s, "calibration_s": (before_s + calibrate_s()) / 2}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    CASE, WIDTH, HEIGHT, NUMBER, CORE = sys.argv[1], *map(int, sys.argv[2:6])
    main()
