"""A file of a run as `Api` gives it."""

from __future__ import annotations

import mimetypes
import shutil
from pathlib import Path
from typing import IO, Any

from kerascope.api.store import Store
from kerascope.api.times import iso
from kerascope.errors import UsageError
from kerascope.index.folders import RunKey
from kerascope.query import files, records


class File:
    """A file of a run.

    Attributes:
        name: Its path in the run.
        size: Bytes.
        updated_at: ISO time of its last change.
        mimetype: Guessed from the name; None if unknown.
        digest: sha256 in hex of a file kept as a blob, else None.
    """

    def __init__(self, store: Store, run: RunKey, record: records.RunFile) -> None:
        self._store, self._run = store, run
        self.name = record.path
        self.size = record.size_bytes
        self.updated_at = iso(record.modified_s)
        self.mimetype = mimetypes.guess_type(record.path)[0]
        self.digest = record.digest

    @property
    def path(self) -> Path:
        """Where its contents lie in the store; not to be written to."""
        with self._store.reading(self._run) as db:
            return files.locate(db, self._store.paths, *self._run, self.name)

    def download(self, root: str | Path = ".", replace: bool = False, exist_ok: bool = False) -> IO[Any]:
        """Copies the file to `root` under its own name.

        Args:
            root: Folder to copy to; made if missing.
            replace: Overwrite a file that is there.
            exist_ok: Leave a file that is there and open it.

        Returns:
            The copy, opened for reading text; its `name` is the path.

        Raises:
            UsageError: if there is such a file and neither `replace` nor `exist_ok` was given, or its name leads out of `root`.
            NotFoundError: if the run no longer has the file.
        """
        if Path(self.name).is_absolute() or ".." in Path(self.name).parts:
            raise UsageError(f"A file is copied below `root`. Received: name={self.name!r}. Read it from `path`.")
        target = Path(root, self.name)
        if not target.exists() or replace:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.path, target)
        elif not exist_ok:
            raise UsageError(
                f"`download` must not overwrite a file. Received: {target} exists. Give replace=True or exist_ok=True."
            )
        return open(target, encoding="utf-8", errors="replace")

    def __repr__(self) -> str:
        return f"<File {self.name} ({self.size} bytes)>"
