"""`kerascope artifacts`: list, get, compare, verify and clean up artifact versions."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import msgspec

from kerascope.artifacts import compare, gc
from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.layers import compare_layers
from kerascope.artifacts.manifest import Manifest
from kerascope.artifacts.names import parse_reference
from kerascope.artifacts.retention import Policy, read_policy, write_policy
from kerascope.artifacts.store import ArtifactStore
from kerascope.cli.output import Output, duration, size, when
from kerascope.cli.parser import whole_number
from kerascope.cli.store import open_store, store_paths
from kerascope.errors import UnknownNameError, UsageError
from kerascope.query.lineage import OWN_TYPES
from kerascope.query.used import used_versions

_NAME_HELP = "PROJECT/NAME, or PROJECT/NAME:VERSION where VERSION is v3 or an alias (default latest)"


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `artifacts`."""
    commands = parser.add_subparsers(dest="artifacts_command", metavar="COMMAND", required=True)
    ls = _command(commands, "ls", "list the artifacts of a project, or the versions of one")
    ls.add_argument("name", nargs="?", metavar="PROJECT[/NAME]", help="default: all projects")
    ls.add_argument("--all", action="store_true", help="the tables that runs logged too")
    get = _command(commands, "get", "write the files of a version into a folder, checked by their digests")
    get.add_argument("name", metavar="PROJECT/NAME[:VERSION]", help=_NAME_HELP)
    get.add_argument("--to", metavar="FOLDER", help="the folder (default ./artifacts/NAME:VERSION)")
    diff = _command(commands, "diff", "show which files two versions differ in")
    diff.add_argument("old", metavar="PROJECT/NAME[:VERSION]", help=_NAME_HELP)
    diff.add_argument("new", metavar="NAME[:VERSION]|:VERSION", help="the other one; `:VERSION` of the same artifact")
    diff.add_argument("--layers", action="store_true", help="of checkpoints: how far the weights of each layer moved")
    verify = _command(commands, "verify", "read all contents and name what is damaged")
    verify.add_argument("name", nargs="?", metavar="PROJECT[/NAME[:VERSION]]", help="default: the whole store")
    policy = _command(commands, "policy", "show or set which versions of an artifact `gc` keeps")
    policy.add_argument("name", metavar="PROJECT/NAME", help="the artifact")
    _add_limits(policy)
    policy.add_argument("--clear", action="store_true", help="remove the policy: keep everything")
    clean = _command(commands, "gc", "show which versions and blobs nothing needs; with --apply, remove them")
    clean.add_argument(
        "name", nargs="?", metavar="PROJECT[/NAME]", help="only these artifacts (default: all with a policy)"
    )
    _add_limits(clean)
    clean.add_argument("--apply", action="store_true", help="remove what is shown")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=purpose[0].upper() + purpose[1:] + "."
    )
    parser.add_argument("--dir", default=argparse.SUPPRESS, metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    return parser


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep-last", type=whole_number(1, 2**31), metavar="N", help="keep the newest N versions")
    parser.add_argument(
        "--keep-days", type=whole_number(0, 2**31), metavar="D", help="keep versions younger than D days"
    )


def run(args: argparse.Namespace, out: Output) -> int:
    """Runs one of the commands; returns 1 if `verify` found damage."""
    commands: dict[str, Callable[[argparse.Namespace, Output], int]] = {
        "ls": _ls,
        "get": _get,
        "diff": _diff,
        "verify": _verify,
        "policy": _policy,
        "gc": _gc,
    }
    return commands[args.artifacts_command](args, out)


# -- ls and get ---------------------------------------------------------------------------------------------------------------


def _ls(args: argparse.Namespace, out: Output) -> int:
    store = ArtifactStore(store_paths(args))
    project, name = _split(args.name)
    if name is not None and project is not None:
        return _list_versions(store.versions(project, name), out)
    listed = [(one, each) for one in _projects(store, project) for each in store.list(one)]
    found = [(one, each) for one, each in listed if args.all or each.type not in OWN_TYPES]
    if out.as_json:
        out.json(
            {
                "artifacts": [
                    {"project": one, **{f: getattr(each, f) for f in each.__struct_fields__}} for one, each in found
                ]
            }
        )
    elif not listed:
        out.line("There are no artifacts. run.log_artifact(path, name=..., type=...) makes one.")
    else:
        rows = [
            [
                one,
                each.name,
                each.type,
                str(each.version_count),
                each.latest,
                size(each.size_bytes),
                when(each.updated_s),
            ]
            for one, each in found
        ]
        out.table(
            ["project", "artifact", "type", "versions", "latest", "size", "made"], rows, right=["versions", "size"]
        )
        if len(found) < len(listed):
            out.line(f"Not shown: {_count(len(listed) - len(found), 'table')} that runs logged; --all shows them.")
    return 0


def _list_versions(versions: list[Artifact], out: Output) -> int:
    if out.as_json:
        out.json({"versions": [_described(version) for version in versions]})
        return 0
    rows = [
        [
            one.version or "",
            ", ".join(one.aliases),
            size(one.size),
            str(len(one.files())),
            one.created_at or "",
            _run(one),
        ]
        for one in versions
    ]
    out.table(["version", "aliases", "size", "files", "made", "run"], rows, right=["size", "files"])
    return 0


def _described(version: Artifact) -> dict[str, object]:
    return {
        "name": version.name,
        "version": version.version,
        "type": version.type,
        "aliases": version.aliases,
        "digest": version.digest,
        "size": version.size,
        "created_at": version.created_at,
        "run": _run(version) or None,
        "metadata": version.metadata,
        "files": [{"path": entry.path, "size": entry.size, "digest": entry.digest} for entry in version.files()],
    }


def _run(version: Artifact) -> str:
    made_by = version.logged_by()
    return f"{made_by.project}/{made_by.id}" if made_by is not None else ""


def _get(args: argparse.Namespace, out: Output) -> int:
    artifact = ArtifactStore(store_paths(args)).resolve(None, args.name)
    folder = artifact.download(args.to)
    if out.as_json:
        out.json({"artifact": artifact.qualified_name, "folder": folder, "files": len(artifact.files())})
    else:
        out.line(f"{artifact.qualified_name}: {len(artifact.files())} files, {size(artifact.size)}, in {folder}")
    return 0


# -- diff and verify ----------------------------------------------------------------------------------------------------------


def _diff(args: argparse.Namespace, out: Output) -> int:
    store = ArtifactStore(store_paths(args))
    old = store.resolve(None, args.old)
    prefix = (
        f"{old.project}/{old.name}" if args.new.startswith(":") else f"{old.project}/" if "/" not in args.new else ""
    )
    new = store.resolve(None, prefix + args.new)
    if args.layers:
        return _diff_layers(store, old, new, out)
    found = compare.diff(_manifest(store, old), _manifest(store, new))
    if out.as_json:
        out.json({"old": old.qualified_name, "new": new.qualified_name, **_fields(found)})
        return 0
    for sign, paths in (("+", found.added), ("-", found.removed), ("~", found.changed)):
        for path in paths:
            out.line(f"{sign} {path}")
    out.line(
        f"{new.qualified_name} against {old.qualified_name}: {len(found.added)} added, {len(found.removed)} removed, "
        f"{len(found.changed)} changed, {len(found.same)} the same; {size(new.size - found.same_bytes)} of {size(new.size)} are new."
    )
    return 0


def _diff_layers(store: ArtifactStore, old: Artifact, new: Artifact, out: Output) -> int:
    files = compare_layers(store.blobs, _manifest(store, old), _manifest(store, new))
    if out.as_json:
        out.json({"old": old.qualified_name, "new": new.qualified_name, "files": msgspec.to_builtins(files)})
        return 0
    if not files:
        out.line(
            f"{old.qualified_name} and {new.qualified_name} have no file of weights in common (.h5, .keras, .npz)."
        )
    for file in files:
        out.line(f"{file.path} of {new.qualified_name} against {old.qualified_name}:")
        rows = [
            [one.layer, one.name, one.status, *(_short(value) for value in (one.change, one.relative, one.max))]
            for one in file.layers
        ]
        heads = ["layer", "weight", "status", "change (L2)", "relative", "largest"]
        out.table(heads, rows, right=heads[3:])
    return 0


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _fields(record: compare.Difference | compare.Damage | gc.Choice) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _manifest(store: ArtifactStore, artifact: Artifact) -> Manifest:
    return store.manifest(artifact.project or "", artifact.name, int((artifact.version or "v0")[1:]))


def _verify(args: argparse.Namespace, out: Output) -> int:
    store = ArtifactStore(store_paths(args))
    manifests = _chosen(store, args.name)
    damage = []
    with out.progress("Reading artifacts") as advance:
        for done, manifest in enumerate(manifests):
            advance(done, len(manifests))
            damage += compare.verify(store.blobs, [manifest])
    if out.as_json:
        out.json({"versions": len(manifests), "damage": [_fields(one) for one in damage]})
    else:
        for one in damage:
            out.line(f"{one.project}/{one.name}:v{one.version} {one.path}: {one.reason}", "red")
        out.line(f"{_count(len(manifests), 'version')} read, {_count(len(damage), 'damaged file')}.")
    return 1 if damage else 0


def _chosen(store: ArtifactStore, text: str | None) -> list[Manifest]:
    if text is not None and ":" in text:
        return [_manifest(store, store.resolve(None, text))]
    project, name = _split(text)
    if project is not None and name is not None:
        return [_manifest(store, version) for version in store.versions(project, name)]
    return [
        store.manifest(one, each, number)
        for one in _projects(store, project)
        for each in store.names(one)
        for number in store.numbers(one, each)
    ]


# -- policy and gc ------------------------------------------------------------------------------------------------------------


def _policy(args: argparse.Namespace, out: Output) -> int:
    store = ArtifactStore(store_paths(args))
    project, name = _split(args.name)
    if project is None or name is None:
        raise UsageError(f"An artifact must be named PROJECT/NAME. Received: {args.name!r}.")
    wanted = _limits(args)
    if args.clear and wanted is not None:
        raise UsageError("--clear and limits exclude each other. Received: both.")
    if args.clear or wanted is not None:
        write_policy(store, project, name, wanted)
    store.versions(project, name)  # refuses a name that does not exist
    policy = read_policy(store, project, name)
    if out.as_json:
        out.json({"artifact": f"{project}/{name}", "policy": policy})
    else:
        out.line(f"{project}/{name}: {_in_words(policy)}")
    return 0


def _in_words(policy: Policy | None) -> str:
    if policy is None:
        return "no policy; all versions are kept"
    parts = [] if policy.keep_last is None else [f"the last {policy.keep_last}"]
    parts += [] if policy.keep_days is None else [f"those younger than {policy.keep_days:g} days"]
    return f"kept are {', '.join(parts)}, those with an alias and those that a run used"


def _limits(args: argparse.Namespace) -> Policy | None:
    if args.keep_last is None and args.keep_days is None:
        return None
    return Policy(keep_last=args.keep_last, keep_days=args.keep_days)


def _gc(args: argparse.Namespace, out: Output) -> int:
    project, name = _split(args.name)
    with open_store(args, out) as opened:
        used = used_versions(opened.db)
        store = ArtifactStore(opened.paths)
    by_name = {(one, version) for one, version, _ in used}
    digests = {digest for _, _, digest in used}

    def is_used(manifest: Manifest) -> bool:
        return (manifest.name, manifest.version) in by_name or manifest.digest in digests

    if name is not None and project is not None:
        store.versions(project, name)  # refuses a name that does not exist
    if name is None and _limits(args) is not None and project is None:
        raise UsageError(
            "Limits need a PROJECT or PROJECT/NAME. Received: none. `artifacts policy` sets them for good."
        )
    _projects(store, project)  # refuses one that does not exist
    chosen = gc.plan(store, is_used, project=project, name=name, policy=_limits(args))
    freed = gc.apply(store, chosen, is_used) if args.apply else chosen.freed_bytes
    _report(chosen, freed, args.apply, out)
    return 0


def _report(chosen: gc.Plan, freed: int, applied: bool, out: Output) -> None:
    if out.as_json:
        out.json(
            {
                "applied": applied,
                "freed_bytes": freed,
                "blobs": len(chosen.blobs),
                "versions": [_fields(choice) for choice in chosen.choices],
            }
        )
        return
    rows = [
        [f"{one.project}/{one.name}:v{one.version}", size(one.size_bytes), duration(one.age_s), one.kept or "goes"]
        for one in chosen.choices
    ]
    if rows:
        out.table(["version", "size", "age", "kept because"], rows, right=["size", "age"])
    verb = "Removed" if applied else "Would remove"
    counts = f"{_count(len(chosen.removed), 'version')} and {_count(len(chosen.blobs), 'blob')}"
    out.line(f"{verb} {counts}: {size(freed)}.")
    if not applied:
        out.line("Nothing was changed; --apply does it. Blobs younger than a day are never touched.")


def _count(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


# -- names --------------------------------------------------------------------------------------------------------------------


def _projects(store: ArtifactStore, project: str | None) -> list[str]:
    known = store.projects()
    if project is None:
        return known
    if project not in known:
        raise UnknownNameError(
            f"There is no such project. Received: {project!r}. The store has {', '.join(known[:10]) or 'none yet'}."
        )
    return [project]


def _split(text: str | None) -> tuple[str | None, str | None]:
    """(project, artifact name) of `PROJECT[/NAME]`."""
    if text is None:
        return None, None
    if "/" not in text:
        return text, None
    parsed = parse_reference(text.rstrip("/"))
    return parsed.project, parsed.name
