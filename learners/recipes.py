"""The recipes: one table that says which learner a name stands for, and with which settings."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from learners.adamw import Optimizer
from learners.base import Learner
from learners.cost import Meter
from learners.frozen import Frozen
from learners.memory import Reservoir
from learners.online import Online
from learners.terms.ewc import EWC, fisher_named
from learners.terms.fit import Fit


@dataclass(frozen=True)
class Settings:
    """What can be tuned; a recipe uses those that concern it. All recipes share one optimizer."""

    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    clip_norm: float = 5.0  # gradient norm; a guard against single bad batches
    ewc_strength: float = 1.0  # lambda: the past against the present batch
    ewc_decay: float = 0.9  # gamma: what is left of the old Fisher at a consolidation
    fisher: str = "sampled"  # or "empirical", "exact"
    fisher_draws: int = 2  # label draws for every group of frames
    fisher_frames: int = 16  # recent frames the Fisher looks at, and as many remembered ones

    @property
    def optimizer(self) -> Optimizer:
        return Optimizer(self.learning_rate, self.weight_decay, clip_norm=self.clip_norm)


@dataclass(frozen=True)
class Recipe:
    """A named composition.

    Attributes:
        name: as on the command line.
        summary: one sentence for people.
        make: the composition itself: net, settings, memory_bytes, recalled frames, rng -> learner.
        new_frames_per_update: how many frames of the stream an update gets; recipes cost the same frames an update.
        recalled_frames_per_update: how many frames of its memory are added to them.
        consolidate_every_updates: how often the agent should consolidate; 0 for never.
        settings: the recipe's own defaults.
    """

    name: str
    summary: str
    make: Callable[..., Learner]
    new_frames_per_update: int = 16
    recalled_frames_per_update: int = 0
    consolidate_every_updates: int = 0
    settings: Settings = Settings()

    @property
    def needs_memory(self) -> bool:
        return self.recalled_frames_per_update > 0


def _frozen(net: nn.Module, settings: Settings, memory_bytes: int, recalled: int, rng: np.random.Generator) -> Learner:
    return Frozen(net)


def _finetune(
    net: nn.Module, settings: Settings, memory_bytes: int, recalled: int, rng: np.random.Generator
) -> Learner:
    return Online(net, [Fit()], optimizer=settings.optimizer)


def _er(net: nn.Module, settings: Settings, memory_bytes: int, recalled: int, rng: np.random.Generator) -> Learner:
    memory = Reservoir(memory_bytes, frames=recalled, rng=rng)
    return Online(net, [Fit()], memory=memory, optimizer=settings.optimizer)


def _ewc(net: nn.Module, settings: Settings, memory_bytes: int, recalled: int, rng: np.random.Generator) -> Learner:
    meter = Meter()
    return Online(net, [Fit(), _ewc_term(settings, rng, meter)], optimizer=settings.optimizer, meter=meter)


def _er_ewc(net: nn.Module, settings: Settings, memory_bytes: int, recalled: int, rng: np.random.Generator) -> Learner:
    meter = Meter()
    memory_rng, label_rng = rng.spawn(2)
    memory = Reservoir(memory_bytes, frames=recalled, rng=memory_rng)
    terms = [Fit(), _ewc_term(settings, label_rng, meter)]
    return Online(net, terms, memory=memory, optimizer=settings.optimizer, meter=meter)


def _ewc_term(settings: Settings, rng: np.random.Generator, meter: Meter) -> EWC:
    return EWC(
        strength=settings.ewc_strength,
        decay=settings.ewc_decay,
        fisher=fisher_named(settings.fisher, meter, draws=settings.fisher_draws),
        rng=rng,
        frames=settings.fisher_frames,
    )


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("frozen", "Never learns: the weights of commissioning, for life.", _frozen),
        Recipe("finetune", "Learns from what comes and from nothing else.", _finetune),
        Recipe("er", "Experience replay: each update also rehearses a uniform sample of the past.", _er, 8, 8),
        Recipe(
            "ewc",
            "Elastic weight consolidation: weights that mattered are held back, no frame is replayed.",
            _ewc,
            consolidate_every_updates=50,
            settings=Settings(ewc_strength=10.0),
        ),
        Recipe(
            "er+ewc",
            "The default: a little replay and a little elastic weight consolidation.",
            _er_ewc,
            8,
            8,
            consolidate_every_updates=50,
        ),
    )
}
DEFAULT_RECIPE = "er+ewc"


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ValueError: if there is none; the message has the nearest name and all of them.
    """
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"no learner is called {name!r}.{hint} There are: {', '.join(RECIPES)}")


def make_learner(
    name: str,
    net: nn.Module,
    *,
    seed: int,
    memory_bytes: int = 0,
    recalled_frames: int | None = None,
    settings: Settings | None = None,
    **changes,
) -> Learner:
    """A learner around `net`, which becomes its own and is changed in place.

    Args:
        name: of the recipe.
        net: its forward pass returns `Seen`.
        seed: of everything that the learner draws; equal seeds, equal lives.
        memory_bytes: bound of its memory, where the recipe has one.
        recalled_frames: how many of them join an update, instead of the recipe's number.
        settings: instead of the recipe's.
        changes: single settings to change: `learning_rate=3e-4`.

    Raises:
        ValueError: for an unknown name, or a recipe that needs a memory without bytes for one.
    """
    recipe = find_recipe(name)
    if recipe.needs_memory and memory_bytes <= 0:
        raise ValueError(f"{name!r} replays past frames and was given memory_bytes={memory_bytes}; give it some")
    chosen = replace(settings or recipe.settings, **changes)
    recalled = recipe.recalled_frames_per_update if recalled_frames is None else recalled_frames
    return recipe.make(net, chosen, memory_bytes, recalled, np.random.default_rng([seed, *name.encode()]))
