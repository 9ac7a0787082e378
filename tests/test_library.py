"""Scenarios that ship differ in what they do to a net that was commissioned in their first days."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_no_two_scenarios_do_the_same_to_a_frozen_net_but_controls():
    done = subprocess.run([sys.executable, "benchmarks/library.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
