"""Claims about the report as a person meets it: opened in a browser, in both themes, on a desk and on a phone."""

import shutil
from pathlib import Path

import pytest

from agent.report.comparison import comparison
from agent.report.report import write_report
from agent.report.several import Run
from tests.agent.browser import CHROMIUM, DRAWN, PHONE_PX, WIDTH, Browser, opens_calmly
from tests.agent.monitored import monitored

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium here to open the report in: apt-get install chromium"
)
PAPER = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(finished_run, tmp_path_factory) -> Path:
    """The report of a life with everything that a monitor can write."""
    return write_report(monitored(Path(shutil.copytree(finished_run, tmp_path_factory.mktemp("seen") / "run"))))


def test_the_report_is_drawn_in_both_themes_without_a_complaint_or_a_request(browser, page):
    browser.open(page, width_px=1280)
    assert browser.ask(DRAWN)
    charts = browser.ask("document.querySelectorAll('script[data-chart]').length")
    hidden = browser.ask("[...document.querySelectorAll('.chart')].filter(c => !c.offsetWidth).length")
    assert hidden == 2  # the other two banks' matrices, behind their buttons
    assert browser.ask("document.querySelectorAll('.chart .main-svg:first-child').length") == charts - hidden
    assert browser.ask("[...document.querySelectorAll('img')].every(i => i.complete && i.naturalWidth > 0)")
    light = browser.ask(PAPER)
    browser.ask("document.getElementById('theme').click()")
    assert browser.ask(PAPER) != light
    browser.ask("document.getElementById('tab-matrix-1').click()")  # draws anew, in the other theme
    assert browser.ask(DRAWN)
    assert browser.ask("document.querySelector('#chart-matrix-home .main-svg') !== null")
    browser.ask("document.activeElement.blur()")
    right = "new KeyboardEvent('keydown', {key: 'ArrowRight'})"
    browser.ask(f"document.getElementById('tab-matrix-1').dispatchEvent({right})")
    assert browser.ask("document.activeElement.id") == "tab-matrix-2"
    assert browser.ask("document.activeElement.getAttribute('aria-selected')") == "true"
    assert browser.complaints == []
    assert browser.requests == []
    assert browser.ask("fetch('https://example.org/').then(() => 'loaded', () => 'refused')") == "refused"
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)


@pytest.mark.slow
def test_on_a_phone_in_the_dark_nothing_is_wider_than_the_screen_and_links_open_what_is_folded(browser, page):
    browser.open(page, width_px=PHONE_PX, phone=True, dark=True)
    assert browser.ask("matchMedia('(prefers-color-scheme: dark)').matches")
    assert browser.ask(DRAWN)
    assert browser.ask(WIDTH) <= PHONE_PX
    assert browser.ask("document.querySelector('#plasticity > details').open") is False
    browser.ask("document.querySelector('.top nav a[href=\"#plasticity\"]').click()")
    assert browser.ask("new Promise(done => setTimeout(done, 50)).then(() => true)")
    assert browser.ask("document.querySelector('#plasticity > details').open") is True
    assert browser.ask(DRAWN)
    assert browser.ask("document.querySelector('#chart-checkup-0 .main-svg') !== null")
    assert browser.ask(WIDTH) <= PHONE_PX
    words = "[...document.querySelectorAll('p, dd, td, figcaption')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    assert browser.ask(f"Math.min(...{words})") >= 12
    assert browser.complaints == []
    assert browser.requests == []


@pytest.mark.slow
def test_a_page_of_several_runs_opens_on_a_desk_and_on_a_phone(browser, run_maker, tmp_path):
    folders = [run_maker(tmp_path / f"run-{w}", learners=("frozen", "er"), days=70, world=w) for w in range(2)]
    path = tmp_path / "compared.html"
    path.write_text(comparison([Run.read(folder) for folder in folders]), encoding="utf-8")
    opens_calmly(browser, path, charts=2)
