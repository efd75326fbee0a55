"""The errors of kerascope: few kinds, each a thing the caller can do something about.

    Error                      anything kerascope refuses to do
    ├── UsageError             a call that does not fit the state, or a wrong argument
    │   ├── ConfigError        an existing config value would be changed
    │   ├── WrongValueError    an argument with a value that cannot be (also a ValueError)
    │   └── WrongTypeError     an argument of the wrong kind (also a TypeError)
    ├── CommError              what was asked for cannot be had
    │   └── NotFoundError      no such project, run, artifact, file or key
    │       └── UnknownNameError   a name that was asked of `Api` (also a ValueError)
    └── StoreError             the store cannot be read or written

A message names the rule broken, then what was received, then the way out.
"""

from __future__ import annotations


class Error(Exception):
    """Base of all errors raised by kerascope."""


class UsageError(Error):
    """A call that does not fit the state of the run, or an argument of the wrong kind."""


class ConfigError(UsageError):
    """A config value that is already set would be changed without `allow_val_change`."""


class CommError(Error):
    """What was asked for cannot be had: it is not there, or a server or store cannot be reached."""


class NotFoundError(CommError):
    """There is no such project, run, artifact, file or key."""


class UnknownNameError(NotFoundError, ValueError):
    """`Api` was asked for a name that there is nothing of; also a ValueError, which scripts may catch."""


class StoreError(Error):
    """The store cannot be read or written."""


class WrongValueError(UsageError, ValueError):
    """An argument of the right kind with a value that cannot be; also a ValueError, which scripts may catch."""


class WrongTypeError(UsageError, TypeError):
    """An argument of the wrong kind; also a TypeError, which scripts may catch."""
