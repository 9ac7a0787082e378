"""Picture strips: what was seen, what was true, what each learner thought, season by season."""

import base64
from collections.abc import Mapping, Sequence
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from agent.monitor.scores import ClassInfo
from agent.report.palette import Mark
from agent.report.strips import Strips

IGNORE = 255
ABREAST = 8  # pictures side by side, one a season
WIDEST_PX = 192  # camera pictures are shrunk to this, so that a report stays small at any resolution


def strips_html(strips: Strips, classes: Sequence[ClassInfo], marks: Mapping[str, Mark]) -> str:
    """A grid of pictures with the legend of classes.

    Args:
        strips: the pictures; learners that `marks` does not name are left out.
        classes: names and colours, in the order of their ids.
        marks: the look of every learner.
    """
    shown = np.unique(np.concatenate([strips.truth.ravel(), *(mask.ravel() for mask in strips.predicted.values())]))
    blocks = [slice(first, first + ABREAST) for first in range(0, len(strips.titles), ABREAST)]
    columns = min(len(strips.titles), ABREAST)
    grids = "".join(
        f'<div class="strips" style="--columns:{columns}" tabindex="0" role="group" '
        f'aria-label="Pictures by season; scroll sideways">{_grid(strips, block, classes, marks)}</div>'
        for block in blocks
    )
    return grids + _legend(classes, shown)


def _grid(strips: Strips, block: slice, classes: Sequence[ClassInfo], marks: Mapping[str, Mark]) -> str:
    colours = np.array([c.rgb for c in classes], dtype=np.uint8)
    titles = strips.titles[block]
    rows = [f'<div class="strip heads"><span></span>{"".join(_head(title) for title in titles)}</div>']
    rows.append(_row("seen", "the camera", [_photo(rgb) for rgb in strips.rgb[block]], titles))
    rows.append(_row("truth", "the answer", [_mask(mask, colours) for mask in strips.truth[block]], titles))
    for name, mark in marks.items():
        if name in strips.predicted:
            rows.append(_predicted(name, mark, strips.predicted[name][block], strips.truth[block], titles, colours))
    return "".join(rows)


def _head(title: str) -> str:
    name, _, small = title.partition("|")
    return f'<span class="head">{escape(name)}<small>{escape(small)}</small></span>'


def _row(name: str, about: str, images: Sequence[str], titles: Sequence[str]) -> str:
    cells = "".join(
        f'<span class="cell"><img alt="{escape(name)}, {escape(title.replace("|", ", "))}" src="{image}"></span>'
        for image, title in zip(images, titles, strict=True)
    )
    return f'<div class="strip"><span class="rowname">{escape(name)}<small>{escape(about)}</small></span>{cells}</div>'


def _predicted(
    name: str, mark: Mark, predicted: NDArray, truths: NDArray, titles: Sequence[str], colours: NDArray[np.uint8]
) -> str:
    cells = []
    for mask, truth, title in zip(predicted, truths, titles, strict=True):
        wrong = (truth != IGNORE) & (mask != truth)
        right = 1 - wrong.sum() / max((truth != IGNORE).sum(), 1)
        label = f"{escape(name)}, {escape(title.replace('|', ', '))}: {right:.0%} of pixels right"
        cells.append(
            f'<span class="cell"><img class="whole" alt="{label}" src="{_mask(mask, colours)}">'
            f'<img class="wrong" alt="mistakes of {label}" src="{_mask(np.where(wrong, mask, IGNORE), colours)}">'
            f"<small>{100 * right:.0f} % right</small></span>"
        )
    return (
        f'<div class="strip"><span class="rowname" style="color:{mark.colour}">{mark.sign} {escape(name)}'
        f"<small>predicted</small></span>{''.join(cells)}</div>"
    )


def _legend(classes: Sequence[ClassInfo], shown: NDArray) -> str:
    items = "".join(
        f'<li><i style="background:rgb({c.rgb[0]},{c.rgb[1]},{c.rgb[2]})"></i>{escape(c.name)}</li>'
        for number, c in enumerate(classes)
        if number in shown
    )
    unknown = '<li><i class="none"></i>no answer: not scored</li>' if IGNORE in shown else ""
    return f'<ul class="legend" aria-label="Classes">{items}{unknown}</ul>'


def _photo(rgb: NDArray[np.uint8]) -> str:
    height, width = rgb.shape[:2]
    if width > WIDEST_PX:
        shape = (WIDEST_PX, round(height * WIDEST_PX / width))
        rgb = cv2.resize(rgb, shape, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return _png(np.ascontiguousarray(rgb[..., ::-1]))


def _mask(mask: NDArray[np.integer], colours: NDArray[np.uint8]) -> str:
    """Classes in their colours; where there is no answer the page's hatching shines through."""
    step = -(-mask.shape[1] // WIDEST_PX)
    mask = mask[::step, ::step]
    known = mask < len(colours)
    rgba = np.zeros((*mask.shape, 4), dtype=np.uint8)
    rgba[known, :3] = colours[mask[known]][:, ::-1]
    rgba[known, 3] = 255
    return _png(rgba)


def _png(pixels: NDArray[np.uint8]) -> str:
    done, encoded = cv2.imencode(".png", pixels)
    if not done:
        raise ValueError(f"OpenCV cannot encode an image of shape {pixels.shape} as PNG")
    return "data:image/png;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")
