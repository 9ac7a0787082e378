"""Claims about the metrics: worked by hand, to the last digit."""

import numpy as np
import pytest

from agent.monitor import metrics

R = np.array([[0.90, 0.10, 0.10], [0.70, 0.95, 0.20], [0.60, 0.80, 0.90]])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (metrics.average_accuracy(R), 0.7667),
        (metrics.average_incremental_accuracy(R), 0.8306),
        (metrics.learning_accuracy(R), 0.9167),
        (metrics.backward_transfer(R), -0.2250),
        (metrics.forward_transfer(R, 0.10), 0.0500),
        (metrics.forgetting(R), 0.2250),
    ],
    ids=["ACC", "AIA", "LA", "BWT", "FWT", "forgetting"],
)
def test_the_worked_example_holds_to_the_last_digit(value, expected):
    assert round(value, 4) == expected


def test_average_accuracy_hides_the_stability_gap_that_the_worst_case_shows():
    since_learned = [[0.50, 0.60, 0.80, 0.85]]
    assert np.mean([0.85, 0.95]) == pytest.approx(0.90)
    assert metrics.min_acc(since_learned) == 0.50
    assert metrics.worst_case_acc(0.95, since_learned) == pytest.approx(0.725, abs=1e-12)


def test_forgetting_leaves_the_last_row_out_of_its_maximum():
    improving = np.array([[0.5, 0.1], [0.9, 0.8]])
    assert metrics.forgetting(improving) == pytest.approx(-0.4)


def test_mean_iou_is_that_of_the_pooled_matrix_and_not_the_mean_over_images():
    first, second = np.array([[10, 0], [0, 10]]), np.array([[0, 20], [0, 60]])
    # pooled: [[10, 20], [0, 70]]; class 0: 10 / 30, class 1: 70 / 90
    assert metrics.mean_iou(first + second) == pytest.approx((10 / 30 + 70 / 90) / 2)
    assert metrics.mean_iou(first + second) != pytest.approx(
        np.mean([metrics.mean_iou(first), metrics.mean_iou(second)])
    )


def test_a_class_of_the_set_that_is_absent_from_the_truth_is_not_counted_but_its_false_alarms_hurt():
    confusion = np.array([[80, 20, 0], [0, 0, 0], [0, 0, 100]])
    assert metrics.counted(confusion).tolist() == [True, False, True]
    assert metrics.mean_iou(confusion) == pytest.approx((80 / 100 + 1) / 2)


def test_a_class_under_half_a_percent_of_the_truth_is_not_counted():
    confusion = np.diag([1000, 4])
    assert metrics.counted(confusion).tolist() == [True, False]
    assert metrics.counted(np.diag([1000, 6])).tolist() == [True, True]


def test_classes_outside_the_set_are_left_out_of_the_mean_but_not_of_the_unions():
    confusion = np.array([[50, 0], [50, 50]])
    assert metrics.mean_iou(confusion, np.array([True, False])) == pytest.approx(50 / 100)


def test_pixels_of_unknown_classes_are_scored_as_no_answer():
    confusion = np.array([[50, 0], [50, 50]])
    known = np.array([True, False])
    assert metrics.mean_iou(metrics.only_truth(confusion, known), known) == 1.0


def test_matrices_of_many_ticks_are_scored_at_once():
    stack = np.random.default_rng(0).integers(1, 100, (4, 3, 5, 5))
    assert metrics.mean_iou(stack).shape == (4, 3)
    assert metrics.mean_iou(stack)[2, 1] == pytest.approx(metrics.mean_iou(stack[2, 1]))


def test_the_share_of_the_gap_is_one_at_the_ceiling_and_zero_at_the_floor():
    floor, ceiling = [0.2, 0.5], [0.7, 0.9]
    assert metrics.share_of_gap(ceiling, floor, ceiling) == pytest.approx(1)
    assert metrics.share_of_gap(floor, floor, ceiling) == 0


def test_there_is_no_share_of_a_gap_that_does_not_exist():
    assert metrics.share_of_gap([0.5], [0.5], [0.505]) is None


def test_a_matrix_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match="square matrix of at least 2 tasks"):
        metrics.average_accuracy([[1.0, 2.0]])
