"""`run_sim.py report RUN [RUN...]`: a run's page made anew from its log, or a page that compares several."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from agent.monitor.log import FILE_NAME as LOG
from agent.monitor.log import Log
from agent.past import read_config
from agent.report.comparison import comparison
from agent.report.page import is_ours
from agent.report.report import FILE_NAME, render
from agent.report.several import Run
from garden_env.whole import write_whole

COMPARED = Path("report-compare.html")
GARDEN_LOG = "garden.json"


@dataclass(frozen=True)
class ReportOptions:
    """What to make a page of.

    Attributes:
        runs: folders of runs. One: its report.html is made anew, from its files alone. Several: one page compares them.
        out: where the page goes. By default the run's own report.html, or report-compare.html here for several runs.
        replace: take the place of a page that Evergreen made before. Nothing else is ever overwritten.
    """

    runs: Annotated[tuple[Path, ...], tyro.conf.Positional]
    out: Annotated[Path | None, tyro.conf.arg(metavar="FILE.html")] = None
    replace: bool = False


def report(options: ReportOptions) -> Path:
    """Make the page and return its path; nothing but the page is written.

    Raises:
        FileNotFoundError: a folder is no run's.
        FileExistsError: something is where the page would go, and may not be overwritten.
        ValueError: no run is given, one is given twice, or a log is damaged.
    """
    folders = options.runs
    if not folders:
        raise ValueError("report needs the folder of a run, runs/<time>-<scenario>; of several, it compares them")
    for folder in folders:
        _check_run(folder)
    twice = [folder for n, folder in enumerate(folders) if folder.resolve() in {f.resolve() for f in folders[:n]}]
    if twice:
        raise ValueError(f"{twice[0]} is given twice; name every run once")
    if len(folders) == 1:
        [folder] = folders
        path = options.out or folder / FILE_NAME
        _check_free(path, may_replace=options.replace or options.out is None)
        text = render(Log.read(folder), read_config(folder), folder)
    else:
        path = options.out or COMPARED
        _check_free(path, may_replace=options.replace)
        text = comparison([Run.read(folder) for folder in folders])
    write_whole(path, text.encode())
    return path


def _check_run(folder: Path) -> None:
    """A folder must hold a log; other folders get a word on what they are."""
    if (folder / LOG).is_file():
        return
    if not folder.exists():
        raise FileNotFoundError(f"{folder} does not exist; give the folder of a run, runs/<time>-<scenario>")
    if folder.is_file():
        raise FileNotFoundError(f"{folder} is a file; give the folder that it lies in, if that is a run's")
    if (folder / GARDEN_LOG).is_file():
        raise FileNotFoundError(f"{folder} is a life of gardeners and has no exams to report; see its {GARDEN_LOG}")
    inside = sorted(path.parent for path in folder.glob(f"*/{LOG}"))
    hint = f"it holds the runs {' '.join(map(str, inside[:3]))}" if inside else "give a folder runs/<time>-<scenario>"
    raise FileNotFoundError(f"{folder} holds no {LOG}: {hint}")


def _check_free(path: Path, *, may_replace: bool) -> None:
    """Nothing may be lost: only a page that this project made is overwritten, and only where that is meant."""
    if path.is_dir():
        raise FileExistsError(f"{path} is a folder; --out wants a file, such as {path / COMPARED.name}")
    if path.exists() and not is_ours(path):
        raise FileExistsError(f"{path} was not made by Evergreen and is left alone; name another file with --out")
    if path.exists() and not may_replace:
        raise FileExistsError(f"{path} exists; name another file with --out, or add --replace")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; make it, or name another file with --out")
