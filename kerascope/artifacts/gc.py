"""Removes artifact versions that their policy lets go, and then the blobs that nothing refers to any more.

Promises: `plan` only looks; never removed are the newest version of a name, versions with an alias, versions that a run used, and blobs
that any log, manifest or table of the store (also of hidden and removed runs) spells, or that are younger than a day.
Not for: setting policies (see `retention.py`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from kerascope.artifacts.manifest import Manifest
from kerascope.artifacts.retention import Policy, read_policy
from kerascope.artifacts.store import ArtifactStore
from kerascope.blobs import sweep
from kerascope.blobs.refs import reachable, spelled_in_file
from kerascope.disk import files_below

DAY_S = 24 * 3600.0

IsUsed = Callable[[Manifest], bool]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What is to happen with a version: removed if `kept` is empty, else kept for that reason."""

    project: str
    name: str
    version: int
    size_bytes: int
    age_s: float
    kept: str = ""


class Plan(msgspec.Struct, frozen=True):
    """What a clean-up would do: each version that has a policy, and the blobs that would go."""

    choices: tuple[Choice, ...]
    blobs: tuple[sweep.Leftover, ...]

    @property
    def removed(self) -> tuple[Choice, ...]:
        """The versions that would go."""
        return tuple(choice for choice in self.choices if not choice.kept)

    @property
    def freed_bytes(self) -> int:
        """Bytes of the blobs that would go."""
        return sum(blob.size_bytes for blob in self.blobs)


def plan(
    store: ArtifactStore,
    is_used: IsUsed,
    *,
    project: str | None = None,
    name: str | None = None,
    policy: Policy | None = None,
    grace_s: float = sweep.GRACE_S,
    now_s: float | None = None,
) -> Plan:
    """Returns what a clean-up would do. Nothing is changed.

    Args:
        store: the artifacts.
        is_used: whether a run used a version as its input.
        project: only this project's artifacts.
        name: only artifacts of this name.
        policy: instead of the policies in the store, for the artifacts chosen.
        grace_s: blobs younger than so many seconds stay, since the record that refers to them may not be written yet.
        now_s: the time, in seconds since 1970.

    Raises:
        StoreError: if a manifest or policy is damaged.
        OSError: if a log, manifest or folder cannot be read: what it needs cannot be known then.
    """
    now_s = time.time() if now_s is None else now_s
    choices: list[Choice] = []
    for one_project in [project] if project is not None else store.projects():
        for one_name in [name] if name is not None else store.names(one_project):
            rule = policy or read_policy(store, one_project, one_name)
            if rule is not None:
                choices += _choose(store, is_used, one_project, one_name, rule, now_s)
    gone = {(choice.project, choice.name, choice.version) for choice in choices if not choice.kept}
    kept = referenced(store, without=gone)
    return Plan(tuple(choices), tuple(sweep.orphans(store.paths.blobs, kept, grace_s=grace_s, now_s=now_s)))


def _choose(
    store: ArtifactStore, is_used: IsUsed, project: str, name: str, policy: Policy, now_s: float
) -> Iterable[Choice]:
    numbers = store.numbers(project, name)
    for rank, number in enumerate(reversed(numbers)):
        manifest = store.manifest(project, name, number)
        age_s = now_s - datetime.fromisoformat(manifest.created_at).timestamp()
        yield Choice(
            project=project,
            name=name,
            version=number,
            size_bytes=manifest.size,
            age_s=age_s,
            kept=_reason(store, is_used, manifest, policy, rank, age_s),
        )


def _reason(store: ArtifactStore, is_used: IsUsed, manifest: Manifest, policy: Policy, rank: int, age_s: float) -> str:
    aliases = store.aliases_of(manifest.project, manifest.name, manifest.version)
    if aliases:
        return f"alias {', '.join(aliases)}"
    if is_used(manifest):
        return "used by a run"
    if policy.keep_last is not None and rank < policy.keep_last:
        return f"one of the last {policy.keep_last}"
    if policy.keep_days is not None and age_s < policy.keep_days * DAY_S:
        return f"younger than {policy.keep_days:g} days"
    return ""


def referenced(store: ArtifactStore, without: Iterable[tuple[str, str, int]] = ()) -> set[str]:
    """Returns every blob that the store's logs, manifests and files refer to, tables included.

    Args:
        store: the artifacts.
        without: versions (project, name, number) that do not count.

    Raises:
        OSError: if one of them cannot be read.
    """
    ignored = {store.paths.artifact(project, name) / f"v{number}.json" for project, name, number in without}
    roots: set[str] = set()
    for folder in (store.paths.projects, store.paths.edits, store.paths.trash):
        for path in _records(folder):
            if path not in ignored:
                with contextlib.suppress(FileNotFoundError):
                    roots |= spelled_in_file(path)
    return reachable(store.blobs, roots)


def _records(folder: Path) -> Iterable[Path]:
    """Files that may refer to blobs: logs and manifests, not what users keep in their runs' `files`."""
    return (path for path in files_below(folder, _is_users) if path.suffix in (".klog", ".json"))


def _is_users(parts: tuple[str, ...]) -> bool:
    """Whether this is `<project>/runs/<run>/files`; any of these names may also be that of a project or an artifact."""
    return len(parts) == 4 and (parts[1], parts[3]) == ("runs", "files")


def apply(store: ArtifactStore, chosen: Plan, is_used: IsUsed, *, grace_s: float = sweep.GRACE_S) -> int:
    """Does what the plan says and returns how many bytes that gave back.

    A version that got an alias or a user since, and a blob that is referred to again, stay. Raises as `plan` does.
    """
    for choice in chosen.removed:
        manifest = store.manifest(choice.project, choice.name, choice.version)
        if not store.aliases_of(choice.project, choice.name, choice.version) and not is_used(manifest):
            (store.paths.artifact(choice.project, choice.name) / f"v{choice.version}.json").unlink(missing_ok=True)
    return sweep.remove(sweep.orphans(store.paths.blobs, referenced(store), grace_s=grace_s))
