"""Remembering against retraining: every learner's bill beside that of a reference trained anew every so many days."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.compare.money import remembering, retraining
from agent.compare.prices import Prices
from agent.place import Place
from agent.tasks import labels_until
from agent.trial import Row

PERIODS_DAYS = (7, 14, 30, 61, 91, 182, 365)
"""Between two retrainings, for the curve."""


def balance(prices: Prices, rows: Sequence[Row], place: Place, *, every_days: int, drive: str) -> dict[str, Any]:
    """What a life costs, by learner, and what retraining would.

    Args:
        prices: the table.
        rows: of all lives, each with its `label`.
        place: one of the worlds; they have lives of one length.
        every_days: between two retrainings, for the table.
        drive: only on patrol is there a reference that could be retrained.

    Returns:
        `currency`, `prices`, `learners` (label to bill, the mean over seeds), `retraining` (`every_days`, bill, and
        `at_most`, the mIoU of the reference, which a retrained net reaches at best), `curve` (every_days and total),
        the last two None without references.
    """
    labels = list(dict.fromkeys(row["label"] for row in rows))
    bills = {
        label: _mean([remembering(prices, row, days=place.days).to_json() for row in rows if row["label"] == label])
        for label in labels
    }
    told: dict[str, Any] = {"currency": prices.currency, "prices": dict(vars(prices)), "learners": bills}
    told |= {"retraining": None, "curve": None}
    if drive != "patrol" or any(row["ceiling_flops"] is None for row in rows):
        return told
    worlds = {row["place"]: row for row in rows}.values()
    height, width = place.frame_px

    def price(days: int) -> dict[str, float]:
        bill = retraining(
            prices,
            every_days=days,
            first_day=place.commissioning_days,
            days=place.days,
            ceiling_flops=float(np.mean([row["ceiling_flops"] for row in worlds])),
            looking_flops=float(np.mean([row["looking_flops"] for row in worlds])),
            labels=labels_until(place),
            frame_bytes=height * width * 3 + (height // 2) * (width // 2),
        )
        return bill.to_json()

    ceilings = [row["ceiling"] for row in worlds if row["ceiling"] is not None]
    told["retraining"] = {"every_days": every_days, "at_most": float(np.mean(ceilings)) if ceilings else None}
    told["retraining"] |= price(every_days)
    told["curve"] = [{"every_days": days} | price(days) for days in PERIODS_DAYS if days <= place.days]
    return told


def _mean(bills: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([bill[name] for bill in bills])) for name in bills[0]}
