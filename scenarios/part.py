"""What all parts of a scenario have in common: they are frozen, and take nothing for what it is not."""

from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from scenarios.names import cut


def problem(message: str, *place: str | int, also: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """An error of a whole part that says at which of its fields it is.

    Args:
        message: one sentence.
        place: path to the field, from the part.
        also: path to another field that has to do with it.
    """
    return PydanticCustomError("problem", "{message}", {"message": message, "place": place, "also": also})


def _day(value: Any) -> Any:
    """Take dates, and text that is one, and nothing else: pydantic would take 5 for seconds since 1970."""
    if isinstance(value, str):
        try:
            if len(value) == 10:
                return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(f"{cut(repr(value))} is not a date; write it as 2030-04-10")


Day = Annotated[date, BeforeValidator(_day)]


class Part(BaseModel):
    """A part of a scenario: immutable, and it refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _as_it_is(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse true for 1, '3' for 3 and 1 for true, all of which pydantic would take."""
        kinds = _kinds(cls, info.field_name or "")
        if kinds & {int, float} and isinstance(value, bool | str):
            raise PydanticCustomError("not_a_number", "{given} is not a number", {"given": cut(repr(value))})
        if bool in kinds and not isinstance(value, bool):
            raise ValueError(f"write true or false, not {cut(repr(value))}")
        return value


@cache
def _kinds(part: type[BaseModel], field: str) -> frozenset[Any]:
    """The types that a field may have."""
    waiting, found = [part.model_fields[field].annotation], set()
    while waiting:
        kind = waiting.pop()
        if kind in (int, float, bool):
            found.add(kind)
        elif type(kind).__name__ in ("UnionType", "_UnionGenericAlias", "Union", "_AnnotatedAlias"):
            waiting.extend(get_args(kind))
    return frozenset(found)
