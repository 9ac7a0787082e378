"""What a comparison is made of: prices and money, intervals, the plane, variants, what is said of it."""

from importlib.resources import files

import numpy as np
import pytest
from scipy import stats

from agent.compare.intervals import estimate, lines, measure
from agent.compare.money import Bill, bill, remembering, retraining
from agent.compare.options import CompareOptions
from agent.compare.patrol import FramesDiffer, check_frames
from agent.compare.plane import plane
from agent.compare.prices import PriceError, Prices, read_prices
from agent.compare.variants import Variant, own_value, varied
from agent.compare.verdict import asides, verdict
from agent.energy import GFLOPS_PER_WATT

PRICES = Prices("EUR", gb_month=0.02, kwh=0.3, label=0.5, gflops_per_watt=10.0)
GOOD = "currency: CHF\ngb_month: 0.1\nkwh: 0.2\nlabel: 2\ngflops_per_watt: 5\n"


def row(label, seed, life, **more):
    """A made-up row."""
    told = {
        "label": label, "recipe": label.split(" ")[0], "seed": seed, "place": f"p{seed}", "miou_life": life,
        "miou_end": life, "present": life, "gap_life": None, "gap_end": None, "forgetting": 0.02,
        "forgetting_noise": 0.01, "plasticity_gap": 0.1, "triangle": {"in_time": 0.5, "backward": 0.4, "forward": 0.3},
        "flops": 1e12, "memory_bytes": 1e6, "labels": 100, "updates": 10, "missed_blocks": None, "stale_blocks": None,
        "blocks": 20, "ceiling": 0.6, "changes": {}, "frames_seen": f"f{seed}",
    }  # fmt: skip
    return told | more


def test_the_price_table_that_ships_is_read_and_says_what_its_numbers_are():
    prices = read_prices()
    assert prices == Prices("EUR", 0.02, 0.3, 0.5, 10.0)
    assert prices.flops_per_kwh == pytest.approx(3.6e16)
    assert prices.gflops_per_watt == GFLOPS_PER_WATT  # a comparison and a report speak of one machine
    text = files("agent.compare").joinpath("prices.yaml").read_text()
    assert all("#" in line for line in text.splitlines() if line)


def test_a_price_table_of_ones_own_is_read(tmp_path):
    (tmp_path / "mine.yaml").write_text(GOOD)
    assert read_prices(tmp_path / "mine.yaml") == Prices("CHF", 0.1, 0.2, 2.0, 5.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"mine\.yaml: holds nothing; write a line for each of currency, gb_month, kwh"),
        ("- 1\n", r"mine\.yaml: holds a list"),
        (GOOD + "kw: 3\n", r"mine\.yaml: 'kw' is not a price; did you mean 'kwh'\?"),
        (GOOD.replace("kwh: 0.2\n", ""), r"mine\.yaml: kwh is missing; write 'kwh: 0\.30'"),
        (GOOD.replace("0.2", "cheap"), r"mine\.yaml: kwh is 'cheap'; give a number of 0 or more"),
        (GOOD.replace("0.2", "-1"), r"mine\.yaml: kwh is -1;"),
        (GOOD.replace("0.2", ".inf"), r"mine\.yaml: kwh is inf;"),
        (GOOD.replace("0.2", "yes"), r"mine\.yaml: kwh is True;"),
        (GOOD.replace("watt: 5", "watt: 0"), r"gflops_per_watt is 0; give a number above 0"),
        (GOOD.replace("CHF", "[1]"), r"currency is \[1\]; give up to 12 letters"),
        ("currency: [", r"mine\.yaml: not YAML"),
        ("currency: !!python/object/apply:os.getcwd []\n", r"mine\.yaml: not YAML"),  # nothing in it is run
    ],
)
def test_a_price_table_that_makes_no_sense_is_refused(tmp_path, text, message):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(PriceError, match=message):
        read_prices(tmp_path / "mine.yaml")


def test_a_price_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PriceError, match=r"none\.yaml: cannot be read .*--prices"):
        read_prices(tmp_path / "none.yaml")


def test_a_bill_is_what_was_used_times_what_it_costs():
    kwh = 3.6e16  # operations
    found = bill(PRICES, flops=2 * kwh, byte_days=3e9 * 30.4375, labels=7)
    assert found == Bill(compute=pytest.approx(0.6), storage=pytest.approx(0.06), labels=3.5)
    assert found.total == pytest.approx(4.16)
    own = remembering(PRICES, {"flops": kwh, "memory_bytes": 2e9, "labels": 4}, days=61)
    assert own == Bill(compute=pytest.approx(0.3), storage=pytest.approx(2 * 61 / 30.4375 * 0.02), labels=2.0)


