"""Artifact: named, versioned contents such as a model or a data set.

A draft is filled with files, folders, objects and references, and becomes a version when a run logs it. From then on its contents cannot
change; only its aliases can. Not for: storing (see `store.py`) and for what is kept for how long (see `gc.py`).
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from kerascope.artifacts.draft import Draft
from kerascope.artifacts.entry import ArtifactEntry, ArtifactManifest, folder_differences, remove_others, write_out
from kerascope.artifacts.home import Home
from kerascope.artifacts.manifest import Entry, Manifest
from kerascope.artifacts.names import check_aliases, check_name, check_type
from kerascope.artifacts.objects import check_object, find_object, load_object, object_path
from kerascope.artifacts.sources import (
    FileSource,
    ObjectSource,
    Policy,
    ReferenceSource,
    Source,
    reference_sources,
    walk_files,
)
from kerascope.errors import NotFoundError, StoreError, UsageError, WrongTypeError, WrongValueError
from kerascope.jsonable import to_jsonable
from kerascope.media.base import Media

_saver: Callable[[Artifact], object] | None = None


def on_save(saver: Callable[[Artifact], object]) -> None:
    """Sets what `save()` of a draft does: the tracking layer gives a function that logs it to the current run."""
    global _saver
    _saver = saver


class Artifact:
    """Named, versioned contents.

    Args:
        name: 1 to 128 of `A-Za-z0-9_.-`; versions of one name are counted from v0.
        type: what it is, such as "model" or "dataset"; all versions of a name have one type.
        description: free text.
        metadata: any map of plain values.

    Raises:
        WrongValueError: if name or type may not be used.
        WrongTypeError: if the metadata are no map.
    """

    def __init__(
        self, name: str, type: str, description: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        self.name, self.type, self.description = check_name(name), check_type(type), description
        if metadata is not None and not isinstance(metadata, Mapping):
            raise WrongTypeError(f"`metadata` must be a map. Received: metadata={metadata!r}.")
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.aliases: list[str] = []
        self._draft = Draft()
        self._objects: dict[str, Media] = {}
        self._committed: Manifest | None = None
        self._home: Home | None = None
        self._pending: threading.Event | None = None
        self._failure: BaseException | None = None

    # -- filling a draft ----------------------------------------------------------------------------------------------------

    def add_file(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        is_tmp: bool = False,
        *,
        policy: Policy = "mutable",
    ) -> None:
        """Adds a file.

        Args:
            local_path: the file. It is read when the artifact is logged.
            name: its name in the artifact; default: its file name.
            is_tmp: True: the file may be taken away.
            policy: "immutable" vouches that nobody will ever write to this file again: it is then linked instead of copied
                (and made read-only). "mutable": its blocks are shared where the file system can, else it is copied.

        Raises:
            WrongValueError: if there is no such file, or the name is taken or unsafe.
            UsageError: if the artifact is committed.
        """
        if policy not in ("mutable", "immutable"):
            raise WrongValueError(f"`policy` must be 'mutable' or 'immutable'. Received: policy={policy!r}.")
        path = Path(local_path)
        mode: Literal["copy", "link", "move"] = "move" if is_tmp else "link" if policy == "immutable" else "copy"
        self._add(name or path.name, FileSource.of(path, mode))

    def add_dir(
        self, local_path: str | os.PathLike[str], name: str | None = None, *, policy: Policy = "mutable"
    ) -> None:
        """Adds all files below a folder; links are followed. `name`: a folder in the artifact, default: its top.

        Raises:
            WrongValueError: if there is no such folder, or a link leads nowhere or in a circle.
        """
        folder = Path(local_path)
        if not folder.is_dir():
            raise WrongValueError(f"`add_dir` needs an existing folder. Received: local_path={str(local_path)!r}.")
        prefix = f"{name.strip('/')}/" if name and name.strip("/") else ""
        for relative, path in walk_files(folder):
            self.add_file(path, prefix + relative, policy=policy)

    def add(self, obj: Any, name: str) -> None:
        """Adds a table, image or other media value as `<name>.<kind>.json`, with all files it consists of.

        Raises:
            WrongTypeError: if `obj` is no media value.
            WrongValueError: if the name is taken, or an image has masks or boxes without class labels.
        """
        media = check_object(obj)
        media.freeze()
        self._add(object_path(name, media), ObjectSource(media))
        self._objects[name] = media

    def __setitem__(self, name: str, obj: Any) -> None:
        """`artifact[name] = obj` is `artifact.add(obj, name)`."""
        self.add(obj, name)

    def __getitem__(self, name: str) -> Any:
        """`artifact[name]` is `artifact.get(name)`."""
        return self.get(name)

    def add_reference(self, uri: str, name: str | None = None, checksum: bool = True) -> None:
        """Adds a place elsewhere; its content is not copied.

        Args:
            uri: an address such as `file:///data/a.csv` (file or folder) or `s3://bucket/key`.
            name: its name in the artifact; default: the last part of the address.
            checksum: for local files: remember the sha256, so that a download is checked.

        Raises:
            WrongValueError: if it is no address, the local file is not there, or the name is taken or unsafe.
            UsageError: if the artifact is committed.
        """
        for path, source in reference_sources(uri, name, checksum).items():
            self._add(path, source)

    @contextmanager
    def new_file(self, name: str, mode: str = "w", encoding: str | None = None) -> Iterator[IO[Any]]:
        """Opens a new file to be written; when the block ends in good order it is part of the artifact.

        Args:
            name: its name in the artifact.
            mode: "w" or "wb".
            encoding: of text; UTF-8 unless given.

        Raises:
            WrongValueError: for another mode, or if the name is taken or unsafe.
            UsageError: if the artifact is committed.
        """
        self._check_draft("new_file")
        if mode not in ("w", "wb", "x", "xb"):
            raise WrongValueError(f"`mode` must be 'w' or 'wb'. Received: mode={mode!r}.")
        self._draft.check_free(name)
        path = self._draft.folder / secrets.token_hex(8)
        with open(path, mode.replace("x", "w"), encoding=None if "b" in mode else encoding or "utf-8") as file:
            yield file
        self._add(name, FileSource.of(path, "move"))

    def remove(self, item: str | ArtifactEntry) -> None:
        """Removes a file, object or folder from the draft.

        Raises:
            NotFoundError: if nothing has that name.
        """
        self._check_draft("remove")
        name = item.path if isinstance(item, ArtifactEntry) else str(item).rstrip("/")
        media = self._objects.pop(name, None)
        self._draft.remove(name if media is None else object_path(name, media))

    def _add(self, name: str, source: Source) -> None:
        self._check_draft("add")
        self._draft.add(name, source)

    def _check_draft(self, call: str) -> None:
        if self._committed is not None or self._pending is not None:
            raise UsageError(
                f"A logged artifact cannot change. Received: {call}() on {self._label()}. Make a new Artifact of the same name."
            )

    # -- committing (called by the store and by tracking) ---------------------------------------------------------------------

    def finalize(self) -> None:
        """Ends the draft: from now on every change is refused. Logging does this by itself."""
        if self._pending is None and self._committed is None:
            self._pending = threading.Event()

    def sources(self) -> dict[str, Source]:
        """Returns what was added, by name in the artifact."""
        return dict(self._draft.sources)

    def adopt(self, manifest: Manifest, home: Home) -> None:
        """Makes this the committed version that `manifest` describes."""
        self._committed, self._home, self._failure = manifest, home, None
        self.description, self.metadata = manifest.description, dict(manifest.metadata)
        self.aliases = home.aliases_of(manifest.project, manifest.name, manifest.version)
        self._draft = Draft()
        if self._pending is not None:
            self._pending.set()

    def fail(self, error: BaseException) -> None:
        """Tells whoever waits that the commit failed; the draft can be changed and logged again."""
        self._failure = error
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.set()

    @classmethod
    def of_manifest(cls, manifest: Manifest, home: Home) -> Artifact:
        """Returns the committed artifact that `manifest` describes."""
        artifact = cls(manifest.name, manifest.type)
        artifact.adopt(manifest, home)
        return artifact

    def wait(self, timeout: float | None = None) -> Artifact:
        """Waits until a commit in the background is done, and returns the artifact.

        Raises:
            TimeoutError: if `timeout` seconds pass before that.
            StoreError: if the commit failed.
        """
        pending = self._pending
        if pending is not None and not pending.wait(timeout):
            raise TimeoutError(f"The artifact was not stored in time. Received: timeout={timeout}, {self._label()}.")
        if self._failure is not None:
            raise StoreError(f"The artifact could not be stored. Received: {self._label()}. {self._failure}")
        return self

    def save(self) -> None:
        """Keeps changes: of a committed artifact its aliases; a draft is logged to the current run.

        Raises:
            UsageError: if it is a draft and there is no run, or description or metadata of a committed version were changed.
        """
        if self._committed is None:
            if _saver is None:
                raise UsageError("`save` of a new artifact needs a run. Received: no run. Call init() first.")
            _saver(self)
            return
        manifest = self._committed
        if self.description != manifest.description or to_jsonable(self.metadata) != manifest.metadata:
            raise UsageError(
                "Description and metadata of a logged version cannot change. "
                f"Received: {self._label()}. Log a new version; aliases can be changed."
            )
        home = self._home_or_raise("save")
        home.set_aliases(manifest.project, self.name, manifest.version, check_aliases(self.aliases))
        self.aliases = home.aliases_of(manifest.project, self.name, manifest.version)

    # -- what it is -----------------------------------------------------------------------------------------------------------

    @property
    def is_draft(self) -> bool:
        """True until a run has logged it."""
        return self._committed is None

    @property
    def state(self) -> str:
        """`COMMITTED` once a run has logged it, `PENDING` before that."""
        return "PENDING" if self._committed is None else "COMMITTED"

    @property
    def id(self) -> str | None:
        """The same as `qualified_name`; None for a draft."""
        return None if self._committed is None else self.qualified_name

    @property
    def version(self) -> str | None:
        """The version, such as "v3"; None for a draft."""
        return None if self._committed is None else f"v{self._committed.version}"

    @property
    def digest(self) -> str | None:
        """sha256 over all paths and contents; None for a draft."""
        return None if self._committed is None else self._committed.digest

    @property
    def size(self) -> int:
        """Bytes of all files together (of a draft: as far as known)."""
        if self._committed is not None:
            return self._committed.size
        return sum(source.size for source in self._draft.sources.values())

    @property
    def project(self) -> str | None:
        """The project it belongs to; None for a draft."""
        return None if self._committed is None else self._committed.project

    @property
    def created_at(self) -> str | None:
        """When the version was made (ISO 8601, UTC); None for a draft."""
        return None if self._committed is None else self._committed.created_at

    @property
    def source_name(self) -> str:
        """`name:v3`."""
        return self._label()

    @property
    def qualified_name(self) -> str:
        """`project/name:v3`."""
        return f"{self.project}/{self._label()}" if self.project else self._label()

    def _label(self) -> str:
        return f"{self.name}:{self.version or 'draft'}"

    def __repr__(self) -> str:
        return f"Artifact({self.qualified_name}, type={self.type!r})"

    @property
    def manifest(self) -> ArtifactManifest:
        """The contents: `manifest.entries` maps paths to entries."""
        return ArtifactManifest({entry.path: entry for entry in self.files()})

    def files(self) -> list[ArtifactEntry]:
        """Returns the entries, by path; of a draft those of added files and references."""
        if self._committed is not None:
            return [self._entry(entry) for entry in self._committed.entries]
        return [
            self._entry(source.entry if isinstance(source, ReferenceSource) else Entry(path=path, size=source.size))
            for path, source in sorted(self._draft.sources.items())
        ]

    def logged_by(self) -> Any:
        """Returns the run that made this version, None if it was made outside a run.

        Raises:
            UsageError: for a draft.
            NotFoundError: if the run was deleted for good.
        """
        return self._home_or_raise("logged_by").logged_by(self._manifest_or_raise("logged_by"))

    def used_by(self) -> list[Any]:
        """Returns the runs that used this version.

        Raises:
            UsageError: for a draft, or one that did not come from `Api`.
        """
        return self._home_or_raise("used_by").used_by(self._manifest_or_raise("used_by"))

    # -- reading --------------------------------------------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """Returns the object added under `name` (a Table, an Image, ...), None if there is none.

        Raises:
            NotFoundError: if its content is gone.
            StoreError: if it is damaged.
        """
        if name not in self._objects and self._committed is not None:
            entry = find_object(self._committed.entries, name)
            if entry is None:
                return None
            self._objects[name] = load_object(self._home_or_raise("get").blobs, entry, self._committed.entries)
        return self._objects.get(name)

    def get_entry(self, name: str) -> ArtifactEntry:
        """Returns the entry of a file.

        Raises:
            NotFoundError: if there is none of that name.
        """
        entries = self._manifest_or_raise("get_entry").entries
        found = next((entry for entry in entries if entry.path == name), None) or find_object(entries, name)
        if found is None:
            raise NotFoundError(f"The artifact has no such file. Received: {name!r} in {self._label()}. See files().")
        return self._entry(found)

    def get_path(self, name: str) -> ArtifactEntry:
        """The same as `get_entry`."""
        return self.get_entry(name)

    def download(self, root: str | os.PathLike[str] | None = None, path_prefix: str | None = None) -> str:
        """Writes all files below `root` and returns it; each is checked by its digest, what is there already is left alone.

        Args:
            root: the folder; default: `./artifacts/<name>:<version>`.
            path_prefix: only the files whose path begins so.

        Raises:
            StoreError: if a file is damaged or a link leads out of the folder.
        """
        folder = self._root(root)
        for entry in self._manifest_or_raise("download").entries:
            if path_prefix is None or entry.path.startswith(path_prefix):
                write_out(self._home_or_raise("download").blobs, entry, folder)
        return str(folder)

    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """Downloads the only file and returns its path.

        Raises:
            WrongValueError: if the artifact has more than one file, or none.
        """
        found = self.files()
        if len(found) != 1:
            raise WrongValueError(
                f"`file` is for an artifact of one file. Received: {self._label()}, which has {len(found)}. Use download()."
            )
        return str(Path(self.download(root), found[0].path))

    def new_draft(self) -> Artifact:
        """Returns a draft with the contents, description and metadata of this version, to be changed and logged as the next one."""
        draft = Artifact(self.name, self.type, self.description, self.metadata)
        for entry in self._manifest_or_raise("new_draft").entries:
            if entry.reference is not None:
                draft._add(entry.path, ReferenceSource(entry))
            else:
                write_out(self._home_or_raise("new_draft").blobs, entry, draft._draft.folder)
                draft.add_file(draft._draft.folder / entry.path, entry.path)
        return draft

    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """As `download`, and removes every other file below `root`, whoever put it there. Raises as `download` does."""
        folder = Path(self.download(root))
        remove_others(folder, self._manifest_or_raise("checkout").entries)
        return str(folder)

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Checks that the folder holds exactly this artifact's files with their contents.

        Raises:
            StoreError: naming the files that differ, are missing or too many.
        """
        wrong = folder_differences(self._root(root, create=False), self._manifest_or_raise("verify").entries)
        if wrong:
            raise StoreError(f"The folder is not {self._label()}. Received: {'; '.join(wrong[:20])}.")

    def _root(self, root: str | os.PathLike[str] | None, create: bool = True) -> Path:
        self._manifest_or_raise("download")
        folder = Path(root) if root is not None else Path("artifacts") / self._label()
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _entry(self, entry: Entry) -> ArtifactEntry:
        return ArtifactEntry(entry, self._home.blobs if self._home else None, Path("artifacts") / self._label())

    def _home_or_raise(self, call: str) -> Home:
        self._manifest_or_raise(call)
        if self._home is None:
            raise UsageError(f"{call}() needs an artifact of a store. Received: {self._label()}.")
        return self._home

    def _manifest_or_raise(self, call: str) -> Manifest:
        if self._committed is None:
            self.wait()
        if self._committed is None:
            raise UsageError(
                f"{call}() needs a logged artifact. Received: {self._label()}. Log it first with run.log_artifact(artifact)."
            )
        return self._committed
