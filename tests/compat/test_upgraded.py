"""What `kerascope upgrade` writes runs without the runner."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

from kerascope.compat.upgrade import upgrade
from tests.compat.test_corpus import SCRIPTS, files_for, outcome

# Each of them uses other things that were renamed.
EXECUTED = (
    "y2016_pretrained_embeddings",
    "y2016_siamese",
    "y2018_capsule",
    "y2018_custom_layer",
    "y2018_old_defaults",
    "y2018_seq2seq",
    "y2023_eval_callback",
    "y2023_metrics_logger",
)


def test_upgraded_scripts_import_what_exists() -> None:
    missing = []
    for path in files_for("jax"):
        if path.stem == "y2023_missing":  # it asks for what is not there
            continue
        for node in ast.walk(ast.parse(upgrade(path.read_text()).source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("keras", "kerascope"):
                module = importlib.import_module(str(node.module))
                missing += [
                    f"{path.stem}: {node.module}.{one.name}"
                    for one in node.names
                    if one.name != "*" and not hasattr(module, one.name) and not is_module(f"{node.module}.{one.name}")
                ]
    assert missing == []


def is_module(name: str) -> bool:
    """Whether a module of this name can be imported."""
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def test_upgraded_scripts_run_without_the_runner(tmp_path: Path) -> None:
    made = []
    for name in EXECUTED:
        upgraded = upgrade((SCRIPTS / f"{name}.py").read_text())
        assert upgraded.left == []
        made.append(tmp_path / f"{name}.py")
        made[-1].write_text(upgraded.source)
    assert outcome(made, "jax", tmp_path, "--plain") == {}
