"""What differs between two scenarios, field by field and event by event."""

from difflib import SequenceMatcher
from typing import Any, NamedTuple

from scenarios.drift import DriftEvent
from scenarios.measured import MeasuredClimate
from scenarios.part import Part
from scenarios.spec import Scenario


class Difference(NamedTuple):
    """One field that is not the same; '' where one of the two has nothing."""

    field: str
    first: str
    second: str


def differences(first: Scenario, second: Scenario) -> list[Difference]:
    """All that differs; nothing if and only if the two are equal.

    >>> a, b = Scenario(name="a"), Scenario(name="a", days=90, drift=(DriftEvent(axis="camera.noise", add=9),))
    >>> for row in differences(a, b):
    ...     print(*row, sep=" | ")
    days | 456 | 90
    drift[0] |  | camera.noise add 9
    """
    return [row for row in _parts(first, second, "") if row.field != "drift"] + _events(first.drift, second.drift)


def _parts(first: Part, second: Part, prefix: str) -> list[Difference]:
    rows = []
    for name in type(first).model_fields:
        a, b, field = getattr(first, name), getattr(second, name), f"{prefix}{name}"
        if a == b:
            continue
        if isinstance(a, Part) and type(a) is type(b):
            rows += _parts(a, b, f"{field}.")
        elif isinstance(a, dict) and isinstance(b, dict):
            keys = [*a, *(key for key in b if key not in a)]
            told = [(key, a.get(key), b.get(key)) for key in keys]
            rows += [Difference(f"{field}.{key}", said(x), said(y)) for key, x, y in told if x != y]
        else:
            rows.append(Difference(field, said(a), said(b)))
    return rows


def _events(first: tuple[DriftEvent, ...], second: tuple[DriftEvent, ...]) -> list[Difference]:
    """Events that were added, removed or changed; what merely moved down the list is not told."""
    before, after = [said(event) for event in first], [said(event) for event in second]
    rows = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for n in range(max(j - i, m - k)):
            a = before[i + n] if i + n < j else ""
            b = after[k + n] if k + n < m else ""
            rows.append(Difference(f"drift[{i + n if a else k + n}]", a, b))
    return rows


def said(value: Any) -> str:
    """A value, in a few words.

    >>> said(DriftEvent(axis="camera.blur_px", set=2, shape="ramp", at="2030-05-01", days=20))
    'camera.blur_px set 2, ramp, at 2030-05-01, days 20'
    """
    if value is None:
        return ""
    if isinstance(value, DriftEvent):
        verb = next(verb for verb in ("set", "add", "scale") if getattr(value, verb) is not None)
        words = [f"{value.axis} {verb} {said(getattr(value, verb))}"]
        words += [value.shape] if value.shape != "step" else []
        for name in ("at", "days", "edge_days", "period_days", "relax_days"):
            given = getattr(value, name)
            words += [f"{name} {said(given)}"] if given else []
        return ", ".join(words)
    if isinstance(value, MeasuredClimate):
        return f"{value.file} at {value.latitude_deg:g} deg ({value.digest[:8]})"
    if isinstance(value, tuple | list):
        return ", ".join(said(item) for item in value) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)
