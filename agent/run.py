"""A run: commission a robot, let learners live through its year, examine them, and leave a folder that tells it all."""

import json
import platform
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from agent import tasks
from agent.crew import Crew
from agent.live import Picture, showpieces
from agent.monitor.monitor import Monitor
from agent.monitor.probes import phase_days, phase_names
from agent.monitor.scores import BankInfo, ClassInfo, Phase, ProbeScore, StreamScore
from agent.options import LABELS_PER_BLOCK, Pace, RunOptions, paced
from agent.report.report import write_report
from agent.report.strips import Strips, save_strips
from agent.tasks import Brief, Commissioned, Referred, Spent
from scenarios.files import load
from scenarios.spec import Scenario
from scenarios.tables import CLASSES

REFERENCES = ("joint@converged", "joint")
NET_SIDES = 8  # the default net halves a picture three times
ASKED_AGAIN = 4  # phases, those passed longest ago, that the report's pictures come back to at the end
STRIP_SCALE = 3  # the report's pictures are drawn this much larger than what learners see
VERSIONS_OF = ("evergreen", "torch", "numpy", "numba", "gymnasium", "opencv-python", "opencv-python-headless")


class RunError(ValueError):
    """A run that cannot begin; the message says what was given and what would do."""


class Watcher:
    """What a run tells while it goes on; the command line's progress display is one, this one is silent."""

    def begin(self, brief: Brief, tasks: list[str]) -> None: ...

    def message(self, message: Any, monitor: Monitor | None) -> None: ...

    def end(self, folder: Path, summary: dict[str, Any]) -> None: ...


def run(
    options: RunOptions,
    watcher: Watcher | None = None,
    *,
    scenario: Scenario | None = None,
    pace: Pace | None = None,
) -> Path:
    """Carry out a run.

    Args:
        options: what to do.
        watcher: is told what happens.
        scenario: a scenario made in Python, in place of `options.scenario`.
        pace: how much is done, in place of what `options.quick` means.

    Returns:
        The run's folder: config.json, metrics.jsonl, summary.json, weights/, strips.npz, report.html.

    Raises:
        ValueError: an option makes no sense.
        ScenarioError: the scenario does not exist or is not valid.
        RunError: the output folder cannot be written.
    """
    watcher = watcher or Watcher()
    options.check()
    options, scenario, usual_pace = paced(options, scenario or load(options.scenario))
    pace = pace or usual_pace
    _check_fit(options, scenario, pace)
    folder = _make_folder(options.out, scenario.name)
    brief = brief_for(options, scenario, pace, folder)
    _write_json(folder / "config.json", _config(options, brief))
    references = REFERENCES if options.references else ()
    groups = _groups(options.learners)
    names = [*(" ".join(group) for group in groups), *references]
    watcher.begin(brief, names)
    chronicle = _Chronicle(brief, options.learners, watcher)
    with Crew(options.workers) as crew:
        try:
            crew.run([partial(tasks.commission, brief), partial(tasks.prepare, brief)], chronicle.handle)
            if chronicle.monitor is not None and not crew.interrupted:
                work = [partial(tasks.life, brief, tuple(group)) for group in groups]
                crew.run([*work, *(partial(tasks.reference, brief, name) for name in references)], chronicle.handle)
        except KeyboardInterrupt:  # a second Ctrl-C, or one between two batches of tasks: an end like any other
            crew.interrupted = True
        except BaseException:
            if chronicle.monitor is not None:  # what there is, is kept, whatever went wrong
                chronicle.close("interrupted")
            raise
    if chronicle.monitor is None:
        raise KeyboardInterrupt  # nothing was learned yet: there is nothing to report
    summary = chronicle.close("interrupted" if crew.interrupted else "finished")
    watcher.end(folder, summary)
    return folder


def brief_for(options: RunOptions, scenario: Scenario, pace: Pace, folder: Path) -> Brief:
    """What the tasks of a run need to know."""
    return Brief(
        scenario=scenario,
        seed=options.seed,
        folder=folder,
        learn_every=options.learn_every,
        exam_every_days=options.exam_every_days,
        memory_bytes=memory_bytes(scenario, options),
        pace=pace,
        cache=options.out / ".references",
        code=tasks.code_hash(),
    )


