"""`run.save` and `run.restore`: files that are kept with the run, in its `files/` folder.

Promises: files are copied, never linked, so that neither side changes the other; a copy appears whole or not at all; nothing is
written outside the run's folder; a file or folder that cannot be read is named, and leaves the others alone. Not for: versioned files
(see artifacts).
"""

from __future__ import annotations

import glob as globbing
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerascope.errors import UsageError, WrongTypeError, WrongValueError
from kerascope.events.types import File
from kerascope.stamps import is_settled

POLICIES = ("live", "now", "end")
_MAGIC = frozenset("*?[")


@dataclass
class _Kept:
    """A file to be copied again: at the end, and while it changes if it is live.

    `stamp` is its time and size at the last copy, first seen at `stamp_seen_s`; `is_copied`: the copy is what that stamp stands for.
    """

    source: Path
    target: Path
    name: str
    policy: str
    stamp: tuple[int, int] | None = None
    stamp_seen_s: float = 0.0
    is_copied: bool = False


class KeptFiles:
    """The files of one run.

    Args:
        folder: `run.dir`.
        write: takes the `File` events.
        warn: shows a message once.
    """

    def __init__(self, folder: Path, write: Callable[[File], object], warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._write = write
        self._warn = warn
        self._watched: dict[Path, _Kept] = {}

    def save(self, patterns: Any, base_path: Any = None, policy: str = "live") -> list[str]:
        """Keeps the files that match; returns their paths in the run's folder, an empty list if nothing matched.

        Raises:
            UsageError: for a pattern of the wrong kind, an unknown policy, or files that do not lie below `base_path`.
        """
        if policy not in POLICIES:
            raise WrongValueError(f"`policy` must be one of 'live', 'now', 'end'. Received: policy={policy!r}.")
        base = None if base_path is None else _path_text("base_path", base_path)
        kept: list[str] = []
        for pattern in _patterns(patterns):
            if "://" in pattern:
                self._warn(f"{pattern} is no local file; log an artifact with a reference to it instead.")
                continue
            for source, name in _matches(pattern, base, self._warn):
                target = self._keep(source, name, policy)
                if target is not None:
                    kept.append(str(target))
        return kept

    def refresh(self) -> None:
        """Copies live files that have changed. Called by the ticker and at the end of the run."""
        for kept in list(self._watched.values()):
            if kept.policy == "live":
                self._copy(kept)

    def finish(self) -> None:
        """Copies what was to be copied at the end and records the final digests."""
        for kept in list(self._watched.values()):
            self._copy(kept)
            if kept.target.is_file():
                self._record_last(kept.target, kept.name, kept.policy)
        self._watched.clear()

    def _keep(self, source: Path, name: str, policy: str) -> Path | None:
        """Keeps one file; returns its path in the run's folder, None if it could not be copied and will not be tried again."""
        target = self._folder / name
        if policy == "now" or source == target:
            self._watched.pop(target, None)
            try:
                _copy_file(source, target)
            except OSError as error:
                self._warn(_not_copied(source, error))
                return None
            self._record_last(target, name, policy)
            return target
        kept = self._watched[target] = _Kept(source, target, name, policy)
        if policy == "live":
            self._copy(kept)
        return target

    def _copy(self, kept: _Kept) -> None:
        try:
            found = kept.source.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != kept.stamp:
                kept.stamp, kept.stamp_seen_s, kept.is_copied = stamp, time.monotonic(), False
            if kept.is_copied:
                return
            settled = is_settled(found.st_mtime_ns, kept.stamp_seen_s)
            _copy_file(kept.source, kept.target)
        except OSError as error:
            self._warn(_not_copied(kept.source, error))
            return
        kept.is_copied = settled
        self._record(kept.target, kept.name, kept.policy, digest=None)

    def _record_last(self, target: Path, name: str, policy: str) -> None:
        """Records a file that is not copied again, with its digest."""
        try:
            self._record(target, name, policy, digest=_digest(target))
        except OSError as error:
            self._warn(f"{target} cannot be read, so its digest is not recorded: {error}")

    def _record(self, target: Path, name: str, policy: str, digest: str | None) -> None:
        self._write(File(path=name, digest=digest, size_bytes=target.stat().st_size, policy=policy))


def safe_name(name: object) -> str:
    """Returns the relative path `name` in normal form.

    Raises:
        UsageError: if it is empty, absolute, or leads out of the folder it is relative to.
    """
    text = os.path.normpath(_path_text("name", name))
    if os.path.isabs(text) or text.startswith("..") or text == ".":
        raise WrongValueError(
            f"`name` must be a path inside the run's folder. Received: name={str(name)!r}. Use one such as 'model-best.h5'."
        )
    return text


def copy_into(source: Path, folder: Path, name: str) -> Path:
    """Copies `source` to `folder/name` and returns that path."""
    target = folder / safe_name(name)
    _copy_file(source, target)
    return target


def _patterns(patterns: Any) -> Iterator[str]:
    several = patterns if isinstance(patterns, (list, tuple, set, frozenset)) else [patterns]
    for pattern in several:
        yield _path_text("glob_str", pattern)


def _path_text(name: str, value: object) -> str:
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise WrongTypeError(f"`{name}` must be a path or a pattern such as '*.h5'. Received: {name}={value!r}.")
    return os.fsdecode(value)


def _not_copied(source: Path, error: OSError) -> str:
    return f"{source} could not be copied into the run: {error}"


def _matches(pattern: str, base: str | None, warn: Callable[[str], None]) -> list[tuple[Path, str]]:
    """Files that match, each with its name relative to the base folder."""
    pattern = os.path.expanduser(pattern)
    if base is None:
        base = _fixed_folder(pattern) if os.path.isabs(pattern) else "."
    folder = os.path.abspath(os.path.expanduser(base))
    absolute = os.path.abspath(pattern)
    if absolute != folder and not absolute.startswith(folder.rstrip(os.sep) + os.sep):
        raise UsageError(
            f"Saved files must lie below `base_path`. Received: glob_str={pattern!r}, base_path={base!r}. "
            "Pass the folder that both share as base_path."
        )
    found: list[tuple[Path, str]] = []
    for name in sorted(globbing.glob(absolute, recursive=True)):
        found += [(path, os.path.relpath(path, folder)) for path in _files(Path(name), warn)]
    return found


def _files(path: Path, warn: Callable[[str], None]) -> Sequence[Path]:
    """The file itself, or all files below a folder; links to further folders are left out, and that is said."""
    if not path.is_dir():
        return [path] if path.is_file() else []
    found: list[Path] = []
    for folder, folders, names in os.walk(
        path, onerror=lambda error: warn(f"a folder to be saved cannot be read, so what is in it is left out: {error}")
    ):
        found += [inner for name in names if (inner := Path(folder, name)).is_file()]
        for link in (Path(folder, name) for name in sorted(folders)):
            if link.is_symlink():
                warn(f"{link} is a link to a folder, so what is in it is left out. Save it by its own name.")
    return sorted(found)


def _fixed_folder(pattern: str) -> str:
    """The folder part of a pattern up to the first wildcard."""
    parts = Path(pattern).parts[:-1]
    fixed: list[str] = []
    for part in parts:
        if _MAGIC.intersection(part):
            break
        fixed.append(part)
    return os.path.join(*fixed) if fixed else os.curdir


def _copy_file(source: Path, target: Path) -> None:
    if target.exists() and source.samefile(target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        shutil.copy2(source, temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
