"""Default values of the script's age, written out where a call relies on them: `GRU(8)` as `GRU(8, reset_after=False)`.

Promises: what a call gives stays as it is, and a script of today or of no age is not changed. The values are those that
`kerascope run` uses (`tables.DEFAULTS`), so that both give the same results.
"""

from __future__ import annotations

import ast
import inspect
from typing import Any

from kerascope.compat import tables
from kerascope.compat.ages import age_of
from kerascope.compat.defaults import HARD_SIGMOID, of_release
from kerascope.compat.upgrade.homes import keras_class
from kerascope.compat.upgrade.work import Work

_OLD_GATE = "old_hard_sigmoid"
_ACTIVATIONS = ("activation", "recurrent_activation", "inner_activation")


def write_usual(work: Work) -> None:
    """Writes the defaults of the script's age into its calls of layers and optimizers, and `hard_sigmoid` as it was."""
    release = age_of(work.tree)
    usual = of_release(release)
    if not usual:
        return
    for node in ast.walk(work.tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name_of(node)
        if name in usual:
            _complete(work, node, name, usual[name])
        if name == "compile":
            _optimizer_by_name(work, node, usual)
        _old_hard_sigmoids(work, node, name)


def _name_of(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else str(getattr(node.func, "id", ""))


def _complete(work: Work, node: ast.Call, name: str, usual: dict[str, Any]) -> None:
    kind = keras_class(name)
    places = {
        one: place for place, one in enumerate(inspect.signature(kind.__init__).parameters)
    }  # that of `self` is 0
    given = {today for one in node.keywords for today in _todays(one.arg or "")}
    missing = {
        one: value for one, value in usual.items() if one not in given and len(node.args) < places.get(one, len(places))
    }
    if not missing:
        return
    if any(one.arg is None for one in node.keywords) or any(isinstance(one, ast.Starred) for one in node.args):
        written = ", ".join(f"{one}={_written(value)}" for one, value in missing.items())
        work.leave(node, f"`{name}` had other default values: add {written} unless they are given.")
        return
    if HARD_SIGMOID in missing.values():
        _import_old_gate(work)
    work.append(node, [f"{one}={_written(value)}" for one, value in missing.items()])


def _todays(keyword: str) -> tuple[str, ...]:
    """What a keyword may be called today."""
    renamed = tables.OPTIMIZER_ARGUMENTS.get(keyword)
    return (keyword, *tables.LAYER_ARGUMENTS.get(keyword, ()), *([renamed] if renamed else []))


def _written(value: Any) -> str:
    return _OLD_GATE if value == HARD_SIGMOID else repr(value)


def _optimizer_by_name(work: Work, node: ast.Call, usual: dict[str, dict[str, Any]]) -> None:
    """`compile(optimizer="adadelta")`, whose learning rate is that of the class."""
    given = [one.value for one in node.keywords if one.arg == "optimizer"] or node.args[:1]
    for one in given:
        if not isinstance(one, ast.Constant) or not isinstance(one.value, str):
            continue
        name = next((kind for kind in usual if kind.lower() == one.value.lower()), None)
        if name is not None:
            values = ", ".join(f"{argument}={_written(value)}" for argument, value in usual[name].items())
            work.replace(one, f"{name}({values})")
            work.imports.append(f"from keras.optimizers import {name}")


def _old_hard_sigmoids(work: Work, node: ast.Call, name: str) -> None:
    """`activation="hard_sigmoid"`, which is another formula today."""
    given = [one.value for one in node.keywords if one.arg in _ACTIVATIONS]
    given += node.args[:1] if name == "Activation" else node.args[1:3] if keras_class(name) is not None else []
    for one in given:
        if isinstance(one, ast.Constant) and one.value == "hard_sigmoid":
            work.replace(one, _OLD_GATE)
            _import_old_gate(work)


def _import_old_gate(work: Work) -> None:
    work.imports.append(f"from kerascope.compat.backend import hard_sigmoid as {_OLD_GATE}")
