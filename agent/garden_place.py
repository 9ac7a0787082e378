"""A garden as a place: the robot's own garden is lived in, and others are asked about."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any

import numpy as np

from agent.monitor.probes import PHASES, Bank, build_banks, phase_days, phase_names
from agent.monitor.scores import ClassInfo, Phase
from agent.nature import nature
from agent.seasons import season
from agent.sources import WORLD, code_hash
from agent.stream import LABELS_PER_BLOCK, PatrolStream
from garden_env.garden import Garden, plant_garden
from scenarios.spec import Scenario
from scenarios.tables import CLASSES

PICTURE_SCALE = 3  # pictures for people are drawn this much larger than what learners see


@dataclass(frozen=True)
class GardenPlace:
    """A garden, its weather and its exam, all drawn from one seed; implements `agent.place.Place`.

    Attributes:
        scenario: what happens there.
        seed: draws the garden, the weather and the exam.
        learn_every: control steps between two updates.
        home_frames, away_frames, next_year_frames: frames a phase, by bank.
    """

    scenario: Scenario = field(hash=False)  # it holds a dict; equal places still have equal scenarios
    seed: int
    learn_every: int = 12
    home_frames: int = 16
    away_frames: int = 32
    next_year_frames: int = 16
    labels_per_block: int = field(default=LABELS_PER_BLOCK, init=False)

    @property
    def name(self) -> str:
        return self.scenario.name

    @property
    def told(self) -> str:
        return self.scenario.climate_name

    @property
    def fingerprint(self) -> str:
        frames = self.learn_every, self.labels_per_block, self.home_frames, self.away_frames, self.next_year_frames
        parts = self.scenario.hash, self.seed, *frames, code_hash(WORLD)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def start(self) -> date:
        return self.scenario.start

    @property
    def days(self) -> int:
        return self.scenario.days

    @property
    def commissioning_days(self) -> int:
        return self.scenario.commissioning_days

    @property
    def life_steps(self) -> int:
        return self.scenario.life_steps

    @property
    def commissioning_steps(self) -> int:
        commissioning = self.scenario.model_copy(update={"days": self.scenario.commissioning_days})
        return commissioning.life_steps // self.learn_every * self.learn_every

    @property
    def frame_px(self) -> tuple[int, int]:
        return self.scenario.camera.height_px, self.scenario.camera.width_px

    @property
    def classes(self) -> tuple[ClassInfo, ...]:
        return tuple(ClassInfo(row.name, row.rgb) for row in CLASSES.values())

    @property
    def phases(self) -> tuple[Phase, ...]:
        names = phase_names(self.scenario)
        return tuple(
            Phase(name, (self.start + timedelta(days=day),)) for name, day in zip(names, self.phase_days, strict=True)
        )

    @property
    def phase_days(self) -> tuple[int, ...]:
        return tuple(phase_days(self.scenario))

    @property
    def exam_frames(self) -> int:
        return len(PHASES) * (self.home_frames + self.away_frames + self.next_year_frames)

    @property
    def garden(self) -> Garden:
        """The robot's own garden; the last few are kept."""
        return _garden(self)

    def season(self, day: int) -> str:
        """The meteorological season where the garden then is."""
        today, turn = self.start + timedelta(days=day), self.scenario.crosses_equator
        southern = self.scenario.southern != (turn is not None and today >= turn)
        return season(today, southern=southern)

    def as_config(self) -> dict[str, Any]:
        """The scenario, as its file would have it."""
        return {"scenario": self.scenario.model_dump(mode="json", exclude_none=True)}

    def stream(self) -> PatrolStream:
        """The life that every learner of a run sees."""
        return PatrolStream(self.garden, learn_every=self.learn_every, labels_per_block=self.labels_per_block)

    def banks(self) -> dict[str, Bank]:
        """The exam; the last few are kept."""
        return _banks(self)

    def nature(self) -> dict[str, list[float]]:
        """What the garden itself does, see `agent.nature`."""
        return nature(self.garden)

    def picture(self, bank: Bank, phase: int, frame: int) -> np.ndarray:
        """A frame of the bank of this garden, drawn larger."""
        camera = self.scenario.camera
        large = camera.model_copy(
            update={"width_px": PICTURE_SCALE * camera.width_px, "height_px": PICTURE_SCALE * camera.height_px}
        )
        day, hour, pose = int(bank.days[phase, frame]), bank.hours[phase, frame], bank.poses[phase, frame]
        return self.garden.view(day, hour, pose, large).rgb.copy()


@lru_cache(maxsize=2)
def _garden(place: GardenPlace) -> Garden:
    return plant_garden(place.scenario, place.seed)


@lru_cache(maxsize=2)
def _banks(place: GardenPlace) -> dict[str, Bank]:
    commissioning = takewhile(lambda block: block.step <= place.commissioning_steps, place.stream())
    return build_banks(
        place.garden,
        home_frames=place.home_frames,
        away_frames=place.away_frames,
        next_year_frames=place.next_year_frames,
        avoid=np.concatenate([block.poses for block in commissioning]),
    )
