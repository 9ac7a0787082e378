"""How a learner looks in every figure: a colour (Okabe & Ito 2008), a dash and a marker, never colour alone.

Colours are the names of CSS variables; report.css gives each a value for light and for dark, and report.js puts the
values into the figures.
"""

from dataclasses import dataclass, replace

INK, MUTED, GRID, REFERENCE, PAPER = (f"var(--{name})" for name in ("ink", "muted", "grid", "reference", "paper"))


@dataclass(frozen=True)
class Mark:
    """The look of one learner.

    Attributes:
        colour: a CSS variable.
        dash: a Plotly dash name.
        symbol: a Plotly marker symbol.
        sign: the same symbol as a character, for tables and the terminal.
        terminal: the colour for rich.
    """

    colour: str
    dash: str
    symbol: str
    sign: str
    terminal: str


_MARKS = (
    Mark("var(--green)", "solid", "circle", "●", "green"),
    Mark("var(--vermillion)", "dash", "square", "■", "red"),
    Mark("var(--blue)", "dot", "diamond", "◆", "blue"),
    Mark("var(--purple)", "dashdot", "triangle-up", "▲", "magenta"),
    Mark("var(--ochre)", "longdash", "triangle-down", "▼", "yellow"),
    Mark("var(--ink)", "longdashdot", "star", "★", "default"),
)
_FIXED = {"er+ewc": 0, "finetune": 1, "frozen": 2, "er": 3, "ewc": 4}
REFERENCE_MARK = Mark(REFERENCE, "solid", "line-ew-open", "–", "bright_black")


def marks(learners: tuple[str, ...]) -> dict[str, Mark]:
    """Give every learner a look; those that ship keep theirs in every report, and no two of 36 share one.

    >>> marks(("frozen", "mine"))["mine"].sign
    '●'
    """
    free = [i for i in range(len(_MARKS)) if i not in {_FIXED[name] for name in learners if name in _FIXED}]
    free += range(len(_MARKS), len(_MARKS) ** 2)
    chosen: dict[str, Mark] = {}
    for name in learners:
        place = _FIXED[name] if name in _FIXED else (free.pop(0) if free else len(chosen) % len(_MARKS))
        chosen[name] = _mark(place)
    return chosen


def _mark(place: int) -> Mark:
    """The first six as they stand; then their colours again, with another dash and another marker each round."""
    colour, other = _MARKS[place % len(_MARKS)], _MARKS[(place + place // len(_MARKS)) % len(_MARKS)]
    return replace(colour, dash=other.dash, symbol=other.symbol, sign=other.sign)
