"""A comparison from end to end: equal frames, rows that are kept, what it leaves, and what slow learners miss."""

import io
import json
import re
from dataclasses import replace

import plotly.graph_objects as go
import pyarrow.parquet as pq
import pytest
from rich.console import Console

import run_sim
from agent.compare import gardeners, patrol
from agent.compare.command import with_clock
from agent.compare.options import CompareOptions
from agent.compare.page import render, write_page
from agent.compare.patrol import FramesDiffer
from agent.compare.run import compare
from agent.compare.terminal import print_comparison
from agent.crew import Crew
from agent.report.chart import Chart
from agent.report.page import is_ours
from agent.stream import fingerprint
from tests.agent.browser import CHROMIUM, Browser, opens_calmly
from tests.agent.tiny import PACE, tiny

TINY = tiny(100, commissioning_days=14)


def run_tiny(out, scenario=TINY, **options):
    told: list[str] = []
    chosen = {"learners": ("frozen", "finetune", "er"), "seeds": (500, 501), "workers": 0, "exam_every_days": 20}
    folder = compare(CompareOptions(**(chosen | options), out=out), told.append, scenario=scenario, pace=PACE)
    return folder, json.loads((folder / "compare.json").read_text()), told


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("compare")


@pytest.fixture(scope="module")
def done(out):
    return run_tiny(out)


@pytest.fixture(scope="module")
def slow(out):
    """The same worlds in real time, on a machine too slow for its learners; also with other shares of replay."""
    more = {"vary": True, "vary_shares": (0.25,), "seeds": (500,), "learners": ("finetune", "er")}
    return run_tiny(out, realtime="flops", machine_gflops=0.006, **more)


def test_a_comparison_leaves_numbers_a_table_and_a_page(done):
    folder, data, _ = done
    assert sorted(path.name for path in folder.iterdir()) == ["compare.html", "compare.json", "rows.parquet"]
    assert [line["label"] for line in data["lines"]] == ["frozen", "finetune", "er"]
    assert data["lines"][2]["ahead"]["n"] == 2 and data["reproducible"] and not data["interrupted"]
    table = pq.read_table(folder / "rows.parquet").to_pylist()
    assert (
        [(row["seed"], row["label"]) for row in table]
        == [(row["seed"], row["label"]) for row in data["rows"]]
        == [(seed, name) for seed in (500, 501) for name in ("frozen", "finetune", "er")]
    )
    assert [row["miou_life"] for row in table] == [row["miou_life"] for row in data["rows"]]
    assert table[0]["in_time"] == data["rows"][0]["triangle"]["in_time"]


def test_all_learners_of_a_seed_have_seen_the_stream_and_nothing_else(done):
    _, data, _ = done
    by_seed = {seed: {row["frames_seen"] for row in data["rows"] if row["seed"] == seed} for seed in (500, 501)}
    options = CompareOptions(seeds=(500, 501), exam_every_days=20)
    for brief in patrol.briefs_of(options, TINY, PACE):
        assert by_seed[brief.seed] == {fingerprint(iter(brief.place.stream()))}
    assert by_seed[500] != by_seed[501]


def test_what_was_lived_is_not_lived_again_and_what_is_missing_is(out, done, monkeypatch):
    _, data, told = done
    assert told[0] == "0 of 6 lives have been lived" and told[-1].startswith("6/6 seed 501 er: mIoU")
    _, again, retold = run_tiny(out)
    assert retold == ["6 of 6 lives have been lived"]
    assert again["rows"] == data["rows"] and again["lines"] == data["lines"]
    lived = []
    monkeypatch.setattr(patrol, "trial", lambda folder, brief, name, stop: lived.append((brief.seed, name)))
    run_tiny(out, learners=("finetune", "er", "ewc"), seeds=(500,))
    assert lived == [(500, "ewc")]


def test_an_interrupted_comparison_tells_what_there_is_and_goes_on(out, done, monkeypatch):
    run_all = Crew.run

    def broken_off(self, tasks, handle):
        run_all(self, tasks[:1], handle)
        self.interrupted = True

    with monkeypatch.context() as patched:
        patched.setattr(Crew, "run", broken_off)
        folder, data, _ = run_tiny(out, learners=("finetune", "er+ewc"))
    assert data["interrupted"] and data["lived"] == {"500": 1, "501": 1}
    assert "the same command goes on" in (folder / "compare.html").read_text()


def test_nothing_is_written_over(done):
    folder, _, _ = done
    before = (folder / "compare.html").read_bytes()
    with pytest.raises(FileExistsError):
        write_page(folder)
    assert (folder / "compare.html").read_bytes() == before