def begin_monitor(brief: Brief, commissioned: Commissioned, learners: tuple[str, ...]) -> Monitor:
    """A monitor for a life that is about to begin; its log goes to the run's folder."""
    scenario = brief.scenario
    return Monitor(
        brief.folder,
        start=scenario.start,
        days=scenario.days,
        commissioning_days=scenario.commissioning_days,
        classes=[ClassInfo(row.name, row.rgb) for row in CLASSES.values()],
        phases=_phases(scenario),
        banks=[
            BankInfo.of(name, truth, classes=len(CLASSES), known=commissioned.known)
            for name, truth in commissioned.banks.items()
        ],
        learners=learners,
    )


def memory_bytes(scenario: Scenario, options: RunOptions) -> int:
    """Bytes of a replay memory that holds `memory_share` of a life's frames with their answers."""
    camera = scenario.camera
    frame_bytes = camera.width_px * camera.height_px * 3 + (camera.width_px // 2) * (camera.height_px // 2)
    frames = max(LABELS_PER_BLOCK, round(options.memory_share * scenario.life_steps))
    return frames * frame_bytes


class _Chronicle:
    """Keeps the log of a run from the messages of its tasks."""

    def __init__(self, brief: Brief, learners: tuple[str, ...], watcher: Watcher) -> None:
        self.monitor: Monitor | None = None
        self._brief, self._learners, self._watcher = brief, learners, watcher
        self._pictures: dict[str, list[Picture]] = {name: [] for name in learners}

    def handle(self, message: Any) -> None:
        """Take in one message of a task."""
        if isinstance(message, Commissioned):
            self.monitor = begin_monitor(self._brief, message, self._learners)
        elif self.monitor is not None:
            if isinstance(message, StreamScore):
                self.monitor.stream(message)
            elif isinstance(message, ProbeScore):
                self.monitor.probe(message)
            elif isinstance(message, Referred):
                self.monitor.reference(message.name, message.bank, message.confusion)
            elif isinstance(message, Spent):
                self.monitor.cost(message.name, message.cost)
            elif isinstance(message, Picture):
                self._pictures[message.learner].append(message)
        self._watcher.message(message, self.monitor)

    def close(self, ended: str) -> dict[str, Any]:
        """Write what is left to write: summary, pictures, report."""
        assert self.monitor is not None, "closed before it began"
        self.monitor.end(ended)
        summary = self.monitor.summary()
        self.monitor.close()
        _write_json(self._brief.folder / "summary.json", summary)
        strips = self._strips()
        if strips is not None:
            save_strips(self._brief.folder, strips)
        write_report(self._brief.folder)
        return summary

    def _strips(self) -> Strips | None:
        """What was seen, true and said at each phase's first passing, and what is said of the past at the end."""
        taken = {name: pictures for name, pictures in self._pictures.items() if pictures}
        if not taken:
            return None
        bank = tasks.banks_of(self._brief)["home"]
        garden, pieces = tasks.garden_of(self._brief), showpieces(bank)
        last_day = min(pictures[-1].day for pictures in taken.values())
        days = phase_days(self._brief.scenario)
        order = [phase for phase in np.argsort(days) if days[phase] <= last_day]
        if not order:
            return None
        moments = [(int(phase), days[phase], "") for phase in order]
        longest_ago = sorted(order, key=lambda phase: _last_passed(days[phase], last_day))[:ASKED_AGAIN]
        moments += [(int(phase), last_day, "asked again at the end") for phase in longest_ago]
        camera = self._brief.scenario.camera
        large = camera.model_copy(
            update={"width_px": STRIP_SCALE * camera.width_px, "height_px": STRIP_SCALE * camera.height_px}
        )
        rgb, titles = [], []
        for phase, _, note in moments:
            piece = pieces[phase]
            when = self._brief.scenario.start + timedelta(days=int(bank.days[phase, piece]))
            view = garden.view(int(bank.days[phase, piece]), bank.hours[phase, piece], bank.poses[phase, piece], large)
            rgb.append(view.rgb.copy())
            titles.append(
                f"{phase_names(self._brief.scenario)[phase]}|{when.day} {when:%B}" + (f", {note}" if note else "")
            )
        return Strips(
            np.stack(rgb),
            np.stack([bank.truth[phase, pieces[phase]] for phase, _, _ in moments]),
            {
                name: np.stack([_nearest(pictures, day).guess[phase] for phase, day, _ in moments])
                for name, pictures in taken.items()
            },
            tuple(titles),
        )


def _last_passed(first_day: int, last_day: int) -> int:
    """The last day of a life on which the year stood where it stood on `first_day`."""
    return last_day - (last_day - first_day) % 365


def _nearest(pictures: list[Picture], day: int) -> Picture:
    """The picture taken nearest to a day, the later of two."""
    return min(reversed(pictures), key=lambda picture: abs(picture.day - day))


def _phases(scenario: Scenario) -> list[Phase]:
    days = phase_days(scenario)
    names = phase_names(scenario)
    return [Phase(name, (scenario.start + timedelta(days=day),)) for name, day in zip(names, days, strict=True)]


def _groups(learners: tuple[str, ...]) -> list[list[str]]:
    """Which learners live side by side in one process: those that cost nothing go with the first that does."""
    costly = [name for name in learners if name != "frozen"]
    groups = [[name] for name in reversed(costly)] or [[]]
    if "frozen" in learners:
        groups[-1].insert(0, "frozen")
    return groups


def _check_fit(options: RunOptions, scenario: Scenario, pace: Pace) -> None:
    """See that scenario and options go together, before anything is done."""
    camera = scenario.camera
    if camera.width_px % NET_SIDES or camera.height_px % NET_SIDES:
        raise RunError(
            f"the camera is {camera.width_px} x {camera.height_px} px; the net needs sides that are multiples of "
            f"{NET_SIDES}"
        )
    steps = scenario.model_copy(update={"days": scenario.commissioning_days}).life_steps
    if steps < options.learn_every:
        raise RunError(
            f"learn_every ({options.learn_every}) is longer than commissioning ({steps} steps); "
            "learn more often, or lengthen commissioning_days"
        )
    brief = brief_for(options, scenario, pace, options.out)
    if not tasks.labels_until(brief, brief.commissioning_steps):
        raise RunError(
            "the teacher answers nothing during commissioning, so there is nothing to begin with; see what the "
            "scenario does to teacher.answered and teacher.delay_d, or lengthen commissioning_days"
        )


def _make_folder(out: Path, name: str) -> Path:
    """A new folder for the run, with a test that it can be written to."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    for attempt in range(100):
        folder = out / (f"{stamp}-{name}" if not attempt else f"{stamp}-{name}-{attempt}")
        try:
            folder.mkdir(parents=True, exist_ok=False)
            (folder / "weights").mkdir()
            return folder
        except FileExistsError:
            if out.exists() and not out.is_dir():
                raise RunError(f"the output folder {out} is a file; name a folder with --out") from None
        except OSError as error:
            raise RunError(f"the output folder {out} cannot be written ({error}); name another with --out") from error
    raise RunError(f"the output folder {out} holds a hundred runs of this second; try again")


def _config(options: RunOptions, brief: Brief) -> dict[str, Any]:
    """Everything that decides what the run computes."""
    return {
        "scenario": brief.scenario.model_dump(mode="json", exclude_none=True),
        "options": {
            **{key: value for key, value in vars(options).items() if key != "out"},
            "learners": list(options.learners),
            "labels_per_block": LABELS_PER_BLOCK,
            "memory_bytes": brief.memory_bytes,
            "updates": brief.updates,
            **vars(brief.pace),
        },
        "versions": {"python": platform.python_version()}
        | {name: found for name in VERSIONS_OF if (found := _version(name)) is not None},
        "hashes": {"scenario": brief.scenario.hash, "code": brief.code},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except ImportError:
        return None


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
