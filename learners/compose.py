"""How each named part enters a learner: one function a name, on a draft of the learner.

Parts are added in the order of the table in `learners/recipes.py`, which is the order that they need: memories, what
wraps the net, heads that live in it, terms, projectors, and last what is done after an update.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from learners.adamw import Optimizer
from learners.adapters import Adapted, Route
from learners.base import Learner, Memory, Projector, Term
from learners.cost import Meter
from learners.feature_replay import PixelReservoir
from learners.feature_replay import feature_replay as feature_learner
from learners.features import OnFeatures
from learners.freezing import hold_statistics
from learners.frozen import Frozen
from learners.label_free.adabn import AdaBN, InputNorm
from learners.label_free.tent import tent as tent_learner
from learners.masks import ChannelMasked, WeightMasked
from learners.memories.balanced import Balanced
from learners.memories.dark import Dark
from learners.memories.mir import Interfered
from learners.memory import Reservoir
from learners.ncm import NearestMean
from learners.online import Online
from learners.plasticity.cbp import CBP
from learners.plasticity.redo import ReDo
from learners.plasticity.renewing import Renewing, Upkeep
from learners.plasticity.shrink import Shrink
from learners.projectors.agem import AGEM
from learners.projectors.allotment import Allotment
from learners.projectors.gem import GEM
from learners.projectors.gpm import GPM
from learners.projectors.ogd import OGD
from learners.regimes import Regimes, make_regimes
from learners.settings import Settings
from learners.slda import SLDA
from learners.terms.ace import AsymmetricFit
from learners.terms.cassle import Cassle
from learners.terms.der import DarkFit, Imitate
from learners.terms.ewc import EWC, fisher_named
from learners.terms.fit import Fit
from learners.terms.l2 import L2
from learners.terms.l2init import L2Init
from learners.terms.lwf import LwF
from learners.terms.mas import MAS
from learners.terms.selfsup import FillIn
from learners.terms.si import SI

TEACHERS = ("earlier self", "ema")
"""Who teaches in learning without forgetting (`learners/terms/lwf.py`)."""


@dataclass
class Draft:
    """A learner in the making.

    Attributes:
        net: as it is so far; a part may wrap it.
        settings: of all parts.
        memory_bytes: bound of the memory.
        recalled: past frames that each part that draws any may draw for an update.
        meter: the account that all parts share.
        memory: of the learner; None for none.
        fit: the supervised loss.
        terms: beside the fit.
        projectors: in their order.
        guards: projectors that come after all others, for what they forbid stays forbidden.
        upkeep: done after an update.
        whole: a learner that is no sum of parts; then the rest counts for nothing.
    """

    net: nn.Module
    settings: Settings
    memory_bytes: int
    recalled: int
    meter: Meter = field(default_factory=Meter)
    memory: Memory | None = None
    fit: Term = field(default_factory=Fit)
    terms: list[Term] = field(default_factory=list)
    projectors: list[Projector] = field(default_factory=list)
    guards: list[Projector] = field(default_factory=list)
    upkeep: list[Upkeep] = field(default_factory=list)
    whole: Learner | None = None

    @property
    def classes(self) -> int:
        """K: what the net calls `classes`, or how many answers its last layer `head` gives.

        Raises:
            ValueError: if it has neither.
        """
        classes, head = _trait(self.net, "classes", None), getattr(self.net, "head", None)
        if isinstance(classes, int):
            return classes
        if isinstance(head, nn.Conv2d | nn.Linear):
            return len(head.weight)
        raise ValueError(f"a {type(self.net).__name__} must say how many `classes` it has, or have a last layer `head`")

    def finish(self) -> Learner:
        """The learner."""
        if self.whole is not None:
            return self.whole
        learner = Online(
            self.net,
            [self.fit, *self.terms],
            memory=self.memory,
            projectors=[*self.projectors, *self.guards],
            optimizer=self.settings.optimizer,
            meter=self.meter,
        )
        return Renewing(learner, self.upkeep) if self.upkeep else learner


Add = Callable[[Draft, np.random.Generator], None]
"""Adds a part to a draft; the generator is the part's own."""


def frozen(draft: Draft, rng: np.random.Generator) -> None:
    draft.whole = Frozen(draft.net)


def finetune(draft: Draft, rng: np.random.Generator) -> None:
    """The fit, and nothing else."""


