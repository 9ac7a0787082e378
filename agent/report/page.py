"""The shell of every page: one file with its styles, its script and Plotly in it, a bar of links, and two themes."""

import re
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from plotly.offline import get_plotlyjs

MADE_BY = "Made by Evergreen"  # in the foot of every page that this project ever wrote
_SECTIONS = re.compile(r'<section id="([^"]+)" data-short="([^"]+)">')


def page(title: str, body: str, *, made_from: str) -> str:
    """A whole page as text.

    Args:
        title: of the window.
        body: HTML of the sections; those of `parts.section` get a link in the bar.
        made_from: whose files it was made from, in words.
    """
    nav = "".join(f'<a href="#{name}">{short}</a>' for name, short in _SECTIONS.findall(body))
    return template("page.html").substitute(
        title=escape(title),
        nav=nav,
        body=body,
        made_from=escape(made_from),
        css=_text("report.css"),
        js=_text("report.js"),
        plotly=get_plotlyjs(),
    )


def template(name: str, package: str = "agent.report") -> Template:
    """A template that ships with a package."""
    return Template(_text(name, package))


def is_ours(path: Path) -> bool:
    """Whether a file is a page that this project made, and so may be made anew."""
    return path.is_file() and MADE_BY in path.read_text(encoding="utf-8", errors="replace")


def _text(name: str, package: str = "agent.report") -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")
