"""The four meteorological seasons; the garden's owner goes by them, too, so they are defined where both can see them."""

from scenarios.seasons import NAMES, season

__all__ = ["NAMES", "season"]