def test_rows_of_other_frames_are_not_compared(out, done):
    options = CompareOptions(out=out)
    [path] = (options.kept / "rows").glob("er-tiny-501-*.json")
    kept = path.read_text()
    path.write_text(json.dumps(json.loads(kept) | {"frames_seen": "000000000000"}))
    try:
        with pytest.raises(FramesDiffer, match="seed 501: er has looked at frames 000000000000"):
            run_tiny(out)
    finally:
        path.write_text(kept)


def test_slow_learners_miss_frames(slow):
    _, data, _ = slow
    missed = {row["label"]: row["missed_blocks"] for row in data["rows"]}
    blocks = data["rows"][0]["blocks"]
    assert all(0 < count < blocks for count in missed.values())
    updates = {row["label"]: row["updates"] for row in data["rows"]}
    assert all(missed[label] + updates[label] == 14 for label in missed)  # whole blocks, each learned from or missed


@pytest.mark.slow
def test_a_slow_life_lived_again_elsewhere_is_the_same(slow, tmp_path):
    _, data, _ = slow
    _, again, _ = run_tiny(tmp_path, realtime="flops", machine_gflops=0.006, seeds=(500,), learners=("finetune",))
    same = ("miou_life", "miou_end", "curve", "missed_blocks", "stale_blocks", "flops", "frames_seen")
    assert [again["rows"][0][key] for key in same] == [data["rows"][0][key] for key in same]


@pytest.mark.slow
def test_a_fast_machine_gives_the_bits_of_a_world_that_waits(out, done):
    _, data, _ = done
    _, fast, _ = run_tiny(out, realtime="flops", machine_gflops=100.0, seeds=(500,))
    for ours, theirs in zip(data["rows"], fast["rows"], strict=False):
        for key in ("miou_life", "miou_end", "curve", "flops", "updates", "triangle"):
            assert ours[key] == theirs[key], key
        assert theirs["missed_blocks"] == theirs["stale_blocks"] == 0


def test_shares_of_replay_are_lived_and_make_a_curve(slow):
    _, data, _ = slow
    assert [line["label"] for line in data["lines"]] == ["finetune", "er", "er replay_share=0.25"]
    [curve] = data["plane"]["curves"]
    assert [point["value"] for point in curve["points"]] == [0.25, 0.5]
    by_label = {row["label"]: row for row in data["rows"]}
    assert by_label["er"]["miou_life"] != by_label["er replay_share=0.25"]["miou_life"]


def test_money_follows_the_price_table(out, done, tmp_path):
    _, data, _ = done
    told = data["money"]
    assert told["learners"]["er"]["labels"] == pytest.approx(0.5 * data["rows"][2]["labels"])
    assert told["retraining"]["every_days"] == 30 and [p["every_days"] for p in told["curve"]] == [7, 14, 30, 61, 91]
    assert told["curve"][0]["compute"] > told["curve"][-1]["compute"] > 0
    (tmp_path / "mine.yaml").write_text("currency: CHF\ngb_month: 0\nkwh: 0\nlabel: 2\ngflops_per_watt: 5\n")
    folder, mine, _ = run_tiny(out, prices=tmp_path / "mine.yaml")
    paid = 2.0 * data["rows"][2]["labels"]
    assert mine["money"]["learners"]["er"] == {"compute": 0.0, "storage": 0.0, "labels": paid, "total": paid}
    assert mine["options"]["prices"] == "mine.yaml" and str(tmp_path) not in (folder / "compare.html").read_text()


def page_charts(page: str) -> list[Chart]:
    parts = page.split('data-chart="')[1:]
    return [json.loads(part.split(">", 1)[1].split("</script>")[0].replace("<\\/", "</")) for part in parts]


def test_the_page_opens_offline_and_its_charts_are_valid(done, slow):
    for folder, data, _ in (done, slow):
        page = (folder / "compare.html").read_text()
        assert page.count("plotly.js v") == 1 and len(page.encode()) < 8e6
        assert is_ours(folder / "compare.html") and all(f'href="#{part}"' in page for part in ("learners", "cost"))
        assert "default-src 'none'" in page and "prefers-color-scheme: dark" in page
        body = page.split("<script>", 1)[0]
        assert "http://" not in body.replace("http://www.w3.org", "") and "https://" not in body
        found = page_charts(page)
        assert len(found) >= 4
        for chart in found:
            go.Figure(json.loads(_coloured(json.dumps(chart))))
            assert chart["layout"]["height"] > 0 and chart["data"]
        for line in data["lines"]:
            assert line["recipe"] in page
            assert (
                f"<span>{line['flops']['mean'] / 1e10:.1f}</span>" in page
            )  # energy, at the shipped price table's rate


