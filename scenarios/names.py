"""Wrong names get the list of right ones and the nearest match."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 24  # names that one can take in at a glance
LONGEST = 60  # characters that one does


def nearest(given: str, valid: Iterable[str], *, kind: str) -> str:
    """Word the error for an unknown name.

    Args:
        given: what was written.
        valid: the names that exist.
        kind: what is being named ('species', 'climate', 'learner').

    Returns:
        One sentence with the nearest match, if there is one, and the valid names: all, or the nearest of very many.

    >>> nearest("lom", ["loam", "clay"], kind="soil")
    "'lom' is not a soil; did you mean 'loam'? Valid: loam, clay"
    """
    names, given = list(valid), cut(given)
    close = get_close_matches(given, names, n=4, cutoff=0.5) or [name for name in names if given and given in name][:4]
    article = "an" if kind[:1] in "aeiou" else "a"
    hint = f"; did you mean '{close[0]}'?" if close else "."
    if len(names) <= MOST:
        return f"'{given}' is not {article} {kind}{hint} Valid: {', '.join(names)}"
    shown = close or names[:4]
    return f"'{given}' is not {article} {kind}{hint} Valid: {', '.join(shown)} and {len(names) - len(shown)} others"


def cut(text: str) -> str:
    """As much of something that was written as an error can quote."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
