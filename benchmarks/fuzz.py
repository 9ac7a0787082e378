"""Files from strangers: broken at random, and every reader must refuse in its own words.

A reader passes if each input is read, or refused with the error that it documents, within a second, and if meanwhile
nothing is written, run or asked of a network, and nothing is opened but that file and what lies in its folder (and in
the program's own). What is opened, written and run is seen by an audit hook (PEP 578), and not by trust.

    python benchmarks/fuzz.py                                  # 100,000 inputs, spread over all readers
    python benchmarks/fuzz.py --readers keys --inputs 500      # some
    python benchmarks/fuzz.py --guided 60                      # coverage-guided, 60 s a reader (`pip install atheris`)

Exit status 1 if a reader failed; the inputs on which it did are kept in `--keep`.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")

import atexit
import hashlib
import json
import math
import shutil
import sys
import sysconfig
import tarfile
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import safetensors.numpy
import torch
import tyro
from rich.console import Console
from rich.table import Table
from safetensors import SafetensorError

from agent import tasks
from agent.brief import Brief
from agent.checkpoint import Checkpoint, CheckpointError, Saved
from agent.compare.prices import SHIPPED, PriceError, read_prices
from agent.enrolment import Admission, admission
from agent.expiry.best_before import FILE as FORECASTER
from agent.expiry.best_before import Forecaster
from agent.expiry.curves import Curve, keep, kept
from agent.export.error import ExportError
from agent.export.reading import read_shards, shots
from agent.folder.class_table import read_classes
from agent.folder.error import FolderError
from agent.folder.pixels import read_image, read_mask
from agent.monitor.journal import METRICS, TIMING
from agent.monitor.log import Log
from agent.monitor.loss_alarm import LossAlarm
from agent.monitor.scores import ClassInfo
from agent.nets import fresh_net, load_weights, save_weights
from agent.options import Pace, RunOptions
from agent.past import CONFIG, PastError, PastRun, read_config
from agent.report.plans import DECISIONS, read_gates
from agent.report.report import FILE_NAME as REPORT
from agent.report.report import told_by
from agent.report.strips import Strips, load_strips, save_strips
from agent.resume import read_kept
from agent.run import RunError, Watcher, run
from agent.view.deeds import FILE_NAME as DEEDS
from agent.view.deeds import Deeds
from garden_env.container import ContainerError, checksum
from garden_env.garden import plant_garden
from garden_env.snapshot import Snapshot, SnapshotError
from garden_env.viewer.keys import KeyMapError, read_keys
from garden_env.world import World
from learners.disk import load_state, save_state
from scenarios.files import ScenarioError, library, load
from scenarios.measured import COLUMNS, read_table
from scenarios.spec import CameraSpec, GardenSpec, Scenario

ROOT = Path(__file__).parent.parent
OURS = tuple(
    os.path.realpath(folder)
    for folder in (ROOT, sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), "/proc", "/sys", "/dev/null")
)
SLOW_S = 1.0
ACTING = (
    "subprocess",
    "socket",
    "shutil",
    "ctypes",
    "urllib",
    "ftplib",
    "webbrowser",
    "os",
)  # audit events' first names
LISTING = ("os.listdir", "os.scandir", "os.walk")
TOKENS: tuple[bytes, ...] = (
    b"\x00", b"\xff" * 8, b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00", b"../../etc/passwd", b"/etc/passwd", b"C:\\x",
    b"null", b"true", b"NaN", b"Infinity", b"-1", b"1e999", b"9" * 400, b"{", b"[" * 2000, b"}", b"]", b'"', b":",
    b"- ", b"&a [*a, *a]", b"!!python/object/apply:os.system [echo]", b"? [a]", b"---\n", "\N{ROSE}".encode(),
    b"2030-13-40", b'{"__class__": "os"}', b"<script>", b"\xed\xa0\x80", b"0", b"1", b"65536", b"\n", b"\t",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    255,
    256,
    2**31,
    2**63,
    -(2**70),
    0.5,
    -1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "0",
    "../../etc/passwd",
    "/etc/passwd",
    "2030-13-40",
    "9" * 400,
    "\0",
    "a" * 5000,
    [],
    {},
    [[]],
    [0] * 1000,
    {"x": 1},
    {"": []},
    [None],
    {"float": "x"},
    {"again": 0},
    {"again": -1},
    {"object": "Loop", "state": {}},
    {"array": {"name": "x", "axes": []}},
    {"list": []},
    {"tuple": []},
    {"dict": []},
    {"scalar": ["O", 1]},
    {"generator": {"dict": []}},
)  # fmt: skip (values that stand where others should)


@dataclass(frozen=True)
class Reader:
    """Something that reads a file.

    Attributes:
        make: writes a valid file into a folder, and returns which.
        read: reads it.
        refuses: the errors that it documents.
        mend: makes checksums right again after a file was broken, so that what lies behind them is reached.
        change: another way to break it, which leaves its form whole; every second input is broken so.
        share: of the inputs that another reader gets; less for one that takes long.
    """

    make: Callable[[Path], Path]
    read: Callable[[Path], object]
    refuses: tuple[type[Exception], ...]
    mend: Callable[[bytes], bytes] = bytes
    change: Callable[[bytes, np.random.Generator], bytes] | None = None
    share: float = 1.0


@dataclass
class Account:
    """How a reader fared."""

    inputs: int = 0
    accepted: int = 0
    slowest_s: float = 0.0
    refused: Counter = field(default_factory=Counter)
    wrong: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class FuzzOptions:
    """Options of the fuzzer."""

    readers: tuple[str, ...] = ()
    """Which; all if none is named."""
    inputs: int = 100_000
    """Together; a reader that takes long gets fewer."""
    seed: int = 0
    """Draws what is broken, and how."""
    guided: int = 0
    """Instead: so many seconds a reader with atheris, which looks for inputs that reach new code."""
    keep: Path = Path("runs/fuzz")
    """Inputs on which a reader failed are written here."""


def _text(name: str, content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        return folder / name

    return make


def _scenario(folder: Path) -> Path:
    text = library()["many_small_drifts"].read_text(encoding="utf-8")
    return _text("mine.yaml", text + "\nextends: four_seasons\n")(folder)


def _weather(folder: Path) -> Path:
    rows = [",".join(("date", *COLUMNS))]
    first = np.datetime64("2030-01-01")
    rows += [f"{first + day},{20 + day % 7},{8 + day % 5},{day % 3},1.5,0.5" for day in range(400)]
    return _text("weather.csv", "\n".join(rows))(folder)


def _curve(folder: Path) -> Path:
    curve = Curve("frozen", "four_seasons", None, "humid_continental", 1, "2030-04-10", 14, [0.8], [14, 21], [0.8, 0.7])
    keep(folder / "curve.json", curve)
    return folder / "curve.json"


def _snapshot(folder: Path) -> Path:
    scenario = load("four_seasons").model_copy(update={"days": 30})
    World([plant_garden(scenario, 1)]).save(folder / "world.snapshot", overwrite=True)
    return folder / "world.snapshot"


def _weights(folder: Path) -> Path:
    save_weights(folder / "net.safetensors", fresh_net(0, 12))
    return folder / "net.safetensors"


def _state(folder: Path) -> Path:
    state = {"a": torch.arange(12.0).reshape(3, 4), "b": {"c": torch.zeros(2, dtype=torch.uint8), "d": [1, "x"]}}
    save_state(folder / "state.safetensors", state)
    return folder / "state.safetensors"


def _strips(folder: Path) -> Path:
    rgb, truth = np.zeros((2, 8, 8, 3), np.uint8), np.zeros((2, 4, 4), np.uint8)
    save_strips(folder, Strips(rgb, truth, {"er": truth}, ("a|b", "c")))
    return folder / "strips.npz"


def _picture(folder: Path) -> Path:
    path = folder / "2030-04-10.png"
    path.write_bytes(cv2.imencode(".png", np.arange(192, dtype=np.uint8).reshape(8, 8, 3))[1].tobytes())
    return path


def _photo(folder: Path) -> Path:
    path = folder / "2030-04-10.jpg"
    path.write_bytes(cv2.imencode(".jpg", np.arange(192, dtype=np.uint8).reshape(8, 8, 3))[1].tobytes())
    return path


def _mask(folder: Path) -> Path:
    path = folder / "mask.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((8, 8), np.uint8))[1].tobytes())
    return path


def _shard(folder: Path) -> Path:
    path = folder / "frames-000000.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        told = folder / "told.json"
        told.write_text('{"day": 0, "step": 0}', encoding="utf-8")
        for name, file in (("0.png", _picture(folder)), ("0.mask.png", _mask(folder)), ("0.json", told)):
            tar.add(file, name)
    return path


def _with_right_sums(content: bytes) -> bytes:
    """A PNG file whose chunks have the checksums of what is in them."""
    data, at = bytearray(content), 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if end > len(data):
            break
        data[end - 4 : end] = zlib.crc32(data[at + 4 : end - 4]).to_bytes(4)
        at = end
    return bytes(data)


def _index(folder: Path) -> Path:
    shard = _shard(folder)
    named = {"file": shard.name, "sha256": hashlib.sha256(shard.read_bytes()).hexdigest()}
    return _text("index.json", json.dumps({"format": 1, "shards": [named]}))(folder)


def otherwise(value: Any, rng: np.random.Generator) -> Any:
    """A JSON value in which one thing is another, is gone or comes twice."""
    if not isinstance(value, dict | list) or not value or rng.integers(8) == 0:
        return ODD[rng.integers(len(ODD))]
    told = value.copy()
    at = int(rng.integers(len(value)))
    key = list(told)[at] if isinstance(told, dict) else at
    match int(rng.integers(8)):
        case 0:
            del told[key]
        case 1 if isinstance(told, list):
            told.insert(at, told[at])
        case 2:
            others = list(told.values() if isinstance(told, dict) else told)
            told[key] = others[rng.integers(len(others))]
        case _:
            told[key] = otherwise(told[key], rng)
    return told


def other_rows(content: bytes, rng: np.random.Generator) -> bytes:
    """JSON, an object or one a line, with something in it that is otherwise."""
    lines = [content] if b"\n  " in content else content.splitlines()
    at = int(rng.integers(len(lines)))
    lines[at] = json.dumps(otherwise(json.loads(lines[at]), rng)).encode()
    return b"\n".join(lines) + b"\n"


def other_header(content: bytes, rng: np.random.Generator) -> bytes:
    """A container with something in its header that is otherwise; its checksum is right."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    told = header["__metadata__"]
    told["header"] = json.dumps(otherwise(json.loads(told["header"]), rng))
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return _with_right_sum(len(text).to_bytes(8, "little") + text + content[8 + size :])