def adabn(draft: Draft, rng: np.random.Generator) -> None:
    """By the net's own running statistics, if it has any, else by those of its input."""
    own = any(isinstance(layer, nn.BatchNorm2d) and layer.track_running_stats for layer in draft.net.modules())
    draft.whole = AdaBN(draft.net) if own else InputNorm(draft.net, momentum=draft.settings.adabn_momentum)


def tent(draft: Draft, rng: np.random.Generator) -> None:
    settings = draft.settings
    optimizer = Optimizer(settings.tent_learning_rate, weight_decay=0.0, clip_norm=settings.clip_norm)
    draft.whole = tent_learner(draft.net, optimizer, draft.meter)


def slda(draft: Draft, rng: np.random.Generator) -> None:
    draft.whole = OnFeatures(draft.net, SLDA())


def ncm(draft: Draft, rng: np.random.Generator) -> None:
    draft.whole = OnFeatures(draft.net, NearestMean())


def er(draft: Draft, rng: np.random.Generator) -> None:
    draft.memory = Reservoir(draft.memory_bytes, frames=draft.recalled, rng=rng)


def er_balanced(draft: Draft, rng: np.random.Generator) -> None:
    draft.memory = Balanced(draft.memory_bytes, classes=draft.classes, frames=draft.recalled, rng=rng)


def er_ace(draft: Draft, rng: np.random.Generator) -> None:
    er(draft, rng)
    draft.fit = AsymmetricFit(draft.classes)


def der(draft: Draft, rng: np.random.Generator) -> None:
    _dark(draft, rng, answers=False)


def der_plus_plus(draft: Draft, rng: np.random.Generator) -> None:
    """Two draws, each of half the frames."""
    _dark(draft, rng, answers=True)


def mir(draft: Draft, rng: np.random.Generator) -> None:
    draft.memory = Interfered(
        draft.memory_bytes,
        frames=draft.recalled,
        candidates=max(draft.settings.mir_candidates, draft.recalled),
        virtual_rate=draft.settings.mir_rate,
        rng=rng,
        meter=draft.meter,
    )


def feature_replay(draft: Draft, rng: np.random.Generator) -> None:
    """Has bytes of its own, for it is there when there may be none for pictures; else it keeps to the memory's, too."""
    settings = draft.settings
    limit_bytes = min(settings.feature_bytes, draft.memory_bytes or settings.feature_bytes)
    pixels = PixelReservoir(limit_bytes, rng=rng)
    draft.whole = feature_learner(
        draft.net, pixels, share=settings.feature_share, optimizer=settings.optimizer, meter=draft.meter
    )


def packnet(draft: Draft, rng: np.random.Generator) -> None:
    hold_statistics(draft.net)
    regimes = _regimes(draft)
    draft.net = WeightMasked(draft.net, regimes)
    draft.guards.append(Allotment(regimes, prune=draft.settings.prune, prune_after=draft.settings.prune_after))


def hat(draft: Draft, rng: np.random.Generator) -> None:
    hold_statistics(draft.net)
    regimes = _regimes(draft)
    draft.net = ChannelMasked(draft.net, regimes)
    draft.guards.append(Allotment(regimes, prune=draft.settings.prune, prune_after=draft.settings.prune_after))


def adapters(draft: Draft, rng: np.random.Generator) -> None:
    hold_statistics(draft.net)
    regimes = _regimes(draft)
    draft.net = Adapted(draft.net, regimes)
    draft.guards.append(Route(regimes))


def ssl(draft: Draft, rng: np.random.Generator) -> None:
    settings, scale = draft.settings, _trait(draft.net, "scale", 2)
    if scale is None:
        raise ValueError("'ssl' fills pictures in from features a whole number of times smaller; these are not")
    draft.terms.append(
        FillIn(
            draft.net,
            strength=settings.ssl_strength,
            meter=draft.meter,
            rng=rng,
            block=settings.ssl_block,
            channels=_trait(draft.net, "channels", 3),
            scale=scale,
        )
    )


def cassle(draft: Draft, rng: np.random.Generator) -> None:
    draft.terms.append(
        Cassle(
            draft.net,
            strength=draft.settings.cassle_strength,
            meter=draft.meter,
            generator=torch.Generator().manual_seed(int(rng.integers(2**63))),
            hidden=draft.settings.cassle_hidden,
        )
    )


def l2(draft: Draft, rng: np.random.Generator) -> None:
    draft.terms.append(L2(strength=draft.settings.l2_strength))


def ewc(draft: Draft, rng: np.random.Generator) -> None:
    settings = draft.settings
    draft.terms.append(
        EWC(
            strength=settings.ewc_strength,
            decay=settings.ewc_decay,
            fisher=fisher_named(settings.fisher, draft.meter, draws=settings.fisher_draws),
            rng=rng,
            frames=settings.fisher_frames,
        )
    )


