"""What the rows of a log must hold, so that whoever reads a log can take each row at its word, whoever wrote it."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agent.monitor.scores import ClassInfo
from scenarios.names import cut

MOST_DAYS = 40_000  # a century, and some
LAST_YEAR = 9000  # a life that begins then still ends before dates do
MOST_CLASSES = 254  # 255 is no answer
MOST_PHASES = 400
MINI = "mini"  # the small bank of bursts: the first frames of the headline's bank

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\\\x00]*$")]  # of a learner: files are named so
Count = Annotated[int, Field(ge=0, lt=2**53)]
Day = Annotated[int, Field(ge=0, le=2 * MOST_DAYS)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Square = list[list[Count]]


def _is_date(text: str) -> str:
    if date.fromisoformat(text).year > LAST_YEAR:
        raise ValueError(f"a date until the year {LAST_YEAR}")
    return text


Date = Annotated[str, AfterValidator(_is_date)]


class Part(BaseModel):
    """Something in a log; what else stands there is nobody's concern."""

    model_config = ConfigDict(strict=True)


class Phase(Part):
    name: str
    dates: Annotated[list[Date], Field(min_length=1, max_length=MOST_PHASES)]


class Class(Part):
    name: str
    rgb: Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=3, max_length=3)]


class Bank(Part):
    name: str
    class_set: list[str]
    known: list[str]


class Begin(Part):
    start: Date
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]
    commissioning_days: Day
    classes: Annotated[list[Class], Field(min_length=1, max_length=MOST_CLASSES)]
    phases: Annotated[list[Phase], Field(min_length=1, max_length=MOST_PHASES)]
    banks: Annotated[list[Bank], Field(min_length=1)]
    learners: list[Name]
    monitor: dict[str, Any] | None = None


class Stream(Part):
    learner: Name
    day: Day
    step: Count
    frames: Count
    miou: Number | None
    copy_miou: Number | None
    prior_miou: Number | None = None
    loss: Number | None
    faded_loss: Number | None = None
    not_finite: Count = 0
    entropy: Number | None = None
    confusion: Square
    copy_confusion: Square
    prior_confusion: Square | None = None
    reliability: list[list[Annotated[list[Number], Field(min_length=3, max_length=3)]]] | None = None
    seconds: dict[str, Number] = {}
    days: list[Day] | None = None


class Packed(Part):
    shape: Annotated[list[Count], Field(min_length=4, max_length=4)]
    type: Literal["<u2", "<u4"]
    zlib_b85: str


class Probe(Part):
    learner: Name
    bank: str
    day: Day
    step: Count
    frames: Count = 0
    miou: list[Number | None] | None = None
    confusion: list[Square]
    burst: bool = False
    burst_day: Day | None = None
    single_frames: Packed | None = None


class Reference(Part):
    name: Name
    bank: str
    confusion: list[Square]


class Cost(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")
    __pydantic_extra__: dict[str, Number]
    kind: str
    learner: Name
    seconds: Number | None = None


class Checkup(Part):
    learner: Name
    day: Day
    step: Count
    numbers: dict[str, Number | None]


class Inputs(Part):
    day: Day
    step: Count
    frames: Count
    statistics: dict[str, Number | None]
    signals: dict[str, Number | None]
    block_frames: Count
    tau_frames: Number | None
    days: list[Day] | None = None
    heard: list[Day] | None = None


class Alarm(Part):
    day: Day
    step: Count
    detector: str
    signal: str
    value: Number | None
    threshold: Number


class Change(Part):
    name: str
    axes: Annotated[list[str], Field(min_length=1)]
    first_day: Day
    last_day: Day
    abrupt: bool


class Truth(Part):
    changes: list[Change]


class Causes(Part):
    learner: Name
    bank: str
    from_phase: str
    to_phase: str
    then: Number
    now: Number
    lost: Number
    shares: dict[str, Number]
    interval: dict[str, Annotated[list[Number], Field(min_length=2, max_length=2)]]
    scenes: Count
    renders: Count
    forwards: Count


class Nature(Part):
    days: dict[str, list[Number]]


class End(Part):
    ended: Literal["finished", "interrupted"]


class Seconds(Part):
    """A row of `timing.jsonl`."""

    kind: str
    learner: Name
    day: Day | None = None
    seconds: Number | dict[str, Number]


ROWS: dict[str, type[BaseModel]] = {
    "stream": Stream, "probe": Probe, "reference": Reference, "cost": Cost, "checkup": Checkup, "inputs": Inputs,
    "alarm": Alarm, "truth": Truth, "causes": Causes, "nature": Nature, "end": End,
}  # fmt: skip


def check(row: Any, wanted: type[BaseModel]) -> None:
    """See that a row has what its kind has.

    Raises:
        ValueError: it has not; the message says which field, what it is and what would do.
    """
    try:
        wanted.model_validate(row)
    except ValidationError as error:
        found = error.errors()[0]
        where = ".".join(map(str, found["loc"])) or "the row"
        given = "" if found["type"] == "missing" else f", given {cut(repr(found['input']))}"
        raise ValueError(f"{where}: {found['msg'][:1].lower()}{found['msg'][1:]}{given}") from None


def check_in(
    row: Any, *, days: int, classes: tuple[ClassInfo, ...], phases: int, banks: Collection[str],
    learners: Collection[str],
) -> None:  # fmt: skip
    """See that a row after the first is one of a log that began so.

    Args:
        row: as it was read.
        days, classes, phases, banks, learners: of the log.

    Raises:
        ValueError: it is not; the message says why.
    """
    kind = row.get("kind") if isinstance(row, dict) else None
    if not isinstance(kind, str) or kind not in ROWS:
        raise ValueError(f"a row of unknown kind {cut(repr(kind))}; it is of another version")
    check(row, ROWS[kind])
    if kind in ("stream", "probe", "checkup", "causes") and row["learner"] not in learners:
        raise ValueError(f"learner: {row['learner']!r} is not among those who live here")
    if row.get("day", 0) > days:
        raise ValueError(f"day: {row['day']} is after the life, which has {days} days")
    if "bank" in row and row["bank"] not in (*banks, MINI):
        raise ValueError(f"bank: {row['bank']!r} is not one of {', '.join(banks)}")
    if kind == "nature" and any(len(told) != days for told in row["days"].values()):
        raise ValueError(f"days: expected {days} values of each, one a day of the life")
    side = len(classes)
    for name in ("confusion", "copy_confusion", "prior_confusion"):
        told = row.get(name)
        for square in [] if told is None else told if kind in ("probe", "reference") else [told]:
            if len(square) != side or any(len(line) != side for line in square):
                raise ValueError(f"{name}: expected {side} x {side} counts of pixels, a row and a column a class")
    if kind in ("probe", "reference") and len(row["confusion"]) != phases:
        raise ValueError(f"confusion: has {len(row['confusion'])} parts; expected {phases}, one a phase")
    packed = row.get("single_frames")
    if packed is not None and (packed["shape"][0], *packed["shape"][2:]) != (phases, side, 2):
        raise ValueError(f"single_frames.shape: {packed['shape']} is not ({phases}, frames, {side}, 2)")
    bins = row.get("reliability")
    if bins is not None and (len(bins) != side or len({len(each) for each in bins}) > 1):
        raise ValueError(f"reliability: expected {side} rows of bins, one a class")
    if bins is not None and row.get("entropy") is None:
        raise ValueError("entropy: is missing; expected a number beside reliability")
