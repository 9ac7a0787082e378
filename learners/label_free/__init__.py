"""Learners that keep up without any label: by statistics, or by becoming surer."""
