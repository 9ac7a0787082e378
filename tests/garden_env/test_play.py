"""`gymnasium.utils.play` drives the robot, where what it asks for itself is installed."""

import gymnasium as gym
import numpy as np
import pytest

import garden_env  # noqa: F401  registers the environment

KEYS = {"w": np.array([1.0, 0.0, -1.0], np.float32), "a": np.array([0.0, 0.5, -1.0], np.float32)}
STILL = np.array([0.0, 0.0, -1.0], np.float32)


def test_a_person_drives_with_gymnasiums_own_window(monkeypatch):
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    play = pytest.importorskip("gymnasium.utils.play")
    env = gym.make("evergreen/Garden-v0", render_mode="rgb_array")
    poses: list[np.ndarray] = []

    def watch(before, after, action, reward, terminated, truncated, info) -> None:
        poses.append(env.unwrapped.world.pose[0].copy())
        key = pygame.K_w if len(poses) < 4 else pygame.K_ESCAPE
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0))

    play.play(env, fps=1000, callback=watch, keys_to_action=KEYS, noop=STILL, seed=3)
    assert len(poses) == 4 and np.hypot(*(poses[1] - poses[0])[:2]) == pytest.approx(0.3)  # a step forward