CLASSES = (ClassInfo("lawn", (0, 255, 0)), ClassInfo("soil", (99, 66, 33)))


WHO = "er@alarm"  # lives in the run whose files are read


def _run(folder: Path, name: str) -> Path:
    """The folder of a small run, with a log, a configuration, a checkpoint and all else that may lie there."""
    for path in _run_once().folder.iterdir():
        copy = shutil.copytree if path.is_dir() else shutil.copy2
        copy(path, folder / path.name)
    return folder / name


@cache
def _run_once() -> Brief:
    """A run of three weeks, which lies there as it was after a life was set aside."""
    out = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    camera = CameraSpec(width_px=16, height_px=16)
    beds = GardenSpec(width_m=7.0, depth_m=6.0, species=("tulip",), beds=1, plants_per_bed=2, trees=0, props=0)
    drift = ({"axis": "camera.dirt", "set": 0.5, "at": "2030-04-22"},)
    scenario = Scenario.model_validate(
        {"name": "small", "days": 22, "steps_per_day": 4, "commissioning_days": 8, "camera": camera, "garden": beds,
         "drift": drift}
    )  # fmt: skip
    pace = Pace(commission_updates=3, home_frames=1, away_frames=1, next_year_frames=1, converge_updates=3)
    options = RunOptions(
        out=out, learners=(WHO,), workers=0, quick=True, checkpoint_every_days=4, keep_weights=0, gate=2,
        references=False,
    )  # fmt: skip

    class Keeping(Watcher):
        def begin(self, brief: Brief, names: list[str]) -> None:
            self.brief = brief

        def message(self, message: Any, monitor: Any) -> None:
            if isinstance(message, Saved) and message.life is not None:
                shutil.copytree(self.brief.folder / "checkpoints", out / "kept", dirs_exist_ok=True)

    keeping = Keeping()
    folder = run(options, keeping, scenario=scenario, pace=pace)
    shutil.move(out / "kept", folder / "checkpoints")
    deeds = [
        {"step": 40, "command": "wheel", "value": True},
        {"step": 41, "command": "drive", "value": ["forward"]},
        {"step": 44, "command": "learning", "value": False},
        {"step": 50, "command": "snow", "value": None},
    ]
    (folder / DEEDS).write_text("".join(json.dumps(deed) + "\n" for deed in deeds), encoding="utf-8")
    (folder / REPORT).unlink()  # five megabytes that nobody reads
    return keeping.brief


