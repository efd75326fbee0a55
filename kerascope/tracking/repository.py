"""The git repository that a run was made from: commit, branch, remote, what was not committed, and what cannot be told.

Promises: reads only, changes nothing in the user's repository, opens no connection; passwords in remote addresses are removed. What is
not found out is left out with the reason, so that no run is called clean that git said nothing of. `docs/tracking.md` lists the fields.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from kerascope.blobs.store import BlobStore
from kerascope.jsonable import clean_text

_GIT_TIMEOUT_S = 10.0
MAX_DIFF_BYTES = 16 * 1024 * 1024
MAX_UNTRACKED = 100
NO_REPOSITORY = "no repository"
SWITCHED_OFF = "the setting `git` is off"
_CREDENTIALS = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/@]*@", re.IGNORECASE)


class _SilentError(Exception):
    """Git did not tell what it was asked; the text says why."""


def describe(folder: Path, blobs: BlobStore) -> dict[str, Any]:
    """Returns `{"git": ...}` for the repository around a folder, else `{"git_left_out": why}`.

    Args:
        folder: That of the program.
        blobs: Where the diff is kept.
    """
    try:
        root = Path(_line(_git(folder, "rev-parse", "--show-toplevel")))
    except _SilentError as error:
        return {"git_left_out": NO_REPOSITORY if "not a git repository" in str(error) else str(error)}
    git: dict[str, Any] = {"root": str(root)}
    for name, arguments in {
        "commit": ("rev-parse", "--verify", "-q", "HEAD"),
        "branch": ("symbolic-ref", "--short", "-q", "HEAD"),
        "remote": ("config", "--get", "remote.origin.url"),
    }.items():
        try:
            git[name] = public_address(_line(_git(folder, *arguments)))
        except _SilentError:  # no commit yet, no branch, no remote
            continue
    git.update(_changes(root, blobs) if "commit" in git else {"diff_left_out": "there is no commit yet"})
    return {"git": git}


def public_address(remote: str) -> str:
    """Returns a git remote without user name and password."""
    return _CREDENTIALS.sub(r"\1", remote)


def _changes(root: Path, blobs: BlobStore) -> dict[str, Any]:
    """What differs from the commit, and which files no commit has."""
    found: dict[str, Any] = {}
    try:
        diff = _git(root, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD")
        found["dirty"] = bool(diff)
        if len(diff) > MAX_DIFF_BYTES:
            found["diff_left_out"] = f"{len(diff)} bytes, more than {MAX_DIFF_BYTES}"
        elif diff:
            ref = blobs.put_bytes(diff)
            found["diff"] = {"sha256": ref.sha256, "size": ref.size_bytes, "path": "diff.patch"}
        listed = _git(root, "ls-files", "--others", "--exclude-standard", "--directory", "--no-empty-directory", "-z")
    except _SilentError as error:
        return found | {"untracked_left_out" if "dirty" in found else "diff_left_out": str(error)}
    names = [clean_text(name.decode("utf-8", "replace")) for name in listed.split(b"\0") if name]
    return found | {"untracked": names[:MAX_UNTRACKED], "untracked_count": len(names)}


def _line(output: bytes) -> str:
    return clean_text(output.decode("utf-8", "replace").strip())


def _git(folder: Path, *arguments: str) -> bytes:
    """The output of a git command in `folder`, whose messages are in English."""
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise _SilentError("no git command was found") from None
    except subprocess.TimeoutExpired:
        raise _SilentError(f"git took longer than {_GIT_TIMEOUT_S:g} s") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise _SilentError(f"git could not be started: {clean_text(str(error))}") from None
    if done.returncode != 0:
        said = _line(done.stderr).splitlines()
        raise _SilentError(f"git said: {said[0]}" if said else "git told nothing")
    return done.stdout
