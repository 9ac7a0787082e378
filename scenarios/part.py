"""What all parts of a scenario have in common."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a scenario: immutable, and it refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
