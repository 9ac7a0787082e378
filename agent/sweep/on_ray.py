"""Trials as Ray tasks, on this machine or on a cluster that is there; who dies has its trial resumed by another.

All nodes need the same sources, and the sweep's folder at the same path (a shared file system): a trial is its folder,
and whoever takes it up finds its checkpoints there.
"""

import logging
import os
import pickle
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agent.crew import Send, Stop
from agent.sweep.engine import Began, Gate, Lost, ask_to_stop
from agent.sweep.life import Outcome
from agent.sweep.spec import SweepError
from agent.sweep.trials import Trial

POLL_S = 0.5
ANSWER_S = 5.0
OBJECT_STORE_BYTES = 80_000_000  # the least that Ray takes; a trial's own data never travel
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # no line of its own daemons on this terminal: who died is told by the display
}
INSTALL = "python -m pip install ray"


def is_installed() -> bool:
    """Whether there is a Ray to run on."""
    return find_spec("ray") is not None


class OnRay:
    """A Ray task a trial, one core each.

    Args:
        workers: trials at a time on this machine; of no meaning with an address.
        address: of a cluster that is there, HOST:PORT or 'auto'; None for one of this process's own, on this machine.
        retries: how often a trial is taken up again whose worker died.

    Raises:
        SweepError: Ray is not installed, or nothing answers at the address.
    """

    def __init__(self, *, workers: int, address: str | None, retries: int) -> None:
        if not is_installed():
            raise SweepError(f"Ray is not installed; {INSTALL}, or leave --address out: trials then go one by one")
        self._address, self._retries = address, retries
        self._ray = _connected(workers, address)

    @property
    def told(self) -> str:
        ray = self._ray
        cores = int(ray.cluster_resources().get("CPU", 0))
        if self._address is None:
            return f"{cores} at a time, Ray {ray.__version__} on this machine"
        nodes = sum(node["Alive"] for node in ray.nodes())
        return f"{cores} at a time, Ray {ray.__version__} on {nodes} node{'s' * (nodes != 1)} at {self._address}"

    def carry_out(self, trials: Sequence[Trial], sweep: Path, send: Send, stop: Stop) -> None:
        """As `Engine.carry_out`."""
        from agent.sweep.worker import live_there

        task = self._ray.remote(num_cpus=1, max_retries=0)(live_there)  # what dies is counted and told here
        gate, under_way, lost, stopping = Gate(trials), dict[Any, Trial](), dict[str, int](), False

        def begin(trial: Trial) -> None:
            under_way[task.remote(pickle.dumps(trial), str(sweep))] = trial
            send(Began(trial.name))

        while True:
            if stop() and not stopping:
                stopping = True
                ask_to_stop(sweep)
            if not stopping:
                for trial in gate.open():
                    begin(trial)
            if not under_way:
                return
            ended, _ = self._ray.wait(list(under_way), num_returns=1, timeout=POLL_S)
            for reference in ended:
                trial = under_way.pop(reference)
                outcome = self._outcome(reference)
                if isinstance(outcome, str):
                    lost[trial.name] = lost.get(trial.name, 0) + 1
                    if lost[trial.name] <= self._retries and not stopping:
                        send(Lost(trial.name, lost[trial.name], outcome))
                        begin(trial)
                        continue
                    said = f"its worker died {lost[trial.name]} times, the last time so: {outcome}"
                    outcome = Outcome(trial.name, "stopped" if stopping else "failed", said=said)
                gate.ended(trial, outcome)
                send(outcome)

    def _outcome(self, reference: Any) -> Outcome | str:
        """What a task came to; in words how it was lost, if its worker died."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:  # it could not even begin: the project is not there, or another one
            said = str(error).strip().splitlines()[-1]
            raise SweepError(
                f"a worker could not begin ({said}); all nodes need this project, importable by their Python"
            ) from error
        except errors.RayError as error:
            first = str(error).strip().splitlines()[0].partition(". ")[0].rstrip(".")
            return f"{type(error).__name__}: {first}"

    def __enter__(self) -> "OnRay":
        return self

    def __exit__(self, *exception: object) -> None:
        self._ray.shutdown()


def _connected(workers: int, address: str | None) -> Any:
    """Ray, connected and quiet: no dashboard, no usage statistics, nobody else's log on this terminal."""
    for variable, value in QUIET.items():  # read when Ray is imported
        os.environ.setdefault(variable, value)
    import ray  # pyright: ignore[reportMissingImports]

    if ray.is_initialized():
        raise SweepError("this process is connected to Ray already; end that with ray.shutdown() first")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    if address is None:
        ray.init(
            address="local",  # not one that happens to run here
            num_cpus=workers,
            include_dashboard=False,
            object_store_memory=OBJECT_STORE_BYTES,
            **quiet,
        )
        return ray
    _reach(address)
    try:
        ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        said = " ".join(str(error).split())
        raise SweepError(
            f"--address {address}: cannot join the Ray cluster there ({said}); start the sweep on one of its nodes, "
            "with its RAY_AUTH_MODE and, where that is token, its token"
        ) from error
    return ray


def _reach(address: str) -> None:
    """See that something answers, for Ray itself asks for minutes.

    Raises:
        SweepError: nothing does, or it is no address of a cluster.
    """
    if address == "auto":
        return
    host, colon, port = address.rpartition(":")
    if address.startswith("ray://") or not colon or not port.isdecimal():
        raise SweepError(f"--address {address}: start the sweep on a node of the cluster, and give HOST:PORT or auto")
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise SweepError(
            f"--address {address}: nothing answers there ({error}); start a cluster with ray start --head, or leave "
            "--address out"
        ) from error