def _of_run(name: str) -> Callable[[Path], Path]:
    return lambda folder: _run(folder, name)


def _told(path: Path) -> object:
    """What a run's log and configuration say, as a report is made of it."""
    folder = path.parent
    return told_by(Log.read(folder), read_config(folder), folder)


def _past(path: Path) -> object:
    """The garden of a run, and who lived in it."""
    past = PastRun.open(path.parent)
    return past.place.fingerprint, past.same_world


class _Begun(Exception):
    """A life has begun."""


@cache
def _commissioning() -> Admission:
    return admission(_run_once().place)


def _checkpoint(path: Path) -> None:
    """All of a checkpoint, filled into what is made for it, up to where the life would go on."""
    checkpoint = Checkpoint.load(path)
    checkpoint.remember({"monitor": {"losses": {WHO: LossAlarm(WHO)}}}, path)
    if checkpoint.life is None:
        return

    def begun() -> bool:
        raise _Begun

    brief = replace(_run_once(), folder=path.parent.parent)
    tasks.admission = lambda place: _commissioning()  # which is the same for all, and takes long
    with suppress(_Begun):
        tasks.life(brief, (WHO,), lambda message: None, begun, watched=True, saved=path)


def _with_right_sum(content: bytes) -> bytes:
    """A container whose checksum is that of what is in it, where it can be read at all."""
    try:
        size = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + size])
        found, arrays = header["__metadata__"], safetensors.numpy.load(content)
        found["sha256"] = checksum(found["format"], int(found["version"]), found["header"], arrays)
        text = json.dumps(header, separators=(",", ":")).encode()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, SafetensorError):
        return content
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[8 + size :]


