"""Sweeps: every combination is a run of its own, what was stopped goes on, and one after another is as good as Ray."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

import agent.sweep.life as lives
from agent.checkpoint import Saved
from agent.options import Pace
from agent.sweep import on_ray
from agent.sweep.critical import critical, critical_difference
from agent.sweep.engine import Began, Gate, InOrder, Lost
from agent.sweep.life import Outcome, attempts_of
from agent.sweep.on_ray import OnRay
from agent.sweep.options import SweepOptions
from agent.sweep.page import render
from agent.sweep.progress import Progress, short_names
from agent.sweep.run import SweepWatcher, _engine, sweep
from agent.sweep.spec import SweepError, parse_sweep, read_sweep
from agent.sweep.trials import trials_of
from agent.sweep.watch import TrialWatcher
from tests.agent.browser import CHROMIUM, Browser, opens_calmly

ROOT = Path(__file__).parent.parent.parent
PACE = Pace(commission_updates=3, home_frames=1, away_frames=1, next_year_frames=1, converge_updates=3)
GARDEN = "garden: {width_m: 7.0, depth_m: 6.0, species: [tulip], beds: 1, plants_per_bed: 2, trees: 0, props: 0}\n"
SCENARIO = (
    "name: tiny\ndays: 26\nsteps_per_day: 2\ncommissioning_days: 8\ncamera: {width_px: 16, height_px: 16}\n" + GARDEN
)
CHEAP = "{references: false, checkups: false, burst_days: 0, keep_weights: 0, checkpoint_every_days: 6}"
GOOD = """
name: good
learners: [finetune, [frozen, er+ewc@season]]
scenarios: [four_seasons, first_snow]
seeds: [0, 1]
options:
  quick: true
  memory_share: [0.01, 0.05]
"""


def small(folder: Path, *, seeds="[0]", learners="[[frozen, finetune]]", scenario=SCENARIO, options=CHEAP):
    """A sweep of trials of a second."""
    (folder / "tiny.yaml").write_text(scenario, encoding="utf-8")
    text = f"learners: {learners}\nscenarios: [tiny.yaml]\nseeds: {seeds}\noptions: {options}\n"
    return parse_sweep(text, folder=folder)


def carry_out(given, out, watcher=None, **more):
    """A sweep, one trial after another unless another engine is given."""
    return sweep(SweepOptions(Path("unused"), out=out, workers=1), watcher, given=given, pace=PACE, **more)


def told(folder):
    return json.loads((folder / "sweep.json").read_text(encoding="utf-8"))


class Noting(SweepWatcher):
    def __init__(self):
        self.messages = []

    def tell(self, message):
        self.messages.append(message)


class Idle:
    """An engine that must not be needed."""

    told = "idle"

    def carry_out(self, trials, sweep, send, stop):
        raise AssertionError(f"{len(trials)} trials are lived again")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A sweep of two trials that went through."""
    home = tmp_path_factory.mktemp("done")
    given = small(home, seeds="[0, 1]")
    return given, carry_out(given, home / "sweep")


def test_every_combination_is_a_trial_and_worlds_change_before_learners_do():
    trials = trials_of(parse_sweep(GOOD))
    assert len(trials) == len({trial.name for trial in trials}) == 2 * 2 * 2 * 2
    assert [trial.world for trial in trials[:5]] == [
        "four_seasons 0", "four_seasons 1", "first_snow 0", "first_snow 1", "four_seasons 0",
    ]  # fmt: skip
    assert [trials[i].varied for i in (0, 4, 8)] == [(("memory_share", share),) for share in (0.01, 0.05, 0.01)]
    assert trials[8].label("frozen") == "frozen memory_share=0.01" and trials[0].options.quick


def test_a_trial_is_named_by_what_decides_it():
    first, *_ = trials_of(parse_sweep(GOOD))
    same, *_ = trials_of(parse_sweep(GOOD.replace("name: good", "name: other").replace("[0, 1]", "[0, 7]")))
    other, *_ = trials_of(parse_sweep(GOOD.replace("quick: true", "quick: false")))
    assert first.name == same.name != other.name
    assert first.name.startswith("finetune-four_seasons-s0-memory_share=0.01-")