def test_retraining_more_often_costs_more_and_each_time_as_much_as_there_are_labels():
    life = {"first_day": 28, "days": 456, "ceiling_flops": 3.6e16, "looking_flops": 0.0, "labels": 1000.0}
    bills = [retraining(PRICES, every_days=days, frame_bytes=13312, **life) for days in (7, 30, 182, 500)]
    assert bills[0].compute > bills[1].compute > bills[2].compute > bills[3].compute == 0.0
    assert bills[2].compute == pytest.approx(0.3 * ((28 + 182) + (28 + 364)) / 456)
    assert {round(found.storage, 12) for found in bills} == {
        round(13312 * 1000 * 456 / 2 / 1e9 / 30.4375 * 0.02, 12)
    }  # kept anyway
    assert all(found.labels == 500.0 for found in bills)


def test_intervals_are_of_the_seeds_and_leads_of_pairs_of_them():
    levels = np.array([0.3, 0.5, 0.4])
    ahead = np.array([0.05, 0.06, 0.055])
    rows = [row("finetune", seed, level) for seed, level in enumerate(levels)]
    rows += [row("er", seed, level) for seed, level in enumerate(levels + ahead)]
    fine, replay = lines(rows, "patrol")
    assert fine["ahead"] is None and fine["beside"] == "finetune"
    expected = stats.ttest_1samp(ahead, 0.0).confidence_interval(0.95)
    lead = replay["ahead"]
    assert [lead["mean"], lead["low"], lead["high"]] == pytest.approx([0.055, expected.low, expected.high])
    level = replay["miou_life"]
    assert level["low"] < level["mean"] - 0.1  # worlds differ more than learners do
    assert replay["in_time"]["mean"] == pytest.approx(0.5) and replay["stability"]["mean"] == pytest.approx(-0.01)


def test_a_lead_is_taken_over_the_seeds_that_both_have_lived():
    rows = [row("finetune", 0, 0.3), row("finetune", 1, 0.9), row("er", 0, 0.4)]
    _, replay = lines(rows, "patrol")
    assert replay["ahead"] == {"mean": pytest.approx(0.1), "low": None, "high": None, "n": 1}


def test_no_mark_on_frames_is_told_of_gardeners():
    rows = [
        row(name, seed, None, score=50.0, share=0.5, died=0, litres=3.0) for name in ("er", "ideal") for seed in (1, 2)
    ]
    for line in lines(rows, "gardener"):
        assert not {"miou_life", "miou_end", "present", "in_time", "gap_end", "ceiling"} & set(line)
        assert line["score"]["mean"] == 50.0


def test_what_was_missed_is_a_share_of_all_blocks():
    assert measure(row("er", 0, 0.5, missed_blocks=5, stale_blocks=10), "missed") == 0.25
    assert measure(row("er", 0, 0.5, missed_blocks=5, stale_blocks=10), "stale") == 0.5
    assert measure(row("er", 0, 0.5), "missed") is None
    assert estimate([None, float("nan")]) is None


def test_frames_that_differ_end_a_comparison():
    rows = [row("finetune", 0, 0.3), row("er", 0, 0.4), row("er", 1, 0.4)]
    check_frames(rows)  # other seeds may have other frames
    with pytest.raises(FramesDiffer, match="seed 0: er has looked at frames abc, finetune at f0"):
        check_frames([rows[0], rows[1] | {"frames_seen": "abc"}])


def test_only_what_a_learner_has_is_varied():
    found = varied(("frozen", "finetune", "er", "ewc", "er+ewc", "joint"), (0.1, 1.0), (0.25, 0.5))
    assert [(variant.name, variant.setting) for variant in found] == [
        ("er", "replay_share"), ("ewc", "ewc_strength"), ("er+ewc", "ewc_strength"), ("er+ewc", "replay_share"),
    ]  # fmt: skip
    assert found[1].value == pytest.approx(0.1 * own_value("ewc", "ewc_strength"))
    assert not varied(("ewc+si",), (0.1,), ())  # two regularizers: which one?
    assert Variant("er").label == "er"


