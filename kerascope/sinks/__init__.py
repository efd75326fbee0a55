"""Runs handed on to other trackers, each by a process of its own that follows the run's log.

Promises: the training process does nothing for it but start the process and wait for it at the end; whatever happens there, training
and its log go on. Not for: reading anything back.
"""

from __future__ import annotations
