"""Metrics of the machine and the process over time."""
