"""What can be chosen for a run, apart from the scenario: one dataclass, shared by the command line and the library."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.device import check_device
from agent.stream import LABELS_PER_BLOCK
from agent.students import check_compiled, check_past_data, read_plan
from learners.computing import check_compiler, check_precision
from learners.recipes import DEFAULT_RECIPE
from scenarios.spec import Scenario

LEARN_EVERY = 12  # control steps between two updates in a garden
MAX_SEED = 2**31 - 1


@dataclass(frozen=True)
class RunOptions:
    """Options of a run."""

    scenario: str = "four_seasons"
    """A scenario that ships, or a .yaml file."""
    learners: tuple[str, ...] = ("frozen", "finetune", DEFAULT_RECIPE)
    """Recipes that live through the same stream, or mixtures as er+ewc+shrink; `run_sim.py learners` lists them. Behind
    an @ stands when to consolidate: er+ewc@every-100, @alarm, @season or @never."""
    seed: int = 0
    """Draws the garden, the weather and the first weights."""
    quick: bool = False
    """A coarse year in about a minute: fewer steps a day, fewer updates, fewer probes."""
    learn_every: int | None = None
    """Frames between two updates: 12 in a garden; in a folder of frames as many as bring 8 answers."""
    memory_share: float = 0.01
    """Size of a replay memory, as a share of the stream's frames."""
    exam_every_days: int = 10
    """Days between two exams on the probes."""
    monitor_budget: float = 0.10
    """What exams and checkups may cost, as a share of the run's work in frames through the net; days between exams are
    stretched to fit. inf for no bound."""
    burst_days: int = 8
    """Days after a season's turn or an alarm on which a small exam is sat daily, fewer if the budget wants it; 0 for
    none."""
    checkups: bool = True
    """Whether nets are looked into once a season: weights, units, features, gradients, trainability."""
    past_data: bool = True
    """Whether pictures of the past may be kept; without, recipes that need them are refused."""
    gate: int = 0
    """Updates after which what was learned is served, if it does no harm to a guard set; decisions go to
    decisions.jsonl. 0 for no gate: every update is served at once."""
    frames: Path | None = None
    """Live through this folder of your own dated images and masks instead of a garden; see docs/own_data.md."""
    keep_weights: int = 16
    """Sets of weights of each learner that are kept along its life, at most, to look through with `view`; 387 kB each.
    0 for those of its end alone."""
    checkpoint_every_days: int = 30
    """Days of the life after which it is set aside on disk, so that `run_sim.py resume` goes on there; 0 for never.
    With --quick 90 instead of 30."""
    keep_checkpoints: int = 4
    """Checkpoints of each life that stay when the run has finished, at most, so that `run_sim.py fork` need not live it
    from the beginning; 7 MB each with er+ewc. 0 for none."""
    references: bool = True
    """Also train `joint` and `joint@converged`, against which gaps are measured."""
    device: str = "cpu"
    """Where nets learn and are asked: cpu, or cuda if there is a GPU. Equal bits are promised on a processor only."""
    precision: str = "float32"
    """Numbers in which nets compute: float32, or bfloat16 in passes, weights and losses staying float32."""
    compile: bool = False
    """Whether passes of the run's usual numbers of frames are compiled (torch.compile): a minute or so at the start of
    each process, and a C++ compiler is needed."""
    threads: int = 1
    """Torch threads of each process. Another number gives other bits, and so do precision and compile."""
    workers: int = 2
    """Processes, of --threads torch threads each; 0 runs everything in this one."""
    out: Path = field(default_factory=lambda: Path("runs"))
    """Folder in which the run's own folder is made."""

    def check(self) -> None:
        """See that the options make sense.

        Raises:
            ValueError: one does not; the message says which, what was given, and what would do.
        """
        meant = [read_plan(name).name for name in self.learners]
        if not self.learners:
            raise ValueError("learners: name at least one; `run_sim.py learners` lists them")
        if len(set(meant)) < len(meant):
            raise ValueError(f"learners: one is named twice in {' '.join(self.learners)}")
        if not self.past_data:
            for name in self.learners:
                check_past_data(name)
            if self.gate:
                raise ValueError("--gate keeps a guard set of past frames, which --no-past-data forbids; choose one")
        if self.frames is not None and self.scenario != RunOptions.scenario:
            raise ValueError(f"--frames {self.frames} and --scenario {self.scenario}: give one of them")
        _at_least("gate", self.gate, 0)
        _at_least("seed", self.seed, 0)
        if self.seed > MAX_SEED:
            raise ValueError(f"seed is {self.seed}; give at most {MAX_SEED}: larger ones are the exam's gardens")
        if self.learn_every is not None:
            _at_least("learn-every", self.learn_every, LABELS_PER_BLOCK)
        _at_least("exam-every-days", self.exam_every_days, 1)
        _at_least("burst-days", self.burst_days, 0)
        if not self.monitor_budget > 0.0:
            raise ValueError(
                f"monitor-budget is a share of the run's work above 0, or inf for no bound, not {self.monitor_budget}"
            )
        _at_least("keep-weights", self.keep_weights, 0)
        _at_least("checkpoint-every-days", self.checkpoint_every_days, 0)
        _at_least("keep-checkpoints", self.keep_checkpoints, 0)
        _at_least("workers", self.workers, 0)
        _at_least("threads", self.threads, 1)
        check_device(self.device)
        check_precision(self.precision, compiled=self.compile)
        if self.compile:
            for name in self.learners:
                check_compiled(name)
            check_compiler(self.device)
        if not 0.0 < self.memory_share <= 1.0:
            raise ValueError(f"memory-share is a share above 0 and at most 1, not {self.memory_share}")


@dataclass(frozen=True)
class Pace:
    """How much is done in a run: what `--quick` reduces."""

    commission_updates: int = 500
    converge_updates: int = 4000  # where `joint@converged` gives up, at the latest
    home_frames: int = 16  # probes of a phase in the robot's own garden,
    away_frames: int = 32  # in gardens never visited,
    next_year_frames: int = 16  # and at home in another weather year


QUICK_PACE = Pace(commission_updates=120, converge_updates=240, home_frames=4, away_frames=8, next_year_frames=4)
QUICK_CHECKPOINT_DAYS = 90  # of which each has a sixth of the usual steps
QUICK_STEPS_PER_DAY, QUICK_STEPS = 4, 2000  # control steps a day, and fewer in lives that would be longer than that


def paced(options: RunOptions, scenario: Scenario) -> tuple[RunOptions, Scenario, Pace]:
    """Apply `--quick`: the same life with fewer steps a day, fewer updates and a shorter exam.

    A long life has fewer steps a day still, but enough for commissioning to fill a block.
    """
    if not options.quick:
        return options, scenario, Pace()
    steps_per_day = min(QUICK_STEPS_PER_DAY, int(QUICK_STEPS * scenario.speed / scenario.days))
    block = options.learn_every or LEARN_EVERY
    steps_per_day = max(1, steps_per_day, math.ceil(block * scenario.speed / scenario.commissioning_days))
    scenario = scenario.model_copy(update={"steps_per_day": min(steps_per_day, scenario.steps_per_day)})
    options = replace(options, exam_every_days=max(30, options.exam_every_days))
    if options.checkpoint_every_days == RunOptions.checkpoint_every_days:  # who asks for another number has it
        options = replace(options, checkpoint_every_days=QUICK_CHECKPOINT_DAYS)
    return options, scenario, QUICK_PACE


def _at_least(name: str, given: int, least: int) -> None:
    if given < least:
        raise ValueError(f"{name} is {given}; give at least {least}")
