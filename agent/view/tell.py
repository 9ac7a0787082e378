"""What is said in the terminal when the window is gone."""

from agent.view.live import LiveView
from agent.view.options import Ended

WHY = {"life": "the life is over", "steps": "as many steps as were asked for", "quit": "the window was closed"}


def tell(ended: Ended, live: LiveView) -> None:
    """Print how far it came, why it ended, and what was written."""
    world = live.world
    print(f"{world.gardens[0].scenario.name}: {world.steps} steps, to {world.date(0).isoformat()}; {WHY[ended]}.")
    for path in live.written:
        print(f"written: {path}")
