"""What can be chosen for a fleet: one dataclass, shared by the command line and the library."""

from dataclasses import dataclass, field
from pathlib import Path

from agent.options import LEARN_EVERY, RunOptions
from agent.students import read_plan
from learners.recipes import DEFAULT_RECIPE


@dataclass(frozen=True)
class FleetOptions:
    """Options of a fleet."""

    gardens: tuple[str, ...] = ("madrid", "chicago", "london")
    """A robot in each: madrid, chicago, london or anchorage; a climate; a scenario by name or .yaml file. All have the
    same calendar. One may be named twice: another garden in the same climate."""
    learner: str = DEFAULT_RECIPE
    """The recipe of every learner of the fleet, or a mixture; `run_sim.py learners` lists them."""
    scenario: str = "four_seasons"
    """The scenario whose climate is exchanged where --gardens names a city or a climate."""
    seed: int = 0
    """Draws the gardens, their weather and the first weights, which are the same for all learners."""
    quick: bool = False
    """Coarse years: fewer steps a day, fewer updates, fewer probes."""
    others: bool = True
    """Also let a learner that is fed by all gardens but one sit that one's exams, for every garden."""
    drilled: bool = True
    """Also let every robot live alone with as many steps of its weights as the shared learner makes: what is left of
    the shared learner's lead is not owed to its steps."""
    learn_every: int = LEARN_EVERY
    """Control steps of a robot between two updates."""
    memory_share: float = 0.01
    """Size of a replay memory, as a share of the frames of all who feed it."""
    exam_every_days: int = 15
    """Days between two exams on the probes; at least 30 with --quick."""
    workers: int = 2
    """Processes, of one torch thread each; 0 runs everything in this one. Results do not depend on it."""
    out: Path = field(default_factory=lambda: Path("runs"))
    """Folder in which the fleet's own folder is made."""

    @property
    def as_run(self) -> RunOptions:
        """The options of a single robot's run that mean the same."""
        return RunOptions(
            learners=(self.learner,), seed=self.seed, quick=self.quick, learn_every=self.learn_every,
            memory_share=self.memory_share, exam_every_days=self.exam_every_days, workers=self.workers,
        )  # fmt: skip

    def check(self) -> None:
        """See that the options make sense.

        Raises:
            ValueError: one does not; the message says which, what was given, and what would do.
        """
        if len(self.gardens) < 2:
            raise ValueError(f"gardens: a fleet has two at least, given {' '.join(self.gardens) or 'none'}")
        self.as_run.check()
        plan = read_plan(self.learner)
        if plan.schedule != "online":
            raise ValueError(f"learner: {self.learner} has all frames at hand and needs no fleet; name one that learns")
        if not plan.recipe.learns_without_labels and plan.recipe.name == "frozen":
            raise ValueError("learner: frozen never learns, so there is nothing to share; name one that learns")