READERS: dict[str, Reader] = {
    "scenario": Reader(_scenario, load, (ScenarioError,)),
    "keys": Reader(_text("keys.yaml", "pause: x\nstep: [n, shift n]\n"), read_keys, (KeyMapError,)),
    "prices": Reader(
        _text("prices.yaml", (ROOT / "agent/compare" / SHIPPED).read_text(encoding="utf-8")), read_prices, (PriceError,)
    ),
    "classes": Reader(
        _text("classes.yaml", "- lawn\n- {name: path, rgb: [190, 178, 158]}\n- soil\n"),
        lambda path: read_classes(path.parent),
        (FolderError,),
    ),
    "weather": Reader(_weather, lambda path: read_table(path.read_bytes(), source=str(path)), (ValueError,)),
    "forecaster": Reader(
        _text("best_before.json", FORECASTER.read_text(encoding="utf-8")), Forecaster.load, (ValueError,)
    ),
    "curve": Reader(_curve, kept, (ValueError,)),
    "snapshot": Reader(_snapshot, Snapshot.load, (SnapshotError,)),
    "weights": Reader(_weights, lambda path: load_weights(path, fresh_net(0, 12)), (ValueError,)),
    "state": Reader(_state, load_state, (ValueError,)),
    "strips": Reader(_strips, lambda path: load_strips(path.parent), (ValueError,)),
    "image": Reader(_picture, lambda path: read_image(path, path.read_bytes()), (FolderError,), _with_right_sums),
    "photo": Reader(_photo, lambda path: read_image(path, path.read_bytes()), (FolderError,)),
    "mask": Reader(
        _mask, lambda path: read_mask(path, path.read_bytes(), CLASSES, (8, 8)), (FolderError,), _with_right_sums
    ),
    "dataset": Reader(_index, lambda path: list(read_shards(path.parent)), (ExportError,)),
    "log": Reader(_of_run(METRICS), _told, (ValueError,), change=other_rows, share=0.5),
    "timing": Reader(_of_run(TIMING), lambda path: Log.read(path.parent), (ValueError,), change=other_rows),
    "config": Reader(_of_run(CONFIG), _past, (PastError,), change=other_rows),
    "plans": Reader(_of_run(CONFIG), _told, (ValueError,), change=other_rows),
    "decisions": Reader(_of_run(DECISIONS), lambda path: read_gates(path.parent), (ValueError,), change=other_rows),
    "deeds": Reader(_of_run(DEEDS), lambda path: Deeds.read(path.parent), (ValueError,), change=other_rows),
    "checkpoint": Reader(
        _of_run(f"checkpoints/{WHO}.ckpt"),
        _checkpoint,
        (ContainerError, CheckpointError),
        _with_right_sum,
        other_header,
        share=0.2,
    ),
    "about": Reader(
        _of_run("checkpoints/run.json"), lambda path: read_kept(path.parent.parent), (RunError,), change=other_rows
    ),
    "shard": Reader(_shard, lambda path: list(shots(path.read_bytes(), source=str(path))), (ExportError,)),
}


