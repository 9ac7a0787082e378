"""Colour differences are those of the published pairs."""

import numpy as np
import pytest

from garden_env.colour import delta_e, lab

PAIRS = [  # Sharma, Wu & Dalal 2005, table 1
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "expected"), PAIRS)
def test_colour_differences_are_the_published_ones_both_ways(first, second, expected):
    first, second = np.array(first, float), np.array(second, float)
    assert float(delta_e(first, second)) == pytest.approx(expected, abs=5e-5)
    assert float(delta_e(second, first)) == pytest.approx(expected, abs=5e-5)


def test_black_and_white_are_a_hundred_apart_and_nothing_differs_from_itself():
    black, white = lab(np.zeros((2, 3, 3), np.uint8)), lab(np.full((2, 3, 3), 255, np.uint8))
    np.testing.assert_allclose(delta_e(black, white), np.full((2, 3), 100.0), atol=1e-3)
    assert not delta_e(white, white).any()
