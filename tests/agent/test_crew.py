"""A crew without processes does its tasks here, and leaves this process as it found it."""

import os
import signal
import sys

import pytest
import torch

from agent.crew import Crew


def _tiny() -> float:
    return sys.float_info.min / 2


def test_tasks_run_in_order_on_one_thread_where_tiny_numbers_are_nought():
    heard = []
    with Crew(0) as crew:
        crew.run(
            [lambda send, stop, name=name: send((name, torch.get_num_threads(), _tiny())) for name in "ab"],
            heard.append,
        )
    assert heard == [("a", 1, 0.0), ("b", 1, 0.0)]


def test_tasks_have_as_many_threads_as_are_asked_for():
    heard, before = [], torch.get_num_threads()
    with Crew(0, threads=3) as crew:
        crew.run([lambda send, stop: send(torch.get_num_threads())], heard.append)
    assert (heard, torch.get_num_threads()) == ([3], before)


@pytest.mark.parametrize("flushing", [False, True])
def test_the_process_keeps_its_threads_and_its_tiny_numbers(flushing):
    def fails(send, stop):
        raise RuntimeError("the task's own")

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    torch.set_flush_denormal(flushing)
    try:
        with Crew(0) as crew, pytest.raises(RuntimeError, match="the task's own"):
            crew.run([fails], print)
        assert torch.get_num_threads() == 2
        assert (_tiny() == 0) == flushing
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)


def killed_in_a_word(send, stop):
    """Dies with a part of a message on its way, as one does that is killed for lack of memory."""
    writer = send.__self__._writer
    os.write(writer.fileno(), (1_000_000).to_bytes(4) + b"half of it")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_killed_in_the_middle_of_a_message_is_noticed_and_told():
    with Crew(1) as crew, pytest.raises(ChildProcessError, match=r"killed from outside, most often .* memory: close"):
        crew.run([killed_in_a_word], print)
