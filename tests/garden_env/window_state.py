"""A moment of a made-up garden with a made-up learner, for the window to draw: the same on every machine."""

from dataclasses import replace
from datetime import date

import numpy as np

from garden_env.viewer.state import Air, Beliefs, Body, Course, Curve, Mind, Plants, Sight, Span, View, ViewState
from garden_env.viewer.tints import coloured
from scenarios.seasons import bands
from scenarios.tables import FOLIAGE, IGNORE, LAWN, PATH, SKY, SNOW, SOIL

START, DAYS = date(2030, 4, 1), 400
HORIZON = 0.4
STEP = 2000


def seen(width_px: int, height_px: int, aspect: float | None = None) -> np.ndarray:
    """Classes (H, W) uint8 of one scene through one lens: a height of the frame means the same whatever its aspect."""
    wide = width_px / height_px if aspect is None else aspect
    across = (np.arange(width_px) + 0.5) / width_px
    down = ((np.arange(height_px) + 0.5) / height_px - HORIZON) / wide  # below the horizon, in widths of the frame
    classes = np.full((height_px, width_px), LAWN, np.uint8)
    classes[down < 0.0] = SKY
    classes[np.ix_(down > 0.12, (across > 0.4) & (across < 0.6))] = PATH
    classes[np.ix_((down > -0.15) & (down < 0.1), (across > 0.1) & (across < 0.3))] = FOLIAGE
    classes[np.ix_((down > 0.05) & (down < 0.2), across > 0.8)] = SOIL
    return classes


def view_of(width_px: int, height_px: int, title: str = "", *, snow: bool = False) -> View:
    """The scene as a picture: the colours of its classes, brighter towards the foot."""
    classes = seen(width_px, height_px)
    if snow:
        classes[np.isin(classes, (LAWN, PATH))] = SNOW
    bright = np.linspace(0.6, 1.0, height_px)[:, None, None]
    return View((coloured(classes) * bright).astype(np.uint8), classes, title, HORIZON)


def sight_of(step: int = STEP) -> Sight:
    """What a net says of the scene: its soil is taken for lawn, and at borders it has its doubts."""
    truth = seen(32, 32)
    guess = np.where(truth == SOIL, LAWN, truth).astype(np.uint8)
    doubt = np.linspace(0.0, 1.0, 32, dtype=np.float32)[None].repeat(32, 0)
    asked = truth.copy()
    asked[:, 15:17] = IGNORE
    return Sight(step, view_of(64, 64).rgb, asked, guess, doubt)


def mind_of() -> Mind:
    """A learner in the middle of its life."""
    days = np.arange(40.0, 201.0, 10.0)
    return Mind(
        learner="er+ewc", sight=sight_of(), present=0.71,
        curves=(
            Curve("present", days, 0.7 + 0.2 * np.sin(days / 20.0)), Curve("stability", days, 0.6 - days / 1000.0),
            Curve("plasticity", days, 0.4 + days / 600.0),
        ),
        memory=(("spring", 0.5), ("summer", 0.3), ("autumn", 0.2)),
        alarms=(Span("brightness", 60, 60), Span("loss", 180, 183)),
        beliefs=Beliefs(
            np.array([[LAWN, PATH], [IGNORE, SOIL]], np.uint8), np.array([[0.9, 0.4], [0.0, 0.8]], np.float32)
        ),
        updates=4321, labels=987, diagnosis="holds what it knew; the season at hand fell by 8 points and was made good",
    )  # fmt: skip


def state_of(
    width_px: int = 605, height_px: int = 454, *, mind: Mind | None = None, seasons: bool = False
) -> ViewState:
    """The whole moment; the camera's picture has this size."""
    days = np.arange(DAYS)
    spans = bands(START, DAYS)
    course = Course(
        start=START, days=DAYS, commissioning_days=30,
        seasons=tuple(Span(name, (first - START).days, (after - START).days - 1) for name, first, after in spans),
        script=(Span("camera dirt", 150, 399), Span("heat", 90, 104)),
        temperature_c=12.0 + 10.0 * np.sin(days / 58.0), rain_mm=np.where(days % 9 == 0, 12.0, 0.0),
        snow=((days > 250) & (days < 320)).astype(float), width_m=10.0, depth_m=8.0,
    )  # fmt: skip
    plan = coloured(
        np.where(np.add.outer(np.arange(160) // 40, np.arange(200) // 40) % 2, LAWN, FOLIAGE).astype(np.uint8)
    )
    ones = np.ones(2)
    plants = Plants(
        ("lavender", "apple_tree"), np.array([[2.0, 3.0], [7.0, 5.0]]), np.array([0.3, 1.5]), ones, ones, 0 * ones,
        0 * ones, np.array([0.3, 0.8]), np.array([0.7, 0.0]), np.array([True, False]), np.array([True, True]),
    )  # fmt: skip
    turns = np.linspace(0.0, 4.0, 60)
    views = tuple(view_of(width_px // 2, height_px // 2, name, snow=name == "winter") for name, *_ in spans[:4])
    return ViewState(
        course=course, day=200, hour=10.5, step=STEP, view=view_of(width_px, height_px), plan_rgb=plan,
        body=Body(
            np.array([5.0, 4.0, 0.7]), np.column_stack([5.0 + 2.5 * np.cos(turns), 4.0 + 2.0 * np.sin(turns)]), 0.4,
            3.0, 3.0, 45.0, False,
        ),
        air=Air(35.0, 0.3, 14.0, 0.0, 0.0, 0.0, 2.5), plants=plants, seasons=views if seasons else (), driver="patrol",
        mind=mind,
    )  # fmt: skip


def changed(mind: Mind, **fields) -> Mind:
    """The learner with some fields changed."""
    return replace(mind, **fields)
