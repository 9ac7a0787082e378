"""Energy, as an estimate: counted operations, times what one is assumed to take. Nothing is measured here.

    joules = operations / (1e9 x GFLOP/s for a watt)

Meters of a computer's own power disagree by a factor of two, are missing on many machines, and see what else a machine
does; operations are counted alike everywhere. How many a machine does for a joule differs by a factor of a hundred, so
an estimate is told with its range. It is of computing alone: no screen, no standby, no cooling.
"""

from typing import NamedTuple

GFLOPS_PER_WATT = 10.0  # [1e9 operations a joule]: an assumption between the two ends, in the middle on a log scale
FEW_GFLOPS_PER_WATT = 1.0  # one core that does 5 to 17 GFLOP/s of small nets (docs/compare.md), if it takes 10 W
MANY_GFLOPS_PER_WATT = 100.0  # an accelerator by its data sheet: 67 TFLOP/s at 700 W (H100 SXM, float32) are 96
JOULES_PER_KWH = 3.6e6
SAID = (
    f"an estimate, measured nowhere: operations ÷ {GFLOPS_PER_WATT:g} billion for a joule, with its range from "
    f"{MANY_GFLOPS_PER_WATT:g} (an accelerator) to {FEW_GFLOPS_PER_WATT:g} (a core); a kilowatt-hour is 3.6 "
    "million joules"
)
"""What has to stand beside every such number."""


class Energy(NamedTuple):
    """An estimate with its range [J]."""

    joules: float
    low: float
    high: float


def joules(flops: float, gflops_per_watt: float = GFLOPS_PER_WATT) -> float:
    """What operations are estimated to take [J].

    Args:
        flops: floating-point operations.
        gflops_per_watt: efficiency of the machine [1e9 operations a joule], above 0.

    >>> joules(3e11)
    30.0
    """
    return flops / (gflops_per_watt * 1e9)


def energy(flops: float) -> Energy:
    """The estimate for a machine that nobody knows, with its range.

    >>> energy(3e11)
    Energy(joules=30.0, low=3.0, high=300.0)
    """
    return Energy(joules(flops), joules(flops, MANY_GFLOPS_PER_WATT), joules(flops, FEW_GFLOPS_PER_WATT))
