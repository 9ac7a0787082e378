"""Sweeps: learners x scenarios x seeds x options, a run each, one after another or on a Ray cluster."""
