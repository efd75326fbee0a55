"""Which age a script is of, from its syntax alone: the release of Keras whose default values it was written for.

Promises: a script with a sign of Keras 3 is of today, one without a sign of any age too. Not for: anything but defaults and metric
names; old names work in scripts of every age.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kerascope.compat import tables

_TODAY = {"ops", "random", "saving", "distribution", "Variable", "KerasTensor", "tree", "quantizers"}
_TODAY_CALLBACKS = {"WandbMetricsLogger", "WandbModelCheckpoint", "WandbEvalCallback"}
_KERAS_1 = {
    "nb_epoch", "samples_per_epoch", "nb_val_samples", "val_samples", "nb_filter", "nb_row", "nb_col", "border_mode", "subsample",
    "dim_ordering", "filter_length", "pool_length", "inner_activation", "inner_init", "W_regularizer", "b_regularizer",
    "U_regularizer", "W_constraint", "b_constraint", "dropout_W", "dropout_U", "init", "max_q_size", "nb_worker", "show_accuracy",
}  # fmt: skip
_KERAS_1_NAMES = {
    "Convolution1D", "Convolution2D", "Convolution3D", "AtrousConvolution2D", "Deconvolution2D", "Merge", "TimeDistributedDense",
    "set_image_dim_ordering", "image_dim_ordering",
}  # fmt: skip
_KERAS_2 = {"input_dim", "input_length", "batch_input_shape", "schedule_decay", "write_grads"}
_OPTIMIZERS = {"sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam"}
_FIRST_LAYERS = {
    "Dense", "Conv1D", "Conv2D", "Conv3D", "SeparableConv2D", "LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "ConvLSTM2D",
    "Flatten", "Dropout", "Activation", "Reshape", "Permute", "Lambda", "Embedding", "Masking", "BatchNormalization", "Bidirectional",
    "TimeDistributed", "ZeroPadding2D", "MaxPooling1D", "MaxPooling2D", "GlobalAveragePooling2D", "GaussianNoise",
}  # fmt: skip
_OLD_MODULES = {"keras.backend", *tables.KERAS_MODULES}
_OLD_NAMES = {"np_utils", "Sequence", "multi_gpu_model", "CuDNNLSTM", "CuDNNGRU", *tables.METHODS}


def age_of(tree: ast.Module) -> str:
    """Returns the release whose defaults a script means: "2.2", "2.3", "2.15" or "3", as in `kerascope.compat.defaults`.

    Args:
        tree: its syntax.
    """
    imported = set(_imported(tree))
    if not any(one.partition(".")[0] in ("keras", "tensorflow", "tf_keras") for one in imported):
        return "3"
    names, keywords, texts = _words(tree)
    if _is_of_today(imported, texts) or any(_says(tree, one, {"keras"}) for one in _TODAY):
        return "3"
    if any(one.startswith(("tensorflow.keras", "tensorflow.python.keras", "tf_keras")) for one in imported) or _says(
        tree, "keras", {"tf", "tensorflow"}
    ):
        return "2.15"
    if names & _TODAY_CALLBACKS:
        return "2.15"
    if keywords & _KERAS_1 or names & _KERAS_1_NAMES or asks_for_acc(tree):
        return "2.2"
    homes = {one.rpartition(".")[0] for one in imported}
    is_old = "__future__" in homes or (imported | homes) & _OLD_MODULES or keywords & _KERAS_2 or names & _OLD_NAMES
    return "2.3" if is_old else "3"


def asks_for_acc(tree: ast.Module) -> bool:
    """Returns whether a script reads the metric `accuracy` under its name before Keras 2.3, `acc`."""
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    formatted = " ".join(words)
    reads_old = bool({"acc", "val_acc"} & words) or "{val_acc" in formatted or "{acc" in formatted
    reads_old = reads_old or any(
        one.startswith("val_") and one.endswith("_acc") for one in words
    )  # of one of several outputs
    reads_new = "val_accuracy" in words or any(_reads(node, "accuracy") for node in ast.walk(tree))
    return reads_old and not reads_new


def _reads(node: ast.AST, key: str) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == key


def _imported(tree: ast.Module) -> Iterator[str]:
    """Every imported path: modules, and names with the module before them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _words(tree: ast.Module) -> tuple[set[str], set[str], set[str]]:
    """Names, keywords of calls, and texts of a script; `input_shape` of a first layer counts as `input_dim`, and so does `lr`."""
    names: set[str] = set()
    keywords: set[str] = set()
    texts: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.name.rpartition(".")[2])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = {one.arg for one in node.keywords if one.arg}
            keywords |= given
            if ("input_shape" in given and called in _FIRST_LAYERS) or (
                given & {"lr", "decay"} and called.lower() in _OPTIMIZERS
            ):
                keywords.add("input_dim")
    return names, keywords, texts


def _is_of_today(imported: set[str], texts: set[str]) -> bool:
    return (
        any(one == f"keras.{new}" or one.startswith(f"keras.{new}.") for one in imported for new in _TODAY)
        or any(one.startswith("keras_core") for one in imported)
        or "KERAS_BACKEND" in texts
        or any(text.endswith((".keras", ".weights.h5")) for text in texts)
    )


def _says(tree: ast.Module, attribute: str, owners: set[str]) -> bool:
    """Whether `owner.attribute` is written anywhere."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == attribute
        and isinstance(node.value, ast.Name)
        and node.value.id in owners
        for node in ast.walk(tree)
    )
