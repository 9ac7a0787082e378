"""The garden's own story: when it bloomed, when snow lay, when the lawn was green; and what that says in words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.monitor.log import Log
from agent.report.chart import Chart, axis, dates, note
from agent.report.parts import figure
from agent.report.words import listed, long_date
from agent.report.year import year_chart
from scenarios.seasons import South

COVERED = 0.5  # the ground is under snow, or under leaves, from this share on
SHOWS = 0.02  # what never gets beyond this share is not worth a lane
APART_DAYS = 30  # snow that lies so long after the last belongs to another winter
SUMMER_DAYS = 100  # without snow, that part two winters
MOST_SPELLS = 3  # more are counted, not told
LANE_PX = 52
DAY_MS = 86_400_000  # Plotly's dates count in milliseconds
RAIN = "rain_mm"
NARROW = "\u00a0"  # between a number and its unit no line ends


@dataclass(frozen=True)
class Lane:
    """A row of the chart."""

    name: str  # in the log
    says: str
    colour: str  # a CSS variable: these are things, not learners


LANES = (
    Lane("lawn_green", "lawn green", "var(--lawn)"),
    Lane("bloom", "in bloom", "var(--bloom)"),
    Lane("litter", "fallen leaves", "var(--litter)"),
    Lane("snow", "snow", "var(--snow)"),
    Lane("frost", "killed by frost", "var(--frost)"),
    Lane("wilted", "wilting", "var(--wilt)"),
    Lane(RAIN, "rain a day", "var(--rain)"),
)
CAPTION = (
    "Each lane has its own height; its greatest value stands at its right. Shares are of the ground (lawn, leaves, "
    "snow) or of the plants (bloom, frost, wilting). Nobody waters on a patrol, so plants wilt as the weather has it. "
    "When a line above falls, look here for what the garden was doing."
)


def section(log: Log, *, south: South) -> str:
    """The garden's story as a figure; nothing where the log does not know it."""
    if not log.nature:
        return ""
    return figure("story", "What the garden was doing", lanes(log, south=south), CAPTION, before=_words(log))


def told(log: Log) -> str:
    """The story in a few sentences."""
    days = log.nature
    says = []
    if "snow" in days:
        says.append(_covered(log, np.array(days["snow"]), "Snow lay", "No snow lay for a day"))
    if "bloom" in days:
        says.append(_peak(log, np.array(days["bloom"]), "Most was in bloom", "of all flowers open"))
    if "litter" in days:
        says.append(_peak(log, np.array(days["litter"]), "Most leaves lay", "of the ground under them"))
    if "frost" in days:
        says.append(_peak(log, np.array(days["frost"]), "Frost took most", "of the foliage dead"))
    if "wilted" in days:
        says.append(_peak(log, np.array(days["wilted"]), "Drought was worst", "of the plants wilting"))
    if RAIN in days:
        rain = np.array(days[RAIN])
        wettest = int(rain.argmax())
        says.append(
            f"In all {rain.sum():,.0f} mm of rain fell, {rain[wettest]:.0f} of them on {_on(log, wettest)}."
            if rain.sum() >= 1
            else "It never rained."
        )
    return " ".join(sentence for sentence in says if sentence)


def lanes(log: Log, *, south: South) -> Chart:
    """One lane a thing, all over the same days."""
    shown = [lane for lane in LANES if lane.name in log.nature and _worth(lane, log)]
    chart = year_chart(log, "", south=south, height_px=LANE_PX * max(len(shown), 1) + 70, alone=False)
    layout = chart["layout"]
    layout["margin"]["r"] = 96
    when = dates(log, np.arange(log.life.days))
    for number, lane in enumerate(shown):
        _lane(chart, lane, np.array(log.nature[lane.name]), when, number, len(shown))
    layout["xaxis"]["anchor"] = f"y{len(shown)}" if len(shown) > 1 else "y"
    layout["bargap"] = 0
    return chart


def _worth(lane: Lane, log: Log) -> bool:
    return max(log.nature[lane.name]) > (0 if lane.name == RAIN else SHOWS)


def _lane(chart: Chart, lane: Lane, values: NDArray, when: list[str], number: int, of: int) -> None:
    is_rain = lane.name == RAIN
    suffix = "" if number == 0 else str(number + 1)
    shown = values if is_rain else 100 * values
    top, unit = float(shown.max()), "mm" if is_rain else "%"
    bars = {"type": "bar", "marker": {"color": lane.colour, "line": {"width": 0}}, "width": DAY_MS}
    area = {"type": "scatter", "mode": "lines", "fill": "tozeroy", "fillcolor": lane.colour}
    drawn = bars if is_rain else area | {"line": {"color": lane.colour, "width": 1}}
    chart["data"].append(
        {"x": when, "y": np.round(shown, 1).tolist(), "name": f"{lane.says} [{unit}]", "yaxis": f"y{suffix}",
         "hovertemplate": f"%{{y:.3~g}} {unit}"} | drawn
    )  # fmt: skip
    low, high = 1 - (number + 0.86) / of, 1 - number / of
    chart["layout"][f"yaxis{suffix}"] = axis(
        domain=[round(low, 4), round(high, 4)], range=[0, top * 1.05], tickvals=[top / 2], ticktext=[lane.says],
        showgrid=False, zeroline=True,
    )  # fmt: skip
    most = f"up to {top:.0f} {unit}"
    chart["layout"]["annotations"].append(
        note(most, size_px=11, x=1, xref="paper", y=(low + high) / 2, yref="paper", xanchor="left", xshift=6)
    )


def _words(log: Log) -> str:
    return f'<p class="told">{told(log).replace(" %", NARROW + "%").replace(" mm", NARROW + "mm")}</p>'


def _covered(log: Log, share: NDArray, says: str, never: str) -> str:
    under = np.flatnonzero(share >= COVERED)
    if not len(under):
        return f"{never}."
    edges = np.flatnonzero(np.diff(under) > APART_DAYS)
    firsts, lasts = under[np.append(0, edges + 1)], under[np.append(edges, len(under) - 1)]
    spells = [
        f"between {_on(log, a)} and {_on(log, b)}" if a != b else f"on {_on(log, a)}"
        for a, b in zip(firsts, lasts, strict=True)
    ]
    winters = 1 + int((firsts[1:] - lasts[:-1] > SUMMER_DAYS).sum())
    many = f"in {winters} winters" if winters > 1 else f"in {len(spells)} spells"
    when = listed(spells, comma=",") if len(spells) <= MOST_SPELLS else many
    return f"{says} on {len(under)} day{'' if len(under) == 1 else 's'}, {when}."


def _peak(log: Log, share: NDArray, says: str, of: str) -> str:
    """When a thing was at its most; nothing where it hardly was."""
    day = int(share.argmax())
    return f"{says} on {_on(log, day)}, with {100 * share[day]:.0f} % {of}." if share[day] > SHOWS else ""


def _on(log: Log, day: int) -> str:
    return long_date(log.life.date_of(int(day)))
