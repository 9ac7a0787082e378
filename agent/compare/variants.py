"""Who lives in a comparison: learners as they are, and with --vary also with other strengths and shares of replay."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.students import read_plan

STRENGTHS = {
    "l2": "l2_strength", "ewc": "ewc_strength", "si": "si_strength", "mas": "mas_strength", "lwf": "lwf_strength",
    "cassle": "cassle_strength", "l2init": "l2init_strength",
}  # fmt: skip
"""The setting that says how strong a regularizer is, by the part of a recipe that brings it."""
OWN_SHARE = 0.5  # of an update's frames are recalled where a recipe recalls any
SHARE = "replay_share"


@dataclass(frozen=True)
class Variant:
    """A learner with what is changed about it.

    Attributes:
        name: of the learner, with its policy.
        setting: what is changed: a name out of `STRENGTHS`, `replay_share`, or "" for nothing.
        value: what it is then.
    """

    name: str
    setting: str = ""
    value: float = 0.0

    @property
    def label(self) -> str:
        """What tables call it.

        >>> Variant("er+ewc", "ewc_strength", 10.0).label
        'er+ewc ewc_strength=10'
        """
        return f"{self.name} {self.setting}={self.value:g}" if self.setting else self.name


def as_named(learners: Sequence[str]) -> list[Variant]:
    """The learners as they are, by their proper names."""
    return [Variant(read_plan(name).name) for name in learners]


def varied(learners: Sequence[str], strengths: Sequence[float], shares: Sequence[float]) -> list[Variant]:
    """What --vary adds: a learner with one regularizer gets a curve over its strength, one that replays over its share.

    Args:
        learners: names.
        strengths: factors on the recipe's own strength.
        shares: of an update's frames that are recalled.

    >>> [variant.label for variant in varied(["finetune", "er"], [10.0], [0.25, 0.5])]
    ['er replay_share=0.25']
    """
    found = []
    for plan in map(read_plan, learners):
        if plan.schedule != "online":
            continue
        settings = [STRENGTHS[part.name] for part in plan.recipe.parts if part.name in STRENGTHS]
        if len(settings) == 1:
            own = getattr(plan.recipe.settings, settings[0])
            found += [Variant(plan.name, settings[0], own * factor) for factor in strengths if factor != 1.0]
        if plan.recipe.needs_past_data:
            found += [Variant(plan.name, SHARE, share) for share in shares if share != OWN_SHARE]
    return found


def own_value(name: str, setting: str) -> float:
    """What a setting is where nothing is changed."""
    return OWN_SHARE if setting == SHARE else float(getattr(read_plan(name).recipe.settings, setting))