def test_a_curve_in_the_plane_runs_through_the_recipe_itself():
    rows = [
        row("er", 0, 0.5, plasticity_gap=0.1),
        row("er replay_share=0.75", 0, 0.5, plasticity_gap=0.2, changes={"replay_share": 0.75}),
        row("er replay_share=0.25", 0, 0.5, plasticity_gap=0.05, forgetting=0.08, changes={"replay_share": 0.25}),
    ]
    told = plane(rows)
    [curve] = told["curves"]
    assert [point["value"] for point in curve["points"]] == [0.25, 0.5, 0.75]
    assert [point["plasticity"]["mean"] for point in curve["points"]] == [-0.05, -0.1, -0.2]
    assert curve["points"][0]["stability"]["mean"] == pytest.approx(-0.07)
    assert "failed to learn" in told["axes"]["plasticity"]
    without = plane([*rows, row("frozen", 0, 0.4, plasticity_gap=None)])
    assert "at hand" in without["axes"]["plasticity"]
    assert without["points"][0]["plasticity"]["mean"] == 0.5


def told_of(rows, **more):
    seeds = sorted({row["seed"] for row in rows})
    data = {"lines": lines(rows, "patrol"), "drive": "patrol", "seeds": seeds, "reproducible": True, "quick": False}
    data |= {"interrupted": False, "realtime": None, "lived": {str(seed): 2 for seed in seeds}}
    return data | more


def test_the_verdict_says_who_is_clearly_ahead_and_who_is_not():
    noise = [0.001, -0.001, 0.0]
    rows = [row("finetune", seed, 0.4) for seed in range(3)]
    rows += [row("er", seed, 0.45 + noise[seed]) for seed in range(3)]
    rows += [row("frozen", seed, 0.3 + noise[seed]) for seed in range(3)]
    rows += [row("ewc", seed, 0.4 + 20 * noise[seed]) for seed in range(3)]
    found = verdict(told_of(rows))
    assert found.startswith("Over 3 worlds er is 5.0 points (4.8 to 5.2) ahead of finetune, and frozen is 10.0 points")
    assert found.endswith("behind finetune; ewc cannot be told apart from it.")
    alone = verdict(told_of([row("finetune", 0, 0.4), row("er", 0, 0.5)]))
    assert "no difference to finetune is clear" in alone and "One seed has no interval" in alone
    assert "lived alone" in verdict(told_of([row("er", 0, 0.5)]))


def test_what_must_be_known_is_said():
    rows = [row("finetune", 0, 0.4), row("er", 0, 0.5)]
    assert "equal updates, not equal compute" in " ".join(asides(told_of(rows)))
    wall = asides(told_of(rows, reproducible=False, realtime="by the clock"))
    assert wall[0].startswith("NOT REPRODUCIBLE")
    broken = asides(told_of(rows, interrupted=True, lived={"0": 2, "1": 1}))
    assert "lives are missing for seed 1; the same command goes on" in broken[0]
    coarse = " ".join(asides(told_of(rows, quick=True))), " ".join(asides(told_of(rows, quick=True, drive="gardener")))
    assert "forgetting is understated" in coarse[0] and "exams" not in coarse[1]  # gardeners sit none


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learners": ()}, "name at least one"),
        ({"learners": ("er", "er")}, "named twice"),
        ({"learners": ("err",)}, "'err'"),
        ({"learners": ("ideal",)}, "'ideal'"),
        ({"learners": ("joint",), "drive": "gardener"}, "nobody drives it"),
        ({"seeds": ()}, "--seeds: give at least one"),
        ({"seeds": (3, 3)}, "given twice in 3 3"),
        ({"seeds": (-1,)}, "-1 is none"),
        ({"vary": True, "drive": "gardener"}, "--vary draws a plane"),
        ({"machine_gflops": 0.0}, "--machine-gflops is 0; give a number above 0"),
        ({"step_seconds": float("inf")}, "--step-seconds is inf"),
        ({"vary_shares": (1.0,)}, "--vary-shares lie between 0 and 1, not 1"),
        ({"vary_strengths": (-1.0,)}, "factors of 0 and more, not -1"),
        ({"retrain_every": 0}, "--retrain-every is 0; give at least 1"),
        ({"learn_every": 4}, "--learn-every is 4; give at least 8"),
        ({"memory_share": 0.0}, "--memory-share"),
        ({"past_data": False}, "er"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        CompareOptions(**options).check()
