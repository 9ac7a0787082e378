"""Summands of the loss, one a file."""
