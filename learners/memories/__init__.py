"""Memories that choose what to keep, what to keep beside it, or what to recall; the plain one is `learners.memory`."""