@pytest.mark.parametrize(
    "change, said",
    [
        (("finetune", "fintune"), "x.yaml:3: learners[0]: no learner is called 'fintune'"),
        (("er+ewc@season", "finetune"), "x.yaml:3: learners: finetune is named twice"),
        (("first_snow", "first_snw"), "x.yaml:4: scenarios[1]: 'first_snw' is not a scenario; did you mean"),
        (("[0, 1]", "[0, -1]"), "x.yaml:5: seeds[1]: must be greater than or equal to 0; given -1"),
        (("[0, 1]", "many"), "x.yaml:5: seeds: a whole number is needed here; given 'many'"),
        (("quick: true", "quick: 1"), "x.yaml:7: options.quick: true or false is needed here; given 1"),
        (("quick", "quik"), "x.yaml:7: 'quik' is not an option; did you mean 'quick'?"),
        (("quick: true", "out: here"), "x.yaml:7: options.out: is no option of a sweep's runs"),
        (("0.05", "5.0"), "x.yaml:8: options.memory_share: memory-share is a share above 0 and at most 1, not 5.0"),
        (("seeds", "seed"), "x.yaml:1: seeds is missing"),
        (("[0, 1]", "[0, 1"), "x.yaml:6: not YAML"),
        (("[0, 1]", "&a [0, 1]"), "x.yaml:5: anchors and aliases"),
    ],
)
def test_a_wrong_file_is_told_with_line_and_field(change, said):
    assert GOOD.replace(*change) != GOOD
    with pytest.raises(SweepError) as error:
        parse_sweep(GOOD.replace(*change), source="x.yaml")
    assert said in str(error.value)


def test_the_example_is_a_sweep_of_twelve_trials():
    assert len(trials_of(read_sweep(ROOT / "examples" / "sweep.yaml"))) == 12


def test_the_table_has_a_row_a_learner_with_options_and_hashes_and_without_a_clock(done):
    _, folder = done
    table = pq.read_table(folder / "sweep.parquet")
    assert table["label"].to_pylist() == ["frozen", "finetune"] * 2
    assert table["world"].to_pylist() == ["tiny 0"] * 2 + ["tiny 1"] * 2
    assert {"option.checkpoint_every_days", "hash.code", "hash.place", "hash.scenario", "version.torch"} <= set(
        table.column_names
    )
    assert not [name for name in table.column_names if "seconds" in name or "host" in name]
    clock = pq.read_table(folder / "clock.parquet")
    assert clock["attempts"].to_pylist() == [1] * 4 and min(clock["life_seconds"].to_pylist()) > 0
    for name in set(table["trial"].to_pylist()):
        assert (folder / "trials" / name / "report.html").exists()


def test_what_is_over_is_not_lived_again_and_comes_to_the_same_table_and_page(done):
    given, folder = done
    before = {name: (folder / name).read_bytes() for name in ("sweep.parquet", "sweep.html", "sweep.json")}
    assert carry_out(given, folder, engine=Idle()) == folder
    assert before == {name: (folder / name).read_bytes() for name in before}


def test_what_was_stopped_is_resumed_and_what_cannot_be_is_begun_anew_with_the_same_rows(done, tmp_path, monkeypatch):
    class Impatient(TrialWatcher):
        """Presses Ctrl-C at the first checkpoint of a life."""

        def message(self, message, monitor):
            super().message(message, monitor)
            if isinstance(message, Saved) and message.life is not None:
                signal.raise_signal(signal.SIGINT)

    given, out = small(tmp_path), tmp_path / "sweep"
    [trial] = trials_of(given, PACE)
    out.mkdir()
    (out / "sweep.json").write_text('{"format": 1}')
    trial.folder(out).mkdir(parents=True)
    (trial.folder(out) / "config.json").write_text("{}")  # of a worker that died as it began
    with monkeypatch.context() as patched:
        patched.setattr(lives, "TrialWatcher", Impatient)
        carry_out(given, out)
    assert told(out)["interrupted"] and not told(out)["over"]
    watcher = Noting()
    carry_out(given, out, watcher)
    assert [message.begun for message in watcher.messages if isinstance(message, Outcome)] == ["resumed"]
    assert [attempt["begun"] for attempt in attempts_of(out, trial.name)] == ["begun anew", "resumed"]
    assert trial.folder(out).with_name(f"{trial.name}.left-1").is_dir()
    assert trial.row_file(out).read_bytes() == trial.row_file(done[1]).read_bytes()
    assert not told(out)["interrupted"]


def test_a_trial_that_fails_is_told_and_takes_no_other_with_it(tmp_path):
    given = small(tmp_path, seeds="[0, 1]", scenario=SCENARIO.replace("width_px: 16", "width_px: 20"))
    folder = carry_out(given, tmp_path / "sweep")
    data = told(folder)
    assert len(data["failed"]) == 2 and not data["over"] and not data["interrupted"]
    assert all("multiples of 8" in said for said in data["failed"].values())
    assert "2 of 2 trials failed" in (folder / "sweep.html").read_text(encoding="utf-8")


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "sweep.parquet").write_bytes(b"somebody's own")
    with pytest.raises(SweepError, match="no sweep's; name another folder with --out"):
        carry_out(small(tmp_path), tmp_path)
    assert (tmp_path / "sweep.parquet").read_bytes() == b"somebody's own"


