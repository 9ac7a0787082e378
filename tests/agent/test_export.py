"""What is written out can be read back, bit for bit, and nothing is ever written over."""

import json
import sys
import tarfile

import numpy as np
import pyarrow.parquet as pq
import pytest

import run_sim
from agent.export.command import export
from agent.export.error import ExportError
from agent.export.options import ExportOptions
from agent.export.reading import read_index, read_shards
from agent.export.shards import write_shards
from agent.export.source import place_of
from agent.export.tables import tables
from agent.folder.place import FolderPlace
from agent.garden_place import GardenPlace
from agent.monitor.log import Log
from agent.stream import fingerprint
from agent.teacher import answer
from tests.agent.tiny import tiny

TINY = tiny(12, steps_per_day=4, commissioning_days=6)


@pytest.fixture(scope="module")
def place():
    return GardenPlace(TINY, 3)


@pytest.fixture(scope="module")
def short_run(run_maker, tmp_path_factory):
    return run_maker(tmp_path_factory.mktemp("short") / "run", days=70)


@pytest.fixture(scope="module")
def shards(place, tmp_path_factory):
    out = tmp_path_factory.mktemp("shards") / "frames"
    write_shards(place, out, frames_per_shard=20)
    return out


def test_a_stream_is_read_back_bit_for_bit(place, shards):
    shots, blocks = list(read_shards(shards)), list(place.stream())
    images = np.concatenate([block.images for block in blocks])
    np.testing.assert_array_equal(np.stack([shot.rgb for shot in shots]).transpose(0, 3, 1, 2), images)
    poses = np.concatenate([block.poses for block in blocks])
    np.testing.assert_allclose([shot.told["pose"] for shot in shots], poses, atol=1e-6)
    assert [shot.told["step"] for shot in shots] == list(range(48))
    assert [shot.told["day"] for shot in shots] == [step // 4 for step in range(48)]
    assert shots[-1].told["date"] == "2030-04-21"


def test_masks_are_those_of_the_camera(place, shards):
    masks = np.stack([shot.mask for shot in read_shards(shards)])
    np.testing.assert_array_equal(answer(masks), np.concatenate([block.truth for block in place.stream()]))


def test_who_is_answered_and_when_is_told_as_learners_are_told(place, shards):
    told = [shot.told["answered_step"] for shot in read_shards(shards)]
    assert told[:12] == [None, 12, 12, None, 12, 12, None, 12, 12, None, 12, 12]
    assert sum(step is not None for step in told) == sum(len(block.labelled[1]) for block in place.stream())


def test_equal_seeds_make_equal_bytes_and_others_do_not(place, shards, tmp_path):
    write_shards(GardenPlace(TINY, 3), tmp_path / "again", frames_per_shard=20)
    write_shards(GardenPlace(TINY, 4), tmp_path / "other", frames_per_shard=20)
    for path in sorted(shards.iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
        assert path.read_bytes() != (tmp_path / "other" / path.name).read_bytes(), path.name


def test_shards_are_tars_whose_samples_follow_one_another(shards):
    names = []
    for shard in read_index(shards)["shards"]:
        with tarfile.open(shards / shard["file"]) as tar:
            members = tar.getmembers()
        assert len(members) == 3 * shard["frames"]
        assert {(member.mtime, member.uid, member.uname) for member in members} == {(0, 0, "")}
        names += [member.name for member in members]
    assert names[:4] == ["000000.png", "000000.mask.png", "000000.json", "000001.png"]
    assert [shard["frames"] for shard in read_index(shards)["shards"]] == [20, 20, 8]


def test_a_shard_that_was_changed_is_not_believed(place, tmp_path):
    write_shards(place, tmp_path / "frames", frames_per_shard=30)
    shard = tmp_path / "frames" / "frames-00001.tar"
    content = bytearray(shard.read_bytes())
    content[600] ^= 1
    shard.write_bytes(content)
    frames = read_shards(tmp_path / "frames")
    assert sum(1 for _ in zip(range(30), frames, strict=False)) == 30
    with pytest.raises(ExportError, match=r"frames-00001\.tar has the SHA-256"):
        next(frames)
    shard.unlink()
    with pytest.raises(ExportError, match="is missing"):
        list(read_shards(tmp_path / "frames"))


def test_what_was_exported_can_be_lived_through_as_ones_own_frames(place, shards, tmp_path):
    told = export(ExportOptions(str(shards), "folder", out=tmp_path / "folder"))
    assert told.startswith(f"{tmp_path / 'folder'}: 48 images")
    lived = FolderPlace(
        tmp_path / "folder", frame_px=(16, 16), learn_every=12, commissioning_days=6, cache=tmp_path / "cache"
    )
    ours = {image.tobytes(): truth for block in place.stream() for image, truth in zip(*block.labelled, strict=True)}
    theirs = [pair for block in lived.stream() for pair in zip(*block.labelled, strict=True)]
    assert len(theirs) > 16
    for image, truth in theirs:
        np.testing.assert_array_equal(truth, ours[image.tobytes()])
    all_ours = [image.tobytes() for block in place.stream() for image in block.images]
    seen = [all_ours.index(image.tobytes()) for block in lived.stream() for image in block.images]
    assert seen == sorted(seen)  # in the order in which they were taken, without those held out


def test_nothing_is_written_over(place, shards, short_run, tmp_path):
    before = {path.name: path.read_bytes() for path in shards.iterdir()}
    for options in (
        ExportOptions("four_seasons", "frames", out=shards),
        ExportOptions(str(shards), "folder", out=shards),
        ExportOptions(str(short_run), "parquet", out=shards),
        ExportOptions(str(short_run), "tensorboard", out=shards),
    ):
        with pytest.raises(ExportError, match="nothing is written over"):
            export(options)
    assert {path.name: path.read_bytes() for path in shards.iterdir()} == before


def test_a_run_is_exported_by_its_folder_and_a_scenario_by_its_name(place, shards, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    options = {"seed": 3, "learn_every": 12, "home_frames": 16}
    (run / "config.json").write_text(json.dumps({**place.as_config(), "options": options}))
    assert place_of(str(run), seed=None, quick=False) == place
    coarse = place_of("four_seasons", seed=7, quick=True)
    assert (coarse.scenario.steps_per_day, coarse.seed) == (4, 7)
    with pytest.raises(ExportError, match="seed and a pace of its own"):
        place_of(str(run), seed=3, quick=False)
    (run / "config.json").write_text(json.dumps({"frames": {"name": "mine"}}))
    with pytest.raises(ExportError, match="folder of pictures"):
        place_of(str(run), seed=None, quick=False)
    (run / "config.json").write_text(json.dumps(place.as_config() | {"options": {"gardeners": ["ideal"], "seed": 3}}))
    with pytest.raises(ExportError, match="gardeners see what they drive to"):
        place_of(str(run), seed=None, quick=False)
    with pytest.raises(ExportError, match=r"config\.json does not exist"):
        place_of(str(tmp_path), seed=None, quick=False)


def test_tables_say_what_the_log_says(short_run, tmp_path):
    log = Log.read(short_run)
    export(ExportOptions(str(short_run), "parquet", out=tmp_path / "tables"))
    read = {path.stem: pq.read_table(path).to_pylist() for path in (tmp_path / "tables").iterdir()}
    assert set(read) == {"stream", "probes", "references", "costs"}
    assert [row["miou"] for row in read["stream"] if row["learner"] == "frozen"] == [
        row["miou"] for row in log.stream["frozen"]
    ]
    assert read["stream"][0]["date"].isoformat() == "2030-04-29" and "seconds.learn" in read["stream"][0]
    [tick] = [t for t in log.probes["er+ewc", "away"] if t.day == 58]
    rows = [r for r in read["probes"] if (r["learner"], r["bank"], r["day"]) == ("er+ewc", "away", 58)]
    assert [row["phase"] for row in rows] == [phase.name for phase in log.life.phases]
    np.testing.assert_array_equal([row["confusion"] for row in rows], tick.confusion)
    assert {row["learner"] for row in read["costs"]} >= {"frozen", "joint"}


def test_rows_of_every_kind_have_a_table(short_run, tmp_path):
    (tmp_path / "metrics.jsonl").write_bytes((short_run / "metrics.jsonl").read_bytes())
    later = [0.0] * (Log.read(short_run).life.days - 2)
    numbers, change = {"units.dead": 0.5, "weights.moved": 1}, {"name": "snow", "axes": ["a", "b"], "abrupt": True}
    more = [
        {"kind": "checkup", "learner": "er+ewc", "day": 3, "step": 5, "numbers": numbers},
        {"kind": "inputs", "day": 3, "step": 5, "frames": 24, "statistics": {"mean_l": 0.25},
         "signals": {"mean_l": None}, "block_frames": 24, "tau_frames": None},
        {"kind": "alarm", "day": 4, "step": 9, "detector": "PH", "signal": "loss", "value": 1.5, "threshold": 1.0},
        {"kind": "truth", "changes": [change | {"first_day": 1, "last_day": 2}]},
        {"kind": "nature", "days": {"bloom": [0.0, 0.5, *later], "snow": [1.0, 0.0, *later]}},
    ]  # fmt: skip
    with (tmp_path / "metrics.jsonl").open("a") as log:
        log.writelines(json.dumps(row) + "\n" for row in more)
    found = tables(tmp_path)
    assert [(row["name"], row["value"]) for row in found["checkups"]] == [("units.dead", 0.5), ("weights.moved", 1)]
    assert found["inputs"][0]["statistics.mean_l"] == 0.25 and found["inputs"][0]["date"].isoformat() == "2030-04-04"
    assert found["alarms"][0]["detector"] == "PH" and found["changes"][0]["axes"] == ["a", "b"]
    assert [(row["date"].day, row["bloom"], row["snow"]) for row in found["nature"][:2]] == [
        (1, 0.0, 1.0),
        (2, 0.5, 0.0),
    ]


def test_scalars_are_those_of_the_log(short_run, tmp_path):
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    export(ExportOptions(str(short_run), "tensorboard", out=tmp_path / "board"))
    assert sorted(path.name for path in (tmp_path / "board").iterdir()) == ["er+ewc", "finetune", "frozen"]
    events = event_accumulator.EventAccumulator(str(tmp_path / "board" / "finetune"), size_guidance={"scalars": 0})
    events.Reload()
    log = Log.read(short_run)
    found = [(event.step, event.value) for event in events.Scalars("stream/miou")]
    assert [step for step, _ in found] == [row["day"] for row in log.stream["finetune"]]
    np.testing.assert_allclose(
        [value for _, value in found], [row["miou"] for row in log.stream["finetune"]], rtol=1e-6
    )
    assert len(events.Scalars("probe/away/deep_winter")) == len(log.probes["finetune", "away"])


def test_who_lacks_tensorboard_is_told_what_to_do(short_run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard.writer", None)
    with pytest.raises(ExportError, match="pip install tensorboard"):
        export(ExportOptions(str(short_run), "tensorboard", out=tmp_path / "board"))
    assert not (tmp_path / "board").exists()


def test_the_command_says_what_it_wrote(short_run, tmp_path, capsys):
    out = tmp_path / "tables"
    assert run_sim.main(["export", str(short_run), "--to", "parquet", "--out", str(out)]) == 0
    assert "4 tables" in capsys.readouterr().out
    assert run_sim.main(["export", str(short_run), "--to", "parquet", "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert run_sim.main(["export", "four_saisons", "--to", "frames", "--out", str(tmp_path / "f")]) == 2
    assert "four_seasons" in capsys.readouterr().err


def test_living_step_by_step_is_living_in_blocks(place):
    moments = list(place.stream().moments())
    blocks = list(place.stream())
    assert len(moments) == place.life_steps == 48
    assert [day for day, _ in moments][11::12] == [block.day for block in blocks]
    assert fingerprint(iter(blocks)) == fingerprint(iter(place.stream()))
