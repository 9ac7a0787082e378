"""Shapley's axioms and worked examples."""

import numpy as np
import pytest

from agent.monitor import shapley


def random_game(players: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 10, 1 << players)


def both(players: int, pairs: int = 5):
    yield shapley.exact(players)
    yield shapley.sampled(players, np.random.default_rng(1), pairs=pairs)


@pytest.mark.parametrize("players", [1, 2, 3, 8])
def test_shares_sum_to_the_loss_whichever_way_they_are_estimated(players):
    game = random_game(players, players)
    for coalitions, weights in both(players):
        shares = shapley.shares(coalitions, weights, game[coalitions])
        assert shares.sum() == pytest.approx(game[-1] - game[0], abs=1e-12)


def test_in_an_additive_game_everybody_gets_what_he_brings():
    brings = np.array([3.0, -1.0, 0.5, 7.25, 0.0])
    game = ((np.arange(32)[:, None] >> np.arange(5)) & 1) @ brings
    for coalitions, weights in both(5, pairs=1):
        assert shapley.shares(coalitions, weights, game[coalitions]) == pytest.approx(brings, abs=1e-12)


def test_players_who_are_alike_get_the_same():
    size = np.array([bin(s).count("1") for s in range(64)])
    shares = shapley.shares(*shapley.exact(6), size**2.0)
    assert shares == pytest.approx(np.full(6, 6.0), abs=1e-12)


def test_who_changes_no_value_gets_nothing_exactly():
    game = random_game(3, 0)[np.arange(16) & 0b0111]  # the fourth player is not asked
    for coalitions, weights in both(4):
        assert shapley.shares(coalitions, weights, game[coalitions])[3] == 0.0


def test_a_pair_of_gloves_is_worth_most_to_who_has_the_rare_one():
    """Two left gloves and a right one (Shapley & Shubik 1969): a sixth, a sixth, two thirds."""
    game = [float(bool(s & 0b100) and bool(s & 0b011)) for s in range(8)]
    assert shapley.shares(*shapley.exact(3), game) == pytest.approx([1 / 6, 1 / 6, 2 / 3], abs=1e-15)


def test_many_games_are_shared_at_once_as_one_by_one():
    games = np.stack([random_game(4, seed) for seed in range(5)])
    together = shapley.shares(*shapley.exact(4), games)
    assert np.allclose(together, [shapley.shares(*shapley.exact(4), game) for game in games], atol=1e-12)


def test_sampled_orders_come_near_the_definition_and_nearer_with_more_of_them():
    game = random_game(6, 3)
    exact = shapley.shares(*shapley.exact(6), game)
    off = []
    for pairs in (2, 2000):
        coalitions, weights = shapley.sampled(6, np.random.default_rng(0), pairs=pairs)
        off.append(np.abs(shapley.shares(coalitions, weights, game[coalitions]) - exact).max())
    assert off[1] < 0.5 < off[0]


def test_few_orders_ask_few_coalitions():
    coalitions, _ = shapley.sampled(8, np.random.default_rng(0), pairs=2)
    assert len(coalitions) <= 2 + 4 * 7
    assert coalitions[0] == 0
    assert coalitions[-1] == 255


def test_no_players_and_no_orders_are_refused():
    with pytest.raises(ValueError, match="players is 0"):
        shapley.exact(0)
    with pytest.raises(ValueError, match="pairs is 0"):
        shapley.sampled(3, np.random.default_rng(0), pairs=0)
