"""The command `fleet`."""

import json

from agent.arguments import parsed
from agent.fleet.options import FleetOptions
from agent.fleet.run import RESULT, run_fleet
from agent.fleet.tell import FleetProgress, print_fleet


def main(arguments: list[str]) -> int:
    """Let a fleet live; the exit status."""
    options = parsed(
        FleetOptions,
        arguments,
        "fleet",
        "Robots in gardens of different climates feed one learner, beside robots that live alone: does "
        "what one saw help another?",
    )
    with FleetProgress() as progress:
        folder = run_fleet(options, progress)
    data = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    print_fleet(data, folder)
    return 130 if data["interrupted"] else 0