class Guard:
    """Sees what is opened, written and run while it is on duty.

    An audit hook cannot be taken out again, so there is one for the whole process.
    """

    def __init__(self) -> None:
        self._folder: str | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, folder: Path) -> Iterator[None]:
        """Whatever happens here beyond reading in that folder is noted in `seen`."""
        self.seen, self._folder = [], os.path.realpath(folder)
        try:
            yield
        finally:
            self._folder = None

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._folder is None:
            return
        folder, self._folder = self._folder, None  # what it does itself is not looked at
        try:
            if event == "open":
                self._opened(folder, *arguments)
            elif event not in LISTING and event.split(".")[0] in ACTING:
                self.seen.append(event)
        finally:
            self._folder = folder

    def _opened(self, folder: str, path: object, mode: object, flags: object) -> None:
        if not isinstance(path, str | bytes):  # a descriptor that is open already
            return
        real = os.path.realpath(os.fsdecode(path))
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        if not isinstance(mode, str) and isinstance(flags, int):
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if writes:
            self.seen.append(f"writes {real}")
        elif os.path.commonpath([real, folder]) != folder and not real.startswith(OURS):
            self.seen.append(f"opens {real}")


def broken(content: bytes, rng: np.random.Generator) -> bytes:
    """A file with one to four things done to it."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        at, end = sorted(rng.integers(0, len(data) + 1, size=2).tolist())
        end = min(end, at + 64)
        match int(rng.integers(8)):
            case 0 if data:  # one bit
                data[min(at, len(data) - 1)] ^= 1 << int(rng.integers(8))
            case 1 if data:  # one byte
                data[min(at, len(data) - 1)] = int(rng.integers(256))
            case 2:  # something goes
                del data[at:end]
            case 3:  # something comes twice
                data[at:at] = data[at:end]
            case 4:  # a word
                data[at:at] = TOKENS[rng.integers(len(TOKENS))]
            case 5:  # a word instead
                token = TOKENS[rng.integers(len(TOKENS))]
                data[at : at + len(token)] = token
            case 6:  # noise
                data[at:end] = rng.bytes(end - at)
            case _:  # cut off
                data = data[: max(at, len(data) // 2)]
    return bytes(data)


def try_one(
    reader: Reader, path: Path, content: bytes, folder: Path, guard: Guard, account: Account
) -> str | None:  # fmt: skip
    """Let a reader read an input in that folder; what was wrong about it, or None."""
    path.write_bytes(content)
    said, started_s = None, time.perf_counter()
    with guard.watching(folder):
        try:
            reader.read(path)
            account.accepted += 1
        except reader.refuses as error:
            account.refused[type(error).__name__] += 1
            if isinstance(error, SafetensorError) or not str(error).strip():
                said = f"an error without words: {error!r}"
            elif path.name not in str(error) and path.parent.name not in str(error):
                said = f"an error that does not name the file: {error!r}"
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
    took_s = time.perf_counter() - started_s
    account.inputs += 1
    account.slowest_s = max(account.slowest_s, took_s)
    if guard.seen:
        said = f"touched what it should not: {', '.join(guard.seen[:3])}"
    if took_s > SLOW_S and said is None:
        started_s = time.thread_time()  # again, by its own clock: a busy machine is no fault of the reader
        with suppress(*reader.refuses):
            reader.read(path)
        if time.thread_time() - started_s > SLOW_S:
            said = f"took {took_s:.1f} s"
    return said


@contextmanager
def _without_grumbling() -> Iterator[None]:
    """Lets libpng say what it thinks of a file to nobody."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def fuzz(name: str, inputs: int, seed: int, guard: Guard) -> Account:
    """Break the valid file of a reader in so many ways."""
    reader, account = READERS[name], Account()
    with tempfile.TemporaryDirectory() as scratch, _without_grumbling():
        path = reader.make(Path(scratch))
        content = path.read_bytes()
        reader.read(path)  # a valid file is read; and whatever is loaded late is loaded
        for i in range(inputs):
            rng = np.random.default_rng([seed, list(READERS).index(name), i])
            given = broken(content, rng) if reader.change is None or rng.integers(2) else reader.change(content, rng)
            if rng.integers(2):
                given = reader.mend(given)
            said = try_one(reader, path, given, Path(scratch), guard, account)
            if said is not None:
                account.wrong.append((said, given))
    return account


