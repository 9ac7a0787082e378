"""Shelf life: how long a model stays good, when it expired, and when it will."""
