"""Checks a store and repairs what can be repaired without touching intact data: the library behind `kerascope doctor`.

What is found, and what `fix` does about it:

    damage            bytes of a segment that hold no whole record     nothing: readers step over them, and segments are never rewritten
    torn tail         the record a process was writing when it died    nothing: readers stop in front of it
    no beginning      a segment without a readable first record        nothing
    misplaced         a segment that lies in another run's folder      nothing
    unreadable        a file or folder that cannot be opened or read   nothing; and no blob is called an orphan
    missing blob      a record or artifact refers to it                nothing: only a backup has it
    damaged blob      shorter than its record says, or (thorough) with other contents than its name says
                                                                       moved to `trash/blobs/`, so that the next put makes it whole
    orphan blob       nothing mentions it, and it is a day old         deleted
    leftover file     temporary, of a writer that died, a day old      deleted
    leftover folder   what an interrupted purge left in `trash/`       deleted

A lock cannot be stale: `flock` ends with its process. Promises: `check_store` only reads; `fix` looks again before it deletes.
Not for: the index, which is rebuilt and not repaired.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from kerascope.blobs.refs import reachable, spelled_in_file
from kerascope.blobs.store import BlobStore, is_digest
from kerascope.blobs.sweep import GRACE_S, Leftover, orphans, remove, temporaries
from kerascope.errors import StoreError
from kerascope.events.types import EditSegment, Segment
from kerascope.paths import StorePaths
from kerascope.runlog.files import parse_segment_name
from kerascope.runlog.reader import PIECE_BYTES, Damage, scan
from kerascope.runlog.references import Needed, needed_by_event, needed_by_manifest, needed_by_table

NOTE: Final = "note"
WARNING: Final = "warning"
ERROR: Final = "error"

Progress = Callable[[int, int], None]


class Problem(NamedTuple):
    """One finding.

    Attributes:
        kind: see the table above, such as "torn tail".
        severity: "note" (harmless), "warning" or "error" (data is lost).
        path: the file or folder.
        text: what is wrong, in a sentence.
        remedy: what `fix` would do, or None if nothing.
        offset: where in the file, or None.
        size_bytes: how many bytes it concerns.
        modified_ns: when the file to delete was last written or touched; `fix` leaves it alone if that has changed.
    """

    kind: str
    severity: str
    path: Path
    text: str
    remedy: str | None = None
    offset: int | None = None
    size_bytes: int = 0
    modified_ns: int = 0


@dataclass
class Report:
    """What `check_store` found."""

    problems: list[Problem] = field(default_factory=list)
    segment_count: int = 0
    record_count: int = 0
    unknown_count: int = 0
    version_count: int = 0
    blob_count: int = 0
    size_bytes: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing worse than notes was found."""
        return all(problem.severity == NOTE for problem in self.problems)


class Fixed(NamedTuple):
    """What `fix` did: the problems that are gone, those that could not be mended and why, and the bytes given back."""

    done: tuple[Problem, ...]
    failed: tuple[tuple[Problem, str], ...]
    freed_bytes: int


def check_store(
    paths: StorePaths, *, thorough: bool = False, grace_s: float = GRACE_S, progress: Progress | None = None
) -> Report:
    """Returns what is wrong with the store; changes nothing.

    Args:
        paths: the store.
        thorough: also read every blob and compare it with its name.
        grace_s: younger blobs and temporary files may belong to a process at work and are left out.
        progress: called with files done and files in all.

    Raises:
        StoreError: if there is no store.
    """
    if not paths.root.is_dir():
        raise StoreError(f"There must be a store to check. Received: {paths.root}, which is no folder.")
    return _Check(paths, grace_s, progress).run(thorough)


def fix(paths: StorePaths, report: Report) -> Fixed:
    """Mends the problems of `report` that have a remedy, and leaves all others alone."""
    done: list[Problem] = []
    failed: list[tuple[Problem, str]] = []
    freed = 0
    for problem in report.problems:
        if problem.remedy is None:
            continue
        try:
            freed += _mend(paths, problem)
            done.append(problem)
        except OSError as error:
            failed.append((problem, str(error)))
    return Fixed(tuple(done), tuple(failed), freed)


