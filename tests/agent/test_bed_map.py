"""Which ground the robot takes for bed, and for how much root."""

import numpy as np
import pytest

from agent.bed_map import BARE_ROOTED, BLOCK, LEAST_BED, LEAVES_STAY_D, NEAR, ROOTED, VOTE_STEPS, BedMap
from agent.mapping import SemanticMap
from scenarios.spec import CameraSpec
from scenarios.tables import LAWN, SOIL


def beds() -> BedMap:
    """Nothing known yet of a garden of 6 x 4 m: 20 x 30 blocks."""
    return BedMap(SemanticMap(6.0, 4.0, CameraSpec(), half_life_steps=100.0))


def planted(votes: np.ndarray) -> np.ndarray:
    found = beds()
    found.votes = votes
    return found.planted


def test_what_was_not_seen_between_pieces_of_a_bed_belongs_to_it_and_specks_are_no_bed():
    votes = np.zeros((20, 30))
    votes[5:10, 5:12] = 12.0
    votes[7, 8] = 0.0  # a plant stands before it
    votes[15, 20] = votes[15, 21] = 12.0
    assert LEAST_BED > 2
    found = planted(votes)
    assert found[5:10, 5:12].all()
    assert found.sum() == 35


def test_a_bed_at_the_gardens_edge_loses_nothing():
    votes = np.zeros((20, 30))
    votes[:4, :6] = 12.0
    assert planted(votes).sum() == 24


def test_more_roots_are_under_leaves_than_under_bare_ground_until_the_leaves_are_gone_for_long():
    found = beds()
    found.leafy_d[3, 3] = 10.0
    piece_m2 = (BLOCK * 0.1) ** 2
    assert found.roots_m2(11.0)[3, 3] == pytest.approx(ROOTED * piece_m2)
    assert found.roots_m2(11.0)[4, 4] == pytest.approx(BARE_ROOTED * piece_m2)
    assert found.roots_m2(11.0 + LEAVES_STAY_D)[3, 3] == pytest.approx(BARE_ROOTED * piece_m2)


def test_a_plant_may_stand_hidden_near_leaves_of_a_bed_but_not_near_a_hedges():
    found = beds()
    found.votes[2:9, 2:20] = 12.0
    found.leafy_d[5, 5] = found.leafy_d[15, 15] = 0.0
    about = found.leafy_about(1.0)
    assert about[5, 5 + NEAR]
    assert not about[5, 5 + NEAR + 1]
    assert not about[15, 15]


def test_looks_at_soil_make_a_bed_and_looks_at_lawn_unmake_it():
    map_ = SemanticMap(6.0, 4.0, CameraSpec(), half_life_steps=1000.0)
    found = BedMap(map_)
    for count, kind in ((4, SOIL), (8, LAWN)):
        map_.evidence[:] = 0.0
        map_.evidence[..., kind] = 10.0
        for _ in range(count):
            map_.seen_step[:] = map_.seen_step.max() + VOTE_STEPS
            found.vote(int(map_.seen_step.max()))
        assert found.planted.all() == (kind == SOIL)
    assert not found.is_bed.any()
