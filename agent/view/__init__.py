"""Watching a garden live in a window, and taking the wheel."""
