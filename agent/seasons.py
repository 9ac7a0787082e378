"""The four meteorological seasons, defined where the garden's owner, too, can go by them."""

from scenarios.seasons import NAMES, season

__all__ = ["NAMES", "season"]
