"""What can be chosen for a comparison: one dataclass, shared by the command line and the library."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agent.garden_options import BASELINES
from agent.options import LEARN_EVERY, MAX_SEED
from agent.realtime import RealTime
from agent.sources import code_hash
from agent.stream import LABELS_PER_BLOCK
from agent.students import SCHEDULES, check_past_data, read_plan
from learners.recipes import DEFAULT_RECIPE

Missed = Literal["lost", "kept"]


@dataclass(frozen=True)
class CompareOptions:
    """Options of a comparison."""

    scenario: str = "four_seasons"
    """A scenario that ships, or a .yaml file."""
    learners: tuple[str, ...] = ("frozen", "finetune", "er", DEFAULT_RECIPE)
    """Who is compared; `run_sim.py learners` lists them. With --drive gardener also ideal, blind and seeing."""
    seeds: tuple[int, ...] = (300, 301, 302)
    """One world each: garden, weather and first weights. All learners live in all of them."""
    drive: Literal["patrol", "gardener"] = "patrol"
    """patrol: the route does not depend on what is seen, so all learners of a seed see the same frames, which is
    checked. gardener: each drives a life of its own in the same garden and weather; only what became of the plants is
    compared."""
    realtime: Literal["off", "flops", "wall"] = "off"
    """The world does not wait: slow learners miss frames, by their counted operations on a machine of a stated rate.
    With `--realtime wall` by the clock, which nobody can reproduce."""
    machine_gflops: float = 0.2
    """Rate of that machine [GFLOP/s]. Fine-tuning the default net just keeps pace with a frame a second at 0.2."""
    step_seconds: float = 1.0
    """Seconds between two frames in real time: a manoeuvre of up to half a metre."""
    missed: Missed = "lost"
    """What becomes of the answers of a block that was missed: lost, or kept in the memory of a learner that has one."""
    vary: bool = False
    """Draw the stability-plasticity plane: also live with other strengths of a learner's regularizer and other shares
    of replay."""
    vary_strengths: tuple[float, ...] = (0.1, 10.0)
    """With --vary: factors on the strength of a learner's regularizer."""
    vary_shares: tuple[float, ...] = (0.25, 0.75)
    """With --vary: shares of an update's frames that are recalled; the recipes' own is 0.5."""
    prices: Path | None = None
    """A price table of your own in place of agent/compare/prices.yaml."""
    retrain_every: int = 30
    """Days between two trainings of the joint reference, where remembering is weighed against retraining."""
    quick: bool = False
    """Coarse years: fewer steps a day, fewer updates, fewer probes."""
    learn_every: int = LEARN_EVERY
    """Control steps between two updates."""
    memory_share: float = 0.01
    """Size of a replay memory, as a share of the stream's frames."""
    exam_every_days: int = 10
    """Days between two exams on the probes; at least 30 with --quick."""
    past_data: bool = True
    """Whether pictures of the past may be kept; without, recipes that need them are refused."""
    references: bool = True
    """Also train joint@converged in every world, against which gaps and retraining are measured."""
    workers: int = 2
    """Processes, of one torch thread each; 0 runs everything in this one."""
    out: Path = field(default_factory=lambda: Path("runs/compare"))
    """Holds what was lived, so that it is not lived again as long as the sources are the same (`kept/`), and a new
    folder for the results of every comparison."""

    @property
    def kept(self) -> Path:
        """Where worlds and rows are kept: of other sources than these, lives would be others."""
        return self.out / "kept" / code_hash()

    @property
    def real_time(self) -> RealTime | None:
        """How fast the world goes by; None where it waits."""
        if self.realtime == "off":
            return None
        return RealTime(self.realtime, self.machine_gflops, self.step_seconds, self.missed)

    @property
    def reproducible(self) -> bool:
        """Whether the same command gives the same numbers."""
        return self.realtime != "wall"

    def check(self) -> None:
        """See that the options make sense.

        Raises:
            ValueError: one does not; the message says which, what was given, and what would do.
        """
        self._check_names()
        self._check_seeds()
        if self.vary and self.drive == "gardener":
            raise ValueError("--vary draws a plane of marks, and gardeners have none; leave one of the two out")
        if not self.past_data:
            for name in self.learners:
                check_past_data(name)
            if self.drive == "gardener":
                raise ValueError("--no-past-data is for --drive patrol; gardeners may keep pictures")
        for name in ("machine_gflops", "step_seconds"):
            if not 0.0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{_flag(name)} is {getattr(self, name):g}; give a number above 0")
        if any(not 0.0 <= factor < float("inf") for factor in self.vary_strengths):
            raise ValueError(f"--vary-strengths are factors of 0 and more, not {_told(self.vary_strengths)}")
        if any(not 0.0 < share < 1.0 for share in self.vary_shares):
            raise ValueError(
                f"--vary-shares lie between 0 and 1, not {_told(self.vary_shares)}; finetune replays nothing"
            )
        for name, least in (("retrain_every", 1), ("learn_every", LABELS_PER_BLOCK), ("exam_every_days", 1)):
            _at_least(name, getattr(self, name), least)
        _at_least("workers", self.workers, 0)
        if not 0.0 < self.memory_share <= 1.0:
            raise ValueError(f"--memory-share is a share above 0 and at most 1, not {self.memory_share:g}")

    def _check_names(self) -> None:
        if not self.learners:
            raise ValueError("--learners: name at least one; `run_sim.py learners` lists them")
        drives = self.drive == "gardener"
        meant = [name if drives and name in BASELINES else read_plan(name).name for name in self.learners]
        if len(set(meant)) < len(meant):
            raise ValueError(f"--learners: one is named twice in {' '.join(self.learners)}")
        if drives and (scheduled := next((name for name in meant if name in SCHEDULES), None)):
            raise ValueError(f"--learners: {scheduled} is trained on a stream known beforehand; nobody drives it")

    def _check_seeds(self) -> None:
        if not self.seeds:
            raise ValueError("--seeds: give at least one")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"--seeds: one is given twice in {_told(self.seeds)}")
        wrong = next((seed for seed in self.seeds if not 0 <= seed <= MAX_SEED), None)
        if wrong is not None:
            raise ValueError(f"--seeds: {wrong} is none; give 0 to {MAX_SEED}")


def _at_least(name: str, given: int, least: int) -> None:
    if given < least:
        raise ValueError(f"{_flag(name)} is {given}; give at least {least}")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _told(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:g}" for value in values)
