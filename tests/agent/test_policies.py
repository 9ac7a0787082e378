"""When a learner consolidates: policies keep to their names, the alarm hears a change and little else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.alarm import Alarm
from agent.policies import EXTRA_UPDATES, HARDER_UPDATES, Moment, make_policy
from agent.students import check_past_data, read_plan


def reasons(name, losses, seasons=None):
    """What a policy says after each of these losses."""
    policy = make_policy(name, season="spring")
    seasons = seasons or ["spring"] * len(losses)
    return [
        policy.due(Moment(i + 1, season, {} if loss is None else {"fit": loss}))
        for i, (loss, season) in enumerate(zip(losses, seasons, strict=True))
    ]


def test_every_n_counts_occasions_to_learn():
    assert reasons("every-3", [0.5] * 7) == [None, None, "schedule", None, None, "schedule", None]


def test_never_is_never():
    assert reasons("never", [0.1, 9.0] * 200) == [None] * 400


def test_the_season_speaks_once_on_its_first_day_and_again_when_it_comes_back():
    seasons = ["spring", "spring", "summer", "summer", "spring"]
    assert reasons("season", [0.5] * 5, seasons) == [None, None, "season:summer", None, "season:spring"]


def test_the_alarm_speaks_after_the_loss_has_risen_and_seldom_before():
    rng, early, delays = np.random.default_rng(0), 0, []
    for _ in range(40):
        losses = 0.5 + 0.05 * (rng.standard_normal(200) + 3.0 * (np.arange(200) >= 150))
        raised = [i for i, reason in enumerate(reasons("alarm", losses.tolist())) if reason]
        early += any(i < 150 for i in raised)
        delays += [i - 150 for i in raised if i >= 150][:1]
    assert early <= 6  # of 100 losses after the reference; a share of 0.15 is far above the measured one
    assert len(delays) >= 40 - early
    assert np.median(delays) <= 5


def test_an_update_without_a_loss_is_not_heard():
    with_gaps = [loss for pair in zip([0.5, 0.6] * 30, [None] * 60, strict=True) for loss in pair]
    assert reasons("alarm", with_gaps) == [None] * 120


def test_better_is_no_alarm_but_a_new_measure():
    alarm = Alarm(reference=10)
    noise = 0.02 * np.random.default_rng(1).standard_normal(200)
    falling = np.where(np.arange(120) < 40, 0.9, 0.4) + noise[:120]
    assert not any(alarm.hear(loss) for loss in falling)
    assert any(alarm.hear(loss) for loss in 0.7 + noise[120:140])  # low by the old measure, high by the new


@pytest.mark.parametrize(("shift", "delay"), [(1.5, 8.0), (2.5, 4.0)])
def test_the_sum_grows_by_the_shift_less_delta(shift, delay):
    """With losses of the reference at +-1 and a constant ever after, the alarm comes when the sum passes the limit."""
    alarm = Alarm(reference=20, delta=0.5, limit=8.0)
    for i in range(20):
        assert not alarm.hear(1.0 if i % 2 else -1.0)
    spread = np.sqrt(20 / 19)
    waited = next(i for i in range(1, 100) if alarm.hear(shift * spread))
    assert waited == int(8.0 / (shift - 0.5)) + 1
    assert waited == pytest.approx(delay, abs=1)


@given(st.lists(st.floats(0.0, 10.0), max_size=60), st.floats(0.1, 5.0), st.floats(-3.0, 3.0))
def test_the_alarm_knows_no_unit(losses, scale, offset):
    """The same losses in other units, up to rounding, are heard the same; equal losses have no unit of their own."""
    losses = [round(loss, 2) for loss in losses]
    if len(set(losses[:20])) < 2:
        return
    plain, scaled = Alarm(reference=20, limit=8.05), Alarm(reference=20, limit=8.05)
    one, other = [plain.hear(x) for x in losses], [scaled.hear(scale * x + offset) for x in losses]
    assert one == other


@pytest.mark.parametrize("name", ["often", "every", "every-", "every-x", "every-0", "", "seasons"])
def test_an_unknown_policy_is_told_what_there_is(name):
    with pytest.raises(ValueError, match="every-"):
        make_policy(name, season="spring")


def test_a_name_says_who_and_when_and_who_tells_of_regimes():
    default, often = read_plan("er+ewc"), read_plan("ewc+er@every-20")
    assert (default.policy, often.policy, often.name) == ("every-50", "every-20", "er+ewc@every-20")
    assert often.recipe == default.recipe
    assert [read_plan(name).regime_source for name in ("er", "hat", "hat@season", "hat@alarm", "hat@never")] == [
        None, "feature clusters", "oracle season", "own alarm", "feature clusters",
    ]  # fmt: skip
    assert read_plan("hat@season").recipe.settings.regime_source == "oracle season"


def test_schedules_keep_all_frames_and_have_their_own_time():
    for name in ("joint", "cumulative"):
        assert read_plan(name).needs_past_data
        with pytest.raises(ValueError, match="schedule of its own"):
            read_plan(f"{name}@season")
        with pytest.raises(ValueError, match="keeps all frames"):
            check_past_data(name)


def test_who_keeps_no_picture_may_live_without_the_past():
    for name in ("ewc", "feature-replay", "hat@season", "frozen"):
        check_past_data(name)
    with pytest.raises(ValueError, match="feature-replay"):
        check_past_data("er+ewc@season")


def test_after_an_alarm_more_is_replayed_for_a_while_and_consolidation_goes_on_as_usual():
    policy = make_policy("alarm-replay", season="spring", usual="every-40")
    losses = [0.5 + 0.05 * (-1) ** i for i in range(60)] + [1.5] + [0.5] * 60
    said, extra = [], []
    for i, loss in enumerate(losses):
        said.append(policy.due(Moment(i + 1, "spring", {"fit": loss})))
        extra.append(policy.extra_updates)
    assert [i + 1 for i, reason in enumerate(said) if reason] == [40, 80, 120]
    assert extra == [0] * 60 + [EXTRA_UPDATES] * HARDER_UPDATES + [0] * (61 - HARDER_UPDATES)


@pytest.mark.parametrize("name", ["every-3", "alarm", "alarm-adapter", "season", "never"])
def test_no_other_policy_makes_more_updates(name):
    assert make_policy(name, season="spring").extra_updates == 0


def test_who_has_nothing_to_replay_or_no_adapter_is_told_so():
    assert read_plan("er+ewc@alarm-replay").usual == "every-50"
    assert read_plan("adapters@alarm-adapter").recipe.settings.regime_source == "own alarm"
    with pytest.raises(ValueError, match="remembers no frames"):
        read_plan("ewc@alarm-replay")
    with pytest.raises(ValueError, match="has no adapters"):
        read_plan("er@alarm-adapter")
