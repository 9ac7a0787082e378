"""What a Ray worker imports: little, so that it is one thread a process before torch and numba are loaded."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(2**27))

if TYPE_CHECKING:
    from agent.sweep.life import Outcome
    from agent.sweep.trials import Trial


def live_there(packed: bytes, sweep: str) -> "Outcome":
    """`agent.sweep.life.live`, in a Ray worker.

    Args:
        packed: a trial, pickled: unpickled only here, for its classes load the libraries.
        sweep: the sweep's folder.
    """
    import pickle

    from agent.sweep.life import live

    trial: Trial = pickle.loads(packed)
    return live(trial, Path(sweep))
