"""The version of kerascope."""

__version__ = "0.1.0"
