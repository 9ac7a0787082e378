"""Wrong names get the list of right ones and the nearest match."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(given: str, valid: Iterable[str], *, kind: str) -> str:
    """Word the error for an unknown name.

    Args:
        given: what was written.
        valid: the names that exist.
        kind: what is being named ('species', 'climate', 'learner').

    Returns:
        One sentence with the nearest match, if there is one, and all valid names.

    >>> nearest("lom", ["loam", "clay"], kind="soil")
    "'lom' is not a soil; did you mean 'loam'? Valid: loam, clay"
    """
    names = list(valid)
    close = get_close_matches(given, names, n=1, cutoff=0.5)
    article = "an" if kind[:1] in "aeiou" else "a"
    hint = f"; did you mean '{close[0]}'?" if close else "."
    return f"'{given}' is not {article} {kind}{hint} Valid: {', '.join(names)}"
