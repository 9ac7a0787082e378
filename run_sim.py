"""The command line of Evergreen: `python run_sim.py [run] [options]`, `python run_sim.py learners`, ... scenarios."""

import io
import os
import sys

for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):  # before torch and numba are loaded
    os.environ.setdefault(_variable, "1")

COMMANDS = ("run", "learners", "scenarios")


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
        if command == "run":
            return _run(arguments)
        if command in ("learners", "scenarios"):
            if arguments:
                raise ValueError(f"'{command}' takes no options, given {' '.join(arguments)}")
            return _learners() if command == "learners" else _scenarios()
        from scenarios.names import nearest

        raise ValueError(nearest(command, COMMANDS, kind="command"))
    except (ValueError, OSError) as error:
        print(f"run_sim.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nrun_sim.py: interrupted before there was anything to report.", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    """Live through a scenario and write a report."""
    import tyro

    from agent.options import RunOptions
    from agent.progress import Progress
    from agent.run import run

    options = tyro.cli(
        RunOptions,
        prog="run_sim.py",
        description="Live through a scenario with several learners and write a report. "
        "Other commands: `run_sim.py learners` and `run_sim.py scenarios` list what there is.",
        args=arguments,
        config=(tyro.conf.OmitArgPrefixes,),
    )
    with Progress() as progress:
        folder = run(options, progress)
    progress.conclude(folder)
    return 130 if progress.interrupted else 0


def _learners() -> int:
    """Print the recipes."""
    from rich.console import Console
    from rich.table import Table

    from learners.recipes import DEFAULT_RECIPE, RECIPES

    table = Table("learner", "what it does", "frames an update\nnew + recalled", title="Learners")
    for recipe in RECIPES.values():
        name = f"{recipe.name} (default)" if recipe.name == DEFAULT_RECIPE else recipe.name
        table.add_row(name, recipe.summary, f"{recipe.new_frames_per_update} + {recipe.recalled_frames_per_update}")
    table.add_row("joint", "A reference: all labelled frames at once, as many updates as the others.", "16 + 0")
    table.add_row("joint@converged", "A reference: the same, trained until nothing more is to be had.", "16 + 0")
    Console().print(table)
    return 0


def _scenarios() -> int:
    """Print the scenarios that ship."""
    from rich.console import Console
    from rich.table import Table

    from scenarios.files import library, load

    table = Table("scenario", "climate", "from", "days", "what it tests", title="Scenarios")
    for name in library():
        scenario = load(name)
        table.add_row(name, scenario.climate_name, scenario.start.isoformat(), str(scenario.days), scenario.summary)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
