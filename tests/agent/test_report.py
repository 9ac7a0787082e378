"""Claims about the report: one calm page that opens offline, from whatever a run has left."""

import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest
from rich.console import Console

from agent.energy import energy
from agent.monitor.log import Log
from agent.monitor.summary import summarise
from agent.report.report import write_report
from agent.report.strips import Strips, load_strips, save_strips
from agent.report.terminal import print_summary
from agent.report.verdict import asides, verdict
from agent.report.words import quantity


class Page(HTMLParser):
    """What a page refers to, holds and says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.images = 0
        self.words = ""
        self._quiet = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quiet = tag in ("script", "style")
        self.images += tag == "img"
        self.links += [
            value or "" for key, value in attrs if key in ("src", "href", "srcset", "action", "data", "poster")
        ]
        self.ids += [value or "" for key, value in attrs if key == "id"]

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        self.words += "" if self._quiet else data


@pytest.fixture(scope="module")
def page(finished_run) -> str:
    return write_report(finished_run).read_text(encoding="utf-8")


def test_a_report_is_one_file_that_loads_nothing(page):
    assert all(link.startswith(("data:", "#")) for link in Page(page).links)
    assert "default-src 'none'" in page
    css = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in css
    assert "@import" not in css


def test_a_report_is_at_most_eight_megabytes_and_holds_plotly_once(page):
    assert len(page.encode()) < 8e6
    assert page.count("plotly.js v") == 1


def test_the_verdict_is_one_sentence_that_names_everyone(finished_run):
    sentence = verdict(summarise(Log.read(finished_run)))
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert re.search(r"the frozen model fell from \d+ % mIoU to \d+ % in early autumn", sentence)
    assert re.search(r"finetune forgot \d+ points of the seasons behind it", sentence)
    assert re.search(
        r"er\+ewc held on, with \d points? lost, ending at \d+ % mIoU and closing \d+ % of that gap", sentence
    )


def test_no_share_of_the_gap_is_told_without_the_marks_that_it_is_made_of(finished_run, page):
    summary = summarise(Log.read(finished_run))
    bank, sentence = summary["headline_bank"], verdict(summary)
    ends = {name: told["miou"][bank]["end"] for name, told in summary["learners"].items()}
    top = summary["references"]["joint@converged"]["miou"][bank]["mean"]
    assert f"(whole year: {100 * ends['frozen']:.0f} %)" in sentence
    assert f"ending at {100 * ends['finetune']:.0f} % mIoU" in sentence
    assert f"ending at {100 * ends['er+ewc']:.0f} % mIoU" in sentence
    assert f"the gap to joint training ({100 * top:.0f} %)" in sentence
    share = (ends["er+ewc"] - ends["frozen"]) / (top - ends["frozen"])
    assert share == pytest.approx(summary["learners"]["er+ewc"]["gap_closed"]["end"])
    tiles = page[page.index('class="tiles"') : page.index('id="year"')]
    for level in ends.values():
        assert f"<dt>mIoU, whole year</dt><dd>{100 * level:.1f} %</dd>" in tiles


def test_without_references_the_verdict_tells_marks_and_no_gap(run_maker, tmp_path):
    folder = run_maker(tmp_path / "alone", references=False)
    sentence = verdict(summarise(Log.read(folder)))
    assert "gap" not in sentence
    assert re.search(r"er\+ewc held on, with \d points? lost, ending at \d+ % mIoU\.", sentence)


def test_who_learned_nothing_is_not_praised_for_forgetting_nothing(finished_run):
    summary = summarise(Log.read(finished_run))
    idle = summary["learners"]["er+ewc"]
    idle["stability"] |= {"mean": 0.001, "noise_mean": 0.0}
    idle["gap_closed"]["end"] = 0.02
    sentence = verdict(summary)
    assert re.search(
        r"er\+ewc learned little, with 0 points lost, ending at \d+ % mIoU and closing 2 % of that gap", sentence
    )
    assert "held on" not in sentence


def test_nothing_is_said_of_the_regulariser_unless_its_parts_stand_beside_it(finished_run, run_maker, tmp_path):
    (only,) = asides(summarise(Log.read(finished_run)), {})
    assert "cannot be told without er beside it" in only
    assert only.endswith("--learners frozen finetune er er+ewc.")
    five = run_maker(tmp_path / "five", learners=("er", "ewc", "er+ewc"), days=200)
    sentences = " ".join(asides(summarise(Log.read(five)), {"learn_every": 12}))
    assert "Beside er alone, the regulariser" in sentences
    assert "Beside ewc alone, replay adds" in sentences
    assert "95 % interval" in sentences
    assert "one update every 12 steps" in sentences
    assert "--learners" not in sentences


def test_what_the_regulariser_adds_is_also_told_beside_plain_fine_tuning(run_maker, tmp_path):
    plain = run_maker(tmp_path / "plain", learners=("finetune", "ewc"), days=200)
    (sentence,) = asides(summarise(Log.read(plain)), {})
    assert sentence.startswith("Beside finetune alone, the regulariser ")
    short = run_maker(tmp_path / "short", learners=("finetune", "ewc"), days=50)
    assert asides(summarise(Log.read(short)), {}) == []
    replay = run_maker(tmp_path / "replay", learners=("finetune", "er"), days=50)
    assert asides(summarise(Log.read(replay)), {}) == []


def test_a_ceiling_that_was_stopped_early_makes_the_shares_too_large(finished_run):
    summary = summarise(Log.read(finished_run))
    summary["references"]["joint@converged"]["cost"] |= {"converged": 0.0, "updates": 4000.0}
    sentences = " ".join(asides(summary, {}))
    assert "still gaining when it was stopped after 4000 updates, so the true gap is wider than shown" in sentences


def test_the_report_tells_seasons_learners_and_how_to_read_them(page):
    words = Page(page).words
    for told in ("frozen", "finetune", "er+ewc", "joint@converged", "deep winter", "noise alone", "How to read this",
                 "Configuration", "0123456789ab", "learn_every"):  # fmt: skip
        assert told in words, told


def test_the_ledger_has_energy_as_an_estimate_with_its_range_and_formula(finished_run, page):
    told = summarise(Log.read(finished_run))["learners"]["finetune"]["cost"]
    assert told["energy_j_estimate"] == told["flops"] / 1e10 == energy(told["flops"]).joules
    ledger = page[page.index('aria-label="Costs"') :]
    row = next(row for row in ledger.split("<tr>") if "finetune" in row)
    found = energy(told["flops"])
    joules, low, high = (quantity(value, "J") for value in (found.joules, found.low, found.high))
    assert f'data-label="energy (estimate)"><span>{joules}<small>{low} to {high}</small>' in row
    assert "an estimate, measured nowhere: operations ÷ 10 billion for a joule" in Page(page).words


def test_every_chart_has_its_axes_named_with_units(page):
    figures = [json.loads(text) for text in re.findall(r'data-chart="[^"]+">(.*?)</script>', page, flags=re.DOTALL)]
    assert len(figures) == 7 + 8 + 2  # as ever, one a season, and two fronts
    for figure in figures:
        titles = [
            axis["title"].get("text", "")
            for key, axis in figure["layout"].items()
            if key[1:5] == "axis" and "title" in axis
        ]
        colour = figure["layout"].get("coloraxis", {}).get("colorbar", {}).get("title", {}).get("text", "")
        assert any("%" in title for title in [*titles, colour])


def test_plotly_knows_every_attribute_of_every_chart(page):
    for text in re.findall(r'data-chart="[^"]+">(.*?)</script>', page, flags=re.DOTALL):
        go.Figure(json.loads(text))


def test_lines_differ_in_dash_and_marker_as_well_as_in_colour(page):
    (text,) = re.findall(r'data-chart="chart-whole-year">(.*?)</script>', page, flags=re.DOTALL)
    lines = [trace for trace in json.loads(text)["data"] if "markers" in trace["mode"]]
    for what in (lambda t: t["line"]["dash"], lambda t: t["marker"]["symbol"], lambda t: t["line"]["color"]):
        assert len({what(line) for line in lines}) == len(lines) == 3


def test_pictures_show_seen_truth_and_every_learner_with_a_legend_of_classes(page):
    parsed = Page(page)
    assert parsed.images == 8 * (2 + 2 * 3)
    for name in ("seen", "truth", "no answer: not scored", "% right", "blossom", "snow"):
        assert name in parsed.words
    legend = page[page.index('<ul class="legend"') :]
    assert "rgb(" in legend[: legend.index("</ul>")]


def test_pictures_survive_the_way_to_disk(finished_run, tmp_path):
    strips = load_strips(finished_run)
    assert strips is not None
    save_strips(tmp_path, strips)
    again = load_strips(tmp_path)
    assert again is not None
    np.testing.assert_array_equal(again.predicted["er+ewc"], strips.predicted["er+ewc"])
    assert again.titles == strips.titles


def test_pictures_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="'truth' has shape"):
        Strips(np.zeros((2, 4, 4, 3), np.uint8), np.zeros((3, 2, 2), np.uint8), {}, ("a", "b"))


def test_an_interrupted_run_gets_a_report_so_far(run_maker, tmp_path):
    folder = run_maker(tmp_path / "cut", until=120)
    words = Page(write_report(folder).read_text(encoding="utf-8")).words
    assert "A report so far." in words
    assert "day 120 of 456" in words
    assert "So far, in 4 months" in words


def test_a_killed_run_gets_a_report_from_its_log_alone(run_maker, tmp_path):
    folder = run_maker(tmp_path / "killed", until=60)
    for name in ("config.json", "summary.json", "strips.npz"):
        (folder / name).unlink()
    words = Page(write_report(folder).read_text(encoding="utf-8")).words
    assert "A report so far." in words
    assert "This run has left no pictures." in words


def test_a_run_that_was_stopped_at_once_gets_a_report_too(run_maker, tmp_path):
    folder = run_maker(tmp_path / "at once", until=28)
    words = Page(write_report(folder).read_text(encoding="utf-8")).words
    assert "too early for a verdict" in words


def test_a_life_without_references_gets_a_report(run_maker, tmp_path):
    folder = run_maker(tmp_path / "alone", learners=("er+ewc",), days=100, references=False)
    assert write_report(folder).is_file()


def test_names_from_a_configuration_cannot_break_out_of_the_page(run_maker, tmp_path):
    folder = run_maker(tmp_path / "odd", until=40)
    (folder / "config.json").write_text(json.dumps({"scenario": {"name": "<script>alert(1)</script>"}}))
    assert "<script>alert" not in write_report(folder).read_text(encoding="utf-8")


def test_a_folder_without_a_log_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"give the folder of a run"):
        write_report(tmp_path)


def test_the_terminal_summary_fits_eighty_columns(run_maker, tmp_path):
    folder = run_maker(tmp_path / "five", learners=("frozen", "finetune", "er", "ewc", "er+ewc"), days=150)
    out = io.StringIO()
    print_summary(summarise(Log.read(folder)), Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in out.getvalue()
    assert any("er+ewc" in line for line in lines)
