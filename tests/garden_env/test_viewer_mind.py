"""What the window says of a learner is true: overlays lie where the guess is, shares add up, nothing is made up."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from garden_env.canvas import dashed
from garden_env.viewer.curves import Curve, height_of
from garden_env.viewer.drawing import draw, layout_of
from garden_env.viewer.eye import overlaid
from garden_env.viewer.layout import Box, lay_out, scale_of
from garden_env.viewer.overlays import RIGHT_RGB, WRONG_RGB, layer_of, why_none
from garden_env.viewer.plan import with_beliefs
from garden_env.viewer.screenshot import told
from garden_env.viewer.state import OF_THE_MIND, Beliefs, Hand, Span
from garden_env.viewer.strip import column
from garden_env.viewer.theme import ALARM
from garden_env.viewer.tints import CLASS_RGB
from garden_env.viewer.words import cut, fitting, wrapped
from scenarios.tables import CLASSES, FOLIAGE, IGNORE, LAWN, SNOW, SOIL
from tests.garden_env.window_state import changed, mind_of, seen, sight_of, state_of

SIZES = ((640, 400), (800, 500), (1280, 720), (1920, 1080), (900, 1300), (3840, 2160))


def layer(overlay, *, mind=None, solo=None, **fields):
    state = state_of(mind=mind_of() if mind is None else mind)
    drawn = layer_of(replace(state, **fields), Hand(overlay=overlay, solo=solo))
    assert drawn is not None
    return drawn


@pytest.mark.parametrize("hud", ["full", "compact", "off"])
@pytest.mark.parametrize("size", SIZES)
def test_with_a_learner_the_parts_lie_in_the_window_and_not_on_each_other(size, hud):
    layout, scale = lay_out(*size, camera_aspect=4 / 3, plan_aspect=1.25, hud=hud, mind=True), scale_of(*size)
    covered = np.zeros(size[::-1], int)
    for box in vars(layout).values():
        box = box.pixels(scale)
        if box.width and box.height:
            assert box.x >= 0 and box.right <= size[0] and box.y >= 0 and box.bottom <= size[1]
            covered[box.y : box.bottom, box.x : box.right] += 1
    assert covered.max() == 1
    assert bool(layout.curves.height) == bool(layout.strip.height) == (hud == "full")
    assert (layout.curves.x, layout.curves.width) == (layout.strip.x, layout.strip.width)


def test_what_falls_away_in_small_windows_falls_away_in_order():
    sizes = [(width, width * 9 // 16) for width in range(1280, 700, -20)] + [(640, 400)]
    layouts = [lay_out(*size, camera_aspect=4 / 3, plan_aspect=1.25, mind=True) for size in sizes]
    rows = [bool(layout.frame.height) for layout in layouts]
    assert rows[0] and not rows[-1] and rows == sorted(rows, reverse=True)
    assert all(layout.curves.height >= 44 and layout.plan.width >= 100 for layout in layouts)


@pytest.mark.parametrize("camera", [(400, 300), (300, 300), (640, 360), (300, 400)])
def test_a_guess_lies_where_the_large_picture_shows_the_same(camera):
    width, height = camera
    exact = replace(sight_of(), truth=seen(256, 256), guess=seen(256, 256), doubt=np.zeros((256, 256), np.float32))
    state = state_of(width, height, mind=changed(mind_of(), sight=exact))
    drawn = layer_of(state, Hand(overlay="prediction"))
    covers = drawn.picture != state.view.rgb
    inside = covers.any(-1) | (state.view.rgb == CLASS_RGB[state.view.truth]).all(-1)
    expected = overlaid(state.view, Hand(overlay="truth"))
    assert (np.abs(drawn.picture.astype(int) - expected).max(-1)[inside] <= 2).mean() > 0.97
    if height <= width:  # a taller picture sees more than the net does, and there nothing is said
        assert inside.all()
    else:
        assert not covers[:20].any() and not covers[-40:].any()


def test_the_share_wrong_is_that_of_the_answers_and_the_rest_is_no_answer():
    sight = sight_of()
    asked = sight.truth != IGNORE
    wrong = 100.0 * (sight.guess != sight.truth)[asked].mean()
    drawn = layer("error")
    told = {entry.text.split()[0]: entry for entry in drawn.legend}
    assert told["wrong"].text == f"wrong {wrong:.0f} %" and told["right"].text == f"right {100 - wrong:.0f} %"
    assert (told["wrong"].rgb, told["right"].rgb) == (WRONG_RGB, RIGHT_RGB)
    assert drawn.notes == [f"most of it: soil taken for lawn, {wrong:.0f} %"]
    middle = drawn.picture[:, drawn.picture.shape[1] // 2]  # where nobody is asked, the picture is grey
    assert (np.ptp(middle.astype(int), axis=-1) == 0).all()


def test_one_class_is_judged_alone():
    drawn = layer("error", solo=SOIL)
    assert [entry.text for entry in drawn.legend[:3]] == [
        "soil, found 0 %",
        "soil, missed 100 %",
        "wrongly called soil 0 %",
    ]
    assert drawn.notes == ["soil: IoU 0 %"]
    assert layer("error", solo=SNOW).notes == ["snow: neither there nor said"]
    assert layer("prediction", solo=SOIL).legend[0].text == "soil, not said"
    drawn, guess = layer("prediction", solo=FOLIAGE), sight_of().guess
    share = f"{100 * (guess == FOLIAGE).mean():.0f}"
    assert drawn.legend[0].text == f"foliage, {share} % of the picture"
    colour = np.ptp(drawn.picture.astype(int), axis=-1) > 0
    assert 0.01 < colour.mean() < 0.2


def test_doubt_is_told_where_it_is_right_and_where_it_is_wrong():
    sight = sight_of()
    asked = sight.truth != IGNORE
    told = [
        f"{100 * sight.doubt[where].mean():.0f} %"
        for where in (asked | True, asked & (sight.guess == sight.truth), asked & (sight.guess != sight.truth))
    ]
    assert layer("doubt").notes == ["mean doubt: all {}, where right {}, where wrong {}".format(*told)]
    drawn = layer("doubt").picture.astype(int).sum(-1)
    assert drawn[:, -30:].mean() > drawn[:, :30].mean() + 100


def test_overlays_say_why_there_is_nothing_to_see():
    blind = changed(mind_of(), sight=None)
    for state, why in (
        (state_of(), "no learner"),
        (state_of(mind=blind), "nothing seen yet"),
        (
            replace(state_of(mind=mind_of()), view=replace(state_of().view, title="another day")),
            "it sees today, not this day",
        ),
    ):
        for overlay in OF_THE_MIND:
            assert layer_of(state, Hand(overlay=overlay)) is None
            assert why_none(state) == why
            hand, plain = Hand(overlay=overlay), Hand()
            box = layout_of(state, hand, 1280, 720).camera
            below = slice(box.y + 60, box.bottom), slice(box.x, box.right)
            assert np.array_equal(draw(state, hand, 1280, 720)[below], draw(state, plain, 1280, 720)[below])


def test_an_old_guess_is_shown_on_its_own_frame_and_not_on_what_is_there_now():
    old = changed(mind_of(), sight=sight_of(step=1997))
    now = layer("prediction", view=replace(state_of().view, rgb=np.zeros((454, 605, 3), np.uint8)))
    then = layer("prediction", mind=old, view=replace(state_of().view, rgb=np.zeros((454, 605, 3), np.uint8)))
    assert (now.steps_ago, then.steps_ago) == (0, 3)
    assert then.picture.mean() > now.picture.mean() + 20  # which lies on black


def test_what_is_not_known_is_not_a_number():
    sight = replace(sight_of(), truth=np.full((32, 32), IGNORE, np.uint8), doubt=np.full((32, 32), np.nan, np.float32))
    mind = changed(
        mind_of(), sight=sight, present=math.nan, memory=(("winter", math.nan),), curves=(), diagnosis="",
        beliefs=Beliefs(np.full((2, 2), 255, np.uint8), np.full((2, 2), np.nan, np.float32)),
    )  # fmt: skip
    assert layer("doubt", mind=mind).notes == ["mean doubt: all –, where right –, where wrong –"]
    assert [entry.text for entry in layer("error", mind=mind).legend[:2]] == ["right –", "wrong –"]
    for size in SIZES[:3]:
        for overlay in OF_THE_MIND:
            draw(state_of(mind=mind), Hand(overlay=overlay, beliefs=True), *size)
    numbers = told(state_of(mind=mind), Hand())["mind"]
    assert (
        numbers["miou_of_late"] is None and numbers["memory"] == {"winter": None} and "NaN" not in json.dumps(numbers)
    )


@pytest.mark.parametrize("size", SIZES[:3])
def test_very_long_words_stay_within_their_panels(size):
    long = "a learner with a name that nobody would ever give to anything " * 4
    mind = changed(
        mind_of(), learner=long, doing=long, diagnosis=long, memory=((long, 0.5), ("winter", 0.5)),
        alarms=(Span(long, 100, 100), Span("another", 101, 120)),
    )  # fmt: skip
    state = state_of(mind=mind)
    layout, scale = layout_of(state, Hand(), *size), scale_of(*size)
    drawn = draw(state, Hand(overlay="error", picked=long), *size)
    outside = np.ones(size[::-1], bool)
    for box in vars(layout).values():
        box = box.pixels(scale)
        outside[box.y : box.bottom, box.x : box.right] = False
    assert (drawn[outside] == drawn[0, 0]).all()


def test_beliefs_are_the_stronger_the_surer():
    plan = np.full((40, 40, 3), 100, np.uint8)
    classes = np.array([[LAWN, LAWN], [LAWN, 255]], np.uint8)
    drawn = with_beliefs(plan, Beliefs(classes, np.array([[1.0, 0.5], [0.0, 1.0]], np.float32))).astype(int)
    away = np.abs(drawn[5::20, 5::20] - np.array(CLASSES["lawn"].rgb)).sum(-1)
    assert away[0, 0] < away[0, 1] < away[1, 0] == away[1, 1]


def test_alarms_are_marked_in_the_calendar_on_their_days():
    state = state_of(mind=changed(mind_of(), alarms=(Span("loss", 60, 60),)))
    quiet = state_of(mind=changed(mind_of(), alarms=()))
    strip = layout_of(state, Hand(), 1280, 720).strip
    marked, bare = (
        (draw(s, Hand(), 1280, 720) == ALARM).all(-1)[strip.y : strip.bottom, strip.x : strip.right]
        for s in (state, quiet)
    )
    at = round(column(strip, state.course, 60)) - strip.x
    assert not bare.any() and marked[:, at].any() and not marked[:, : at - 5].any()


def test_curves_are_drawn_at_their_heights_and_days():
    state = state_of(mind=changed(mind_of(), curves=(Curve("present", np.array([0.0, 300.0]), np.array([0.5, 0.5])),)))
    box = layout_of(state, Hand(), 1280, 720).curves
    chart = Box(box.x, box.y + 20, box.width, box.height - 20)
    drawn = draw(state, Hand(), 1280, 720).astype(int)
    y, x = round(float(height_of(chart, 0.5))), round(column(box, state.course, 100))
    assert drawn[y, x].min() > 200 and drawn[y - 6, x].max() < 90 and drawn[y + 6, x].max() < 90
    assert drawn[y, round(column(box, state.course, 320))].max() < 90


def test_dashes_follow_the_line_and_leave_their_gaps():
    corner = np.array([[0.0, 0.0], [6.0, 0.0], [6.0, 6.0]])
    strokes = dashed(corner, (4, 2))
    assert [stroke.tolist() for stroke in strokes] == [[[0.0, 0.0], [4.0, 0.0]], [[6.0, 0.0], [6.0, 4.0]]]
    assert dashed(np.array([[1.0, 1.0]]), (4, 2)) == []


def test_words_fit_their_width():
    from garden_env.canvas import Canvas

    canvas = Canvas(10, 10, scale=1.5)
    assert cut(canvas, "short", 500, 13) == "short"
    told = cut(canvas, "a rather long line of words", 60, 13)
    assert told.endswith("…") and canvas.width_of(told, 13) <= 60 and cut(canvas, "word", 1, 13) == ""
    assert fitting(canvas, 60, 13, "a rather long line of words", "words") == "words"
    lines = wrapped(canvas, "one two three andaverylongwordthatfitsnowhere four", 60, 13)
    assert len(lines) > 2 and all(canvas.width_of(line, 13) <= 60 for line in lines)


@pytest.mark.parametrize("mind", [None, mind_of()], ids=["nobody", "learner"])
@pytest.mark.parametrize("size", SIZES[:4])
def test_what_was_clicked_on_is_told_in_every_window(size, mind):
    state = state_of(mind=mind)
    box = layout_of(state, Hand(), *size).status.pixels(scale_of(*size))
    one, other = (
        draw(state, Hand(picked=told), *size)[box.y : box.bottom, box.x : box.right]
        for told in ("rose: dry", "oak: wet")
    )
    assert not np.array_equal(one, other)
