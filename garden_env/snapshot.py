"""A whole world, set aside: kept in memory or on disk, put back, or let live twice.

Gardens are not written out: they are planted anew from scenario and seeds, which give the same bits. What is written is
what robots have changed. The file is a `garden_env.container`; `docs/world.md` lists what is in it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from garden_env.container import ContainerError, read, write
from garden_env.injection import Injection
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario

FORMAT, VERSION = "evergreen snapshot", 2
WORLD = "evergreen/Garden-v0"  # whose pixels and dynamics the arrays belong to
BY_GARDEN = {  # dtype and shape after the axis of gardens; P is the most plants that any of them has
    "pose": ("<f8", (3,)),
    "tank_l": ("<f8", ()),
    "odometry_error_m": ("<f8", (2,)),
    "bumped": ("|b1", ()),
    "motion": ("<f8", (2,)),
    "depletion_mm": ("<f8", ("P",)),
    "skin_mm": ("<f8", ("P",)),
    "ks": ("<f8", ("P",)),
    "alive": ("|b1", ("P",)),
    "severe_d": ("<f8", ("P",)),
}


class SnapshotError(ValueError):
    """A snapshot that cannot be used; the message names the file and says why."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What makes a world at a control step.

    Attributes:
        steps: control steps done.
        gardens: scenario with all events dropped in, seed and weather seed of each.
        injected: the events dropped in, in order.
        arrays: copies, by the names of `BY_GARDEN`.
    """

    steps: int
    gardens: tuple[tuple[Scenario, int, int], ...]
    injected: tuple[Injection, ...]
    arrays: dict[str, np.ndarray]

    def save(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Write it to a file, whole or not at all.

        Raises:
            FileExistsError: there is a file and `overwrite` is not set.
        """
        header = _Header(
            world=WORLD,
            steps=self.steps,
            gardens=[_Planted(scenario=s, hash=s.hash, seed=a, weather_seed=b) for s, a, b in self.gardens],
            injected=[_Dropped(**vars(injection)) for injection in self.injected],
        )
        fields = header.model_dump(mode="json")
        write(path, self.arrays, fields, format_name=FORMAT, version=VERSION, overwrite=overwrite)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read one from a file.

        Raises:
            SnapshotError: no such file, not a snapshot, of another version, damaged, or with a scenario or arrays that
                make no sense.
        """
        try:
            arrays, fields = read(path, format_name=FORMAT, version=VERSION)
        except ContainerError as error:
            raise SnapshotError(str(error)) from error
        if fields.get("world") != WORLD:
            raise SnapshotError(f"{path}: of the world {fields.get('world')}; this program lives {WORLD}")
        try:
            header = _Header.model_validate(fields)
        except ValidationError as error:
            part = error.errors()[0]
            where = ".".join(map(str, part["loc"]))
            raise SnapshotError(f"{path}: {where}: {part['msg'].removeprefix('Value error, ')}") from error
        for i, planted in enumerate(header.gardens):
            if planted.hash != planted.scenario.hash:
                raise SnapshotError(
                    f"{path}: gardens.{i}: its scenario {planted.scenario.name} reads as {planted.scenario.hash}, but "
                    f"was {planted.hash}: a program with other scenarios wrote it"
                )
        return cls(
            header.steps,
            tuple((planted.scenario, planted.seed, planted.weather_seed) for planted in header.gardens),
            tuple(
                Injection(**{name: getattr(drop, name) for name in _Dropped.model_fields}) for drop in header.injected
            ),
            checked(arrays, len(header.gardens), source=str(path)),
        )


def checked(
    arrays: dict[str, np.ndarray], gardens: int, *, source: str, plants: int | None = None
) -> dict[str, np.ndarray]:
    """The arrays, if they are those of a world of so many gardens and, if given, so many plants in the largest.

    Raises:
        SnapshotError: some are missing, or unknown, or of another dtype or shape, or not finite.
    """
    if set(arrays) != set(BY_GARDEN):
        wrong = sorted(set(arrays) ^ set(BY_GARDEN))
        raise SnapshotError(f"{source}: holds other arrays than a world has: {', '.join(wrong)} missing or unknown")
    if plants is None:
        plants = arrays["ks"].shape[-1] if arrays["ks"].ndim == 2 else 0
    for name, (dtype, axes) in BY_GARDEN.items():
        shape = (gardens, *(plants if axis == "P" else axis for axis in axes))
        array = arrays[name]
        if array.dtype.str != dtype or array.shape != shape:
            raise SnapshotError(f"{source}: {name} is {array.dtype.str} {array.shape}; expected {dtype} {shape}")
        if not np.isfinite(array).all():
            raise SnapshotError(f"{source}: {name} holds numbers that are not finite")
    return arrays


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Planted(_Part):
    scenario: Scenario
    hash: str
    seed: NonNegativeInt
    weather_seed: NonNegativeInt


class _Dropped(_Part):
    step: NonNegativeInt
    garden: NonNegativeInt
    event: DriftEvent
    hash: str


class _Header(_Part):
    world: str
    steps: NonNegativeInt
    gardens: list[_Planted]
    injected: list[_Dropped]
