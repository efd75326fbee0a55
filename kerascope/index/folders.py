"""Looks into the folders of a store for segments that grew, came or went since the last look.

Promises: a look at ten thousand runs in which nothing happened costs one `stat` per run; what cannot be read for now is told of, not
taken for gone. Not for: reading segments.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kerascope.jsonable import clean_text
from kerascope.paths import RUN_ID, StorePaths, decode_name
from kerascope.runlog.files import parse_segment_name
from kerascope.stamps import is_settled


class RunKey(NamedTuple):
    """A run: its project and id."""

    project: str
    run_id: str


@dataclass
class KnownSegment:
    """What the index knows of a segment file. `closed`: it ended in good order and is folded, so it never grows again."""

    num: int
    folded_bytes: int
    seen_bytes: int
    closed: bool


@dataclass
class KnownRun:
    """What the index knows of a run's log folder.

    Attributes:
        num: number of the run in the index.
        segments: its segments by file name.
        closed: all of them are.
        listed: time stamp of the folder when it was listed, 0 to list it again.
        saved: what the index holds of `listed`.
        changed, keys_changed, console_changed: generations of the index in which the run, its keys and its console changed.
        stamp, stamp_seen_s: the newest time stamp met, and `time.monotonic()` when that was.
    """

    num: int
    segments: dict[str, KnownSegment] = field(default_factory=dict)
    closed: bool = False
    listed: int = 0
    saved: int = 0
    changed: int = 0
    keys_changed: int = 0
    console_changed: int = 0
    stamp: int = 0
    stamp_seen_s: float = 0.0


@dataclass(frozen=True)
class Found:
    """A run whose log differs from what is known: sizes of the segments to read, names of those that are gone."""

    key: RunKey
    folder: Path
    listed: int
    grown: dict[str, int]
    gone: tuple[str, ...]


Problems = dict[Path, str]
"""Folders that could not be read, with the reason."""

_GONE = (FileNotFoundError, NotADirectoryError)


def look(
    paths: StorePaths,
    known: dict[RunKey, KnownRun],
    only: RunKey | None = None,
    skip_ended: bool = False,
    problems: Problems | None = None,
) -> Iterator[Found]:
    """Yields the runs that differ from `known`; a run that is gone altogether has all its segments in `gone`.

    Args:
        paths: The store.
        known: What the index holds; time stamps of folders are noted in it.
        only: Look at this run alone.
        skip_ended: Pass over runs that had ended; one that was resumed since is not noticed.
        problems: Takes the folders that cannot be read; their runs count as unchanged.

    Raises:
        OSError: if the folder of all projects is there but cannot be read.
    """
    problems = {} if problems is None else problems
    if only is not None:
        found = _look_at(only, str(paths.log(*only)), known.get(only), problems)
        yield from [found] if found else []
        return
    seen: set[RunKey] = set()
    for project_folder in _folders(paths.projects):
        project = decode_name(project_folder.name)
        if clean_text(project) != project:
            problems[_shown(project_folder.path)] = "no project can be called so: the name is no UTF-8"
            continue
        names = _names(f"{project_folder.path}/runs", problems)
        if names is None:
            seen |= {key for key in known if key.project == project}
            continue
        for name in names:
            key = RunKey(project, name)
            one = known.get(key)
            if one is None and not RUN_ID.match(name):
                continue
            seen.add(key)
            if skip_ended and one is not None and one.closed:
                continue
            found = _look_at(key, f"{project_folder.path}/runs/{name}/log", one, problems)
            if found is not None:
                yield found
    for key in known.keys() - seen:
        yield Found(key, paths.log(*key), 0, {}, tuple(known[key].segments))


def _folders(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((entry for entry in entries if entry.is_dir()), key=lambda entry: entry.name)
    except _GONE:
        return []


def _shown(path: str) -> Path:
    """A path whose name is no UTF-8, in a form that can be printed."""
    return Path(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _names(folder: str, problems: Problems) -> list[str] | None:
    """The names in a folder; None if it cannot be read."""
    try:
        return os.listdir(folder)
    except _GONE:
        return []
    except OSError as error:
        problems[Path(folder)] = str(error)
        return None


def _look_at(key: RunKey, folder: str, known: KnownRun | None, problems: Problems) -> Found | None:
    try:
        stamp = os.stat(folder).st_mtime_ns
        if known is not None and known.listed == stamp:
            return None if known.closed else _grown_only(key, folder, known)
        return _listed(key, folder, stamp, known)
    except _GONE:
        gone = tuple(known.segments) if known else ()
        return Found(key, Path(folder), 0, {}, gone) if gone else None
    except OSError as error:
        problems[Path(folder)] = str(error)
        return None


def _grown_only(key: RunKey, folder: str, known: KnownRun) -> Found | None:
    grown = {}
    for name, segment in known.segments.items():
        if segment.closed:
            continue
        try:
            size = os.stat(f"{folder}/{name}").st_size
        except FileNotFoundError:
            return _listed(key, folder, time.time_ns(), known)
        if size != segment.seen_bytes:
            grown[name] = size
    return Found(key, Path(folder), known.listed, grown, ()) if grown else None


def _listed(key: RunKey, folder: str, stamp: int, known: KnownRun | None) -> Found | None:
    listed = stamp if _is_settled(stamp, known) else 0
    sizes: dict[str, int] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if parse_segment_name(entry.name) is not None:
                with contextlib.suppress(FileNotFoundError):  # removed in between
                    sizes[entry.name] = entry.stat().st_size
    segments = known.segments if known else {}
    grown = {n: s for n, s in sorted(sizes.items()) if s != (segments[n].seen_bytes if n in segments else 0)}
    gone = tuple(sorted(segments.keys() - sizes.keys()))
    if not grown and not gone:
        if known:
            known.listed = listed
        return None
    return Found(key, Path(folder), listed, grown, gone)


def _is_settled(stamp: int, known: KnownRun | None) -> bool:
    now_s = time.monotonic()
    if known is None:
        return is_settled(stamp, now_s)
    if known.stamp != stamp:
        known.stamp, known.stamp_seen_s = stamp, now_s
    return is_settled(stamp, known.stamp_seen_s)
