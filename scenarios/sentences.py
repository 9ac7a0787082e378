"""What pydantic found, said as a person would say it: place, field, what was given, what would do."""

import re
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scenarios.axes import AXES
from scenarios.drift import DriftEvent, Shape
from scenarios.measured import MeasuredClimate
from scenarios.names import cut, nearest
from scenarios.spec import CameraSpec, GardenSpec, RobotSpec, Scenario, TeacherSpec
from scenarios.yaml_text import Path, ScenarioError, Text, field_name

PARTS = {
    "garden": GardenSpec,
    "robot": RobotSpec,
    "camera": CameraSpec,
    "teacher": TeacherSpec,
    "climate": MeasuredClimate,
    "drift": DriftEvent,
}
TAGS = {"climate": ("named", "measured")}  # pydantic's names for the two ways to give a climate; nobody writes them

UNITS = {  # of fields, by the end of their names
    "metres_per_step": "metres a step",
    "deg_per_step": "degrees a step",
    "l_per_step": "litres a step",
    "_deg": "degrees",
    "_px": "pixels",
    "_m": "metres",
    "_l": "litres",
    "days": "days",
    "delay_d": "days",
    "horizon": "share of the picture's height, 0 to 1",
    "noise": "grey levels",
    "speed": "days of the calendar a day of the robot",
    "scale": "a plain factor",
}

WRONG_KIND = {
    "dict_type": "keys with values are needed here",
    "model_type": "keys with values are needed here",
    "tuple_type": "a list is needed here, such as [a, b] or lines that begin with -",
    "string_type": "text is needed here; put it in quotes",
}

MOST = 12  # problems that one reads at a time

LIMITS = {  # pydantic's name -> its own name for the limit, and how to say it
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
}


def problems(error: ValidationError, text: Text) -> ScenarioError:
    """All that is wrong with a scenario, a line each."""
    told = sorted((_sentence(one, text) for one in error.errors(include_url=False)), key=lambda found: found[0])
    lines = list(dict.fromkeys(sentence for _, sentence in told))
    more = [f"... and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return ScenarioError("\n".join(lines[:MOST] + more))


def _sentence(error: ErrorDetails, text: Text) -> tuple[int, str]:
    """The line of a problem, and the problem."""
    context, loc = error.get("ctx", {}), error["loc"]
    path: Path = tuple(key for i, key in enumerate(loc) if not (i == 1 and key in TAGS.get(str(loc[0]), ())))
    said = _said(error, path, text)
    if error["type"] == "extra_forbidden":
        field = _field(path[:-1], text)
    elif error["type"] == "problem":
        other = (*path, *context["also"])
        path = (*path, *context["place"])
        if context["also"] and path not in text.places:  # told at the one of the two that was written down
            path, other = other, path
        if context["also"] and other in text.places:
            said += f" (the other: {_field(other, text)}, {text.place(other)})"
        field = _field(path, text)
    else:
        field = _field(path, text)
    place = text.place(path)
    return place.line, f"{place}: {field + ': ' if field else ''}{said}"


def _field(path: Path, text: Text) -> str:
    """The path of a field as its own file has it: events that come after a parent's are counted from 0 again."""
    known = path
    while known not in text.places:
        known = known[:-1]
    rest = field_name(path[len(known) :])
    return ".".join(part for part in (text.places[known].field, rest) if part)


def _said(error: ErrorDetails, path: Path, text: Text) -> str:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    unit = _unit(path, text.data)
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        fields = _fields(path[:-1])
        return nearest(str(path[-1]), fields, kind="field")
    if kind == "not_a_number":
        return _number(given, unit)
    if kind in LIMITS:
        limit, words = LIMITS[kind]
        return f"{words} {context[limit]:g}{f' [{unit}]' if unit else ''}; given {_short(given)}"
    if kind == "int_from_float":
        return f"a whole number is needed here{f' [{unit}]' if unit else ''}; given {_short(given)}"
    if kind == "literal_error":
        return nearest(str(given), get_args(Shape), kind="shape")
    if kind in WRONG_KIND:
        return f"{WRONG_KIND[kind]}; given {_short(given)}"
    if kind == "string_pattern_mismatch" and path == ("name",):
        return f"a name has small letters, digits, - and _, 64 at most; given {_short(given)}"
    if kind in ("problem", "value_error"):
        return error["msg"].removeprefix("Value error, ")
    message = error["msg"][:1].lower() + error["msg"][1:]
    return f"{message}; given {_short(given)}"


def _number(given: Any, unit: str) -> str:
    """Say what is wrong with something that should have been a number."""
    needed = f"a number is needed here{f' [{unit}]' if unit else ''}"
    text = str(given).strip()
    if isinstance(given, bool) or text.lower() in ("on", "off", "yes", "no"):
        return f"{needed}, not {text.lower()}"
    if re.fullmatch(r"[-+\d.]+(:[\d.]+)+", text):
        return f"{needed}; '{text}' looks like a time of day"
    if re.fullmatch(r"[-+]?\d*[.,]?\d+(e[-+]?\d+)?", text, re.IGNORECASE):
        return f"{needed}; write {text.replace(',', '.')} without quotes or commas"
    if match := re.match(r"([-+]?\d[\d.]*(?:e[-+]?\d+)?)\s*[^\d\s]", text, re.IGNORECASE):
        return f"{needed}; write {match[1]} alone, not '{cut(text)}'"
    return f"{needed}; '{cut(text)}' is none"


def _unit(path: Path, data: dict[str, Any]) -> str:
    """The unit of a field; '' if it has none."""
    if len(path) == 3 and path[0] == "drift" and path[2] in ("set", "add"):
        try:
            axis = AXES[data["drift"][path[1]]["axis"]]
        except (KeyError, IndexError, TypeError):
            return ""
        return axis.unit
    field = str(path[-1]) if path else ""
    return next((unit for end, unit in UNITS.items() if field.endswith(end)), "")


def _fields(path: Path) -> list[str]:
    """The fields of the part that a path leads to."""
    part = PARTS.get(str(path[0]), Scenario) if path else Scenario
    names = list(part.model_fields)
    return [*names, "extends"] if part is Scenario else [name for name in names if name != "digest"]


def _short(given: Any) -> str:
    return cut(repr(given) if isinstance(given, str | int | float) else str(given))
