"""Steadypin: every Pin live exactly once, at its time, or its owner told before that time what would stop it."""

__version__ = "0.1.0"
