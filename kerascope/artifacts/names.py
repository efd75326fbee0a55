"""What artifacts, aliases and entries may be called, and how a reference such as `project/name:best` is read. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from kerascope.errors import WrongTypeError, WrongValueError

LATEST = "latest"
MAX_NAME = 128
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}\Z")
_VERSION = re.compile(r"v(0|[1-9][0-9]*)\Z")


def check_name(name: object) -> str:
    """Returns `name` if it may name an artifact.

    Raises:
        WrongValueError: unless it is 1 to 128 of the characters `A-Za-z0-9_.-`.
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise WrongValueError(
            "An artifact's name must be 1 to 128 letters, digits, '_', '-' or '.'. "
            f"Received: name={name!r}. `safe_name` turns any text into one."
        )
    return name


def safe_name(text: str) -> str:
    """Returns `text` as an artifact name: other characters become `_`, and of a long text the two ends remain."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", text) or "_"
    return safe if len(safe) <= MAX_NAME else f"{safe[:63]}..{safe[-63:]}"


def check_type(type_name: object) -> str:
    """Returns `type_name` if it may be an artifact's type.

    Raises:
        WrongValueError: unless it is text of 1 to 128 characters without `/` or `:`.
    """
    if not isinstance(type_name, str) or not 0 < len(type_name) <= MAX_NAME or re.search(r"[/:\x00-\x1f]", type_name):
        raise WrongValueError(
            "An artifact's type must be 1 to 128 characters without '/' or ':'. "
            f"Received: type={type_name!r}. Use a word such as 'model' or 'dataset'."
        )
    return type_name


def check_alias(alias: object) -> str:
    """Returns `alias` if it may be one.

    Raises:
        WrongValueError: if it is empty, holds `/` or `:`, is longer than 128 characters or looks like a version.
    """
    if not isinstance(alias, str) or not 0 < len(alias) <= MAX_NAME or re.search(r"[/:\x00-\x1f]", alias):
        raise WrongValueError(f"An alias must be 1 to 128 characters without '/' or ':'. Received: alias={alias!r}.")
    if _VERSION.match(alias):
        raise WrongValueError(
            f"An alias must not look like a version number. Received: alias={alias!r}. Versions are counted by themselves."
        )
    return alias


def check_aliases(aliases: object) -> list[str]:
    """Returns a list of aliases, each once, in order; a single text counts as one.

    Raises:
        WrongTypeError: if it is no list of text.
        WrongValueError: if one of them may be no alias.
    """
    if aliases is None:
        return []
    if isinstance(aliases, str):
        aliases = [aliases]
    if not isinstance(aliases, list | tuple | set | frozenset):
        raise WrongTypeError(f"`aliases` must be a list of texts. Received: aliases={aliases!r}.")
    return list(dict.fromkeys(check_alias(alias) for alias in aliases))


def check_entry_path(path: object) -> str:
    """Returns `path` as the name of a file in an artifact: relative, with `/`, staying inside.

    Raises:
        WrongValueError: if it is absolute, has an empty, `.` or `..` part, a backslash or a NUL.
    """
    text = path if isinstance(path, str) else str(path)
    parts = text.split("/")
    if "\\" in text or "\x00" in text or re.match(r"[A-Za-z]:", text) or {"", ".", ".."} & set(parts):
        raise WrongValueError(
            "A file's name in an artifact must be a relative path without empty, '.' or '..' parts and without backslashes. "
            f"Received: name={text!r}."
        )
    if not text.isascii() and text.encode("utf-8", "replace") != text.encode("utf-8", "surrogateescape"):
        raise WrongValueError(
            f"A file's name in an artifact must be valid UTF-8. Received: name={text!r}. Rename the file."
        )
    return text


def parse_version(text: str) -> int | None:
    """Returns 3 for "v3", None for anything else."""
    match = _VERSION.match(text)
    return int(match[1]) if match else None


class Reference(NamedTuple):
    """A reference to a version, taken apart; `project` None: the current one."""

    project: str | None
    name: str
    alias: str


def parse_reference(text: object) -> Reference:
    """Returns the parts of `[[entity/]project/]name[:alias]`; without alias: `latest`.

    Raises:
        WrongValueError: if the text has another form.
    """
    if not isinstance(text, str) or text.count("/") > 2:
        raise WrongValueError(
            f"An artifact is named by `name:alias`, `name:v3` or `project/name:alias`. Received: {text!r}."
        )
    path, _, alias = text.rpartition(":") if ":" in text else (text, "", LATEST)
    *owners, name = path.split("/")
    alias = alias or LATEST
    if parse_version(alias) is None:
        check_alias(alias)
    return Reference(owners[-1] if owners else None, check_name(name), alias)
