"""The recipes: one table that says which learner a name stands for, whose idea it is, and with which settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from torch import nn

from learners import compose
from learners.base import Learner
from learners.compose import Add, Draft
from learners.freezing import guard_frozen
from learners.mixtures import check_mixture, read_name
from learners.settings import Settings
from learners.tuned import TUNED, found

FRAMES_PER_UPDATE = 16
"""Frames that pass through the net in an update of any recipe; replay pays for its past with half of the present."""
OFTEN = 50
"""Updates between two consolidations, for those who have something to renew."""


@dataclass(frozen=True)
class Part:
    """A row of the table: a learner by that name, and what it adds to a mixture.

    Attributes:
        name: as on the command line.
        family: how it lives with drift.
        add: puts it into a draft.
        summary: one sentence for people.
        source: whose idea it is.
        place: which it takes in a learner that has one of these (`learners.mixtures.PLACES`); "" for none.
        whole: whether it is a learner by itself, which nothing can be added to.
        recalls: whether it draws past frames.
        consolidate: how often the agent should consolidate [updates]; 0 for never.
        learns_without_labels: whether it makes an update of frames that nobody has labelled.
        changes: settings that it wants otherwise, whatever was found (`learners.tuned`).
        pretrain: updates that it should make before its life, on all frames of commissioning, answered or not; 0 for
            none. Batches must hold answered frames, too (`learners.terms.selfsup` says why).
        by_regime: whether it keeps something for each regime, and so must know which one it is.
        hooks: whether it hangs hooks on the net's layers for good, which is why its passes are never compiled.
    """

    name: str
    family: str
    add: Add
    summary: str
    source: str
    place: str = ""
    whole: bool = False
    recalls: bool = False
    consolidate: int = 0
    learns_without_labels: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    pretrain: int = 0
    by_regime: bool = False
    hooks: bool = False

    @property
    def needs_past_data(self) -> bool:
        """Whether it keeps pictures of the past."""
        return self.recalls


# fmt: off
_ROWS = (
    Part("frozen", "baseline", compose.frozen, whole=True,
         summary="Never learns: the weights of commissioning, for life.", source="the floor"),
    Part("finetune", "baseline", compose.finetune, whole=True,
         summary="Learns from what comes and from nothing else.", source="stochastic gradient descent"),
    Part("adabn", "no labels", compose.adabn, whole=True, learns_without_labels=True,
         summary="Lets the statistics of normalisation follow the stream; no weight moves, no label is read.",
         source="Li et al. 2016"),
    Part("tent", "no labels", compose.tent, whole=True, learns_without_labels=True, hooks=True,
         summary="Becomes surer of its answers, by the scales and shifts of normalisation alone.",
         source="Wang et al. 2021"),
    Part("er", "replay", compose.er, place="memory", recalls=True,
         summary="Experience replay: each update also rehearses a uniform sample of the past.",
         source="Chaudhry et al. 2019; Vitter 1985"),
    Part("er-balanced", "replay", compose.er_balanced, place="memory", recalls=True,
         summary="Replay from a memory in which rare classes hold their share, by pixels.",
         source="Chrysakis & Moens 2020; Efraimidis & Spirakis 2006"),
    Part("er-ace", "replay", compose.er_ace, place="memory", recalls=True,
         summary="Replay in which new frames do not push down classes that they lack.", source="Caccia et al. 2022"),
    Part("der", "replay", compose.der, place="memory", recalls=True,
         summary="Dark experience: remembered frames should be answered as they were when they came.",
         source="Buzzega et al. 2020"),
    Part("der++", "replay", compose.der_plus_plus, place="memory", recalls=True,
         summary="Dark experience, and a second draw that is answered by its labels.", source="Buzzega et al. 2020"),
    Part("mir", "replay", compose.mir, place="memory", recalls=True,
         summary="Rehearses the remembered frames that the coming step would spoil most.",
         source="Aljundi et al. 2019"),
    Part("feature-replay", "replay", compose.feature_replay, whole=True, hooks=True,
         summary="Keeps no picture: the last layer rehearses stored features of single pixels, the body stays.",
         source="Pellegrini et al. 2020"),
    Part("packnet", "architecture", compose.packnet, place="net", by_regime=True,
         summary="Gives weights to each regime and freezes them; regimes are found in the frames.",
         source="Mallya & Lazebnik 2018"),
    Part("hat", "architecture", compose.hat, place="net", by_regime=True, hooks=True,
         summary="Gives channels to each regime and freezes them; regimes are found in the frames.",
         source="after Serra et al. 2018"),
    Part("adapters", "architecture", compose.adapters, place="net", consolidate=OFTEN, by_regime=True, hooks=True,
         summary="One shared net, and a scale and a shift of every channel for each regime found.",
         source="Perez et al. 2018"),
    Part("ssl", "representation", compose.ssl, pretrain=60,
         summary="Also learns to fill in hidden blocks of the picture, which needs no labels.",
         source="Xie et al. 2022"),
    Part("cassle", "representation", compose.cassle, consolidate=OFTEN,
         summary="Keeps features from which those of an earlier self can be told.", source="Fini et al. 2022"),
    Part("slda", "representation", compose.slda, whole=True,
         summary="Linear discriminant analysis of frozen features, pixel by pixel.", source="Hayes & Kanan 2020"),
    Part("ncm", "representation", compose.ncm, whole=True,
         summary="The nearest class mean of frozen features, pixel by pixel.", source="Mensink et al. 2013"),
    Part("l2", "regularization", compose.l2, consolidate=OFTEN,
         summary="Holds all weights back alike, near those of the last consolidation.",
         source="Kirkpatrick et al. 2017, figure 2A"),
    Part("ewc", "regularization", compose.ewc, consolidate=OFTEN,
         summary="Elastic weight consolidation: weights that mattered are held back, no frame is replayed.",
         source="Kirkpatrick et al. 2017; Schwarz et al. 2018"),
    Part("si", "regularization", compose.si, consolidate=OFTEN,
         summary="Synaptic intelligence: holds weights back that have lowered the loss on their way.",
         source="Zenke et al. 2017"),
    Part("mas", "regularization", compose.mas, consolidate=OFTEN,
         summary="Memory aware synapses: holds weights back on which the answers depend, right or wrong.",
         source="Aljundi et al. 2018"),
    Part("lwf", "regularization", compose.lwf, consolidate=OFTEN,
         summary="Learning without forgetting: an earlier self is the teacher, on the frames of today.",
         source="Li & Hoiem 2016"),
    Part("agem", "optimization", compose.agem, place="gradient", recalls=True,
         summary="Bends a gradient that would raise the mean loss of remembered frames.",
         source="Chaudhry et al. 2019"),
    Part("gem", "optimization", compose.gem, place="gradient", recalls=True,
         summary="Bends a gradient that would raise the loss of any group of remembered frames.",
         source="Lopez-Paz & Ranzato 2017"),
    Part("ogd", "optimization", compose.ogd, place="subspace", consolidate=OFTEN,
         summary="Steps only where the answers to stored frames stay, to first order.",
         source="Farajtabar et al. 2020"),
    Part("gpm", "optimization", compose.gpm, place="subspace", consolidate=OFTEN,
         summary="Steps only where the answers of each layer to its earlier inputs stay.", source="Saha et al. 2021"),
    Part("l2init", "plasticity", compose.l2init,
         summary="Draws weights that nobody uses back to where they began.", source="Kumar et al. 2023"),
    Part("shrink", "plasticity", compose.shrink,
         summary="Shrinks and shakes the weights a little, now and then.", source="Ash & Adams 2020"),
    Part("cbp", "plasticity", compose.cbp,
         summary="Continual backpropagation: begins channels anew that are of least use.", source="Dohare et al. 2024"),
    Part("redo", "plasticity", compose.redo,
         summary="Begins dormant channels anew.", source="Sokar et al. 2023"),
)
# fmt: on
PARTS: dict[str, Part] = {part.name: part for part in _ROWS}
"""The table, in the order in which parts are added to a learner."""

DEFAULT_RECIPE = "er+ewc"
MIXED = {DEFAULT_RECIPE: "The default: a little replay and a little elastic weight consolidation."}
"""Mixtures with a sentence of their own."""


@dataclass(frozen=True)
class Recipe:
    """A learner by name: a row of the table, or a mixture of several.

    Attributes:
        name: as on the command line, parts in the order of the table.
        family: of its part; "mixture" if there are several.
        summary: one sentence for people.
        source: whose idea it is.
        parts: what it is composed of.
        new_frames_per_update: how many frames of the stream an update gets; recipes cost the same frames an update.
        recalled_frames_per_update: how many past frames are added to them, or are looked at beside them.
        consolidate_every_updates: how often the agent should consolidate; 0 for never.
        learns_without_labels: whether it makes an update of frames that nobody has labelled.
        settings: the recipe's own defaults.
        search: the hash of the search that found them; "" where nobody has searched for this very recipe.
    """

    name: str
    family: str
    summary: str
    source: str
    parts: tuple[Part, ...]
    settings: Settings
    search: str = ""

    @property
    def recalled_frames_per_update(self) -> int:
        return FRAMES_PER_UPDATE // 2 if self.needs_past_data else 0

    @property
    def new_frames_per_update(self) -> int:
        return FRAMES_PER_UPDATE - self.recalled_frames_per_update

    @property
    def consolidate_every_updates(self) -> int:
        return min((part.consolidate for part in self.parts if part.consolidate), default=0)

    @property
    def needs_past_data(self) -> bool:
        """Whether it keeps pictures of the past, and cannot live where that is not allowed."""
        return any(part.needs_past_data for part in self.parts)

    @property
    def learns_without_labels(self) -> bool:
        return any(part.learns_without_labels for part in self.parts)

    @property
    def pretrain_updates(self) -> int:
        """Updates on the frames of commissioning, answered or not, before its life; 0 for none."""
        return max(part.pretrain for part in self.parts)

    @property
    def regime_source(self) -> str | None:
        """Who tells it which regime it is (`learners.regimes`); None where it need not know."""
        return self.settings.regime_source if any(part.by_regime for part in self.parts) else None

    def changed(self, **settings) -> "Recipe":
        """The same recipe with other settings: `recipe.changed(regime_source="own alarm")`."""
        return replace(self, settings=replace(self.settings, **settings))

    def make(
        self, net: nn.Module, settings: Settings, memory_bytes: int, recalled: int, rng: np.random.Generator
    ) -> Learner:
        """The learner. Parts that draw past frames share what is recalled evenly; each has a generator of its own."""
        guard_frozen(net)
        drawing = sum(part.recalls for part in self.parts)
        draft = Draft(net, settings, memory_bytes, recalled // max(drawing, 1))
        generators = rng.spawn(len(self.parts)) if len(self.parts) > 1 else [rng]
        for part, own in zip(self.parts, generators, strict=True):
            part.add(draft, own)
        return draft.finish()


def find_recipe(name: str, parts: Mapping[str, Part] = PARTS) -> Recipe:
    """The recipe of that name, or the mixture of parts that it names, in any order: `er+ewc`, `der+++lwf`.

    Args:
        name: of the recipe.
        parts: the table in which it is looked up.

    Raises:
        ValueError: if there is none, or the parts cannot act together; the message says what could be meant.
    """
    read = read_name(name, parts)
    if len(read) > 1:
        whole = [part.name for part in parts.values() if part.whole]
        check_mixture(name, read, {part.name: part.place for part in parts.values()}, whole)
    chosen = tuple(part for part in parts.values() if part.name in read)
    name = "+".join(part.name for part in chosen)
    mixtures = [(mixed, within) for mixed in TUNED if len(within := read_name(mixed, PARTS)) > 1]
    changes = found([part.name for part in chosen], mixtures)
    for part in chosen:
        changes |= part.changes
    settings, search = replace(Settings(), **changes), TUNED.get(name, ({}, ""))[1]
    if len(chosen) == 1:
        [part] = chosen
        return Recipe(name, part.family, part.summary, part.source, chosen, settings, search)
    summary = MIXED.get(name, f"A mixture of {', '.join(part.name for part in chosen[:-1])} and {chosen[-1].name}.")
    return Recipe(name, "mixture", summary, "; ".join(part.source for part in chosen), chosen, settings, search)


def refuse_past_data(recipe: Recipe) -> None:
    """See that a recipe can live where no picture of the past may be kept.

    Raises:
        ValueError: if it cannot; the message says which part keeps pictures, and what would do instead.
    """
    keeps = [part.name for part in recipe.parts if part.needs_past_data]
    if not keeps:
        return
    rest = "+".join(part.name for part in recipe.parts if not part.needs_past_data)
    instead = f"{rest}, which is the rest of it, or feature-replay" if rest else "feature-replay, ewc or lwf"
    which = " and ".join(repr(name) for name in keeps)
    raise ValueError(
        f"{recipe.name!r} cannot live without past data: {which} keep{'s' * (len(keeps) == 1)} pictures of the past; "
        f"what keeps none would do, such as {instead}"
    )


RECIPES: dict[str, Recipe] = {name: find_recipe(name) for name in (*PARTS, *MIXED)}


def make_learner(
    name: str,
    net: nn.Module,
    *,
    seed: int,
    memory_bytes: int = 0,
    recalled_frames: int | None = None,
    settings: Settings | None = None,
    parts: Mapping[str, Part] = PARTS,
    **changes,
) -> Learner:
    """A learner around `net`, which becomes its own and is changed in place.

    Args:
        name: of the recipe, or a mixture of several.
        net: its forward pass returns `Seen`.
        seed: of everything that the learner draws; equal seeds, equal lives.
        memory_bytes: bound of its memory, where the recipe has one; 0 where no picture of the past may be kept.
        recalled_frames: how many of them join an update, instead of the recipe's number.
        settings: instead of the recipe's.
        parts: the table in which the name is looked up.
        changes: single settings to change: `learning_rate=3e-4`.

    Raises:
        ValueError: for an unknown name, parts that cannot act together, or a recipe that needs a memory without bytes
            for one.
    """
    recipe = find_recipe(name, parts)
    if recipe.needs_past_data and memory_bytes <= 0:
        raise ValueError(f"{name!r} replays past frames and was given memory_bytes={memory_bytes}; give it some")
    chosen = replace(settings or recipe.settings, **changes)
    recalled = recipe.recalled_frames_per_update if recalled_frames is None else recalled_frames
    return recipe.make(net, chosen, memory_bytes, recalled, np.random.default_rng([seed, *recipe.name.encode()]))
