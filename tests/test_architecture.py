"""The import rules of the house (ARCHITECTURE.md), read from the sources as text."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "kerascope"

CORE = {"disk", "errors", "settings", "ids", "paths", "jsonable", "stamps", "terminal", "version"}

# layer -> layers it may import (core and itself are always allowed)
ALLOWED: dict[str, set[str]] = {
    "core": set(),
    "events": set(),
    "runlog": {"events", "blobs"},
    "blobs": set(),
    "media": {"blobs"},
    "artifacts": {"media", "blobs"},
    "plot": {"media"},
    "index": {"runlog", "events"},
    "query": {"index", "runlog", "events", "blobs", "artifacts"},
    "api": {"query", "index", "blobs", "artifacts", "media", "sweeps", "notebook"},
    "notebook": set(),
    "tracking": {"notebook", "runlog", "events", "media", "artifacts", "blobs", "plot"},
    "sweeps": {"tracking"},
    "sinks": {"runlog", "events", "blobs", "media", "artifacts"},
    "keras": {"tracking", "media", "artifacts", "plot"},
    "keras.model": set(),
    "keras names": {"keras", "keras.model"},  # the package's lazy list of public names
    "integration": {"keras"},  # another name of the same
    "compat": {"tracking", "keras", "keras.model", "media", "artifacts", "plot", "api"},
    "server": {"reports", "query", "index", "artifacts", "blobs"},
    "reports": {"query", "index", "blobs"},
    "demo": {"tracking", "keras", "media"},
    "cli": {
        "server",
        "reports",
        "api",
        "query",
        "index",
        "runlog",
        "events",
        "blobs",
        "artifacts",
        "demo",
        "compat",
        "sweeps",
    },
    "root": {"*"},
}
BACKENDS = {"jax", "jaxlib", "tensorflow", "torch"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def layer(module: str) -> str:
    if module in ("", "__main__"):
        return "root"
    if module == "keras":
        return "keras names"
    if f"{module}.".startswith("keras.model."):
        return "keras.model"
    first = module.split(".")[0]
    return "core" if first in CORE else first


def imports_of(path: Path) -> Iterator[tuple[str, ast.stmt, bool]]:
    """Yields (dotted name, node, only for type checking) for every import, lazy ones too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node, id(node) in typing_only
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node, id(node) in typing_only


def test_imports_go_one_way() -> None:
    broken = []
    for module, path in modules():
        allowed = ALLOWED[layer(module)]
        for name, node, _ in imports_of(path):
            if not name.startswith("kerascope.") or "*" in allowed:
                continue
            target = layer(name.removeprefix("kerascope."))
            if target not in allowed | {"core", layer(module)}:
                broken.append(
                    f"{path.relative_to(PACKAGE)}:{node.lineno}: {layer(module)} must not import {target} ({name})"
                )
    assert not broken, "\n".join(broken)


def test_no_module_imports_the_package_root() -> None:
    submodules = {m.split(".")[0] for m, _ in modules()}
    broken = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for module, path in modules()
        for name, node, _ in imports_of(path)
        if name == "kerascope" or (name.startswith("kerascope.") and name.split(".")[1] not in submodules)
    ]
    assert not broken, "import the module that defines the name:\n" + "\n".join(broken)


def test_backends_are_imported_only_in_files_named_after_them() -> None:
    broken = []
    for _module, path in modules():
        for name, node, typing_only in imports_of(path):
            package = name.split(".")[0]
            if (
                package in BACKENDS
                and not typing_only
                and package.removesuffix("lib") not in (path.stem, path.parent.name)
            ):
                broken.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {package}")
    assert not broken, "\n".join(broken)


def test_there_is_no_import_cycle() -> None:
    files = dict(modules())
    graph: dict[str, set[str]] = {module: set() for module in files}
    for module, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top_level = {id(n) for n in ast.iter_child_nodes(tree)}
        for name, node, typing_only in imports_of(path):
            if typing_only or id(node) not in top_level or not name.startswith("kerascope."):
                continue
            short = name.removeprefix("kerascope.")
            target = short if short in files else short.rpartition(".")[0]
            if target in files and target != module:
                graph[module].add(target)
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, "import cycle: " + " -> ".join((*trail[trail.index(module) :], module))
        if module not in done:
            for target in sorted(graph[module]):
                visit(target, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("module", ["kerascope", "kerascope.tracking", "kerascope.errors"])
def test_the_training_process_loads_no_heavy_package(module: str) -> None:
    heavy = ["keras", "sqlalchemy", "starlette", "uvicorn", "PIL", "rich", "pandas", "alembic", *sorted(BACKENDS)]
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
