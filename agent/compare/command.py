"""The command `compare`."""

import json
from collections.abc import Sequence

from agent.arguments import parsed
from agent.compare.options import CompareOptions
from agent.compare.run import compare
from agent.compare.terminal import print_comparison

REALTIME = "--realtime"


def main(arguments: Sequence[str]) -> int:
    """Compare; returns the exit status: 0 done, 130 interrupted."""
    options = parsed(
        CompareOptions,
        with_clock(arguments),
        "compare",
        "Let several learners live in several worlds of one scenario, and compare them with intervals. "
        "What was lived is kept and not lived again, so an interrupted comparison goes on.",
    )
    folder = compare(options, lambda line: print(line, flush=True))
    data = json.loads((folder / "compare.json").read_text(encoding="utf-8"))
    print_comparison(data, folder)
    return 130 if data["interrupted"] else 0


def with_clock(arguments: Sequence[str]) -> list[str]:
    """A bare `--realtime` counts operations.

    >>> with_clock(["--realtime", "--quick"]), with_clock(["--realtime", "wall"])
    (['--realtime', 'flops', '--quick'], ['--realtime', 'wall'])
    """
    found: list[str] = []
    for place, argument in enumerate(arguments):
        found.append(argument)
        follows = arguments[place + 1] if place + 1 < len(arguments) else "--"
        if argument == REALTIME and follows.startswith("-"):
            found.append("flops")
    return found
