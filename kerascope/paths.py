"""Where things lie in a store: the layout of `docs/formats/store.md`, as functions of names; and at which address they are shown.

Pure: nothing here touches the disk. Not for: reading or writing any of these files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from kerascope.errors import UsageError

RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_UNSAFE_IN_PROJECT = re.compile(r"[/\\#?%:\x00-\x1f]")


def encode_name(name: str) -> str:
    """Returns `name` as a folder name that is safe on every file system (percent-encoded)."""
    encoded = quote(name, safe="-_.").replace("~", "%7E")
    return "%2E" + encoded[1:] if encoded.startswith(".") else encoded


def decode_name(encoded: str) -> str:
    """Returns the name that `encode_name` made the folder name of."""
    return unquote(encoded)


def check_project(project: str) -> str:
    """Returns `project` if it may name a project.

    Raises:
        UsageError: if it is no text, empty, longer than 128 characters or holds one of `/ \\ # ? % :` or a control character.
    """
    if not isinstance(project, str) or not 0 < len(project) <= 128 or _UNSAFE_IN_PROJECT.search(project):
        raise UsageError(
            "`project` must be 1 to 128 characters without / \\ # ? % : or control characters. "
            f"Received: project={project!r}. Give it a plain name such as 'faces'."
        )
    return project


def check_run_id(run_id: str) -> str:
    """Returns `run_id` if it may name a run.

    Raises:
        UsageError: unless it is 1 to 128 letters, digits, `_` or `-`.
    """
    if not isinstance(run_id, str) or not RUN_ID.match(run_id):
        raise UsageError(
            f"`id` must be 1 to 128 letters, digits, '_' or '-'. Received: id={run_id!r}. Use `name` for free text."
        )
    return run_id


DASHBOARD = "http://127.0.0.1:7575"
"""Address of `kerascope ui` where it was not told otherwise."""


def project_url(project: str, server: str = DASHBOARD) -> str:
    """Returns the address of a project's page."""
    return f"{server.rstrip('/')}/projects/{quote(project, safe='')}"


def run_url(project: str, run_id: str, server: str = DASHBOARD) -> str:
    """Returns the address of a run's page."""
    return f"{project_url(project, server)}/runs/{quote(run_id, safe='')}"


@dataclass(frozen=True)
class StorePaths:
    """The folders of the store at `root`."""

    root: Path

    @property
    def marker(self) -> Path:
        """`store.json`, which says that this folder is a store."""
        return self.root / "store.json"

    @property
    def projects(self) -> Path:
        """The folder that holds one folder per project."""
        return self.root / "projects"

    @property
    def blobs(self) -> Path:
        """The folder of content-addressed files."""
        return self.root / "blobs"

    @property
    def edits(self) -> Path:
        """The folder of edit segments."""
        return self.root / "edits"

    @property
    def trash(self) -> Path:
        """The folder that runs to be deleted and damaged blobs are moved to."""
        return self.root / "trash"

    @property
    def index(self) -> Path:
        """The index database file."""
        return self.root / "index" / "index.sqlite"

    @property
    def index_lock(self) -> Path:
        """The file whose lock the one process that folds holds."""
        return self.root / "index" / "writer.lock"

    def project(self, project: str) -> Path:
        """The folder of one project."""
        return self.projects / encode_name(project)

    def run(self, project: str, run_id: str) -> Path:
        """The folder of one run."""
        return self.project(project) / "runs" / check_run_id(run_id)

    def log(self, project: str, run_id: str) -> Path:
        """The folder of one run's segment files."""
        return self.run(project, run_id) / "log"

    def files(self, project: str, run_id: str) -> Path:
        """`run.dir`: the folder of files the user keeps with the run."""
        return self.run(project, run_id) / "files"

    def artifact(self, project: str, name: str) -> Path:
        """The folder of one artifact's versions."""
        return self.project(project) / "artifacts" / encode_name(name)
