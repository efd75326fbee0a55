"""The errors of kerascope: few kinds, each a thing the caller can do something about.

    Error                      anything kerascope refuses to do
    ├── UsageError             a call that does not fit the state, or a wrong argument
    │   ├── ConfigError        an existing config value would be changed
    │   ├── WrongValueError    an argument with a value that cannot be (also a ValueError)
    │   └── WrongTypeError     an argument of the wrong kind (also a TypeError)
    ├── CommError              a server or store cannot be reached
    ├── NotFoundError          no such project, run, artifact, file or key
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
    """A server or a store cannot be reached."""


class NotFoundError(Error):
    """There is no such project, run, artifact, file or key."""


class StoreError(Error):
    """The store cannot be read or written."""


class WrongValueError(UsageError, ValueError):
    """An argument of the right kind with a value that cannot be; also a ValueError, which scripts may catch."""


class WrongTypeError(UsageError, TypeError):
    """An argument of the wrong kind; also a TypeError, which scripts may catch."""
