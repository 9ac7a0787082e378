"""What the documents show works: their Python runs, their scenarios load, their links and commands exist."""

import re
from pathlib import Path

import pytest

from run_sim import COMMANDS
from scenarios.files import parse

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def examples(language):
    return [
        pytest.param(block, id=f"{page.name}-{i}") for page in PAGES for i, block in enumerate(blocks(page, language))
    ]


@pytest.mark.parametrize("code", examples("python"))
def test_python_in_the_documents_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "example", "exec"), {"__name__": "example"})


@pytest.mark.parametrize("text", examples("yaml"))
def test_scenarios_in_the_documents_load(text):
    parse(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_in_the_documents_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_documents_exist(page):
    text = page.read_text(encoding="utf-8")
    for script in re.findall(r"python ((?:benchmarks|examples)/\w+\.py)", text):
        assert (ROOT / script).exists(), script
    for command in re.findall(r"run_sim\.py ([a-z]+)", text):
        assert command in COMMANDS, command
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for target in re.findall(r"`?make ([a-z-]+)`", text):
        assert target in targets, target
