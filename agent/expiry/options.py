"""What can be chosen for a study of shelf life."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.expiry.definition import Terms
from agent.options import MAX_SEED
from agent.run import NET_SIDES
from agent.students import read_plan

TUNING_SEED = 500  # from here on, no figure is reported
QUICK_FRAMES = 8  # of a look


@dataclass(frozen=True)
class ExpiryOptions:
    """Options of a study of shelf life."""

    learners: tuple[str, ...] = ("frozen",)
    """Who lives in every world; frozen costs no life, only a look at its days."""
    seeds: tuple[int, ...] = (300, 301, 302, 303)
    """A garden each, with its weather and its first weights."""
    climates: tuple[str, ...] = ("humid_continental", "temperate_oceanic", "mediterranean")
    """Climates in which each garden stands; or scenarios, by name or .yaml file, taken as they are."""
    axis: tuple[str, ...] = ()
    """Rank drift axes instead: nature stands still, and one axis ramps. Names of axes or groups, or `all`."""
    scenario: str = "four_seasons"
    """The scenario whose climate is exchanged, or whose nature stands still."""
    share: float = 0.9
    """A model has expired when its competence stays below this share of its home value."""
    stays_days: int = 14
    """So long it must stay there."""
    days: int | None = None
    """Length of a life, or of a ramp; the scenario's own, or a year."""
    every_days: int | None = None
    """Days between two looks; 7, where axes are ranked 14."""
    frames: int = 16
    """Frames of a look, at random poses; the same poses on all days."""
    picture_px: int | None = None
    """Height and width of the pictures; the scenario's own if not given. 32 is four times as fast as 64."""
    commission_updates: int = 250
    """Updates of commissioning; half of what a run makes."""
    quick: bool = False
    """A coarse answer: half of the frames, half of the looks."""
    forecaster: Path | None = None
    """Best-before forecasts by this file instead of the one that ships."""
    calibrate: tuple[int, ...] = ()
    """Fit a forecaster in these gardens first (seeds from 500 on), and use it."""
    of: Path | None = None
    """Say best before when, of the models of this finished run, and do nothing else."""
    workers: int = 2
    """Processes, of one torch thread each; 0 runs everything in this one."""
    out: Path = field(default_factory=lambda: Path("runs/expiry"))
    """Folder of the results; what was lived is kept in it and not lived again."""
    overwrite: bool = False
    """Replace the answer to another question; what was lived stays, and serves both."""

    @property
    def terms(self) -> Terms:
        """What "expired" means."""
        return Terms(self.share, self.stays_days)

    @property
    def tick_days(self) -> int:
        """Days between two looks."""
        return self.every_days or (14 if self.axis or self.quick else 7)

    @property
    def look_frames(self) -> int:
        """Frames of a look."""
        return min(self.frames, QUICK_FRAMES) if self.quick else self.frames

    @property
    def question(self) -> dict[str, Any]:
        """What decides the answer, as JSON has it."""
        aside = ("of", "workers", "out", "overwrite", "forecaster", "every_days", "frames", "quick")
        plain = {key: value for key, value in vars(self).items() if key not in aside}
        plain |= {"every_days": self.tick_days, "frames": self.look_frames}
        plain["forecaster"] = None if self.forecaster is None else self.forecaster.name
        return {key: list(value) if isinstance(value, tuple) else value for key, value in sorted(plain.items())}

    def check(self) -> None:
        """See that the options make sense.

        Raises:
            ValueError: one does not; the message says which, what was given, and what would do.
        """
        assert self.terms
        if not self.learners:
            raise ValueError("learners: name at least one; `run_sim.py learners` lists them")
        meant = [read_plan(name).name for name in self.learners]
        if len(set(meant)) < len(meant):
            raise ValueError(f"learners: one is named twice in {' '.join(self.learners)}")
        if self.axis and meant != ["frozen"]:
            raise ValueError("--axis looks at a model that does not learn; leave out --learners")
        for name, seeds in (("seeds", self.seeds), ("calibrate", self.calibrate)):
            if len(set(seeds)) < len(seeds):
                raise ValueError(f"{name}: one is named twice in {' '.join(map(str, seeds))}")
            if any(not 0 <= seed <= MAX_SEED for seed in seeds):
                raise ValueError(f"{name}: give 0 to {MAX_SEED}, not {min(seeds)} to {max(seeds)}")
        if not self.seeds or not (self.climates or self.axis):
            raise ValueError("give at least one of --seeds and one of --climates")
        if any(seed < TUNING_SEED for seed in self.calibrate):
            raise ValueError(
                f"calibrate: {min(self.calibrate)} is kept for reporting; give seeds from {TUNING_SEED} on"
            )
        if set(self.calibrate) & set(self.seeds):
            raise ValueError("calibrate: a garden in which a forecaster was fitted cannot score it; give other --seeds")
        if self.calibrate and len(self.calibrate) < 2:
            raise ValueError("calibrate: give at least two gardens: one to fit in, one to learn how wrong the fit is")
        if self.calibrate and self.axis:
            raise ValueError("--axis and --calibrate: forecasts are of gardens in which nature moves; give one of them")
        least = {"frames": 1, "commission-updates": 1, "workers": 0}
        for name, low in least.items():
            if getattr(self, name.replace("-", "_")) < low:
                raise ValueError(f"{name} is {getattr(self, name.replace('-', '_'))}; give at least {low}")
        if self.picture_px is not None and (self.picture_px < 16 or self.picture_px % NET_SIDES):
            raise ValueError(f"picture-px is {self.picture_px}; give a multiple of {NET_SIDES}, at least 16")
        for name in ("days", "every-days"):
            given = getattr(self, name.replace("-", "_"))
            if given is not None and given < 1:
                raise ValueError(f"{name} is {given}; give at least 1")
