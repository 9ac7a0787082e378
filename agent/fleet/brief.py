"""What every learner of a fleet knows of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from agent.brief import Brief
from agent.fleet.convoy import Convoy
from agent.fleet.gardens import Grounds, Home
from agent.fleet.pupils import Pupil
from agent.run import memory_bytes


@dataclass(frozen=True)
class FleetBrief:
    """What every task of a fleet knows; small, for it travels between processes.

    Attributes:
        grounds: the gardens.
        learner: the recipe of all learners.
        seed: of the fleet.
        memory_share: size of a replay memory, as a share of the frames of all who feed it.
        folder: of the fleet.
        code: hash of the sources.
    """

    grounds: Grounds
    learner: str
    seed: int
    memory_share: float
    folder: Path
    code: str

    @property
    def homes(self) -> tuple[Home, ...]:
        return self.grounds.homes

    def garden_folder(self, garden: int) -> Path:
        """Where the log of a garden lies."""
        return self.folder / "gardens" / self.homes[garden].name

    def bound_bytes(self, pupil: Pupil) -> int:
        """Bound of a learner's memory: as many robots as feed it, as many times that of one."""
        return len(pupil.fed) * memory_bytes(self.homes[0].place, self.memory_share)

    def of(self, pupil: Pupil) -> Brief:
        """The brief of a learner, who lives in a convoy of those gardens that feed it.

        Every owner trains for as long as ever, so a learner of several robots is trained several times as long; one
        that is to make as many steps as that is trained as long.
        """
        pace = self.grounds.pace
        return Brief(
            place=Convoy(tuple(self.homes[i] for i in pupil.fed), self.seed),
            folder=self.folder / "pupils" / pupil.name(self.grounds.names).replace(" ", "-"),
            exam_every_days=self.grounds.exam_every_days,
            memory_bytes=self.bound_bytes(pupil),
            pace=replace(pace, commission_updates=pupil.robots * pace.commission_updates),
            cache=self.folder / "references",
            code=self.code,
        )

    def of_garden(self, garden: int) -> Brief:
        """The brief of a garden, for its log."""
        return Brief(
            place=self.homes[garden].place,
            folder=self.garden_folder(garden),
            exam_every_days=self.grounds.exam_every_days,
            memory_bytes=0,
            pace=self.grounds.pace,
            cache=self.folder / "references",
            code=self.code,
        )
