"""Claims about the diagnosis: a row of the table each, and that a healthy learner is not called sick."""

from dataclasses import replace

import pytest

from agent.monitor.diagnosis import (
    ADAPTING,
    BEHIND,
    COLLAPSE,
    CORRELATION,
    DRIFTING,
    FORGETTING,
    GAP,
    PLASTICITY,
    ROBUST,
    STEADY,
    Estimate,
    Evidence,
    Lost,
    diagnose,
)
from agent.monitor.gaps import Gap

KEPT = (Lost("spring", Estimate(0.01, -0.01, 0.02), False), Lost("summer", Estimate(0.0, -0.02, 0.02), False))
GONE = (Lost("spring", Estimate(0.21, 0.17, 0.25), True), Lost("summer", Estimate(0.02, -0.01, 0.05), False))
HEALTHY = Evidence(
    changes=7,
    changes_from="alarms",
    fall=0.2,
    left_behind=Estimate(0.01, -0.01, 0.03),
    lost=KEPT,
    gaps=(Gap(60, 0.8, 0.02, 0.0, False),),
    trainability=(1.2, 1.1),
    dormant=(0.02, 0.03),
    rank=(1.0, 1.1),
    entropy=(0.4, 0.5),
    cka=0.8,
    above_copy=Estimate(0.2, 0.15, 0.25),
)


def verdicts(evidence):
    return [finding.verdict for finding in diagnose(evidence)]


def test_a_healthy_learner_is_not_called_sick():
    found = diagnose(HEALTHY)
    assert not any(finding.bad for finding in found)
    assert found[0].verdict == ADAPTING
    nothing = [f"no evidence of {verdict}" for verdict in (FORGETTING, PLASTICITY, COLLAPSE)]
    assert sorted(f.verdict for f in found[1:]) == sorted([*nothing, f"no evidence of a {GAP}"])


def test_who_makes_good_most_of_what_it_lacked_at_first_is_adapting():
    assert verdicts(replace(HEALTHY, left_behind=Estimate(0.08), behind_at_first=0.22))[0] == ADAPTING


@pytest.mark.parametrize(
    ("changed", "verdict", "bad"),
    [
        ({"fall": 0.02}, ROBUST, False),
        ({"fall": 0.02, "changes": 0}, STEADY, False),
        ({"left_behind": Estimate(0.12, 0.08, 0.16)}, BEHIND, True),
        ({"left_behind": Estimate(0.2), "behind_at_first": 0.22}, BEHIND, True),  # as far as it was: learned nothing
        ({"lost": GONE}, FORGETTING, True),
        ({"gaps": (Gap(60, 0.8, 0.3, 3.0, False),)}, GAP, False),
        ({"trainability": (1.2, 0.3)}, PLASTICITY, True),
        ({"dormant": (0.02, 0.4)}, PLASTICITY, True),
        ({"lost": GONE, "rank": (1.0, 0.2), "entropy": (0.5, 0.05)}, COLLAPSE, True),
        ({"cka": 0.2}, DRIFTING, False),
        ({"above_copy": Estimate(0.01, -0.01, 0.03)}, CORRELATION, True),
    ],
)
def test_each_row_of_the_table_is_found_and_only_where_it_holds(changed, verdict, bad):
    assert verdict not in verdicts(HEALTHY)
    [found] = [finding for finding in diagnose(replace(HEALTHY, **changed)) if finding.verdict == verdict]
    assert found.bad is bad
    assert found.sentence.startswith(verdict)


def test_a_loss_is_told_with_its_interval_and_its_season():
    [found] = [f for f in diagnose(replace(HEALTHY, lost=GONE)) if f.verdict == FORGETTING]
    assert (found.value, found.low, found.high) == (0.21, 0.17, 0.25)
    assert "21.0 points [17.0, 25.0] of spring" in found.sentence
    assert "summer" not in found.sentence


def test_what_stays_away_after_a_burst_is_no_gap():
    assert GAP not in verdicts(replace(HEALTHY, gaps=(Gap(60, 0.8, 0.3, 5.0, True),)))


def test_without_a_reference_a_hard_season_is_no_more_than_a_hint():
    changed = {"left_behind": Estimate(0.12, 0.08, 0.16), "behind_whom": "its own best"}
    [found] = [f for f in diagnose(replace(HEALTHY, **changed)) if f.verdict == BEHIND]
    assert not found.bad and "behind its own best" in found.sentence


def test_features_that_moved_are_no_early_warning_where_marks_are_gone_already():
    assert DRIFTING not in verdicts(replace(HEALTHY, cka=0.2, lost=GONE))


def test_a_collapse_needs_all_of_its_signs():
    signs = {"lost": GONE, "rank": (1.0, 0.2), "entropy": (0.5, 0.05)}
    for missing, kept in (("lost", KEPT), ("rank", (1.0, 0.9)), ("entropy", (0.5, 0.4))):
        assert COLLAPSE not in verdicts(replace(HEALTHY, **(signs | {missing: kept})))


def test_lost_plasticity_says_whether_it_is_felt_yet():
    sick = replace(HEALTHY, trainability=(1.0, 0.2))
    assert "not felt" in diagnose(sick)[0].sentence
    felt = replace(sick, left_behind=Estimate(0.2))
    assert "not made good" in next(f for f in diagnose(felt) if f.verdict == PLASTICITY).sentence


def test_of_what_was_not_measured_nothing_is_said():
    assert diagnose(Evidence()) == ()
    assert verdicts(Evidence(lost=KEPT)) == [f"no evidence of {FORGETTING}"]
