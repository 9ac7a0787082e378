"""What can be chosen for a life with a gardener, apart from the scenario."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from agent.options import LEARN_EVERY, MAX_SEED
from agent.students import SCHEDULES, read_plan
from learners.recipes import DEFAULT_RECIPE
from scenarios.spec import Scenario

LONGEST_QUICK_DAYS = 200  # from early spring into autumn
LEAST_DAYS = 548  # eighteen months: what winter made a robot forget is paid in the second spring
BASELINES = {
    "ideal": "true map and true thirst, the same planner",
    "blind": "true map, an inch of water a week for all",
    "seeing": "its own map, drawn with the teacher's eyes",
}
"""Gardeners that do not learn, and what they know."""


@dataclass(frozen=True)
class GardenOptions:
    """Options of a life with a gardener."""

    scenario: str = "four_seasons"
    """A scenario that ships, or a .yaml file. Its plants can die here, and it is lived for 18 months at least."""
    gardeners: tuple[str, ...] = ("ideal", "blind", "frozen", DEFAULT_RECIPE)
    """Who drives, each in a life of its own: ideal, blind, seeing, or learners as `run_sim.py learners` lists them."""
    seed: int = 0
    """Draws the garden, the weather and the first weights."""
    days: int | None = None
    """Length of the life; 18 months, or the scenario's own if that is longer."""
    quick: bool = False
    """One season of growth only: 200 days, and a shorter commissioning."""
    learn_every: int = LEARN_EVERY
    """Control steps between two updates."""
    memory_share: float = 0.01
    """Size of a replay memory, as a share of the life's frames."""
    workers: int = 2
    """Processes, of one torch thread each; 0 runs everything in this one."""
    out: Path = field(default_factory=lambda: Path("runs"))
    """Folder in which the life's own folder is made."""

    def check(self) -> None:
        """See that the options make sense.

        Raises:
            ValueError: one does not; the message says which, what was given, and what would do.
        """
        if not self.gardeners:
            raise ValueError(f"gardeners: name at least one of {', '.join(BASELINES)}, or a learner")
        if len(set(self.gardeners)) < len(self.gardeners):
            raise ValueError(f"gardeners: one is named twice in {' '.join(self.gardeners)}")
        for name in self.gardeners:
            if name in SCHEDULES:
                raise ValueError(f"gardeners: {name} is trained on a stream that is known beforehand; nobody drives it")
            if name not in BASELINES:
                read_plan(name)
        if not 0 <= self.seed <= MAX_SEED:
            raise ValueError(f"seed is {self.seed}; give 0 to {MAX_SEED}")
        if self.days is not None and self.days < 30:
            raise ValueError(f"days is {self.days}; give at least 30: commissioning alone takes three weeks")
        if self.learn_every < 8:
            raise ValueError(f"learn-every is {self.learn_every}; give at least 8")
        if self.workers < 0:
            raise ValueError(f"workers is {self.workers}; give at least 0")
        if not 0.0 < self.memory_share <= 1.0:
            raise ValueError(f"memory-share is a share above 0 and at most 1, not {self.memory_share}")


def at_stake(options: GardenOptions, scenario: Scenario) -> Scenario:
    """The scenario as it is lived: with plants that can die, for as long as the options say.

    Raises:
        ValueError: it cannot be lived for so long, as where its measured weather ends before.
    """
    days = options.days or (LONGEST_QUICK_DAYS if options.quick else max(LEAST_DAYS, scenario.days))
    garden = scenario.garden.model_copy(update={"mortal": True})
    changed = scenario.model_copy(update={"garden": garden, "days": days})
    try:
        return Scenario.model_validate(changed.model_dump(exclude_unset=True) | {"garden": garden, "days": days})
    except ValidationError as error:
        trouble = "; ".join(problem["msg"] for problem in error.errors())
        raise ValueError(
            f"{scenario.name} cannot be lived for {days} days: {trouble}; choose others with --days"
        ) from None
