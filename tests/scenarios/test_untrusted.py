"""Files from strangers: nothing is run, nothing outside the folder is read, and nothing unfolds beyond its bound."""

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from agent.export.error import ExportError
from agent.export.reading import read_shards
from agent.images import MOST_PIXELS, decoded
from scenarios.files import ScenarioError, dump, load
from scenarios.untrusted import (
    DEEPEST,
    UntrustedError,
    inside,
    parse_json,
    parse_yaml,
    read_arrays,
    read_bytes,
    read_text,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone", "no such file"),
        ("folder", "not a file"),
        ("pipe", "not a file"),
        ("large", "larger than"),
        ("a\0b", "cannot be read"),
    ],
)
def test_what_is_no_small_file_is_refused_by_name(tmp_path, name, said):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 101)
    with pytest.raises(UntrustedError, match=said):
        read_bytes(tmp_path / name, most_bytes=100)


def test_text_is_utf_8_with_or_without_a_mark(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfrose")
    assert read_text(tmp_path / "a") == "rose"
    (tmp_path / "b").write_bytes(b"\xff\xfe")
    with pytest.raises(UntrustedError, match="UTF-8"):
        read_text(tmp_path / "b")


@pytest.mark.parametrize("text", ["", "x", '"', "]"])
@pytest.mark.parametrize("depth", [1, DEEPEST, 4000])
def test_brackets_without_end_are_an_error_like_any_other(text, depth):
    for broken in ("[" * depth + text, '{"a":' * depth + text):
        for parse in (parse_json, parse_yaml):
            try:
                parse(broken, source="a")
            except UntrustedError as error:
                assert str(error).startswith("a: ")


def test_values_may_be_nested_to_a_depth_and_no_deeper():
    deep = "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    assert parse_json(f'{{"a": {deep}}}', source="a") == {"a": parse_yaml(deep, source="a")}
    for parse in (parse_json, parse_yaml):
        with pytest.raises(UntrustedError, match="nested more than"):
            parse(f'{{"a": [[{deep}]]}}', source="a")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x", "anchors"),
        ("!!python/object/apply:os.getcwd []", "tags"),
        ("a: 1\n---\nb: 2", "second document"),
        ("? [a]\n: 1", "not"),
        ("a: 2030-13-40", "not usable"),
        ("a: \x00", "not YAML"),
    ],
)
def test_clever_yaml_is_refused(text, said):
    with pytest.raises(UntrustedError, match=said):
        parse_yaml(text, source="a")


def _npz(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _npy(array, **changed):
    file = io.BytesIO()
    header = np.lib.format.header_data_from_array_1_0(array) | changed
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + array.tobytes()


def test_arrays_come_back_as_they_were(tmp_path):
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.asfortranarray(np.eye(3)), "c": np.array(["x", "yz"])}
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    found = read_arrays(tmp_path / "a.npz", most_bytes=10_000)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    assert found["a"].flags.writeable


def test_an_archive_that_unfolds_to_too_much_is_not_unfolded(tmp_path):
    bomb = _npz(tmp_path / "a.npz", {"a.npy": _npy(np.zeros(10_000_000, np.uint8))})
    assert bomb.stat().st_size < 20_000
    with pytest.raises(UntrustedError, match="unfolds to 10 MB"):
        read_arrays(bomb, most_bytes=1_000_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_npy(np.zeros(3), shape=(10**15,)), "its header says"),
        (_npy(np.zeros(3), shape=(-1,)), "its header says"),
        (_npy(np.zeros(3), descr="|O"), "no plain kind"),
        (b"no array", "no array"),
    ],
)
def test_a_header_that_disagrees_with_its_data_is_refused(tmp_path, content, said):
    with pytest.raises(UntrustedError, match=said):
        read_arrays(_npz(tmp_path / "a.npz", {"a.npy": content}), most_bytes=10_000)


@pytest.mark.parametrize(
    "name", ["../a", "/etc/passwd", "a/../../b", "C:\\a", "a\\b", "", None, 3, "a\0b", "link", "link/passwd", "x" * 300]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    (tmp_path / "link").symlink_to("/etc")
    with pytest.raises(UntrustedError, match="not one inside"):
        inside(tmp_path, name)


def test_a_name_inside_the_folder_is_a_path(tmp_path):
    assert inside(tmp_path, "a/b.tar") == tmp_path / "a" / "b.tar"


def test_a_scenario_extends_and_measures_only_what_lies_beside_it(tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("name: outside\n")
    (tmp_path / "in").mkdir()
    mine = tmp_path / "in" / "mine.yaml"
    for name in ("../outside.yaml", str(outside)):
        mine.write_text(f"name: mine\nextends: {name}\n")
        with pytest.raises(ScenarioError, match=r"mine\.yaml:2: extends: .*not one inside"):
            load(mine)
        mine.write_text(f"name: mine\nclimate: {{file: {name}, latitude_deg: 48}}\n")
        with pytest.raises(ScenarioError, match=r"mine\.yaml:2: climate\.file: .*not one inside"):
            load(mine)


def test_who_knows_the_digest_of_measured_weather_may_name_it_anywhere(tmp_path):
    rows = ["date,tmax_c,tmin_c,precipitation_mm,wind_m_s,sunshine"]
    rows += [f"{np.datetime64('2030-01-01') + day},20,9,1,2,0.5" for day in range(800)]
    (tmp_path / "weather.csv").write_text("\n".join(rows))
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\nclimate: {file: weather.csv, latitude_deg: 48.1}\ndays: 60\n")
    copy = tmp_path / "in" / "copy.yaml"
    copy.parent.mkdir()
    copy.write_text(dump(load(mine)))
    assert load(copy) == load(mine)


def test_an_index_cannot_name_a_shard_elsewhere(tmp_path):
    (tmp_path / "index.json").write_text('{"format": 1, "shards": [{"file": "../secret.tar", "sha256": ""}]}')
    with pytest.raises(ExportError, match="not one inside"):
        list(read_shards(tmp_path))


def _png(width, height, idat=b""):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", idat) + chunk(b"IEND", b"")


def test_an_image_that_claims_more_than_it_can_hold_is_not_unfolded():
    whole = cv2.imencode(".png", np.arange(64, dtype=np.uint8).reshape(8, 8))[1].tobytes()
    pixels = decoded(whole, cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    np.testing.assert_array_equal(pixels, np.arange(64).reshape(8, 8))
    assert decoded(_png(10_000, 10_000), cv2.IMREAD_GRAYSCALE) is None  # 100 megapixels of 70 bytes
    assert decoded(_png(MOST_PIXELS, 2, bytes(10**6)), cv2.IMREAD_GRAYSCALE) is None
    photo = cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
    assert decoded(photo, cv2.IMREAD_COLOR) is not None
    head = photo.index(b"\xff\xc0")
    claims = photo[: head + 5] + struct.pack(">HH", 9000, 9000) + photo[head + 9 :]
    assert decoded(claims, cv2.IMREAD_COLOR) is None
    for broken in (b"", b"\x89PNG", whole[:-8], whole[:40] + b"\x7f\xff\xff\xff" + whole[44:]):
        assert decoded(broken, cv2.IMREAD_GRAYSCALE) is None


def test_every_reader_refuses_broken_files_in_its_own_words(tmp_path):
    command = [sys.executable, "benchmarks/fuzz.py", "--inputs", "240", "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
