"""What is said in the terminal when the window is gone."""

from datetime import timedelta

from agent.view.bare import Bare
from agent.view.life import Life
from agent.view.loop import Loop
from agent.view.options import Ended
from agent.view.replay import Replay

WHY = {"life": "the life is over", "steps": "as many steps as were asked for", "quit": "the window was closed"}


def tell(ended: Ended, source: Bare | Life | Replay, loop: Loop) -> None:
    """Print how far it came, why it ended, and what was written."""
    world = source.world
    scenario = world.gardens[0].scenario
    today = scenario.start + timedelta(days=min(world.day, scenario.days - 1))
    print(f"{scenario.name}: {world.steps} steps, to {today.isoformat()}; {WHY[ended]}.")
    for path in loop.written:
        print(f"written: {path}")
    if isinstance(source, Life):
        for folder in source.folders:
            print(f"report: {folder / 'report.html'}")
        if source.failed:
            print(f"something went wrong: {source.failed}")