def _mend(paths: StorePaths, problem: Problem) -> int:
    """Does what the remedy says; returns the bytes given back."""
    if problem.kind == "damaged blob":
        folder = paths.trash / "blobs"
        folder.mkdir(parents=True, exist_ok=True)
        os.replace(problem.path, folder / f"{problem.path.name}-{time.time_ns()}")
        return 0
    if problem.kind == "leftover folder":
        shutil.rmtree(problem.path)
        return problem.size_bytes
    # A blob that was put again since the check has another time by now, and stays.
    return remove([Leftover(problem.path, problem.size_bytes, problem.modified_ns)])


def _run_of(folder: Path | None) -> tuple[Path, str] | None:
    """Project folder and run id that a run's folder stands for."""
    return (folder.parent.parent, folder.name) if folder else None


class _Check:
    """One examination of a store."""

    def __init__(self, paths: StorePaths, grace_s: float, progress: Progress | None) -> None:
        self.paths = paths
        self.store = BlobStore(paths.blobs)
        self.grace_s = grace_s
        self.report = Report()
        self.mentioned: set[str] = set()
        self.needed: dict[str, list[tuple[Path, Needed]]] = {}
        self.is_complete = True  # whether everything that may mention a blob could be read
        self._progress = progress
        self._done = 0
        self._total = 0

    def run(self, thorough: bool) -> Report:
        segments = [(path, path.parent.parent) for path in self._run_segments()]
        edits = [path for path in self._inside(self.paths.edits) if parse_segment_name(path.name)]
        manifests = self._manifests()
        blobs = sorted(path for path in self.paths.blobs.glob("??/*") if is_digest(path.name))
        self._total = len(segments) + len(edits) + len(manifests) + (len(blobs) if thorough else 0)
        for path, folder in segments:
            self._guard(path, lambda path=path, folder=folder: self._segment(path, folder))  # type: ignore[misc]
        for path in edits:
            self._guard(path, lambda path=path: self._segment(path, None))  # type: ignore[misc]
        for path in manifests:
            self._guard(path, lambda path=path: self._manifest(path))  # type: ignore[misc]
        self._blobs(blobs, thorough)
        self._leftovers()
        return self.report

    def _run_segments(self) -> list[Path]:
        runs = [run for project in self._inside(self.paths.projects) for run in self._inside(project / "runs")]
        return [path for run in runs for path in self._inside(run / "log") if parse_segment_name(path.name)]

    def _manifests(self) -> list[Path]:
        named = [one for project in self._inside(self.paths.projects) for one in self._inside(project / "artifacts")]
        return [path for one in named for path in self._inside(one) if path.match("v*.json")]

    def _inside(self, folder: Path) -> list[Path]:
        """What is in a folder, by name; what is out of reach is a problem, and keeps every blob."""
        try:
            inside = sorted(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._unreadable(folder, error)
            return []
        for path in inside:
            if path.is_symlink() and not os.path.exists(path):
                self._unreadable(path, "the link leads nowhere")
        return inside

    def _unreadable(self, path: Path, error: object) -> None:
        self.is_complete = False
        if all(problem.path != path for problem in self.report.problems):
            self._found("unreadable", ERROR, path, f"it cannot be read: {error}")

    def _guard(self, path: Path, look: Callable[[], None]) -> None:
        try:
            look()
        except FileNotFoundError:
            pass  # purged meanwhile
        except (OSError, ValueError) as error:
            self._unreadable(path, error)
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _found(self, kind: str, severity: str, path: Path, text: str, remedy: str | None = None, size: int = 0) -> None:
        self.report.problems.append(Problem(kind, severity, path, text, remedy, None, size))

    def _leftover(self, kind: str, text: str, file: Leftover) -> None:
        found = Problem(kind, NOTE, file.path, text, "delete", None, file.size_bytes, file.modified_ns)
        self.report.problems.append(found)

    def _segment(self, path: Path, run_folder: Path | None) -> None:
        """Reads a segment of a run, or of edits if `run_folder` is None."""
        self.report.segment_count += 1
        self.report.size_bytes += path.stat().st_size
        self.mentioned |= spelled_in_file(path)
        offset, is_first = 0, True
        while True:
            found = scan(path, offset, PIECE_BYTES)
            for place, event in found.events:
                if is_first:
                    self._beginning(path, event, run_folder)
                    is_first = False
                for need in needed_by_event(event, place):
                    self._need(path, need)
            self.report.record_count += len(found.events)
            self.report.unknown_count += found.unknown
            at_end = found.next_offset == offset
            self._damage(path, [entry for entry in found.damage if at_end or entry.offset < found.next_offset])
            if at_end:
                break
            offset = found.next_offset
        if found.torn is not None:
            text = f"a record was cut off when its process died; the {offset} bytes before it are whole"
            torn = Problem("torn tail", NOTE, path, text, None, found.torn.offset, found.torn.size_bytes)
            self.report.problems.append(torn)
        if is_first:
            self._found("no beginning", ERROR, path, "it holds no readable record")

    def _damage(self, path: Path, damage: Iterable[Damage]) -> None:
        for entry in damage:
            text = f"{entry.reason}; what stands before and after is read"
            self.report.problems.append(Problem("damage", ERROR, path, text, None, entry.offset, entry.size_bytes))

    def _beginning(self, path: Path, event: object, run_folder: Path | None) -> None:
        if not isinstance(event, EditSegment if run_folder is None else Segment):
            text = "its first record is lost, so it does not say which run it belongs to"
            self._found("no beginning", ERROR, path, text)
        elif isinstance(event, Segment) and (self.paths.project(event.project), event.run_id) != _run_of(run_folder):
            self._found("misplaced", WARNING, path, f"it belongs to the run {event.project}/{event.run_id}")

    def _manifest(self, path: Path) -> None:
        self.report.version_count += 1
        self.report.size_bytes += path.stat().st_size
        self.mentioned |= spelled_in_file(path)
        for need in needed_by_manifest(path):
            self._need(path, need)

    def _need(self, path: Path, need: Needed) -> None:
        """Takes note of a blob that the file at `path` needs, and of those that it needs itself, being a table."""
        known = self.needed.setdefault(need.sha256, [])
        known.append((path, need))
        if need.is_table and len(known) == 1 and self.store.has(need.sha256):
            try:
                inner = list(needed_by_table(self.store.read(need.sha256), need))
            except ValueError as error:
                self._found(
                    "damaged blob", ERROR, self.store.path(need.sha256), f"it is no table: {error}", "move to trash"
                )
                return
            for further in inner:
                self._need(path, further)

    def _blobs(self, blobs: list[Path], thorough: bool) -> None:
        sizes = {path.name: path.stat().st_size for path in blobs}
        self.report.blob_count = len(blobs)
        self.report.size_bytes += sum(sizes.values())
        for sha256, needs in sorted(self.needed.items()):
            path, need = needs[0]
            others = f" and {len(needs) - 1} more" if len(needs) > 1 else ""
            if sha256 not in sizes:
                text = f"{need.where}{others} refers to blob {sha256}, which is not in the store"
                self._found("missing blob", ERROR, path, text)
            elif need.size_bytes is not None and sizes[sha256] < need.size_bytes:
                text = (
                    f"it has {sizes[sha256]} of the {need.size_bytes} bytes that {path.name}, {need.where}, speaks of"
                )
                self._found("damaged blob", ERROR, self.store.path(sha256), text, "move to trash")
        for path in blobs if thorough else ():
            self._guard(path, lambda path=path: self._contents(path))  # type: ignore[misc]

    def _contents(self, path: Path) -> None:
        with open(path, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if sha256 != path.name and all(problem.path != path for problem in self.report.problems):
            self._found("damaged blob", ERROR, path, "its contents are not what its name says", "move to trash")

    def _leftovers(self) -> None:
        if self.is_complete:
            needed = reachable(BlobStore(self.paths.blobs), self.mentioned)  # tables refer to further blobs
            for blob in orphans(self.paths.blobs, needed, grace_s=self.grace_s):
                text = "nothing refers to it any more"
                self._leftover("orphan blob", text, blob)
        folders = [self.paths.root, self.paths.blobs, *self.paths.projects.glob("*/artifacts/*")]
        folders += self.paths.projects.glob("*/artifacts/*/aliases")
        for folder in folders:
            try:
                files = temporaries(folder, grace_s=self.grace_s)
            except OSError as error:
                self._unreadable(folder, error)
                continue
            for file in files:
                text = "a process that died left it half written"
                self._leftover("leftover file", text, file)
        for path in sorted(self.paths.trash.glob("*")):
            if path.is_dir() and path.name != "blobs" and time.time() - path.stat().st_mtime >= self.grace_s:
                size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
                text = "a purge that was interrupted left it"
                self._found("leftover folder", NOTE, path, text, "delete", size)
