"""The price table: a small YAML file that says what a GB-month, a kilowatt-hour and a label cost."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from agent.energy import JOULES_PER_KWH
from scenarios.names import nearest
from scenarios.untrusted import UntrustedError, parse_yaml, read_yaml

SHIPPED = "prices.yaml"


class PriceError(ValueError):
    """A price table that cannot be used; the message says which file and field, what was given, and what would do."""


@dataclass(frozen=True)
class Prices:
    """What things cost.

    Attributes:
        currency: of all prices.
        gb_month: of keeping 1e9 bytes for a month.
        kwh: of a kilowatt-hour.
        label: of a person's answer to one frame.
        gflops_per_watt: efficiency of the machine [1e9 operations a joule]; see `agent.energy`.
    """

    currency: str
    gb_month: float
    kwh: float
    label: float
    gflops_per_watt: float

    @property
    def flops_per_kwh(self) -> float:
        """Operations that a kilowatt-hour pays for.

        >>> Prices("EUR", 0.02, 0.3, 0.5, 10.0).flops_per_kwh
        3.6e+16
        """
        return self.gflops_per_watt * 1e9 * JOULES_PER_KWH


def read_prices(path: Path | None = None) -> Prices:
    """Read a price table; nothing in it is ever run.

    Args:
        path: of the file; None for the one that ships.

    Raises:
        PriceError: it cannot be read, is no mapping, lacks a field, has one too many, or a price makes no sense.
    """
    where = str(path or SHIPPED)
    try:
        if path is None:
            shipped = files("agent.compare").joinpath(SHIPPED).read_text(encoding="utf-8")
            given = parse_yaml(shipped, source=SHIPPED)
        else:
            given = read_yaml(path)
    except UntrustedError as error:
        raise PriceError(f"{error}; name a file of prices with --prices") from error
    names = [field.name for field in fields(Prices)]
    if not isinstance(given, Mapping):
        raise PriceError(f"{where}: holds {_kind(given)}; write a line for each of {', '.join(names)}")
    for name in given:
        if name not in names:
            raise PriceError(f"{where}: {nearest(str(name), names, kind='price')}")
    for name in names:
        if name not in given:
            raise PriceError(f"{where}: {name} is missing; write '{name}: {_example(name)}'")
    if not isinstance(given["currency"], str) or not 0 < len(given["currency"].strip()) <= 12:
        raise PriceError(f"{where}: currency is {given['currency']!r}; give up to 12 letters, such as EUR")
    numbers = {name: _number(where, name, given[name]) for name in names if name != "currency"}
    return Prices(currency=given["currency"].strip(), **numbers)


def _number(where: str, name: str, given: Any) -> float:
    """A price: 0 and more; an efficiency: above 0."""
    least = "above 0" if name == "gflops_per_watt" else "of 0 or more"
    fits = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    if not fits or given < 0 or (given == 0 and name == "gflops_per_watt"):
        raise PriceError(f"{where}: {name} is {given!r}; give a number {least}, such as {_example(name)}")
    return float(given)


def _example(name: str) -> str:
    return {"currency": "EUR", "gb_month": "0.02", "kwh": "0.30", "label": "0.50", "gflops_per_watt": "10"}[name]


def _kind(given: Any) -> str:
    return "nothing" if given is None else f"a {type(given).__name__}"
