"""Who lives through a run, by name: `er+ewc`, `er+ewc@season`, `joint`, `cumulative`.

What stands before the `@` is a recipe, or one of the two schedules that need all the past (or the future) and are
therefore no recipes. What stands behind it says when the learner consolidates, where it is not to be as its recipe
wants. For those who keep something for each regime it also says who tells them that another regime has begun.
"""

from dataclasses import dataclass, replace
from typing import Any

from agent.policies import check_policy
from learners.recipes import Recipe, find_recipe, refuse_past_data

SCHEDULES = {
    "joint": "All labelled frames of the life at once, before it begins; as many updates as the others.",
    "cumulative": "Begins anew each season, with all labelled frames so far.",
}
"""Not recipes: they look ahead, or keep everything."""
REFERENCE = "joint@converged"
SOURCES = {"season": "oracle season", "alarm": "own alarm", "alarm-adapter": "own alarm"}
"""Who tells of a new regime, by policy; under any other, regimes are found in the frames."""


@dataclass(frozen=True)
class Plan:
    """What a name asks for.

    Attributes:
        name: as people call it.
        recipe: of the learner; `finetune` under a schedule.
        schedule: "online", "joint" or "cumulative".
        policy: when it consolidates, by name.
        usual: when its recipe wants to, by name; `alarm-replay` goes by that.
        regime_source: who tells it which regime it is; None if it need not know.
    """

    name: str
    recipe: Recipe
    schedule: str
    policy: str
    regime_source: str | None
    usual: str = "never"

    @property
    def needs_past_data(self) -> bool:
        """Whether it keeps pictures of the past."""
        return self.schedule != "online" or self.recipe.needs_past_data

    def as_config(self) -> dict[str, Any]:
        """For the configuration and the summary of a run."""
        return {
            "recipe": self.recipe.name,
            "summary": SCHEDULES.get(self.schedule, self.recipe.summary),
            "schedule": self.schedule,
            "consolidates": self.policy,
            "regimes": self.regime_source,
            "settings": dict(vars(self.recipe.settings)),
        }


def read_plan(name: str) -> Plan:
    """The plan of a name.

    Raises:
        ValueError: there is no such recipe, mixture, schedule or policy, or the learner cannot do what the policy
            asks of it; the message says what could be meant, or what would do.
    """
    if name == REFERENCE:
        raise ValueError(f"'{name}' is a reference, not a learner: it is trained unless --no-references is given")
    who, at, policy = name.partition("@")
    if who in SCHEDULES:
        if at:
            raise ValueError(f"'{name}': {who} has a schedule of its own; leave out '@{policy}'")
        return Plan(who, find_recipe("finetune"), who, "season" if who == "cumulative" else "never", None)
    try:
        recipe = find_recipe(who)
    except ValueError as error:
        raise ValueError(f"{error}; and joint, cumulative" if "There are:" in str(error) else str(error)) from None
    usual = own = f"every-{recipe.consolidate_every_updates}" if recipe.consolidate_every_updates else "never"
    if at:
        check_policy(policy)
        _check_ability(recipe, policy)
        own = policy
    if recipe.regime_source is not None:
        recipe = replace(recipe, settings=replace(recipe.settings, regime_source=SOURCES.get(own, "feature clusters")))
    return Plan(recipe.name + at + policy, recipe, "online", own, recipe.regime_source, usual)


def _check_ability(recipe: Recipe, policy: str) -> None:
    """See that a learner can do what a policy asks of it.

    Raises:
        ValueError: it cannot; the message says what it lacks and what would do.
    """
    name = recipe.name
    if policy == "alarm-replay" and not recipe.recalled_frames_per_update:
        raise ValueError(
            f"'{name}@{policy}': {name} remembers no frames to replay; er@{policy} or er+ewc@{policy} does"
        )
    if policy == "alarm-adapter" and all(part.name != "adapters" for part in recipe.parts):
        raise ValueError(f"'{name}@{policy}': {name} has no adapters to begin anew; adapters@{policy} has")


def check_past_data(name: str) -> None:
    """See that a learner can live where no picture of the past may be kept.

    Raises:
        ValueError: it cannot; the message says why, and who can.
    """
    plan = read_plan(name)
    if plan.schedule != "online":
        raise ValueError(f"--no-past-data: '{name}' keeps all frames; leave it out")
    refuse_past_data(plan.recipe)


def check_compiled(name: str) -> None:
    """See that compiled passes are of any use to a learner.

    Raises:
        ValueError: they are not; the message says which part of it hinders.
    """
    hooked = [part.name for part in read_plan(name).recipe.parts if part.hooks]
    if hooked:
        raise ValueError(
            f"--compile: {' and '.join(map(repr, hooked))} in '{name}' hangs hooks on the net's layers, which compiled "
            "code would pass by; leave out that learner, or --compile"
        )
