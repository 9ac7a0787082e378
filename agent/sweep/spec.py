"""`sweep.yaml`: who lives where, with which seeds and options; read within bounds, errors with file, line and field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, create_model
from pydantic_core import ErrorDetails

from agent.options import MAX_SEED, RunOptions
from agent.students import read_plan
from scenarios.files import load
from scenarios.names import cut, nearest
from scenarios.spec import Scenario
from scenarios.untrusted import UntrustedError, read_text
from scenarios.yaml_text import Path as Keys
from scenarios.yaml_text import ScenarioError, Text, field_name
from scenarios.yaml_text import read_text as read_places

NOT_HERE = ("scenario", "learners", "seed", "frames", "workers", "out")  # options of a run that a sweep itself decides
MOST_TRIALS = 10_000
NAME = r"^[a-z0-9_-]{1,64}$"
MOST_SHOWN = 12  # problems that one reads at a time
WORDS = {
    "missing": "is missing",
    "string_type": "text is needed here",
    "int_type": "a whole number is needed here",
    "int_from_float": "a whole number is needed here",
    "float_type": "a number is needed here",
    "bool_type": "true or false is needed here",
    "list_type": "a list is needed here, such as [a, b] or lines that begin with -",
    "dict_type": "keys with values are needed here",
    "model_type": "keys with values are needed here",
    "too_short": "name at least one",
    "string_pattern_mismatch": "a name has small letters, digits, - and _, 64 at most",
}


class SweepError(ValueError):
    """A sweep that cannot be carried out; the message says where, what was given and what would do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _swept() -> dict[str, Any]:
    """Every option of a run as a list of the values that it is to have."""
    hints = get_type_hints(RunOptions)
    found = {}
    for entry in fields(RunOptions):
        if entry.name not in NOT_HERE:
            kind = next((arm for arm in get_args(hints[entry.name]) if arm is not type(None)), hints[entry.name])
            found[entry.name] = (list[Annotated[kind, Strict()]] | None, Field(default=None, min_length=1))
    return found


Swept: type[BaseModel] = create_model("Swept", __base__=_Frozen, **_swept())
Chars = Annotated[str, Strict()]


class _File(_Frozen):
    """What the file may hold, once single values stand in lists."""

    name: Annotated[Chars, Field(pattern=NAME)] | None = None
    learners: Annotated[list[Annotated[list[Chars], Field(min_length=1)]], Field(min_length=1)]
    scenarios: Annotated[list[Chars], Field(min_length=1)]
    seeds: Annotated[list[Annotated[int, Strict(), Field(ge=0, le=MAX_SEED)]], Field(min_length=1)]
    options: Swept | None = None  # type: ignore[valid-type]


@dataclass(frozen=True)
class Sweep:
    """A sweep.

    Attributes:
        name: of it.
        learners: who lives; those of one entry side by side in one run.
        scenarios: where.
        seeds: with which gardens, weathers and first weights.
        options: of the runs, the values that each is to have, in the order of the file.
    """

    name: str
    learners: tuple[tuple[str, ...], ...]
    scenarios: tuple[Scenario, ...]
    seeds: tuple[int, ...]
    options: Mapping[str, tuple[Any, ...]]

    @property
    def varied(self) -> tuple[str, ...]:
        """The options that have more than one value."""
        return tuple(name for name, values in self.options.items() if len(values) > 1)

    def variants(self) -> list[dict[str, Any]]:
        """Every combination of options, the last named changing fastest."""
        return [dict(zip(self.options, values, strict=True)) for values in product(*self.options.values())]

    def as_config(self) -> dict[str, Any]:
        """As JSON has it; of scenarios name and hash."""
        return {
            "name": self.name,
            "learners": [list(group) for group in self.learners],
            "scenarios": {scenario.name: scenario.hash for scenario in self.scenarios},
            "seeds": list(self.seeds),
            "options": {name: list(values) for name, values in self.options.items()},
        }


def read_sweep(path: Path) -> Sweep:
    """Read a sweep from its file.

    Raises:
        SweepError: it cannot be read, or something in it makes no sense.
    """
    try:
        text = read_text(path)
    except UntrustedError as error:
        raise SweepError(f"{error}; name a sweep's file, as examples/sweep.yaml is one") from error
    return parse_sweep(text, source=str(path), folder=path.parent, name=path.stem)


