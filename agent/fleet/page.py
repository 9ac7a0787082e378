"""A fleet as one HTML page that opens offline: `fleet.html`, from fleet.json alone."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from agent.fleet import cells, charts
from agent.fleet.pupils import KINDS, SHARED
from agent.fleet.results import asides
from agent.report.page import page, template
from agent.report.palette import Mark, marks
from agent.report.parts import figure, framed, key_html, panels, section, small_figure
from agent.report.sentences import asides_html, named_html
from agent.report.tables import configuration_html, named, table_html

FILE_NAME = "fleet.html"
PACKAGE = "agent.fleet"
Told = dict[str, Any]
Look = Mapping[str, Mark]
DIFFERENCES = (
    "Of the marks above, first minus second: below 0 the second knew more. The learners of a garden saw the same exam, "
    "so its difficulty cancels out."
)
FAIR = (
    ("Labels", "Every robot's owner answers as much as ever; a learner has the answers of those who feed it."),
    ("Updates", "One a block and robot. The shared learner makes one for every robot's block, so its weights take as "
     "many times the steps of a robot that lives alone as there are robots; all robots together make as many."),
    ("Steps alone", "<i>drilled</i> takes away that advantage: alone, with as many steps of its weights, on its own "
     "frames and memory. It costs a robot as many times the compute of the others."),
    ("Memory", "A memory holds the same share of the frames of those who feed it. That of the shared learner has as "
     "many bytes as those of all robots alone together, and is one memory: nothing reserves a garden its part."),
    ("First weights", "The same for all. Then each learner is trained on what the owners of those who feed it show, as "
     "many updates for each of them."),
    ("Exams", "Every garden has its own: frames of all seasons in gardens never visited, in its climate. Nobody learns "
     "from them."),
)  # fmt: skip


def write_page(folder: Path, data: Told) -> Path:
    """Write `fleet.html`.

    Args:
        folder: of the fleet.
        data: as fleet.json has it.

    Raises:
        FileExistsError: there is a page already.
    """
    path = folder / FILE_NAME
    with path.open("x", encoding="utf-8") as file:
        file.write(render(data))
    return path


def render(data: Told) -> str:
    """The page as text.

    Args:
        data: as fleet.json has it.
    """
    look = marks(tuple(data["kinds"]))
    notes = asides(data)
    state = "".join(f'<p class="state" role="status"><b>{escape(s)}</b></p>' for s in notes if _grave(s))
    body = template("fleet.html", PACKAGE).substitute(
        headline=escape(_headline(data)),
        state=state,
        answer=named_html(data["answer"], {}),
        asides=asides_html([sentence for sentence in notes if not _grave(sentence)]),
        sections="".join(
            [
                section("gardens", "Gardens", "Garden by garden", _gardens(data, look), lede=_lede(data, look)),
                section("year", "Year", "Through the year", _year(data, look)),
                section("transfer", "Transfer", "What one garden teaches for another", _transfer(data)),
                section("memory", "Memory", "What the memory is made of", _memory(data)),
                section(
                    "marks",
                    "Stability",
                    "Stability and plasticity",
                    _marks(data, look),
                    lede="Plasticity is what it sees of the season at hand; stability is how little it forgot of past "
                    "ones, beside what noise alone would show.",
                ),
                section("cost", "Cost", "What it took", _cost(data, look)),
                section("reading", "How to read", "How to read this", _reading(data)),
                section("configuration", "Configuration", "Configuration", configuration_html(data["config"])),
            ]
        ),
    )
    return page("Evergreen: a fleet", body, made_from="this fleet")


def _gardens(data: Told, look: Look) -> str:
    drawn = figure(
        "levels", "Over the life", charts.levels(data, look),
        "One mark a kind of learner, on the garden's own exam: all seasons in gardens never visited, averaged over the "
        "life. Gardens are not equally hard, so compare within a row.",
    )  # fmt: skip
    headings, rows = cells.contrast_table(data)
    if not rows:
        return drawn
    says = [
        f"<b>{escape(cells.minus(row['name']))}</b><small>{escape(row['says'])}</small>" for row in data["contrasts"]
    ]
    table = [
        [(headings[0], first), *zip(headings[1:], map(escape, numbers), strict=True)]
        for first, (_, *numbers) in zip(says, rows, strict=True)
    ]
    return drawn + framed("Differences", table_html(table, "Differences"), DIFFERENCES)


def _lede(data: Told, look: Look) -> str:
    """Who is who."""
    return named_html(". ".join(f"{kind}: {KINDS[kind]}" for kind in data["kinds"]) + ".", look)


def _year(data: Told, look: Look) -> str:
    """A small chart a garden."""
    drawn = [
        small_figure(f"life-{i}", f"{garden}, {data['climates'][garden]}", charts.over_life(data, look, garden), "")
        for i, (garden, kinds) in enumerate(data["gardens"].items())
        if kinds
    ]
    return key_html(look) + panels(drawn) if drawn else ""


def _transfer(data: Told) -> str:
    headings, rows = cells.transfer_table(data)
    if not rows:
        return ""
    table = table_html([_plain(headings, row) for row in rows], "Transfer", cards=False)
    return figure(
        "transfer", "Lived in one garden, examined in all", charts.transfer(data),
        "Who lived alone in one garden (a row) sits the exams of all (columns) at the end of its life. Blue: "
        "it knows less than who lived there alone; orange: more. In brackets, below: how many points its life added to "
        "what its owner had taught it. The diagonal is at home; beside it stands what one garden teaches for another.",
        table=table,
    )  # fmt: skip


def _memory(data: Told) -> str:
    headings, rows = cells.memory_table(data)
    if not rows:
        return ""
    table = table_html([_plain(headings, row) for row in rows], "Memories", cards=False)
    words = (
        "Frames that lie in the memory, by the garden they came from; bytes are those of the memory alone, the most "
        "that it ever held beside its bound, looked at after every block."
    )
    if not data["memory"].get(SHARED, {}).get("held"):
        return framed("At the end", table, words + " This learner keeps no frames.")
    drawn = figure(
        "memory", "The shared memory", charts.memory(data, marks(tuple(data["gardens"]))),
        "One memory for all robots. Nothing reserves a garden its part: it has what the learner's own rule keeps of "
        "what came.",
    )  # fmt: skip
    return drawn + framed("All memories, at the end", table, words)


def _marks(data: Told, look: Look) -> str:
    headings, rows = cells.marks_table(data)
    found = [
        [("garden", f"<b>{escape(garden)}</b>"), ("learner", named(kind, look[kind], {}, said="")),
         *zip(headings[2:], map(escape, numbers), strict=True)]
        for garden, kind, *numbers in rows
    ]  # fmt: skip
    return table_html(found, "Marks") if found else ""


def _cost(data: Told, look: Look) -> str:
    headings, rows = cells.cost_table(data)
    if not rows:
        return ""
    found = []
    for name, *numbers in rows:
        kind, _, garden = name.partition(" ")
        first = ("learner", named(kind, look[kind], {}, said=garden))
        found.append([first, *zip(headings[1:], map(escape, numbers), strict=True)])
    words = "Compute is counted: looking at every frame and learning, without commissioning and exams, as in a run."
    return table_html(found, "Costs") + f'<p class="note">{words}</p>'


def _reading(data: Told) -> str:
    kinds = [(kind, says) for kind, says in KINDS.items() if kind in data["kinds"]]
    columns = [(heading, meaning) for _, heading, meaning in cells.MARKS]
    told = [(escape(a), escape(b)) for a, b in (*kinds, *columns)] + [(escape(a), b) for a, b in FAIR]
    return '<dl class="reading">' + "".join(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in told) + "</dl>"


def _plain(headings: list[str], row: list[str]) -> list[tuple[str, str]]:
    """A row whose first cell is its heading."""
    first, *others = row
    return [(headings[0], f"<b>{escape(first)}</b>"), *zip(headings[1:], map(escape, others), strict=True)]


def _headline(data: Told) -> str:
    gardens = ", ".join(f"{name} ({climate})" for name, climate in data["climates"].items())
    return f"{gardens}; {data['learner']}, seed {data['seed']}, {data['days']} days from {data['start']}"


def _grave(sentence: str) -> bool:
    return sentence.startswith("Interrupted")
