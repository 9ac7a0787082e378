"""Mixtures by name: `er+ewc`, `der+++lwf`. Reading the name, and refusing what cannot act together.

Some parts take a place of which a learner has one: the memory (and with it the fit, which some memories change), what
the gradient is compared with, the directions that are spared, the net around the net. A part that takes none goes with
any other, but for the pairs in `CLASHES`.
"""

import difflib
import itertools
from collections.abc import Container, Iterable, Mapping, Sequence

PLACES = {
    "memory": "the memory",
    "gradient": "what the gradient is compared with",
    "subspace": "the directions that are spared",
    "net": "the net around the net",
}
CLASHES = (
    (
        ("cbp", "redo"),
        ("packnet", "hat", "adapters"),
        "the one begins channels anew, in which the other keeps what belongs to a regime",
    ),
    (
        ("cbp", "redo"),
        ("ogd", "gpm"),
        "the one begins channels anew, and the answers that the other keeps would change",
    ),
    (("gpm",), ("adapters",), "GPM holds whatever is no layer's weight, and so the adapters"),
)
"""Parts, parts, and why none of these goes with any of those."""


def read_name(name: str, known: Iterable[str]) -> list[str]:
    """The parts of a mixture; the longest name counts where a name ends in '+' itself.

    Raises:
        ValueError: if a part is unknown; the message has the nearest name and all of them.

    >>> read_name("der+++lwf", ["der", "der++", "lwf"])
    ['der++', 'lwf']
    """
    known = list(known)
    parts, rest = [], name
    while True:
        found = [part for part in known if rest == part or rest.startswith(f"{part}+")]
        if not found:
            raise ValueError(_unknown(name, rest, known))
        part = max(found, key=len)
        parts.append(part)
        if rest == part:
            return parts
        rest = rest[len(part) + 1 :]


def check_mixture(name: str, parts: Sequence[str], places: Mapping[str, str], whole: Container[str]) -> None:
    """See that parts can act together.

    Args:
        name: of the mixture, for the message.
        parts: of it.
        places: that each part takes, by its name; "" for none.
        whole: names of learners that are no parts.

    Raises:
        ValueError: if they cannot; the message says which and why.
    """
    if len(set(parts)) < len(parts):
        raise ValueError(f"{name!r} names a part twice; name each once")
    for part in parts:
        if part in whole:
            raise ValueError(f"{name!r}: {part!r} is a learner by itself and cannot be mixed with others")
    taken: dict[str, str] = {}
    for part in parts:
        place = places[part]
        if place and place in taken:
            raise ValueError(f"{name!r}: {taken[place]!r} and {part!r} are both {PLACES[place]}; choose one of them")
        taken[place] = part
    for these, those, why in CLASHES:
        for this, that in itertools.product(these, those):
            if this in parts and that in parts:
                raise ValueError(f"{name!r}: {this!r} and {that!r} cannot act together: {why}; leave one out")


def _unknown(name: str, rest: str, known: list[str]) -> str:
    if not rest:
        return f"no learner is called {name!r}: a part is missing after the last '+'"
    piece = rest.partition("+")[0] or rest
    near = difflib.get_close_matches(piece, known, n=1, cutoff=0.5)
    before, after = name[: len(name) - len(rest)], rest[len(piece) :]
    hint = f" Did you mean {before + near[0] + after!r}?" if near else ""
    which = "" if piece == name else f" Nothing is called {piece!r}."
    return f"no learner is called {name!r}.{which}{hint} There are: {', '.join(known)}, and mixtures such as er+ewc"