def parse_sweep(text: str, *, source: str = "<text>", folder: Path = Path(), name: str = "sweep") -> Sweep:
    """Turn YAML text into a sweep.

    Args:
        text: the YAML.
        source: what errors call it.
        folder: what the paths of scenarios in it are relative to.
        name: of the sweep, if the text gives none.

    Raises:
        SweepError: broken YAML, an unknown key, a value out of range, a learner or scenario that does not exist.
    """
    try:
        found = read_places(text, source=source)
    except ScenarioError as error:  # which takes every file for a scenario
        raise SweepError(str(error).replace("one scenario", "one sweep").replace("a scenario", "a sweep")) from error
    try:
        told = _File.model_validate(_listed(found.data))
    except ValidationError as error:
        raise _problems(error, found) from error
    chosen = {} if told.options is None else vars(told.options)
    order = [key for key in (found.data.get("options") or {}) if chosen.get(key) is not None]
    sweep = Sweep(
        name=told.name or name,
        learners=tuple(tuple(_learner(found, i, j, who) for j, who in enumerate(group))
                       for i, group in enumerate(told.learners)),
        scenarios=tuple(_scenario(found, i, where, folder) for i, where in enumerate(told.scenarios)),
        seeds=tuple(told.seeds),
        options={key: tuple(chosen[key]) for key in order},
    )  # fmt: skip
    _check(sweep, found)
    return sweep


def _listed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Single values in lists, where a list may stand."""
    data = dict(data)
    for key in ("scenarios", "seeds", "learners"):
        if isinstance(data.get(key), str | int | float):
            data[key] = [data[key]]
    if isinstance(data.get("learners"), list):
        data["learners"] = [entry if isinstance(entry, list) else [entry] for entry in data["learners"]]
    if isinstance(data.get("options"), Mapping):
        data["options"] = {key: given if isinstance(given, list) else [given] for key, given in data["options"].items()}
    return data


def _learner(found: Text, group: int, place: int, name: str) -> str:
    at: Keys = ("learners", group, place)
    return _at(found, at, lambda: read_plan(name).name)


def _scenario(found: Text, number: int, name: str, folder: Path) -> Scenario:
    is_file = name.endswith((".yaml", ".yml"))
    return _at(found, ("scenarios", number), lambda: load(folder / name if is_file else name))


def _at(found: Text, keys: Keys, make: Callable[[], Any]) -> Any:
    """What is made; whatever is wrong with it is told with its place."""
    try:
        return make()
    except ValueError as error:
        place = found.place(keys)
        raise SweepError(f"{place}: {place.field}: {error}") from error


def _check(sweep: Sweep, found: Text) -> None:
    """See that all trials can be told apart, and that the options of each make sense."""
    who = [name for group in sweep.learners for name in group]
    for key, names in (
        ("learners", who),
        ("scenarios", [scenario.name for scenario in sweep.scenarios]),
        ("seeds", sweep.seeds),
        *((f"options.{name}", values) for name, values in sweep.options.items()),
    ):
        twice = [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
        if twice:
            place = found.place(tuple(key.split(".")))
            raise SweepError(f"{place}: {key}: {cut(str(twice[0]))} is named twice; once is enough, for one seed has "
                             "one outcome")  # fmt: skip
    trials = len(sweep.learners) * len(sweep.scenarios) * len(sweep.seeds) * len(sweep.variants())
    if trials > MOST_TRIALS:
        raise SweepError(f"{found.place(())}: these are {trials} trials; at most {MOST_TRIALS} make a sweep")
    for group in sweep.learners:
        for options in sweep.variants():
            try:
                RunOptions(learners=group, **options).check()
            except ValueError as error:
                place = found.place(_meant(str(error), options))
                raise SweepError(f"{place}: {place.field}: {error}") from error


def _meant(message: str, options: Mapping[str, Any]) -> Keys:
    """Which option a message of `RunOptions.check` is about."""
    said = message.replace("-", "_")
    return next(
        (("options", name) for name in options if said.startswith((name, f"__{name}", f"__no_{name}"))), ("learners",)
    )


def _problems(error: ValidationError, found: Text) -> SweepError:
    """All that is wrong with a file, a line each."""
    told = sorted((_sentence(one, found) for one in error.errors(include_url=False)), key=lambda line: line[0])
    lines = list(dict.fromkeys(sentence for _, sentence in told))
    more = [f"... and {len(lines) - MOST_SHOWN} more"] if len(lines) > MOST_SHOWN else []
    return SweepError("\n".join(lines[:MOST_SHOWN] + more))


def _sentence(error: ErrorDetails, found: Text) -> tuple[int, str]:
    """The line of a problem, and the problem."""
    keys, kind, given = tuple(error["loc"]), error["type"], error["input"]
    place = found.place(keys)
    if kind == "extra_forbidden":
        *within, unknown = keys
        said = _unknown(str(unknown), in_options=bool(within))
        return place.line, f"{place}: {said}"
    words = WORDS.get(kind) or error["msg"].replace("Input should be", "must be")
    shown = "" if kind in ("missing", "too_short") else f"; given {cut(repr(given))}"
    field = place.field or field_name(keys)
    return place.line, f"{place}: {field}{' ' if kind == 'missing' else ': '}{words}{shown}"


def _unknown(name: str, *, in_options: bool) -> str:
    """What is said of a key that does not exist."""
    if in_options and name in NOT_HERE:
        return f"options.{name}: is no option of a sweep's runs; learners, scenarios and seeds have keys of their own"
    return nearest(name, (Swept if in_options else _File).model_fields, kind="option" if in_options else "field")