def si(draft: Draft, rng: np.random.Generator) -> None:
    settings = draft.settings
    draft.terms.append(SI(draft.net, strength=settings.si_strength, xi=settings.si_xi, decay=settings.si_decay))


def mas(draft: Draft, rng: np.random.Generator) -> None:
    settings = draft.settings
    draft.terms.append(
        MAS(
            strength=settings.mas_strength,
            meter=draft.meter,
            decay=settings.mas_decay,
            frames=settings.kept_frames,
        )
    )


def lwf(draft: Draft, rng: np.random.Generator) -> None:
    settings = draft.settings
    if settings.lwf_teacher not in TEACHERS:
        raise ValueError(f"no teacher is called {settings.lwf_teacher!r}; there are {', '.join(TEACHERS)}")
    follow = settings.lwf_follow if settings.lwf_teacher == "ema" else 0.0
    strength, temperature = settings.lwf_strength, settings.lwf_temperature
    draft.terms.append(LwF(strength=strength, meter=draft.meter, temperature=temperature, follow=follow))


def l2init(draft: Draft, rng: np.random.Generator) -> None:
    draft.terms.append(L2Init(draft.net, strength=draft.settings.l2init_strength))


def agem(draft: Draft, rng: np.random.Generator) -> None:
    draft.projectors.append(AGEM(_looked_up(draft, rng), frames=draft.recalled, meter=draft.meter))


def gem(draft: Draft, rng: np.random.Generator) -> None:
    memory, groups = _looked_up(draft, rng), min(draft.settings.gem_groups, draft.recalled)
    margin = draft.settings.gem_margin
    draft.projectors.append(GEM(memory, frames=draft.recalled, groups=groups, meter=draft.meter, margin=margin))


def shrink(draft: Draft, rng: np.random.Generator) -> None:
    settings = draft.settings
    shrinking = Shrink(rng=rng, keep=settings.shrink_keep, noise=settings.shrink_noise, every=settings.shrink_every)
    draft.projectors.insert(0, shrinking)  # so that the others can forbid what it does


def ogd(draft: Draft, rng: np.random.Generator) -> None:
    hold_statistics(draft.net)
    settings = draft.settings
    draft.projectors.append(
        OGD(directions=settings.ogd_directions, rng=rng, meter=draft.meter, frames=settings.kept_frames)
    )


def gpm(draft: Draft, rng: np.random.Generator) -> None:
    hold_statistics(draft.net)
    settings = draft.settings
    draft.projectors.append(GPM(eps=settings.gpm_eps, rng=rng, meter=draft.meter, frames=settings.kept_frames))


def cbp(draft: Draft, rng: np.random.Generator) -> None:
    settings = draft.settings
    draft.upkeep.append(CBP(rng=rng, rate=settings.cbp_rate, maturity=settings.cbp_maturity, every=settings.cbp_every))


def redo(draft: Draft, rng: np.random.Generator) -> None:
    draft.upkeep.append(ReDo(rng=rng, tau=draft.settings.redo_tau, every=draft.settings.redo_every))


def _dark(draft: Draft, rng: np.random.Generator, *, answers: bool) -> None:
    settings = draft.settings
    draft.memory = Dark(
        draft.memory_bytes,
        frames=max(draft.recalled // 2, 1) if answers else draft.recalled,
        classes=draft.classes,
        rng=rng,
        stride=settings.der_stride,
        draws=2 if answers else 1,
    )
    draft.fit = DarkFit(beta=settings.der_beta if answers else 0.0)
    draft.terms.append(Imitate(alpha=settings.der_alpha, stride=settings.der_stride))


def _looked_up(draft: Draft, rng: np.random.Generator) -> Memory:
    """The memory in which a projector looks; one that rehearses nothing, if no other part has brought one."""
    if draft.memory is None:
        draft.memory = Reservoir(draft.memory_bytes, frames=0, rng=rng)
    return draft.memory


def _regimes(draft: Draft) -> Regimes:
    settings = draft.settings
    return make_regimes(settings.regime_source, settings.regimes, radius=settings.regime_radius)


def _trait(net: nn.Module, name: str, default: Any) -> Any:
    """What a net, or one that it is wrapped around, says of itself; the default where none of them says it."""
    while not hasattr(net, name):
        inner = getattr(net, "net", None)
        if not isinstance(inner, nn.Module):
            return default
        net = inner
    return getattr(net, name)
