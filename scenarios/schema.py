"""The JSON Schema of scenario files, from which editors complete names and show what they mean."""

import inspect
import re
from typing import Any

from scenarios.axes import AXES, GROUPS
from scenarios.drift import DriftEvent
from scenarios.files import library
from scenarios.measured import MeasuredClimate
from scenarios.part import Part
from scenarios.spec import CameraSpec, GardenSpec, RobotSpec, Scenario, TeacherSpec
from scenarios.tables import CHOOSERS, CLIMATES, SOILS, SPECIES, TEACHERS

DATE = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def schema() -> dict[str, Any]:
    """The schema as plain data; draft 2020-12."""
    found = Scenario.model_json_schema()
    parts, fields = found["$defs"], found["properties"]
    for part in (Scenario, DriftEvent, MeasuredClimate, GardenSpec, RobotSpec, CameraSpec, TeacherSpec):
        _describe(found if part is Scenario else parts[part.__name__], part)
    parts["DriftEvent"]["properties"]["axis"] |= {
        "enum": list(AXES),
        "enumDescriptions": [axis_line(name) for name in AXES],
        "markdownEnumDescriptions": [axis_line(name) for name in AXES],
        "description": "what is changed; " + "; ".join(f"{name}: {axis_line(name)}" for name in AXES),
    }
    parts["DriftEvent"]["oneOf"] = [{"required": [verb]} for verb in ("set", "add", "scale")]
    _no_nulls(parts["DriftEvent"]["properties"])
    parts["MeasuredClimate"]["properties"].pop("digest")
    parts["GardenSpec"]["properties"]["species"]["items"] = _choice(
        {name: row.label for name, row in SPECIES.items() if name != "lawn"}
    )
    fields["climate"] = {
        "description": fields["climate"].get("description", ""),
        "anyOf": [
            _choice({name: row.source for name, row in CLIMATES.items()}),
            {"$ref": "#/$defs/MeasuredClimate"},
        ],
    }
    parts["TeacherSpec"]["properties"]["asks"] |= _choice(CHOOSERS)
    fields["teacher"] = {
        "description": fields["teacher"].get("description", ""),
        "anyOf": [{"enum": list(TEACHERS)}, {"$ref": "#/$defs/TeacherSpec"}],
    }
    fields["soil"] |= _choice({name: row.source for name, row in SOILS.items()})
    reach = {name: f"all axes of {name}" for name in GROUPS} | {name: axis_line(name) for name in AXES}
    fields["off"]["items"] = _choice(reach)
    fields["freeze"] = {
        "type": "object",
        "description": fields["freeze"].get("description", ""),
        "properties": {name: {**DATE, "description": text} for name, text in reach.items()},
        "additionalProperties": False,
    }
    fields["start"] |= DATE
    fields["extends"] = {
        "description": "another scenario that this one changes: a name of the library, or a .yaml file",
        "anyOf": [{"enum": list(library())}, {"type": "string", "pattern": "\\.ya?ml$"}],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def axis_line(name: str) -> str:
    """What an axis means, its range and its default, in a line.

    >>> axis_line("ground.mowing_mm")
    'height of the grass: from scalped to stubble to an unmown meadow; 10 to 300 mm, default 40'
    """
    axis = AXES[name]
    limits = f"{axis.low:g} to {axis.high:g} {axis.unit}".rstrip()
    return f"{axis.meaning}; {limits}, default {axis.default:g}"


def _choice(names: dict[str, str]) -> dict[str, Any]:
    """One of some names, with a line about each."""
    return {"type": "string", "enum": list(names), "enumDescriptions": list(names.values())}


def _no_nulls(fields: dict[str, Any]) -> None:
    """Optional fields may be left out, but not given as null."""
    for name, field in fields.items():
        kinds = [kind for kind in field.get("anyOf", ()) if kind.get("type") != "null"]
        if len(kinds) == 1:
            rest = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
            fields[name] = {**rest, **kinds[0]}
    fields["at"] = {**fields["at"], **DATE}


def _describe(found: dict[str, Any], part: type[Part]) -> None:
    """Give every field the line that the part's docstring has about it."""
    text = inspect.cleandoc(part.__doc__ or "")
    found["description"] = text.split("\n\n")[0]
    block = text.partition("Attributes:\n")[2]
    for names, line in re.findall(r"^ {4}([a-z_, ]+): (.*(?:\n {8}.*)*)", block, re.MULTILINE):
        for name in names.split(", "):
            if name in found["properties"]:
                found["properties"][name]["description"] = re.sub(r"\s+", " ", line)
