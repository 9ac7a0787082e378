"""A run that is over, opened by its folder: how it was configured, where it lived, what its log says, and its nets."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from agent.garden_place import GardenPlace
from agent.kept_weights import days_kept, weights_path
from agent.monitor.log import FILE_NAME, Log
from agent.nets import fresh_net
from agent.students import read_plan
from learners.base import Learner
from learners.frozen import Frozen
from learners.recipes import make_learner
from learners.weight_files import put_weights, read_weights
from scenarios.spec import Scenario
from scenarios.untrusted import UntrustedError, read_json

CONFIG = "config.json"
WANTED = "give the folder of a run, runs/<time>-<scenario>"
EXAM = ("home_frames", "away_frames", "next_year_frames")
WHOLE = ("seed", "learn_every", *EXAM)
MOST = 2**63, 100_000  # a seed; and any other of these
OBJECTS = ("options", "learners", "scenario", "frames", "hashes", "versions", "monitor")
Row = dict[str, Any]


class PastError(ValueError):
    """A folder from which a run cannot be read; the message names the file and says what would do."""


def read_config(folder: Path) -> Row:
    """What a folder's `config.json` says; empty without one, for a report can be made of a log alone.

    Raises:
        PastError: it is damaged.
    """
    path = folder / CONFIG
    if not path.is_file():
        return {}
    try:
        config = read_json(path)
    except UntrustedError as error:
        raise PastError(f"{error}; it was damaged or cut off, so run again") from None
    for name in OBJECTS:
        if not isinstance(config.get(name, {}), dict):
            raise PastError(f"{path}: {name}: expected an object, given {str(config[name])[:60]!r}; {WANTED}")
    return config


@dataclass(frozen=True)
class PastRun:
    """A run, by its folder.

    Attributes:
        folder: of the run.
        config: as its `config.json` has it.
    """

    folder: Path
    config: Row

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a run that has begun, whether or not it came to its end.

        Raises:
            PastError: it is no folder, or no run's.
        """
        path = folder / CONFIG
        if not path.is_file():
            there = "" if folder.is_dir() else f", for {folder} is {'a file' if folder.exists() else 'not there'}"
            raise PastError(f"{path} does not exist{there}; {WANTED}")
        config = read_config(folder)
        if not any(kind in config for kind in ("scenario", "frames")):
            raise PastError(f"{path}: names neither a 'scenario' nor 'frames', so it is of no run; {WANTED}")
        return cls(folder, config)

    @property
    def options(self) -> Row:
        """What was chosen, by name."""
        return self.config.get("options", {})

    @property
    def had_garden(self) -> bool:
        """Whether it lived in a garden, and not in a folder of frames."""
        return "scenario" in self.config

    @property
    def of_gardeners(self) -> bool:
        """Whether gardeners drove, each its own way, and no learners on one patrol."""
        return "gardeners" in self.options

    @cached_property
    def place(self) -> GardenPlace:
        """The garden in which its learners lived.

        Raises:
            PastError: there was none, gardeners drove, or its description is of another version.
        """
        path = self.folder / CONFIG
        if not self.had_garden:
            raise PastError(f"{self.folder} lived in a folder of frames, and there is no garden to go back to")
        if self.of_gardeners:
            raise PastError(
                f"{self.folder}: gardeners see what they drive to, each another stream; give a `run_sim.py run`"
            )
        missing = [name for name in ("seed", "learn_every") if name not in self.options]
        if missing:
            raise PastError(f"{path}: options.{missing[0]} is missing; {WANTED}")
        for name in WHOLE:
            given = self.options.get(name, 1)
            if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= MOST[name != "seed"]:
                raise PastError(f"{path}: options.{name}: expected a whole number, given {str(given)[:60]!r}; {WANTED}")
        try:
            scenario = Scenario.model_validate(self.config["scenario"])
        except ValidationError as error:
            part = error.errors()[0]
            where = ".".join(map(str, ("scenario", *part["loc"])))
            raise PastError(
                f"{path}: {where}: {part['msg'].removeprefix('Value error, ')}; it was written by {self._version}, "
                "which described gardens otherwise, so run again"
            ) from None
        exam = {name: self.options[name] for name in EXAM if name in self.options}
        return GardenPlace(scenario, self.options["seed"], self.options["learn_every"], **exam)

    @property
    def same_world(self) -> bool:
        """Whether this program draws the garden's frames as the run saw them, bit for bit."""
        return self.place.fingerprint == self.config.get("hashes", {}).get("place")

    @cached_property
    def log(self) -> Log:
        """What it wrote of its learners.

        Raises:
            PastError: there is no log, or it is damaged or of another version.
        """
        if not (self.folder / FILE_NAME).is_file():
            raise PastError(
                f"{self.folder / FILE_NAME} does not exist: the run ended before its robot was commissioned; run again"
            )
        try:
            return Log.read(self.folder)
        except ValueError as error:
            raise PastError(f"{self.folder}: {error}") from error

    @property
    def learners(self) -> tuple[str, ...]:
        """Who lived in it, in the order of the run."""
        return self.log.learners

    def learner_of(self, name: str) -> str:
        """Which learner goes by a name: that of the name, but in a fork a branch's own."""
        return self.config.get("fork", {}).get("branches", {}).get(name, name)

    def days_kept(self, name: str) -> tuple[int, ...]:
        """The days of the life whose weights of a learner were kept, besides those at its end."""
        return days_kept(self.folder, name)

    def eyes(self, name: str, day: int | None = None, *, recipe: str | None = None) -> Learner:
        """Who sees with a learner's weights as that learner saw; it is not meant to learn on.

        Args:
            name: one of its learners, a reference, or 'commissioned'.
            day: one of `days_kept`; the end of its life if not given.
            recipe: whose net it was by then, where another recipe had taken over; that of its name if not given.

        Raises:
            PastError: the weights are not there, damaged, or of a net that this program cannot build by itself.
        """
        path = weights_path(self.folder, name, day)
        if not path.is_file():
            raise PastError(
                f"{path} does not exist"
                + (f": the life of {name} did not come to its end; run it again" if day is None else "")
            )
        try:
            weights = read_weights(path)
        except ValueError as error:
            raise PastError(str(error)) from None
        net = fresh_net(int(self.options.get("seed", 0)), self._classes)
        try:
            if not any(weight.endswith("_extra_state") for weight in weights):
                put_weights(net, weights, source=str(path))
                return Frozen(net)
            learner = make_learner(
                read_plan(self.learner_of(recipe or name)).recipe.name,
                net,
                seed=0,
                memory_bytes=max(int(self.options.get("memory_bytes", 0)), 1),
            )
            put_weights(learner.net, weights, source=str(path))
            return learner
        except ValueError as error:
            raise PastError(f"{error}; it is not the default net, the only one that can be built anew") from None

    @property
    def _classes(self) -> int:
        return len(self.place.classes) if self.had_garden else len(self.log.classes)

    @property
    def _version(self) -> str:
        return f"Evergreen {self.config.get('versions', {}).get('evergreen', 'of another version')}"
