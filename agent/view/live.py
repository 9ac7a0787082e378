"""Watching: which source is meant, and the window that it is shown in."""

import os

from agent.view.bare import Bare
from agent.view.life import Life
from agent.view.loop import SERVES, Loop, Source
from agent.view.options import Ended, ViewOptions
from agent.view.replay import Replay
from garden_env.viewer.keys import read_keys
from garden_env.viewer.window import Window


def view(options: ViewOptions) -> tuple[Ended, Bare | Life | Replay, Loop]:
    """Watch a garden, or a run of the past.

    Raises:
        ValueError: an option makes no sense, or a folder is of no run that can be replayed.
        FileExistsError: a file that would be written is there already.
        ScenarioError: the scenario does not exist or is not valid.
        KeyMapError: the file of keys cannot be used.
    """
    options.check()
    source = source_of(options)
    loop = opened(options, source)
    return loop.run(), source, loop


def source_of(options: ViewOptions) -> Bare | Life | Replay:
    """What is to be watched: a run of the past, a garden with a learner, or one without."""
    if options.replayed is not None:
        return Replay(options.replayed, options)
    return Life(options) if options.learns else Bare(options)


def opened(options: ViewOptions, source: Source) -> Loop:
    """A loop about a source, in a window by the options."""
    if not options.window:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    keys = None if options.keys is None else read_keys(options.keys)
    serves = (*SERVES, *source.serves)
    window = Window((options.width, options.height), steps_s=options.speed, keys=keys, serves=serves)
    window.hand.rate, window.hand.overlay, window.hand.beliefs = options.rate, options.overlay, options.beliefs
    return Loop(source, window, options)
