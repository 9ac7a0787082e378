"""What is said in the terminal when the window is gone."""

from pathlib import Path

from agent.view.bare import Bare
from agent.view.options import Ended

WHY = {"life": "the life is over", "steps": "as many steps as were asked for", "quit": "the window was closed"}


def tell(ended: Ended, bare: Bare, written: list[Path]) -> None:
    """Print how far it came, why it ended, and what was written."""
    world = bare.world
    print(f"{world.gardens[0].scenario.name}: {world.steps} steps, to {world.date(0).isoformat()}; {WHY[ended]}.")
    for path in written:
        print(f"written: {path}")
