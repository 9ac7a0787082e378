"""What holds for all tests: one thread a process, no window, the same examples every time."""

import os

for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from hypothesis import settings  # noqa: E402

# No deadline: the first example may compile a kernel. Derandomised: a suite that passes, passes again.
settings.register_profile("evergreen", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("evergreen")