def test_of_trials_that_share_references_one_goes_first(tmp_path):
    given = small(tmp_path, seeds="[0, 1]", learners="[er, ewc]", options="{references: true}")
    trials = trials_of(given, PACE)
    gate = Gate(trials)
    assert gate.open() == trials[:2] and gate.open() == []
    gate.ended(trials[0], Outcome(trials[0].name, "failed"))
    assert gate.open() == [trials[2]]  # nothing was trained there, so again one goes first
    gate.ended(trials[1], Outcome(trials[1].name, "finished"))
    assert gate.open() == [trials[3]]
    free = trials_of(small(tmp_path, learners="[er, ewc]"), PACE)
    assert Gate(free).open() == free


def test_the_display_tells_trials_apart_and_says_what_was_lost_and_what_failed():
    trials = trials_of(parse_sweep(GOOD.replace("[finetune, [frozen, er+ewc@season]]", "er")))
    names = list(short_names(trials).values())
    assert names[0] == "four_seasons seed 0 memory_share 0.01" and len(set(names)) == len(trials) == 8
    assert list(short_names(trials[:1]).values()) == ["er"]
    written = io.StringIO()
    display = Progress(Console(file=written, width=200))
    display.begin(Path("here"), trials, [trials[0].name], "one after another")
    display.tell(Began(trials[1].name))
    display.tell(Lost(trials[1].name, 1, "NodeDiedError: gone"))
    display.tell(Outcome(trials[1].name, "finished", "resumed", host="there", seconds=12.0))
    display.tell(Outcome(trials[2].name, "failed", said="RunError: why"))
    display.end()
    assert written.getvalue().splitlines() == [
        "8 trials, 1 of them done before: one after another",
        "folder: here",
        f"lost   {names[1]}: NodeDiedError: gone; taken up again (1)",
        f"2/8 {names[1]}: 12 s on there, resumed",
        f"3/8 failed {names[2]}: RunError: why",
    ]


def test_without_ray_trials_go_one_after_another_and_an_address_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(on_ray, "find_spec", lambda name: None)
    monkeypatch.setattr("agent.sweep.run.is_installed", on_ray.is_installed)
    trials = trials_of(small(tmp_path, seeds="[0, 1]"), PACE)
    with _engine(SweepOptions(Path("x"), workers=8), None, trials) as engine:
        assert isinstance(engine, InOrder)
    with pytest.raises(SweepError, match="Ray is not installed"):
        _engine(SweepOptions(Path("x"), address="127.0.0.1:1"), None, trials)


class _RayError(Exception):
    pass


class _WorkerCrashedError(_RayError):
    pass


class FakeRay:
    """As much of Ray as the engine uses; workers die on their first attempts."""

    exceptions = SimpleNamespace(RayError=_RayError, RayTaskError=type("RayTaskError", (_RayError,), {}))

    def __init__(self, deaths):
        self.deaths, self.begun = deaths, 0

    def remote(self, **options):
        assert options == {"num_cpus": 1, "max_retries": 0}
        return lambda task: SimpleNamespace(remote=self._begin)

    def _begin(self, packed, sweep):
        self.begun += 1
        return self.begun

    def wait(self, under_way, num_returns, timeout):
        return under_way[:1], under_way[1:]

    def get(self, reference):
        if reference <= self.deaths:
            raise _WorkerCrashedError("the worker died\nlong ago")
        return Outcome("done", "finished")

    def shutdown(self):
        pass


@pytest.mark.parametrize("deaths, ended", [(2, "finished"), (3, "failed")])
def test_a_trial_whose_worker_died_is_taken_up_again_so_often_and_no_more(deaths, ended, tmp_path, monkeypatch):
    ray, found = FakeRay(deaths), []
    monkeypatch.setattr(on_ray, "_connected", lambda workers, address: ray)
    monkeypatch.setattr(on_ray, "is_installed", lambda: True)
    with OnRay(workers=1, address=None, retries=2) as engine:
        engine.carry_out(trials_of(small(tmp_path), PACE), tmp_path, found.append, lambda: False)
    assert [type(message) for message in found] == [Began, Lost, Began, Lost, Began, Outcome]
    assert found[-1].ended == ended and found[1].said == "_WorkerCrashedError: the worker died"
    assert ray.begun == 3


