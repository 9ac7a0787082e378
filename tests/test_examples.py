"""The examples run as they are, say what came out, and clean up behind them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))
LONGEST_S = 300  # on a machine that has much else to do; alone each takes half a minute at most
LONG = ("ppo", "own_frames")  # half a minute each; their parts have tests of their own
SHORTENED = {"ppo": ("--steps", "1024", "--trained", "8", "--examined", "2")}  # what takes minutes otherwise


@pytest.mark.parametrize(
    "script",
    [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem in LONG)) for path in EXAMPLES],
)
def test_an_example_runs_prints_a_result_and_leaves_nothing_behind(script, tmp_path):
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), *SHORTENED.get(script.stem, ())],
        cwd=work,
        env=_environment(temporary),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d", done.stdout.splitlines()[-1]), done.stdout
    assert not list(work.iterdir())
    assert not [path for path in temporary.iterdir() if not path.name.startswith("torchinductor")]  # torch's own


def _environment(temporary):
    """This process's, with another place for temporary files."""
    return os.environ | {"TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)}
