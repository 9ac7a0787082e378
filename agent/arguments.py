"""Options from a command line."""

from collections.abc import Sequence
from typing import TypeVar

import tyro

Options = TypeVar("Options")


def parsed(options: type[Options], arguments: Sequence[str], command: str, description: str) -> Options:
    """What was asked for; help, or what is wrong, is printed and ends the process.

    Args:
        options: a dataclass, whose fields are the options.
        arguments: as they were given.
        command: of `run_sim.py`; empty for `run`.
        description: the first lines of the help.
    """
    return tyro.cli(
        options,
        prog=f"run_sim.py {command}".rstrip(),
        description=description,
        args=arguments,
        config=(tyro.conf.OmitArgPrefixes,),
    )
