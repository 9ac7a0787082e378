"""Whose stream is exported: that of a run, by its folder, or of a scenario and a seed."""

from pathlib import Path

from agent.export.error import ExportError
from agent.garden_place import GardenPlace
from agent.options import RunOptions, paced
from agent.past import PastError, PastRun
from agent.run import garden_place
from scenarios.files import load


def place_of(what: str, *, seed: int | None, quick: bool) -> GardenPlace:
    """The garden whose stream is meant.

    Args:
        what: the folder of a run, or the name or file of a scenario.
        seed: of the scenario; 0 if not given. A run has its own.
        quick: the coarse year of `run_sim.py --quick`; a run says itself whether it was.

    Raises:
        ExportError: the folder is of no run on patrol in a garden, or an option contradicts it.
        ScenarioError: there is no such scenario.
    """
    folder = Path(what)
    if folder.is_dir():
        if seed is not None or quick:
            raise ExportError(f"{what} has a seed and a pace of its own; leave out --seed and --quick")
        return _of_run(folder)
    options = RunOptions(seed=seed or 0, quick=quick)
    options.check()
    options, scenario, pace = paced(options, load(what))
    return garden_place(options, scenario, pace)


def _of_run(folder: Path) -> GardenPlace:
    try:
        past = PastRun.open(folder)
        if not past.had_garden:
            raise ExportError(f"{folder} lived in a folder of pictures: these are files already, and are not exported")
        return past.place
    except PastError as error:
        raise ExportError(str(error)) from None
