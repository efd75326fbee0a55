"""What an artifact holds until it is committed: sources by name.

Promises: each name is used once and no file has the name of a folder. Not for: how sources are stored (see `sources.py`).
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from kerascope.artifacts.names import check_entry_path
from kerascope.artifacts.sources import Source
from kerascope.errors import NotFoundError, WrongValueError


class Draft:
    """Sources by their name in the artifact, in the order they were added."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """A temporary folder for new files, made at the first call; it goes with the draft."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="kerascope-artifact-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def add(self, name: str, source: Source) -> None:
        """Adds a source. Raises as `check_free` does."""
        self.check_free(name)
        self.sources[name] = source

    def check_free(self, name: str) -> None:
        """Checks that a file may be added under `name`.

        Raises:
            WrongValueError: if the name is unsafe, taken, or that of a folder, or needs a folder with the name of a file.
        """
        check_entry_path(name)
        parents = [name[:at] for at, char in enumerate(name) if char == "/"]
        if name in self.sources or any(parent in self.sources for parent in parents):
            raise WrongValueError(
                f"Each name in an artifact can be used once. Received: {name!r}. Remove the other first."
            )
        if any(path.startswith(f"{name}/") for path in self.sources):
            raise WrongValueError(f"A file cannot have the name of a folder. Received: {name!r}.")

    def remove(self, name: str) -> None:
        """Removes the file `name`, or all files of the folder `name`.

        Raises:
            NotFoundError: if nothing has that name.
        """
        gone = [path for path in self.sources if path == name or path.startswith(f"{name}/")]
        if not gone:
            raise NotFoundError(f"The artifact has no such file. Received: {name!r}.")
        for path in gone:
            del self.sources[path]
