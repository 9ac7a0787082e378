"""Measured weather: a table of days in a CSV file, and the rule that fills what lies before and after it."""

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from scenarios.names import nearest
from scenarios.part import Part

Column = NDArray[np.float64]

LARGEST_BYTES = 8_000_000  # of a file: a century of days has about 2 MB
FEWEST_DAYS = 365  # below a year there is no mean year to fill from


@dataclass(frozen=True)
class Quantity:
    """A column of the file: what is measured, its unit and what is still believed."""

    unit: str
    low: float
    high: float
    meaning: str


COLUMNS = {
    "tmax_c": Quantity("deg C", -80, 60, "highest temperature of the day"),
    "tmin_c": Quantity("deg C", -90, 45, "lowest temperature of the day"),
    "precipitation_mm": Quantity("mm", 0, 600, "rain and the water of snow"),
    "wind_m_s": Quantity("m/s", 0, 60, "mean wind at 2 m"),
    "sunshine": Quantity("share", 0, 1, "bright hours as a share of the hours between sunrise and sunset"),
}


class MeasuredClimate(Part):
    """Weather from measured days in place of a climate's generator.

    Attributes:
        file: the CSV file; see `COLUMNS`. A scenario file names it relative to itself; kept as an absolute path.
        latitude_deg: where it was measured; negative in the south.
        digest: of the file's content, filled in when it is left out; another content is refused.
    """

    file: Annotated[str, Field(min_length=1, max_length=4096)]
    latitude_deg: Annotated[float, Field(ge=-70, le=70)]
    digest: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""

    @model_validator(mode="before")
    @classmethod
    def _find(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("file"), str) and data["file"]:
            path = Path(data["file"]).absolute()
            data = {**data, "file": str(path)}
            if not data.get("digest"):
                data["digest"] = hashlib.sha256(_content(path)).hexdigest()
        return data


@dataclass(frozen=True, eq=False)
class MeasuredDays:
    """Days without a gap, one row a day; arrays (N,) float64."""

    first: date
    tmax_c: Column
    tmin_c: Column
    precipitation_mm: Column  # rain and the water of snow
    wind_m_s: Column  # at 2 m
    sunshine: Column  # bright hours as a share of the day length, 0..1

    @property
    def days(self) -> int:
        """Number of rows."""
        return len(self.tmax_c)

    def cover(self, first: np.datetime64, days: int) -> "MeasuredDays":
        """The weather of exactly these days.

        What the file does not have is its own mean year: the mean, over the years in the file, of the same calendar
        day; 29 February is filled from 28 February if the file has none.

        Args:
            first: first date wanted.
            days: how many.

        Returns:
            MeasuredDays with arrays (days,).
        """
        wanted = first.astype("datetime64[D]") + np.arange(days)
        row = (wanted - np.datetime64(self.first)).astype(np.int64)
        inside = (row >= 0) & (row < self.days)
        slot, own = _slot(wanted), _slot(np.datetime64(self.first) + np.arange(self.days))
        count = np.bincount(own, minlength=366)
        columns = {}
        for name in COLUMNS:
            column: Column = getattr(self, name)
            mean = np.bincount(own, column, minlength=366) / np.maximum(count, 1)
            mean[_LEAP] = mean[_LEAP] if count[_LEAP] else mean[_LEAP - 1]
            columns[name] = np.where(inside, column[np.clip(row, 0, self.days - 1)], mean[slot])
        return MeasuredDays(first=wanted[0].item(), **columns)


_LEAP = 59  # the slot of 29 February in a year of 366 days


def _slot(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """(D,) 0..365: place of a calendar day in a leap year, so that 1 March is the same slot in every year."""
    months = dates.astype("datetime64[M]")
    day = (dates - months.astype("datetime64[D]")).astype(np.int64)
    before = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30])
    return before[months.astype(np.int64) % 12] + day


def read(climate: MeasuredClimate) -> MeasuredDays:
    """Read the days of a measured climate.

    Raises:
        ValueError: the file cannot be read, is not the one with this digest, or is not a table of days without gaps;
            the message names file and line.
    """
    return _read(climate.file, climate.digest)


@lru_cache(maxsize=8)
def _read(file: str, digest: str) -> MeasuredDays:
    content = _content(Path(file))
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{file}: the weather in this file is not what it was when the scenario was written down")
    return read_table(content, source=file)


def read_table(content: bytes, *, source: str) -> MeasuredDays:
    """Read a CSV table of days; `source` is what errors call it.

    Raises:
        ValueError: with file and line: a column is missing or unknown, a date is out of order, a value is absurd.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{source}: not text in UTF-8: {error}") from error
    dates: list[date] = []
    values: list[list[float]] = []
    columns: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in reader:
            if not cells or cells[0].lstrip().startswith("#"):
                continue
            cells = [cell.strip() for cell in cells]
            if not columns:
                columns = _header(cells)
                continue
            if len(cells) != len(columns):
                raise ValueError(f"{len(cells)} cells, but there are {len(columns)} columns")
            row = dict(zip(columns, cells, strict=True))
            dates.append(_date(row["date"], dates))
            values.append(_values(row))
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{source}:{reader.line_num}: {error}") from error
    if len(dates) < FEWEST_DAYS:
        raise ValueError(f"{source}: {len(dates)} days; at least {FEWEST_DAYS} are needed")
    table = np.array(values, dtype=np.float64)
    return MeasuredDays(dates[0], **{name: table[:, i] for i, name in enumerate(COLUMNS)})


def _header(cells: list[str]) -> list[str]:
    known = ["date", *COLUMNS]
    for cell in cells:
        if cell not in known:
            raise ValueError(nearest(cell, known, kind="column"))
    missing = [name for name in known if name not in cells]
    if missing or len(set(cells)) != len(cells):
        problem = f"missing: {', '.join(missing)}" if missing else "one is there twice"
        raise ValueError(f"the columns are {', '.join(known)}; {problem}")
    return cells


def _date(text: str, before: list[date]) -> date:
    """Read a date and see that it is the day after the last one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"date '{text}' is not a date such as 2030-04-10") from None
    if before:
        step = (day - before[-1]).days
        if step == 0:
            raise ValueError(f"{day} is there twice")
        if step < 0:
            raise ValueError(f"{day} comes after {before[-1]}; the days must be in order")
        if step > 1:
            raise ValueError(f"{day} comes after {before[-1]}; days that are missing: {step - 1}")
    return day


def _values(row: dict[str, str]) -> list[float]:
    """The numbers of a row in the order of `COLUMNS`."""
    numbers = []
    for name, quantity in COLUMNS.items():
        try:
            number = float(row[name])
        except ValueError:
            raise ValueError(f"{name} '{row[name]}' is not a number [{quantity.unit}]") from None
        if not quantity.low <= number <= quantity.high:  # also refuses nan
            raise ValueError(
                f"{name} is {row[name]}; believed are {quantity.low:g} to {quantity.high:g} {quantity.unit}"
            )
        numbers.append(number)
    tmax, tmin = numbers[:2]
    if tmin > tmax:
        raise ValueError(f"tmin_c ({tmin:g}) is above tmax_c ({tmax:g})")
    return numbers


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ValueError(f"{path}: there is no such file")
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"{path}: larger than {LARGEST_BYTES // 1_000_000} MB")
    return content
