"""The tables of a report as HTML: learners, classes, costs, configuration."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from agent.energy import SAID, energy
from agent.monitor.log import Log
from agent.monitor.metrics import counted, iou
from agent.report.palette import Mark
from agent.report.words import NOTHING, about, duration, percent, quantity

Row = Sequence[tuple[str, str]]  # heading and HTML of every cell
COSTS = ("flops", "seconds", "memory_bytes", "labels", "updates", "skipped")  # as a life logs them, see docs/report.md
LEDGER = (
    "Compute is counted from the shapes of the passes made (one multiplication and one addition are two operations), "
    f"so it does not depend on the machine; wall time does. Energy is {SAID}. Memory is what a learner keeps besides "
    "its weights. A label is one frame with its answered pixels."
)


def tiles_html(summary: dict[str, Any], marks: Mapping[str, Mark]) -> str:
    """One card a learner: the share of the gap that it closed, and what stands behind it."""
    return "".join(
        _tile(name, summary["learners"][name], mark, summary["headline_bank"]) for name, mark in marks.items()
    )


def learners_html(summary: dict[str, Any], marks: Mapping[str, Mark]) -> str:
    """All learners and references side by side."""
    bank = summary["headline_bank"]
    rows = [_learner_row(name, summary["learners"][name], mark, bank) for name, mark in marks.items()]
    rows += [_reference_row(name, told, bank) for name, told in summary["references"].items()]
    return table_html(rows, "Learners side by side")


def classes_html(log: Log, bank: str, marks: Mapping[str, Mark]) -> str:
    """IoU of every class at the last exam, all seasons pooled, one column a learner."""
    pooled = {name: log.probes[name, bank][-1].confusion.sum(axis=0) for name in marks if log.probes.get((name, bank))}
    if not pooled:
        return ""
    info = log.banks[bank]
    part = counted(next(iter(pooled.values())), info.class_set)
    truth = next(iter(pooled.values())).sum(axis=-1)
    values = {name: iou(confusion) for name, confusion in pooled.items()}
    rows: list[Row] = []
    for c in np.flatnonzero(part):
        swatch = "rgb({},{},{})".format(*log.classes[c].rgb)
        new = "" if info.known[c] else ' <small class="tag">new since commissioning</small>'
        head = f'<i class="swatch" style="background:{swatch}"></i>{escape(log.classes[c].name)}{new}'
        cells = [
            (f"{mark_of.sign} {escape(name)}", _shaded(values[name][c]))
            for name, mark_of in marks.items()
            if name in values
        ]
        rows.append([("class", head), ("share of pixels [%]", percent(truth[c] / truth.sum())), *cells])
    return table_html(rows, "IoU by class", cards=False)


def costs_html(summary: dict[str, Any], marks: Mapping[str, Mark]) -> str:
    """What every learner and reference has used, clocks aside."""
    return ledger_html(_costs(summary, marks), marks, summary["learners"]) or "<p>This run has logged no costs.</p>"


def ledger_html(
    costs: Mapping[str, Mapping[str, float]], marks: Mapping[str, Mark], told: Mapping[str, Mapping[str, Any]]
) -> str:
    """The ledger: a row for each who has costs, and how to read it; nothing where nobody has.

    Args:
        costs: by name; what is missing of one is left blank.
        marks: the look of learners; the others are references.
        told: of learners, out of a summary; may be empty.
    """
    rows: list[Row] = [
        [
            ("learner", named(name, marks.get(name), told.get(name, {}))),
            ("compute", quantity(cost.get("flops"), "FLOP")),
            ("energy (estimate)", _energy(cost.get("flops"))),
            ("memory", quantity(cost.get("memory_bytes"), "B")),
            ("labels", quantity(cost.get("labels"))),
            ("updates", quantity(cost.get("updates"))),
            ("updates skipped", quantity(cost.get("skipped"))),
        ]
        for name, cost in costs.items()
        if cost
    ]
    return table_html(rows, "Costs", cards=False) + f'<p class="note">{LEDGER}</p>' if rows else ""


def _energy(flops: float | None) -> str:
    if flops is None:
        return NOTHING
    found = energy(flops)
    return f"{quantity(found.joules, 'J')}<small>{quantity(found.low, 'J')} to {quantity(found.high, 'J')}</small>"


def timing_html(summary: dict[str, Any], marks: Mapping[str, Mark]) -> str:
    """What every learner and reference has taken by the clock."""
    rows: list[Row] = [
        [
            ("learner", named(name, marks.get(name), summary["learners"].get(name, {}))),
            ("wall time", duration(cost["seconds"])),
        ]
        for name, cost in _costs(summary, marks).items()
        if cost.get("seconds") is not None
    ]
    return table_html(rows, "Wall time", cards=False) if rows else ""


def _costs(summary: dict[str, Any], marks: Mapping[str, Mark]) -> dict[str, dict[str, Any]]:
    """The account of every learner, and then of every reference."""
    costs = {name: summary["learners"][name]["cost"] for name in marks}
    return costs | {name: told["cost"] for name, told in summary["references"].items()}


def configuration_html(config: Mapping[str, Any]) -> str:
    """The resolved configuration, section by section, as it was written."""
    sections = []
    for title, values in config.items():
        body = _settings(values) if isinstance(values, Mapping) else f"<p><code>{escape(str(values))}</code></p>"
        sections.append(f"<details><summary>{escape(str(title))}</summary>{body}</details>")
    return "".join(sections) or "<p>This run has left no <code>config.json</code>.</p>"


def _settings(values: Mapping[str, Any], path: str = "") -> str:
    """Name and value of every setting, nested names joined by dots."""
    flat: list[tuple[str, str]] = []

    def walk(part: Mapping[str, Any], before: str) -> None:
        for key, value in part.items():
            if isinstance(value, Mapping):
                walk(value, f"{before}{key}.")
            else:
                text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
                flat.append((f"{before}{key}", text))

    walk(values, path)
    lines = "".join(f"<div><dt>{escape(key)}</dt><dd>{escape(text)}</dd></div>" for key, text in flat)
    return f'<dl class="settings">{lines}</dl>'


def _tile(name: str, told: dict[str, Any], mark: Mark, bank: str) -> str:
    gap, stability, present = told["gap_closed"], told["stability"], told["present"]
    level = told["miou"][bank]["end"]
    closed = gap["end"] if gap else None
    if closed is not None:
        number, meaning, bar = f"{percent(closed, 0)}<small>%</small>", "of the gap to joint training closed", closed
    elif present is not None:
        number, meaning, bar = (
            f"{percent(present['mean'], 0)}<small>%</small>",
            "mIoU on the season at hand",
            present["mean"],
        )
    else:
        number, meaning, bar = NOTHING, "not examined yet", 0.0
    facts = [("mIoU, whole year", f"{percent(level)} %")] if level is not None else []
    if stability is not None:
        facts.append(("forgotten", f"{percent(stability['mean'])} points"))
    if present is not None:
        facts.append(("lowest sight", f"{percent(present['lowest'], 0)} % in {escape(present['lowest_phase'])}"))
    lines = "".join(f"<div><dt>{key}</dt><dd>{value}</dd></div>" for key, value in facts)
    return (
        f'<article class="tile" style="--own:{mark.colour}"><h3>{mark.sign} {escape(name)}</h3>'
        f'<p class="about">{escape(about(name, told))}</p><p class="big">{number}</p><p class="meaning">{meaning}</p>'
        f'<div class="bar" aria-hidden="true"><i style="width:{100 * min(max(bar, 0.0), 1.0):.1f}%"></i></div>'
        f"<dl>{lines}</dl></article>"
    )


def _learner_row(name: str, told: dict[str, Any], mark: Mark, bank: str) -> Row:
    level = told["miou"][bank]
    gap = told["gap_closed"] or {"end": None, "anytime": None}
    present, plasticity, memorised = told["present"], told["plasticity"], told["memorisation"]
    stability = told["stability"]
    return [
        ("learner", named(name, mark, told)),
        ("whole year, at the end [% mIoU]", percent(level["end"])),
        ("whole year, over the life [% mIoU]", percent(level["anytime"])),
        ("season at hand [% mIoU]", percent(present["mean"] if present else None)),
        ("gap closed, at the end [%]", f"<b>{percent(gap['end'], 0)}</b>"),
        ("gap closed, over the life [%]", percent(gap["anytime"], 0)),
        ("forgotten, mean [points]", _with_noise(stability, "mean")),
        ("forgotten, worst season [points]", _with_noise(stability, "worst")),
        ("plasticity gap [points]", percent(plasticity["gap"] if plasticity else None)),
        ("memorised: home − away [points]", percent(memorised["end"] if memorised else None)),
    ]


def _reference_row(name: str, told: dict[str, Any], bank: str) -> Row:
    level, closed = told["miou"].get(bank, {"mean": None}), told["gap_closed"]
    return [
        ("learner", named(name, None, {})),
        ("whole year, at the end [% mIoU]", percent(level["mean"])),
        *[(heading, "") for heading in ("whole year, over the life [% mIoU]", "season at hand [% mIoU]")],
        ("gap closed, at the end [%]", "" if closed is None else f"<b>{percent(closed, 0)}</b>"),
        ("gap closed, over the life [%]", ""),
        ("forgotten, mean [points]", ""),
        ("forgotten, worst season [points]", ""),
        ("plasticity gap [points]", ""),
        ("memorised: home − away [points]", ""),
    ]


def _with_noise(stability: dict[str, Any] | None, which: str) -> str:
    if stability is None:
        return NOTHING
    where = f"<small>{escape(stability['worst_phase'])}</small>" if which == "worst" and stability["worst"] > 0 else ""
    return f"{percent(stability[which])}{where}<small>noise alone: {percent(stability['noise_' + which])}</small>"


def named(name: str, mark: Mark | None, told: Mapping[str, Any], *, said: str | None = None) -> str:
    """A learner's name with its sign and colour, and below it what it does, or what else is `said` of it."""
    own = f' style="color:{mark.colour}"' if mark else ' class="reference"'
    sign = f"{mark.sign} " if mark else "┃ "
    return f"<b{own}>{sign}{escape(name)}</b><small>{escape(about(name, told) if said is None else said)}</small>"


def _shaded(value: float) -> str:
    shown = percent(float(value)) if np.isfinite(value) else NOTHING
    strength = 0 if not np.isfinite(value) else round(100 * float(value))
    return f'<span class="shade" style="--share:{strength}%">{shown}</span>'


def table_html(rows: Sequence[Row], label: str, *, cards: bool = True) -> str:
    """A table that may become a list of cards on a phone: every cell carries its heading."""
    heads = "".join(f'<th scope="col">{_heading(heading)}</th>' for heading, _ in rows[0])
    body = ""
    for row in rows:
        (heading, first), *others = row
        cells = "".join(
            f'<td data-label="{escape(name)}"{"" if cell else " hidden-when-narrow"}><span>{cell}</span></td>'
            for name, cell in others
        )
        body += f'<tr><th scope="row" data-label="{escape(heading)}">{first}</th>{cells}</tr>'
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    kind = "table cards" if cards else "table"
    return f'<div class="{kind}" tabindex="0" role="group" aria-label="{escape(label)}">{table}</div>'


def _heading(heading: str) -> str:
    name, bracket, unit = heading.partition(" [")
    return escape(name) + (f"<small>{escape('[' + unit)}</small>" if bracket else "")
