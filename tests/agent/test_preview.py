"""A preview shows both sides of whatever comes at once, and never overwrites what is there."""

from datetime import date

import cv2
import numpy as np
import pytest

from agent.preview.calendar import COLUMNS, LEAST, MOST, abrupt_days, views
from agent.preview.preview import preview
from agent.tables import print_axes
from scenarios.axes import AXES
from scenarios.drift import DriftEvent
from scenarios.files import library, load
from scenarios.spec import Scenario

SHORT = Scenario(
    name="short",
    summary="a lens is changed",
    days=40,
    commissioning_days=5,
    steps_per_day=4,
    drift=(DriftEvent(axis="camera.fov_deg", set=20, at=date(2030, 4, 30)),),
)


def test_the_eve_and_the_day_of_what_comes_at_once_are_shown():
    assert abrupt_days(SHORT) == [20]
    assert {19, 20} <= set(views(SHORT))


@pytest.mark.parametrize("name", library())
def test_views_fill_their_rows_and_lie_in_the_life(name):
    scenario = load(name)
    days = views(scenario)
    assert LEAST <= len(days) <= MOST and len(days) % COLUMNS == 0
    assert days == sorted(set(days)) and 0 <= days[0] < scenario.commissioning_days and days[-1] < scenario.days


def test_what_is_switched_off_is_no_event():
    assert abrupt_days(SHORT.model_copy(update={"off": ("camera",)})) == []


def test_a_preview_is_a_picture_and_is_not_overwritten_unasked(tmp_path):
    out = tmp_path / "new" / "sheet.png"
    preview(SHORT, out, seed=1)
    picture = cv2.imread(str(out))
    assert picture is not None and picture.shape[1] == 1520 and np.unique(picture).size > 100
    before = out.read_bytes()
    with pytest.raises(ValueError, match="--overwrite"):
        preview(SHORT, out, seed=2)
    assert out.read_bytes() == before
    preview(SHORT, out, seed=2, overwrite=True)
    assert out.read_bytes() != before


def test_a_picture_that_cannot_be_written_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be written"):
        preview(SHORT, tmp_path / "file" / "sheet.png")
    with pytest.raises(ValueError, match="PNG"):
        preview(SHORT, tmp_path / "sheet.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_table_of_axes_names_them_all_and_fits_a_narrow_terminal():
    lines: list[str] = []
    print_axes(say=lines.append)
    told = "\n".join(lines).splitlines()
    assert max(map(len, told)) <= 80
    assert all(any(line.startswith(f"{name} ") for line in told) for name in AXES)
