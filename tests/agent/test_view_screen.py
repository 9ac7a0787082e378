"""The real window opens on a real screen, of which Xvfb makes one in memory; left out where that is not installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

ROOT = Path(__file__).parent.parent.parent
OPENS = """
import sys
import pygame
import run_sim
from garden_env.viewer import window

seen = []
show = window.Window.show
def shown(self, state):
    show(self, state)
    seen.append((pygame.display.get_driver(), pygame.display.get_surface().get_size()))
window.Window.show = shown
status = run_sim.main(sys.argv[1:])
print(sorted(set(seen)))
sys.exit(status)
"""


@pytest.fixture
def screen() -> Iterator[str]:
    """A screen of 1280 x 800 pixels, by its name."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed")
    asked = [server, "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def view(screen: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Carry out `run_sim.py view` on a screen; what it says ends with the drivers and sizes of its windows."""
    environment = {**os.environ, "DISPLAY": screen, "SDL_VIDEODRIVER": "x11", "PYTHONPATH": str(ROOT)}
    asked = [sys.executable, "-c", OPENS, "view", *options]
    return subprocess.run(asked, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_the_window_opens_on_a_screen(screen, tmp_path):
    picture = tmp_path / "a.png"
    done = view(screen, "--no-learn", "--steps", "5", "--speed", "100", "--width", "800", "--screenshot", str(picture))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[('x11', (800, 720))]"
    assert cv2.imread(str(picture)).shape == (720, 800, 3)


@pytest.mark.slow
def test_a_learner_lives_in_a_window_on_a_screen(screen, tmp_path):
    out, picture = tmp_path / "runs", tmp_path / "a.png"
    asked = ("--quick", "--steps", "60", "--learner", "finetune", "--out", str(out), "--screenshot", str(picture))
    done = view(screen, *asked)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[('x11', (1280, 720))]" and picture.exists()
    [folder] = out.iterdir()
    assert f"report: {folder / 'report.html'}" in done.stdout and (folder / "report.html").exists()
