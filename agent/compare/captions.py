"""What stands below each chart of a comparison's page: how to read it."""

from typing import Any

LEADS = (
    "Every small mark is a seed: the difference between two lives in the same world. The large one is their "
    "mean, the line its 95 % interval. A line that crosses 0 decides nothing."
)
LIFE = "What was known of all seasons at every exam, in gardens never visited. Thin lines are seeds, thick ones means."
TRIANGLE = (
    "Means of the first year's matrix of when against season (Garg et al. 2024): its diagonal, what lies below "
    "it (seasons past) and above it (seasons to come). Small marks are seeds. "
)
ONE_MACHINE = "All had the same machine; who needs less than it gives has used less, as the last column says."
EQUAL_UPDATES = "All made equal updates, not equal compute: see the last column, or run with --realtime."
COMPUTE = (
    "Counted operations, the same on every machine. Higher is better, further left is cheaper. Small marks are seeds."
)
MONEY = (
    " The grey line keeps all labelled frames and makes as many passes over them as the reference did, as often "
    "as its axis says; between two trainings it gets older. Answers of people cost the same either way and are "
    "left out of the chart. Both axes are logarithmic."
)
CURVES = (
    " Along a dashed line the strength of the regularizer changes, along a dotted one the share of an update's "
    "frames that are recalled; the numbers are the setting."
)
NO_CURVES = " --vary draws what a regularizer's strength and the share of replay trade for one another."


def triangle(data: dict[str, Any]) -> str:
    """Below the triangle means: what they are, and at which compute."""
    return TRIANGLE + (ONE_MACHINE if data["realtime"] else EQUAL_UPDATES)


def plane(data: dict[str, Any]) -> str:
    """Below the plane of stability and plasticity: what its axes are, and its curves."""
    axes = data["plane"]["axes"]
    marks = f"Up is stable: {axes['stability']}. Right is plastic: {axes['plasticity']}. Small marks are seeds."
    return marks + (CURVES if data["plane"]["curves"] else NO_CURVES)