def test_ranks_are_critically_apart_as_in_the_published_tables():
    studentized = {2: 1.960, 3: 2.343, 4: 2.569, 5: 2.728, 10: 3.164}  # Demšar 2006, table 5a
    for number, q in studentized.items():
        assert critical_difference(number, 10) == pytest.approx(q * np.sqrt(number * (number + 1) / 60), rel=1e-3)
    rng = np.random.default_rng(3)
    world = rng.normal(size=(12, 1))
    found = critical(("bad", "good", "fair"), world + np.array([0.0, 2.0, 1.9]) + rng.normal(0, 0.3, (12, 3)))
    assert found is not None and found.names[-1] == "bad" and found.groups == ((0, 1),) and found.p < 0.01
    assert critical(("alone",), world) is None and critical(("a", "b"), np.ones((1, 2))) is None


def test_a_page_of_nothing_says_so_and_all_that_is_told_is_escaped(done):
    data = told(done[1])
    empty = data | {"lines": [], "rows": [], "worlds": [], "critical": None, "failed": {"<b>x": "a < b"}}
    text = render(empty)
    assert "no world in which all have lived" in text and "a &lt; b" in text and "<b>x" not in text


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium")
def test_the_page_opens_on_a_desk_and_on_a_phone(done, tmp_path):
    with Browser(tmp_path) as browser:
        opens_calmly(browser, done[1] / "sweep.html", charts=3)


class Node:
    """A node of a Ray cluster on a loopback address of its own, with all its processes in one session."""

    def __init__(self, home, *arguments, env):
        command = [str(Path(sys.executable).with_name("ray")), "start", *arguments, "--num-cpus=1", "--block",
                   "--object-store-memory=80000000", "--disable-usage-stats"]  # fmt: skip
        self.log = home / f"{arguments[-1].removeprefix('--node-ip-address=')}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=env, start_new_session=True)
        late = time.monotonic() + 240
        while "Ray runtime started" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < late, self.log.read_text()
            time.sleep(0.2)

    def processes(self):
        """All of the session, which is the process's own."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.getsid(int(folder.name)) == self.process.pid:
                    found.append(int(folder.name))
            except (ProcessLookupError, PermissionError):
                continue
        return found

    def kill(self):
        """As if its plug were pulled."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(timeout=30)


@pytest.fixture
def cluster(tmp_path_factory, monkeypatch):
    """Two nodes of one core each; the first also holds the cluster together."""
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    home = tmp_path_factory.mktemp("ray")
    with socket.socket() as probe, socket.socket() as another:
        for free in (probe, another):
            free.bind(("127.0.0.2", 0))
        port, client_port = probe.getsockname()[1], another.getsockname()[1]
    address, nodes = f"127.0.0.2:{port}", []
    try:
        ports = f"--port={port}", f"--ray-client-server-port={client_port}"
        nodes.append(Node(home, "--head", *ports, "--include-dashboard=false", "--node-ip-address=127.0.0.2", env=env))
        nodes.append(Node(home, f"--address={address}", "--node-ip-address=127.0.0.3", env=env))
        yield address, *nodes
    finally:
        for node in nodes:
            node.kill()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs loopback addresses beside 127.0.0.1")
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_node_that_is_killed_midway_changes_nothing_in_the_outcome(cluster, tmp_path):
    address, _, second = cluster
    scenario = SCENARIO.replace("days: 26", "days: 120").replace("px: 16", "px: 32")
    given = small(tmp_path, learners="[finetune, er]", seeds="[0, 1, 2]", scenario=scenario)
    trials, out, killed = trials_of(given, PACE), tmp_path / "spread", []

    def pull_the_plug():
        """Once a life on the second node has been set aside at least once."""
        while not killed:
            theirs = second.processes()
            for trial in trials:
                saved = list((trial.folder(out) / "checkpoints").glob(f"{trial.learners[0]}.ckpt"))
                if saved and any(attempt["pid"] in theirs for attempt in attempts_of(out, trial.name)):
                    second.kill()
                    killed.append(trial.name)
                    return
            time.sleep(0.02)

    watcher = Noting()
    thread = threading.Thread(target=pull_the_plug, daemon=True)
    thread.start()
    folder = sweep(SweepOptions(Path("unused"), address=address, out=out), watcher, given=given, pace=PACE)
    thread.join(timeout=10)
    assert len(killed) == 1 and killed[0] in [m.name for m in watcher.messages if isinstance(m, Lost)]
    assert [attempt["begun"] for attempt in attempts_of(out, killed[0])][-1] == "resumed"
    assert not told(folder)["failed"] and len(told(folder)["over"]) == 6
    alone = carry_out(given, tmp_path / "alone")
    for name in ("sweep.parquet", "sweep.json", "sweep.html"):
        assert (folder / name).read_bytes() == (alone / name).read_bytes(), name
