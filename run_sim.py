"""The command line of Evergreen: `python run_sim.py [run] [options]`, or another of the `COMMANDS` below."""

import io
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):  # before torch and numba are loaded
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(2**27))  # of a picture of any kind; read when OpenCV is loaded


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 2 wrong input, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments and not arguments[0].startswith("-"):
        command, arguments = arguments[0], arguments[1:]
    else:
        command = "run"
    for stream in (sys.stdout, sys.stderr):  # a console without Unicode shows question marks; it must not end a run
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if command in COMMANDS:
            return COMMANDS[command](arguments)
        from scenarios.names import nearest

        raise ValueError(nearest(command, COMMANDS, kind="command"))
    except (ValueError, OSError) as error:
        print(f"run_sim.py: {error}", file=sys.stderr)
        return 2
    except MemoryError as error:
        print(f"run_sim.py: out of memory ({error}); close other programs, or give fewer --workers", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nrun_sim.py: interrupted before there was anything to report.", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    """Live through a scenario and write a report."""
    from agent.arguments import parsed
    from agent.options import RunOptions
    from agent.run import run

    options = parsed(
        RunOptions,
        arguments,
        "",
        "Live through a scenario with several learners and write a report. "
        f"Other commands: {', '.join(name for name in COMMANDS if name != 'run')}.",
    )
    return _lived(options, run)


def _resume(arguments: list[str]) -> int:
    """Go on with a run that was stopped, or died."""
    from agent.arguments import parsed
    from agent.resume import ResumeOptions, resume

    options = parsed(
        ResumeOptions,
        arguments,
        "resume",
        "Go on with a run that was stopped, or died, to the same outcome as if it never had.",
    )
    return _lived(options, resume)


def _fork(arguments: list[str]) -> int:
    """Go on from a day of a life with another learner, or another script."""
    from agent.arguments import parsed
    from agent.fork import ForkOptions, fork

    options = parsed(
        ForkOptions,
        arguments,
        "fork",
        "Go on from a day of a run with another learner or another script: what if? The run itself stays.",
    )
    return _lived(options, lambda options, progress: fork(options, progress, tell=progress.tell))


def _lived(options: Any, live: Callable[[Any, Any], Path]) -> int:
    """Carry out something that leaves the folder of a run, with a display; the exit status."""
    from agent.progress import Progress

    with Progress(workers=options.workers) as progress:
        folder = live(options, progress)
    progress.conclude(folder)
    return 130 if progress.interrupted else 0


def _garden(arguments: list[str]) -> int:
    """Let gardeners drive: what they recognise decides what they water."""
    import json

    from agent.arguments import parsed
    from agent.garden_options import GardenOptions
    from agent.garden_run import run_garden
    from agent.garden_tell import GardenProgress, print_garden

    options = parsed(
        GardenOptions,
        arguments,
        "garden",
        "Let gardeners live, each in a life of its own in the same garden, and score what became of it.",
    )
    with GardenProgress() as progress:
        folder = run_garden(options, progress)
    data = json.loads((folder / "garden.json").read_text(encoding="utf-8"))
    print_garden(data, folder)
    return 130 if data["interrupted"] else 0


def _report(arguments: list[str]) -> int:
    """Make a run's report anew from its log, or one page that compares several runs."""
    from agent.arguments import parsed
    from agent.report.rebuild import ReportOptions, report

    options = parsed(
        ReportOptions,
        arguments,
        "report",
        "Make a run's report anew from its files alone, or a page that compares several runs.",
    )
    print(f"report: {report(options)}")
    return 0


def _view(arguments: list[str]) -> int:
    """Watch a garden in a window, and take the wheel."""
    from agent.arguments import parsed
    from agent.view.live import view
    from agent.view.options import ViewOptions
    from agent.view.tell import tell

    if arguments and not arguments[0].startswith("-"):  # `view X` means `view --scenario X`
        arguments = ["--scenario", *arguments]
    options = parsed(
        ViewOptions,
        arguments,
        "view",
        "Watch a garden in a window: pause it, slow it down, look ahead, drive. H shows the keys. "
        "view RUN, with the folder of a run, replays it: go to any day, look through any learner's eyes.",
    )
    ended, source, loop = view(options)
    tell(ended, source, loop)
    return 0


def _given(command: str, arguments: list[str], *names: str) -> list[str]:
    """The arguments of a command that takes exactly these."""
    if arguments and not names:
        raise ValueError(f"'{command}' takes no options, given {' '.join(arguments)}")
    if len(arguments) != len(names):
        usage = " ".join(("run_sim.py", command, *names))
        raise ValueError(f"usage: {usage}; given {' '.join(arguments) or 'nothing more'}")
    return arguments


def _learners(arguments: list[str]) -> int:
    """Print the recipes."""
    _given("learners", arguments)
    from rich.console import Console
    from rich.table import Table

    from agent.students import REFERENCE, SCHEDULES
    from learners.recipes import RECIPES

    table = Table("learner", "what it does", "frames of\nan update", title="Learners, by how they live with drift")
    schedules = (
        *((name, summary, "16") for name, summary in SCHEDULES.items()),
        (REFERENCE, "A reference: as joint, trained until nothing more is to be had.", "16"),
    )
    family = ""
    for recipe in RECIPES.values():
        if recipe.family != family:
            family = recipe.family
            table.add_section()
            table.add_row(f"[bold]{family}[/bold]")
        recalled = f" + {recipe.recalled_frames_per_update} old" if recipe.recalled_frames_per_update else ""
        table.add_row(recipe.name, recipe.summary, f"{recipe.new_frames_per_update}{recalled}")
    table.add_section()
    table.add_row("[bold]schedules[/bold]")
    for row in schedules:
        table.add_row(*row)
    table.caption = (
        "Mixtures go by the names of their parts, as in der+++lwf or er+ewc+shrink. When a learner consolidates is "
        "said behind an @: er+ewc@every-100, @alarm, @season, @never. Sources: docs/learners.md"
    )
    Console().print(table)
    return 0


def _scenarios(arguments: list[str]) -> int:
    """Print the scenarios that ship."""
    _given("scenarios", arguments)
    from rich.console import Console

    from scenarios.tell import tell_library

    tell_library(Console())
    return 0


def _new(arguments: list[str]) -> int:
    """Write a scenario to begin with."""
    [file] = _given("new", arguments, "FILE.yaml")
    from scenarios.starter import write_starter

    path = write_starter(file)
    print(f"{path}: a scenario that runs as it is. Change it, then: python run_sim.py --scenario {path}")
    return 0


def _diff(arguments: list[str]) -> int:
    """Print what differs between two scenarios."""
    first, second = _given("diff", arguments, "SCENARIO", "SCENARIO")
    from rich.console import Console

    from scenarios.files import load
    from scenarios.tell import tell_difference

    tell_difference(load(first), load(second), Console())
    return 0


def _schema(arguments: list[str]) -> int:
    """Print the JSON Schema of scenario files."""
    _given("schema", arguments)
    import json

    from scenarios.schema import schema

    print(json.dumps(schema(), indent=1))
    return 0


def _axes(arguments: list[str]) -> int:
    """Print what can drift; with --effects also measure what each axis does. Exit status 1 if one does nothing."""
    if arguments not in ([], ["--effects"]):
        raise ValueError(f"usage: run_sim.py axes [--effects]; given {' '.join(arguments)}")
    from agent.tables import print_axes

    return 0 if print_axes(effects=bool(arguments)) else 1


def _main_of(module: str) -> Callable[[list[str]], int]:
    """The `main` of a module that is loaded when the command is given, so that the others cost nothing."""

    def command(arguments: list[str]) -> int:
        return import_module(module).main(arguments)

    return command


COMMANDS = {
    "run": _run,
    "resume": _resume,
    "fork": _fork,
    "garden": _garden,
    "report": _report,
    "why": _main_of("agent.why_run"),
    "view": _view,
    "compare": _main_of("agent.compare.command"),
    "fleet": _main_of("agent.fleet.command"),
    "export": _main_of("agent.export.command"),
    "expiry": _main_of("agent.expiry.command"),
    "tune": _main_of("agent.tune"),
    "sweep": _main_of("agent.sweep.command"),
    "learners": _learners,
    "scenarios": _scenarios,
    "axes": _axes,
    "preview": _main_of("agent.preview.preview"),
    "new": _new,
    "diff": _diff,
    "schema": _schema,
}

if __name__ == "__main__":
    sys.exit(main())
