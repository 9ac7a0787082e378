"""Sentences as HTML: learners' names in their colours, and no line that ends where it must not."""

import re
from collections.abc import Mapping, Sequence
from html import escape

from agent.report.palette import Mark


def named_html(sentence: str, look: Mapping[str, Mark]) -> str:
    """A sentence with learners' names in their colours; no line ends between a number and its sign."""
    names = "|".join(re.escape(name) for name in sorted(look, key=len, reverse=True))
    parts = re.split(rf"(?<![\w+])({names})(?![\w+])", sentence) if look else [sentence]
    text = "".join(
        f'<span style="color:{look[part].colour}">{escape(part)}</span>' if part in look else escape(part)
        for part in parts
    )
    return text.replace(" %", "\u00a0%")


def unbroken_html(sentence: str) -> str:
    """A sentence in which no line ends within the name of an option."""
    return re.sub(r"--\w+", r'<span style="white-space:nowrap">\g<0></span>', escape(sentence))


def asides_html(sentences: Sequence[str]) -> str:
    """What must be known beside a verdict, a paragraph each; nothing of none."""
    said = "".join(f"<p>{unbroken_html(sentence)}</p>" for sentence in sentences)
    return f'<div class="asides">{said}</div>' if said else ""
