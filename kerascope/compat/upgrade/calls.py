"""Calls: constructors and methods with arguments of today."""

from __future__ import annotations

import ast
import inspect

from kerascope.compat import tables
from kerascope.compat.arguments import is_keras_1_kernel
from kerascope.compat.upgrade.homes import imports_keras, keras_class
from kerascope.compat.upgrade.text import Edit
from kerascope.compat.upgrade.work import Work

_METHOD_RENAMES = {"fit_generator": "fit", "evaluate_generator": "evaluate", "predict_generator": "predict"}
_NOT_TAKEN = {"workers", "use_multiprocessing", "max_queue_size", "max_q_size", "nb_worker", "pickle_safe"}
_BY_HAND = {"samples_per_epoch", "nb_val_samples", "val_samples"}
_FORMATS = {"th": "channels_first", "tf": "channels_last"}
_KERNELS = {"Conv2D": 2, "Conv2DTranspose": 2, "SeparableConv2D": 2, "Conv3D": 3, "Conv3DTranspose": 3}
_RATE = "InverseTimeDecay"


def rewrite_call(work: Work, node: ast.Call) -> None:
    """`Dense(output_dim=3)`, `model.fit_generator(...)`."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    name = work.renamed.get(name, name)
    if isinstance(node.func, ast.Attribute) and name in tables.METHODS:
        _method(work, node, node.func)
    elif isinstance(node.func, ast.Attribute) and name == "fit":
        work.rename_keywords(node, {"nb_epoch": "epochs"})
    elif isinstance(node.func, ast.Attribute) and name == "compile":
        for one, keyword in zip(node.args[2:4], ("metrics", "loss_weights"), strict=False):
            work.insert(work.text.start(one), f"{keyword}=")
    elif name in ("Model",):
        work.rename_keywords(node, {"input": "inputs", "output": "outputs"})
    else:
        _constructor(work, node, tables.KERAS_NAMES["keras.layers"].get(name, name).rpartition(":")[2])


def _method(work: Work, node: ast.Call, callee: ast.Attribute) -> None:
    if callee.attr not in _METHOD_RENAMES:
        if not imports_keras(work.tree):  # other libraries have a `predict_proba` too
            return
        sentence = f"`{callee.attr}` is gone: write {tables.METHODS[callee.attr]}."
        work.leave(node, sentence)
        return
    end = work.text.end(callee)
    for one in node.keywords:
        if one.arg in _BY_HAND and not _count_batches(work, node, one):
            work.leave(node, f"`{one.arg}` counts samples: write the number of batches.")
    work.edits.append(Edit(end - len(callee.attr), end, _METHOD_RENAMES[callee.attr]))
    names = {"nb_epoch": "epochs", "generator": "x", **{one: tables.METHOD_ARGUMENTS[one] for one in _BY_HAND}}
    work.rename_keywords(node, names)
    work.drop(node, [one for one in node.keywords if one.arg in _NOT_TAKEN])


def _count_batches(work: Work, node: ast.Call, counted: ast.keyword) -> bool:
    """Divides a count of samples by the size of the batches, where the call that makes them says it."""
    streams = {one.arg: one.value for one in node.keywords}
    source = streams.get("validation_data") if counted.arg == "nb_val_samples" else streams.get("generator")
    if source is None and counted.arg != "nb_val_samples" and node.args:
        source = node.args[0]
    if isinstance(source, ast.Tuple):
        return True
    sizes = [one.value for one in getattr(source, "keywords", []) if one.arg == "batch_size"]
    if not sizes:
        return False
    work.replace(counted.value, f"-(-({work.text.of(counted.value)}) // ({work.text.of(sizes[0])}))")
    return True


def _constructor(work: Work, node: ast.Call, name: str) -> None:
    kind = keras_class(name)
    if kind is None:
        return
    import keras

    if issubclass(kind, keras.layers.Layer):
        _layer(work, node, name, set(inspect.signature(kind.__init__).parameters))
    elif issubclass(kind, keras.optimizers.Optimizer):
        _optimizer(work, node)
    elif name in tables.CALLBACK_ARGUMENTS:
        names = tables.CALLBACK_ARGUMENTS[name]
        work.rename_keywords(node, {old: new for old, new in names.items() if new and old != "period"})
        work.drop(node, [one for one in node.keywords if names.get(one.arg or "") == ""])


def _layer(work: Work, node: ast.Call, name: str, known: set[str]) -> None:
    rank = _KERNELS.get(name, 0)
    size = node.args[1 : 1 + rank]
    numbers = [one.value for one in size if isinstance(one, ast.Constant) and type(one.value) is int]
    if rank and len(numbers) == rank and is_keras_1_kernel(numbers, [one.arg or "" for one in node.keywords]):
        work.insert(work.text.start(size[0]), "(")
        work.insert(work.text.end(size[-1]), ")")
    doomed = []
    for one in node.keywords:
        old = one.arg or ""
        if not old or old in known:
            continue
        new = next((name for name in tables.LAYER_ARGUMENTS.get(old, ()) if name in known), None)
        if new is not None:
            start = work.text.start(one)
            work.edits.append(Edit(start, start + len(old), new))
            if isinstance(one.value, ast.Constant) and new == "data_format" and one.value.value in _FORMATS:
                work.replace(one.value, repr(_FORMATS[one.value.value]))
        elif old in tables.DROPPED_ARGUMENTS and not (old == "input_length" and name != "Embedding"):
            doomed.append(one)
        elif old in ("nb_row", "nb_col", "kernel_dim1"):
            work.leave(node, f"`{old}` is part of kernel_size=(rows, columns).")
    work.drop(node, doomed)


def _optimizer(work: Work, node: ast.Call) -> None:
    by_name = {one.arg: one for one in node.keywords}
    rate, decay = by_name.get("lr") or by_name.get("learning_rate"), by_name.get("decay")
    doomed = [one for one in (decay, by_name.get("schedule_decay")) if one is not None]
    epsilon = by_name.get("epsilon")
    if epsilon is not None and isinstance(epsilon.value, ast.Constant) and epsilon.value.value is None:
        doomed.append(epsilon)
    none = decay is None or (isinstance(decay.value, ast.Constant) and not decay.value.value)
    if rate is not None and decay is not None and not none:
        values = f"{work.text.of(rate.value)}, 1, {work.text.of(decay.value)}"
        work.replace(rate, f"learning_rate={_RATE}({values})")
        work.imports.append(f"from keras.optimizers.schedules import {_RATE}")
    elif rate is not None:
        work.rename_keywords(node, tables.OPTIMIZER_ARGUMENTS)
        if not none:
            work.leave(node, f"`decay` is part of the learning rate: {_RATE}(rate, 1, decay).")
    elif not none:
        work.leave(node, f"`decay` is part of the learning rate: {_RATE}(rate, 1, decay).")
    work.drop(node, doomed)