def _coloured(text: str) -> str:
    """Variables of a theme as a colour, for validation."""
    text = re.sub(r"var\(--sans\)", "sans", text)
    return re.sub(r"var\(--[a-z]+\)", "#123456", text)


def test_what_is_printed_fits_into_eighty_columns(done, slow):
    for folder, data, _ in (done, slow):
        console = Console(width=80, file=io.StringIO(), force_terminal=False)
        print_comparison(data, folder, console)
        text = console.file.getvalue()  # type: ignore[attr-defined]
        lines = [line for line in text.splitlines() if str(folder) not in line]
        assert max(map(len, lines)) <= 80 and "…" not in text
        assert "seed" not in text.splitlines()[0]
        assert "compare.html" in text


def test_what_cannot_be_reproduced_is_marked_everywhere(done):
    folder, data, _ = done
    marked = data | {"reproducible": False, "realtime": "by the clock, a frame every 1 s: NOT REPRODUCIBLE"}
    marked["lines"] = [line | {"missed": None, "stale": None} for line in data["lines"]]
    assert "NOT REPRODUCIBLE" in render(marked)
    console = Console(width=80, file=io.StringIO())
    print_comparison(marked, folder, console)
    assert "NOT REPRODUCIBLE" in console.file.getvalue()  # type: ignore[attr-defined]
    assert "NOT REPRODUCIBLE" not in render(data)


def test_the_command_takes_real_time_with_and_without_a_clock(tmp_path, capsys):
    assert with_clock(["--quick", "--realtime"]) == ["--quick", "--realtime", "flops"]
    assert with_clock(["--realtime=wall"]) == ["--realtime=wall"]
    assert run_sim.main(["compare", "--seeds", "1", "1", "--out", str(tmp_path)]) == 2
    assert "--seeds: one is given twice" in capsys.readouterr().err
    assert run_sim.main(["compare", "--prices", str(tmp_path / "none.yaml"), "--out", str(tmp_path)]) == 2
    assert "none.yaml: cannot be read" in capsys.readouterr().err
    assert run_sim.main(["compare", "--realtime", "--machine-gflops", "0", "--out", str(tmp_path)]) == 2
    assert "--machine-gflops is 0" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_gardeners_live_lives_of_their_own_and_have_no_marks_on_frames(tmp_path):
    scenario = TINY.model_copy(update={"days": 110, "steps_per_day": 4})
    options = {"drive": "gardener", "learners": ("finetune", "seeing"), "seeds": (500, 501)}
    folder, data, _ = run_tiny(tmp_path, scenario, **options)
    assert [line["label"] for line in data["lines"]] == ["blind", "ideal", "finetune", "seeing"]
    for row in data["rows"]:
        assert not {"miou_life", "miou_end", "present", "curve", "frames_seen"} & set(row)
    shares = {row["label"]: row["share"] for row in data["rows"]}
    assert shares["ideal"] == 1.0 and shares["blind"] == 0.0
    assert data["frames"] is None and data["plane"] is None and data["money"]["retraining"] is None
    page = (folder / "compare.html").read_text()
    assert "only what became of the plants is compared" in page and "% mIoU" not in page
    _, again, retold = run_tiny(tmp_path, scenario, **options)
    assert retold == ["8 of 8 lives have been lived"] and again["rows"] == data["rows"]
    console = Console(width=80, file=io.StringIO())
    print_comparison(data, folder, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(len(line) for line in text.splitlines() if str(folder) not in line) <= 80


def test_gardeners_of_one_seed_share_garden_and_weather(tmp_path):
    options = CompareOptions(drive="gardener", seeds=(500,), learners=("finetune", "er"), out=tmp_path)
    [brief] = gardeners.garden_briefs(options, TINY, PACE)
    assert gardeners.names_of(options) == ["blind", "ideal", "finetune", "er"]
    rows = {gardeners.row_path(tmp_path, brief, name) for name in gardeners.names_of(options)}
    late = replace(brief, realtime=replace(options, realtime="flops").real_time)
    assert len(rows) == 4
    assert gardeners.row_path(tmp_path, late, "er") not in rows
    assert gardeners.row_path(tmp_path, late, "ideal") in rows  # who does not learn is never late


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_opens_the_page_without_an_error(done, tmp_path):
    folder, _, _ = done
    with Browser(tmp_path) as browser:
        opens_calmly(browser, folder / "compare.html", charts=6)
