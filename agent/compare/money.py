"""What remembering costs, and what retraining would: operations, bytes and answers at the prices of a table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from agent.compare.prices import Prices
from agent.energy import JOULES_PER_KWH, joules

MONTH_DAYS = 30.4375


@dataclass(frozen=True)
class Bill:
    """What a life costs, in the currency of the price table.

    Attributes:
        compute: operations, as electricity.
        storage: what is kept besides the weights.
        labels: answers of people.
    """

    compute: float
    storage: float
    labels: float

    @property
    def total(self) -> float:
        return self.compute + self.storage + self.labels

    def to_json(self) -> dict[str, float]:
        """Plain data, the total included."""
        return {**asdict(self), "total": self.total}


def bill(prices: Prices, *, flops: float, byte_days: float, labels: float) -> Bill:
    """Price what was used.

    Args:
        prices: the table.
        flops: operations.
        byte_days: bytes kept, times the days for which they are kept.
        labels: answered frames.

    >>> prices = Prices("EUR", gb_month=0.02, kwh=0.3, label=0.5, gflops_per_watt=10.0)
    >>> bill(prices, flops=7.2e16, byte_days=1e9 * 30.4375, labels=10)
    Bill(compute=0.6, storage=0.02, labels=5.0)
    """
    return Bill(
        compute=joules(flops, prices.gflops_per_watt) / JOULES_PER_KWH * prices.kwh,
        storage=byte_days / 1e9 / MONTH_DAYS * prices.gb_month,
        labels=labels * prices.label,
    )


def remembering(prices: Prices, row: Mapping[str, Any], *, days: int) -> Bill:
    """What a learner's life cost: what it computed, what it kept to the end, taken as kept from the first day on, and
    what it was told.

    Args:
        prices: the table.
        row: of its trial: `flops`, `memory_bytes`, `labels`.
        days: of the life.
    """
    return bill(prices, flops=row["flops"], byte_days=row["memory_bytes"] * days, labels=row["labels"])


def retraining(
    prices: Prices, *, every_days: int, first_day: int, days: int, ceiling_flops: float, looking_flops: float,
    labels: float, frame_bytes: int,
) -> Bill:  # fmt: skip
    """What it would cost to train the joint reference anew every so many days, and to answer with it.

    The reference of the whole life made so many passes over all labelled frames. Each retraining makes as many over
    those that there are by then, labels coming evenly, so a retraining after a share s of the life's labels costs s
    times as much. All labelled frames are kept from when they come to the end. What it knows between two retrainings
    gets older, so its mark is at most that of the reference.

    Args:
        prices: the table.
        every_days: between two retrainings.
        first_day: when the life begins, after commissioning.
        days: when it ends.
        ceiling_flops: of training the reference on all labelled frames.
        looking_flops: of answering all frames of the life once.
        labels: labelled frames of the whole life, commissioning included.
        frame_bytes: of a frame with its answer.

    >>> prices = Prices("EUR", gb_month=0.0, kwh=1.0, label=0.0, gflops_per_watt=1.0)
    >>> year = dict(first_day=0, days=360, ceiling_flops=3.6e15, looking_flops=0.0, labels=100.0, frame_bytes=1)
    >>> retraining(prices, every_days=180, **year).compute  # half of the labels, then all of them
    1.5
    >>> retraining(prices, every_days=360, **year).compute
    1.0
    """
    moments = np.arange(first_day + every_days, days + 1, every_days)
    flops = ceiling_flops * float((moments / days).sum()) + looking_flops
    return bill(prices, flops=flops, byte_days=frame_bytes * labels * days / 2, labels=labels)
