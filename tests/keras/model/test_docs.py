"""The page of the classic Model is true: its examples run, and every method has a section."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "classic_model.md").read_text(encoding="utf-8")
METHODS = (
    "compile",
    "fit",
    "evaluate",
    "predict",
    "train_on_batch",
    "test_on_batch",
    "predict_on_batch",
    "fit_generator",
    "evaluate_generator",
    "predict_generator",
    "get_layer",
)


def test_examples_run():
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) > 10
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/classic_model.md", "exec"), names)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_section(method):
    assert f"\n## {method}\n" in PAGE