def guided(name: str, seconds: int) -> None:
    """Let atheris look for inputs that reach new code in a reader; does not return."""
    atheris = import_module("atheris")  # not a dependency: it is only ever used here

    guard, reader, account = Guard(), READERS[name], Account()
    corpus = Path(tempfile.mkdtemp())
    folder = Path(tempfile.mkdtemp())
    path = reader.make(folder)
    (corpus / "valid").write_bytes(path.read_bytes())

    def one(content: bytes) -> None:
        said = try_one(reader, path, content, folder, guard, account)
        if said is not None:
            raise AssertionError(said)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-timeout=5", str(corpus)], one)
    atheris.Fuzz()


def main(options: FuzzOptions) -> int:
    """Print a table; returns the exit status."""
    names = options.readers or tuple(READERS)
    unknown = [name for name in names if name not in READERS]
    if unknown:
        raise SystemExit(f"there is no reader {unknown[0]!r}; there are {', '.join(READERS)}")
    if options.guided:
        for name in names:
            pid = os.fork()  # atheris ends its process
            if not pid:
                guided(name, options.guided)
            if os.waitpid(pid, 0)[1]:
                return 1
        return 0
    table = Table("reader", "inputs", "accepted", "refused", "slowest", "wrong", title="Files broken on purpose")
    failed, guard, shares = 0, Guard(), sum(READERS[name].share for name in names)
    for name in names:
        account = fuzz(name, math.ceil(options.inputs * READERS[name].share / shares), options.seed, guard)
        slowest = f"{1000 * account.slowest_s:.0f} ms"
        refused = ", ".join(f"{count:,} {kind}" for kind, count in sorted(account.refused.items()))
        table.add_row(name, f"{account.inputs:,}", f"{account.accepted:,}", refused, slowest, str(len(account.wrong)))
        print(f"{name}: {account.inputs:,} inputs, {account.accepted:,} read, {len(account.wrong)} wrong", flush=True)
        for said, content in account.wrong[:20]:
            failed += 1
            options.keep.mkdir(parents=True, exist_ok=True)
            kept_as = options.keep / f"{name}-{failed}"
            kept_as.write_bytes(content)
            print(f"{name}: {said[:200]} (input kept as {kept_as})", file=sys.stderr)
    Console().print(table)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(tyro.cli(FuzzOptions, description=__doc__)))
