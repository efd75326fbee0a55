"""Compiled programs that run many steps in one call."""
