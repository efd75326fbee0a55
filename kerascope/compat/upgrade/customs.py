"""Layers and functions of one's own: weights with a name first, and custom objects that are used by name.

Keras 3 takes the shape of a weight first, and does not look for an activation among the custom objects.
"""

from __future__ import annotations

import ast

from kerascope.compat.upgrade.work import Work

_WEIGHT = ("name", "shape", "dtype", "initializer")


def rewrite_customs(work: Work) -> None:
    """`self.add_weight("kernel", (3, 4))`, and `Activation("mine")` after `get_custom_objects().update({"mine": ...})`."""
    calls = [node for node in ast.walk(work.tree) if isinstance(node, ast.Call)]
    known = {name: value for node in calls for name, value in _registered(node).items()}
    for node in calls:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "add_weight":
            _weight(work, node)
        for given in _activations(node):
            if given.value in known:
                work.replace(given, work.text.of(known[str(given.value)]))


def _weight(work: Work, node: ast.Call) -> None:
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        for one, keyword in zip(node.args, _WEIGHT, strict=False):
            work.insert(work.text.start(one), f"{keyword}=")


def _registered(node: ast.Call) -> dict[str, ast.expr]:
    """What `get_custom_objects().update({...})` gives names to."""
    if not (isinstance(node.func, ast.Attribute) and node.func.attr == "update" and node.args):
        return {}
    owner = node.func.value.func if isinstance(node.func.value, ast.Call) else None
    named = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    given = node.args[0]
    if named != "get_custom_objects" or not isinstance(given, ast.Dict):
        return {}
    return {
        str(key.value): value
        for key, value in zip(given.keys, given.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Name | ast.Attribute | ast.Call)
    }


def _activations(node: ast.Call) -> list[ast.Constant]:
    """The texts of a call that name an activation."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = [one.value for one in node.keywords if one.arg in ("activation", "recurrent_activation")]
    if name == "Activation":
        given += node.args[:1]
    return [one for one in given if isinstance(one, ast.Constant)]
