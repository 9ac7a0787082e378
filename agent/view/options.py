"""What can be chosen for watching, apart from the scenario."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agent.options import MAX_SEED, RunOptions
from agent.past import CONFIG
from agent.succession import refuse_schedule
from garden_env.viewer.layout import LEAST_HEIGHT_PX, LEAST_WIDTH_PX
from garden_env.viewer.state import OVERLAYS
from learners.recipes import DEFAULT_RECIPE
from scenarios.files import library

QUICK_STEPS, QUICK_LEARNED_STEPS = 400, 720  # a --quick view ends after; the second is half a year, at 4 steps a day
NOBODY = "none"


@dataclass(frozen=True)
class ViewOptions:
    """Options of a view."""

    scenario: str = "four_seasons"
    """A scenario that ships, or a .yaml file; or the folder of a run, runs/<time>-<scenario>, to replay it."""
    seed: int = 0
    """Draws the garden and the weather."""
    day: int = 0
    """Day of the life on which to begin; nobody waters before it."""
    steps: int | None = None
    """Control steps after which it ends by itself; without, at the end of the life."""
    quick: bool = False
    """Flat out through half a year of a coarse year, as `run --quick` has it; without a learner 400 steps."""
    learner: str = DEFAULT_RECIPE
    """Who learns in the garden: a recipe or a mixture, as in `run_sim.py learners`; none for nobody."""
    learn: bool = True
    """Let a learner live in the garden; --no-learn is the same as --learner none."""
    swaps: tuple[str, ...] = ("finetune", "er", DEFAULT_RECIPE, "frozen")
    """Learners that take over in turn, with the weights of the one before, when the key N is pressed."""
    commands: Path | None = None
    """The commands.jsonl of a run under a window: what a hand did there is done again, at the same steps."""
    out: Path = field(default_factory=lambda: Path("runs"))
    """Folder in which the run's own folder is made."""
    speed: float = 8.0
    """Control steps a second, to begin with; inf for as fast as it goes."""
    overlay: str = "plain"
    """What to lay over the camera's picture, to begin with: plain, truth, prediction, error, doubt or seasons."""
    beliefs: bool = False
    """Lay the robot's own map over the garden's plan, to begin with."""
    width: int = 1280
    """Of the window [px]."""
    height: int = 720
    """Of the window [px]."""
    keys: Path | None = None
    """A YAML file of other keys: lines like 'pause: space'."""
    record: Path | None = None
    """Film everything into this .mp4 file."""
    screenshot: Path | None = None
    """Write the last picture into this .png file."""
    film_every: int = 1
    """Control steps from one picture of a film to the next."""
    window: bool = True
    """Open a window; --no-window draws the same pictures for film and screenshot without one."""
    folder: Path = field(default_factory=lambda: Path("."))
    """Where the keys for screenshots and films write their files."""

    def check(self) -> None:
        """See that the options make sense, and that nothing would be overwritten.

        Raises:
            ValueError: one does not; the message says which, what was given, and what would do.
            FileExistsError: a film or a picture of that name is there already.
        """
        path = Path(self.scenario)
        if path.name != self.scenario and not path.suffix and not path.exists():
            raise ValueError(f"{path}: no such folder; give that of a run, runs/<time>-<scenario>, or a scenario")
        if not 0 <= self.seed <= MAX_SEED:
            raise ValueError(f"seed: expected 0 .. {MAX_SEED}, given {self.seed}")
        if self.overlay not in OVERLAYS:
            raise ValueError(f"overlay: expected one of {', '.join(OVERLAYS)}, given {self.overlay!r}")
        if not self.speed > 0 or math.isnan(self.speed):
            raise ValueError(f"speed: expected more than 0 steps a second, given {self.speed}")
        if self.width < LEAST_WIDTH_PX or self.height < LEAST_HEIGHT_PX:
            raise ValueError(
                f"width, height: expected at least {LEAST_WIDTH_PX} x {LEAST_HEIGHT_PX}, "
                f"given {self.width} x {self.height}"
            )
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"steps: expected at least 1, given {self.steps}")
        if self.film_every < 1:
            raise ValueError(f"film-every: expected at least 1 control step, given {self.film_every}")
        if self.day < 0:
            raise ValueError(f"day: expected 0 or more, given {self.day}")
        for name, path, suffix in (("record", self.record, ".mp4"), ("screenshot", self.screenshot, ".png")):
            if path is not None and path.suffix != suffix:
                raise ValueError(f"{name}: expected a name that ends in {suffix}, given {path}")
            if path is not None and path.exists():
                raise FileExistsError(f"{path} exists already; name another file, or move it away")
        lives = self.learns and self.replayed is None
        if self.commands is not None and not lives:
            raise ValueError(f"commands: {self.commands} is done again to a learner's life; leave it out here")
        if lives:
            for name in (self.learner, *self.swaps):
                refuse_schedule(name)
        if not self.window and self.record is None and self.screenshot is None:
            raise ValueError(
                "--no-window: there would be nothing to see; add --record FILE.mp4 or --screenshot FILE.png"
            )

    @property
    def replayed(self) -> Path | None:
        """The folder of the run that is to be replayed, where `scenario` is a folder; else None.

        A scenario that ships is meant even where a folder that is no run's has its name.
        """
        folder = Path(self.scenario)
        if not folder.is_dir() or (self.scenario in library() and not (folder / CONFIG).is_file()):
            return None
        return folder

    @property
    def most_steps(self) -> int | None:
        """Steps after which it ends."""
        if self.steps is not None or not self.quick:
            return self.steps
        return QUICK_LEARNED_STEPS if self.learns else QUICK_STEPS

    @property
    def learns(self) -> bool:
        """Whether anybody does."""
        return self.learn and self.learner != NOBODY

    def run_options(self, seed: int) -> RunOptions:
        """Of the run that is watched: one learner, no references, all in one process."""
        return RunOptions(
            scenario=self.scenario, learners=(self.learner,), seed=seed, quick=self.quick, references=False,
            checkups=not self.quick, workers=0, out=self.out,
        )  # fmt: skip

    @property
    def rate(self) -> float:
        """Steps a second to begin with."""
        return math.inf if self.quick or not self.window else self.speed


Ended = Literal["life", "steps", "quit"]
