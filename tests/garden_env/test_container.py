"""A container is whole or refused, and says why."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from garden_env.container import ContainerError, read, write

ARRAYS = {"none": np.zeros((0, 3)), "flags": np.array([True, False]), "one": np.array(3), "turned": np.eye(2, 3).T}


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "box", ARRAYS, {"a": [1, None, "ä"]}, format_name="box", version=3)
    return tmp_path / "box"


def test_what_is_written_is_read_bit_for_bit(path):
    arrays, header = read(path, format_name="box", version=3)
    assert header == {"a": [1, None, "ä"]}
    assert sorted(arrays) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(arrays[name], array)


def test_flipped_bits_and_cuts_are_noticed(path):
    whole = path.read_bytes()
    other = path.with_name("other")
    for at in range(0, len(whole), 3):
        flipped = bytearray(whole)
        flipped[at] ^= 1
        for damaged in (bytes(flipped), whole[:at]):
            other.write_bytes(damaged)
            with pytest.raises(ContainerError, match="other"):
                read(other, format_name="box", version=3)


def test_other_kinds_and_versions_are_told(path, tmp_path):
    with pytest.raises(ContainerError, match="not a crate but box"):
        read(path, format_name="crate", version=3)
    with pytest.raises(ContainerError, match="a box of version 3; this program reads version 4"):
        read(path, format_name="box", version=4)
    save_file({"a": np.zeros(1)}, tmp_path / "plain")
    with pytest.raises(ContainerError, match="some other safetensors file"):
        read(tmp_path / "plain", format_name="box", version=3)
    for name in ("missing", "."):
        with pytest.raises(ContainerError, match="cannot be read"):
            read(tmp_path / name, format_name="box", version=3)


def test_nothing_is_overwritten_unasked_and_nothing_half_written_stays(path):
    with pytest.raises(FileExistsError, match="overwrite=True"):
        write(path, {}, {}, format_name="box", version=3)
    with pytest.raises(TypeError):
        write(path, {}, {"a": object()}, format_name="box", version=3, overwrite=True)
    assert read(path, format_name="box", version=3)[1]["a"][0] == 1
    write(path, {}, {"a": 2}, format_name="box", version=3, overwrite=True)
    assert read(path, format_name="box", version=3) == ({}, {"a": 2})
    assert [file.name for file in path.parent.iterdir()] == ["box"]
