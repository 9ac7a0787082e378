"""Continual learning for dense prediction on a stream, without tasks; knows no garden. Start at `recipes.py`."""
