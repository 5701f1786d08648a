"""Benchmarks: every figure is a ratio against a named peer, taken in the same run."""
