"""Where nets live is an option, which is refused before any work where there is no such device."""

import pytest
import torch

from agent.device import check_device
from agent.options import RunOptions


def test_the_processor_is_always_there():
    RunOptions(device="cpu").check()


def test_a_device_that_is_none_is_refused_by_name():
    with pytest.raises(ValueError, match="device is 'gpu'; give cpu or cuda"):
        RunOptions(device="gpu").check()


def test_a_gpu_that_is_not_there_is_refused_with_what_would_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"device is 'cuda', but torch .*; give --device cpu"):
        check_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    check_device("cuda")
