"""The triangle means in closed form: the diagonal, what lies below it and what lies above it."""

from datetime import date

import numpy as np
import pytest

from agent.monitor.life import Life
from agent.monitor.scores import Phase
from agent.monitor.triangle import first_year, triangle

EIGHT = tuple(Phase(str(n), (date(2031, 1 + round(1.5 * n), 10),)) for n in range(8))


def test_of_a_matrix_of_places_the_means_are_known():
    """E(i, j) = 10 i + j over n phases: the means are sums of integers."""
    n = 5
    matrix = np.add.outer(10.0 * np.arange(n), np.arange(n))
    found = triangle(matrix, np.arange(n))
    assert found == pytest.approx({"in_time": 22.0, "backward": 31.0, "forward": 13.0, "phases": n})


def test_who_knows_only_the_present_has_a_diagonal_and_nothing_else():
    found = triangle(np.eye(4), np.arange(4))
    assert found == {"in_time": 1.0, "backward": 0.0, "forward": 0.0, "phases": 4}


@pytest.mark.parametrize(("cells", "moved"), [((2, 0), "backward"), ((0, 2), "forward"), ((1, 1), "in_time")])
def test_each_cell_moves_its_own_mean_and_no_other(cells, moved):
    matrix = np.full((3, 3), 0.5)
    before = triangle(matrix, np.arange(3))
    matrix[cells] += 0.3
    after = triangle(matrix, np.arange(3))
    assert before is not None and after is not None
    assert {name for name in before if before[name] != after[name]} == {moved}
    assert after[moved] - before[moved] == pytest.approx(0.1)  # a third of what was added: each mean has three cells


def test_long_visits_weigh_no_more_than_short_ones():
    matrix = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    found = triangle(matrix, np.array([0, 0, 0, 1]))
    assert found is not None and found["in_time"] == pytest.approx((1 / 3 + 1) / 2)


def test_what_could_not_be_marked_is_left_out():
    matrix = np.array([[0.5, np.nan, 0.2], [0.4, 0.6, 0.3], [0.3, 0.5, 0.7]])
    found = triangle(matrix, np.arange(3))
    assert found is not None and found["forward"] == pytest.approx(0.25)
    assert triangle(np.ones((3, 4)), np.zeros(3, np.int64)) is None  # one phase has no past


def test_only_first_visits_of_the_first_year_count():
    life = Life(date(2030, 4, 10), 456, 28, EIGHT)
    days = np.arange(28, 456, 5)
    marks = np.repeat((days >= 365)[:, None], 8, axis=1).astype(float)
    matrix, order = first_year(life, days, marks)
    assert matrix.sum() == 0.0  # nothing of the second year is in it
    assert sorted(set(order.tolist())) == list(range(1, 8))  # there is no exam in the phase of commissioning
    assert (np.diff(order) >= 0).all() and matrix.shape == (len(order), 8)
    in_time_only = first_year(life, days, np.eye(8)[life.phase_of_day[days]])
    assert triangle(*in_time_only) == {"in_time": 1.0, "backward": 0.0, "forward": 0.0, "phases": 7}


def test_a_life_shorter_than_two_phases_has_no_means():
    life = Life(date(2030, 4, 10), 30, 5, EIGHT)
    days = np.array([5, 10])
    assert triangle(*first_year(life, days, np.ones((2, 8)))) is None
