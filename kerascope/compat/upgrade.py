"""Writes a script's old names as today's: small replacements at the places the syntax tree names, all else stays byte for byte.

Promises: comments and formatting are kept; a script in today's names is not changed; what cannot be written by rule is listed with
its line, never guessed. Not for: running anything; only keras is imported, to know which arguments its classes take.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kerascope.compat import tables
from kerascope.compat.arguments import is_keras_1_kernel
from kerascope.compat.runner import asks_for_acc

_METHOD_RENAMES = {"fit_generator": "fit", "evaluate_generator": "evaluate", "predict_generator": "predict"}
_NOT_TAKEN = {"workers", "use_multiprocessing", "max_queue_size", "max_q_size", "nb_worker", "pickle_safe"}
_BY_HAND = {"samples_per_epoch", "nb_val_samples", "val_samples"}
_FORMATS = {"th": "channels_first", "tf": "channels_last"}
_KERNELS = {"Conv2D": 2, "Conv2DTranspose": 2, "SeparableConv2D": 2, "Conv3D": 3, "Conv3DTranspose": 3}
_RATE = "InverseTimeDecay"


@dataclass(frozen=True)
class Edit:
    """Bytes `start` to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass
class Upgraded:
    """An upgraded script.

    Args:
        source: its new text.
        left: what must be done by hand: (line, sentence).
    """

    source: str
    left: list[tuple[int, str]] = field(default_factory=list)


def upgrade(source: str) -> Upgraded:
    """Returns a script with its old names written as today's.

    Args:
        source: Python source.

    Raises:
        SyntaxError: if it is none.
    """
    tree = ast.parse(source)
    text = _Text(source)
    work = _Upgrade(text, tree)
    work.run()
    return Upgraded(text.applied(work.edits), sorted(set(work.left)))


class _Text:
    """Source as bytes, addressed as the syntax tree does."""

    def __init__(self, source: str) -> None:
        self.data = source.encode()
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def start(self, node: Any) -> int:
        return self.at(node.lineno, node.col_offset)

    def end(self, node: Any) -> int:
        return self.at(node.end_lineno, node.end_col_offset)

    def of(self, node: Any) -> str:
        return self.data[self.start(node) : self.end(node)].decode()

    def applied(self, edits: list[Edit]) -> str:
        data = self.data
        done = len(data) + 1
        for edit in sorted(set(edits), key=lambda one: (one.start, one.end), reverse=True):
            if edit.end <= done:
                data = data[: edit.start] + edit.text.encode() + data[edit.end :]
                done = edit.start
        return data.decode()


class _Upgrade:
    def __init__(self, text: _Text, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.edits: list[Edit] = []
        self.left: list[tuple[int, str]] = []
        self._renamed: dict[str, str] = {}
        self._needs_rate = False
        self._old_accuracy = asks_for_acc(tree)

    def run(self) -> None:
        nodes = list(ast.walk(self.tree))
        for node in nodes:
            if isinstance(node, ast.ImportFrom):
                self._import_from(node)
            elif isinstance(node, ast.Import):
                self._import(node)
        for node in nodes:
            if isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.Name) and node.id in self._renamed:
                self._replace(node, self._renamed[node.id])
            elif isinstance(node, ast.Attribute):
                self._attribute(node)
            elif isinstance(node, ast.Constant) and self._old_accuracy and node.value in ("acc", "val_acc"):
                quote = self.text.of(node)[0]
                if quote in "'\"":
                    self._replace(node, f"{quote}{node.value}uracy{quote}")
        if self._needs_rate:
            self._import_rate()

    def _replace(self, node: Any, text: str) -> None:
        self.edits.append(Edit(self.text.start(node), self.text.end(node), text))

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            new = _today(alias.name)
            if new == alias.name:
                continue
            if alias.asname is None and alias.name not in ("wandb",):
                self.left.append((node.lineno, f"`import {alias.name}` is `import {new}` now, under its own name."))
                continue
            self._replace(alias, f"{new} as {alias.asname or alias.name}")

    def _import_from(self, node: ast.ImportFrom) -> None:
        if node.level or node.module is None:
            return
        if self._is_backend(node):
            return
        if node.module == "tensorflow" and len(node.names) == 1:
            self._import_module(node, node.names[0])
            return
        homes = {alias.name: _home(node.module, alias.name) for alias in node.names}
        home = homes[node.names[0].name].module
        if all(one.module == home and not one.is_module for one in homes.values()):
            self._rewrite_names(node, home, homes)
            return
        lines = []
        for alias in node.names:
            found = homes[alias.name]
            short = alias.asname or (alias.name if found.is_module and found.name != alias.name else None)
            start = f"from {found.module} import" if found.module else "import"
            lines.append(f"{start} {found.name}" + (f" as {short}" if short else ""))
            if found.name != alias.name and short is None:
                self._renamed[alias.name] = found.name
        self._replace(node, f"\n{' ' * node.col_offset}".join(dict.fromkeys(lines)))

    def _rewrite_names(self, node: ast.ImportFrom, home: str, homes: dict[str, _Home]) -> None:
        """Changes module and names in place, so that line breaks and comments between them stay."""
        if home != node.module:
            place = self.text.data.index(str(node.module).encode(), self.text.start(node))
            self.edits.append(Edit(place, place + len(str(node.module)), home))
        for alias in node.names:
            name = homes[alias.name].name
            if name != alias.name:
                self._replace(alias, name if alias.asname is None else f"{name} as {alias.asname}")
                if alias.asname is None:
                    self._renamed[alias.name] = name

    def _is_backend(self, node: ast.ImportFrom) -> bool:
        """`from keras import backend as K`, where functions are used that only the stand-in has."""
        (alias, *more) = node.names
        if more or alias.name != "backend" or node.module not in ("keras", "tensorflow.keras", "keras_core"):
            return False
        short = alias.asname or alias.name
        import keras

        used = {
            one.attr
            for one in ast.walk(self.tree)
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == short
        }
        if all(hasattr(keras.backend, one) for one in used):
            return node.module == "keras"
        self._replace(node, f"from kerascope.compat import backend{f' as {short}' if short != 'backend' else ''}")
        return True

    def _import_module(self, node: ast.ImportFrom, alias: ast.alias) -> None:
        """`from tensorflow import keras`."""
        whole = f"{node.module}.{alias.name}"
        new = _today(whole)
        short = alias.asname or alias.name
        if new == whole:
            return
        if "." not in new:
            self._replace(node, f"import {new}" if short == new else f"import {new} as {short}")
        else:
            parent, _, child = new.rpartition(".")
            self._replace(node, f"from {parent} import {child} as {short}")

    def _attribute(self, node: ast.Attribute) -> None:
        """`keras.layers.Convolution2D` and `wandb.keras.WandbCallback`."""
        path = _dotted(node)
        if path is None:
            return
        module, _, name = path.rpartition(".")
        target = tables.KERAS_NAMES.get(module, {}).get(name, "")
        if target.startswith("keras.") and ":" in target and not target.startswith("keras.src"):
            self._replace(node, target.replace(":", "."))
        elif path.endswith("optimizer.lr"):
            self._replace(node, self.text.of(node.value) + ".learning_rate")

    def _call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        name = self._renamed.get(name, name)
        if isinstance(node.func, ast.Attribute) and name in tables.METHODS:
            self._method(node, node.func)
        elif isinstance(node.func, ast.Attribute) and name == "fit":
            self._keywords(node, {"nb_epoch": "epochs"})
        elif isinstance(node.func, ast.Attribute) and name == "compile":
            for one, keyword in zip(node.args[2:4], ("metrics", "loss_weights"), strict=False):
                self.edits.append(Edit(self.text.start(one), self.text.start(one), f"{keyword}="))
        elif name in ("Model",):
            self._keywords(node, {"input": "inputs", "output": "outputs"})
        else:
            self._constructor(node, tables.KERAS_NAMES["keras.layers"].get(name, name).rpartition(":")[2])

    def _method(self, node: ast.Call, callee: ast.Attribute) -> None:
        if callee.attr not in _METHOD_RENAMES:
            sentence = f"`{callee.attr}` is gone: write {tables.METHODS[callee.attr]}."
            self.left.append((node.lineno, sentence))
            return
        end = self.text.end(callee)
        for one in node.keywords:
            if one.arg in _BY_HAND and not self._count_batches(node, one):
                self.left.append((node.lineno, f"`{one.arg}` counts samples: write the number of batches."))
        self.edits.append(Edit(end - len(callee.attr), end, _METHOD_RENAMES[callee.attr]))
        names = {"nb_epoch": "epochs", "generator": "x", **{one: tables.METHOD_ARGUMENTS[one] for one in _BY_HAND}}
        self._keywords(node, names)
        self._drop(node, [one for one in node.keywords if one.arg in _NOT_TAKEN])

    def _count_batches(self, node: ast.Call, counted: ast.keyword) -> bool:
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
        self._replace(counted.value, f"-(-({self.text.of(counted.value)}) // ({self.text.of(sizes[0])}))")
        return True

    def _keywords(self, node: ast.Call, names: dict[str, str]) -> None:
        for one in node.keywords:
            if one.arg in names:
                start = self.text.start(one)
                self.edits.append(Edit(start, start + len(one.arg), names[one.arg]))

    def _drop(self, node: ast.Call, doomed: list[ast.keyword]) -> None:
        """Takes keywords out of a call, with the comma before each (or after it, if it is the first)."""
        parts: list[Any] = sorted([*node.args, *node.keywords], key=self.text.start)
        for one in doomed:
            place = parts.index(one)
            if place:
                self.edits.append(Edit(self.text.end(parts[place - 1]), self.text.end(one), ""))
            elif len(parts) > 1:
                self.edits.append(Edit(self.text.start(one), self.text.start(parts[1]), ""))
            else:
                self._replace(one, "")

    def _constructor(self, node: ast.Call, name: str) -> None:
        kind = _keras_class(name)
        if kind is None:
            return
        import keras

        if issubclass(kind, keras.layers.Layer):
            self._layer(node, name, set(inspect.signature(kind.__init__).parameters))
        elif issubclass(kind, keras.optimizers.Optimizer):
            self._optimizer(node)
        elif name in tables.CALLBACK_ARGUMENTS:
            names = tables.CALLBACK_ARGUMENTS[name]
            self._keywords(node, {old: new for old, new in names.items() if new and old != "period"})
            self._drop(node, [one for one in node.keywords if names.get(one.arg or "") == ""])

    def _layer(self, node: ast.Call, name: str, known: set[str]) -> None:
        rank = _KERNELS.get(name, 0)
        size = node.args[1 : 1 + rank]
        numbers = [one.value for one in size if isinstance(one, ast.Constant) and type(one.value) is int]
        if rank and len(numbers) == rank and is_keras_1_kernel(numbers, [one.arg or "" for one in node.keywords]):
            self.edits.append(Edit(self.text.start(size[0]), self.text.start(size[0]), "("))
            self.edits.append(Edit(self.text.end(size[-1]), self.text.end(size[-1]), ")"))
        doomed = []
        for one in node.keywords:
            old = one.arg or ""
            if not old or old in known:
                continue
            new = next((name for name in tables.LAYER_ARGUMENTS.get(old, ()) if name in known), None)
            if new is not None:
                start = self.text.start(one)
                self.edits.append(Edit(start, start + len(old), new))
                if isinstance(one.value, ast.Constant) and new == "data_format" and one.value.value in _FORMATS:
                    self._replace(one.value, repr(_FORMATS[one.value.value]))
            elif old in tables.DROPPED_ARGUMENTS and not (old == "input_length" and name != "Embedding"):
                doomed.append(one)
            elif old in ("nb_row", "nb_col", "kernel_dim1"):
                self.left.append((node.lineno, f"`{old}` is part of kernel_size=(rows, columns)."))
        self._drop(node, doomed)

    def _optimizer(self, node: ast.Call) -> None:
        by_name = {one.arg: one for one in node.keywords}
        rate, decay = by_name.get("lr") or by_name.get("learning_rate"), by_name.get("decay")
        doomed = [one for one in (decay, by_name.get("schedule_decay")) if one is not None]
        epsilon = by_name.get("epsilon")
        if epsilon is not None and isinstance(epsilon.value, ast.Constant) and epsilon.value.value is None:
            doomed.append(epsilon)
        none = decay is None or (isinstance(decay.value, ast.Constant) and not decay.value.value)
        if rate is not None and decay is not None and not none:
            values = f"{self.text.of(rate.value)}, 1, {self.text.of(decay.value)}"
            self._replace(rate, f"learning_rate={_RATE}({values})")
            self._needs_rate = True
        elif rate is not None:
            self._keywords(node, tables.OPTIMIZER_ARGUMENTS)
            if not none:
                self.left.append((node.lineno, f"`decay` is part of the learning rate: {_RATE}(rate, 1, decay)."))
        elif not none:
            self.left.append((node.lineno, f"`decay` is part of the learning rate: {_RATE}(rate, 1, decay)."))
        self._drop(node, doomed)

    def _import_rate(self) -> None:
        last = max(
            (one for one in self.tree.body if isinstance(one, ast.Import | ast.ImportFrom)),
            key=lambda one: one.lineno,
            default=None,
        )
        place = self.text.end(last) if last is not None else 0
        line = f"from keras.optimizers.schedules import {_RATE}"
        self.edits.append(Edit(place, place, f"\n{line}" if last is not None else f"{line}\n"))


def _today(module: str) -> str:
    """Returns the module path of today."""
    for old, new in tables.PACKAGES.items():
        if module == old or module.startswith(f"{old}."):
            module = new + module.removeprefix(old)
    found = tables.KERAS_MODULES.get(module) or tables.WANDB_MODULES.get(module)
    if not found:
        return module
    return next((one for one in found if one.startswith(("keras", "kerascope"))), module)


@dataclass(frozen=True)
class _Home:
    """Where a name is to be imported from today; `module` is "" for `import name`."""

    module: str
    name: str
    is_module: bool = False


def _home(old: str, name: str) -> _Home:
    """Returns module and name of what `from old import name` means."""
    for package, new in tables.PACKAGES.items():
        if old == package or old.startswith(f"{package}."):
            old = new + old.removeprefix(package)
    for modules in (tables.KERAS_MODULES, tables.WANDB_MODULES):
        targets = modules.get(f"{old}.{name}")
        if targets:
            parent, _, child = targets[0].rpartition(".")
            return _Home(parent, child, True)
    today = _today(old)
    for place in (today, *tables.KERAS_MODULES.get(old, ()), *tables.WANDB_MODULES.get(old, ())):
        target = tables.KERAS_NAMES.get(place, {}).get(name, "")
        if ":" in target:
            home, _, new = target.partition(":")
            return _Home(home, new)
        if _has(place, name):
            return _Home(place, name)
    if today == "keras.backend" and _has("kerascope.compat.backend", name):
        return _Home("kerascope.compat.backend", name)
    return _Home(today, name)


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def _keras_class(name: str) -> Any:
    import keras

    for home in (keras.layers, keras.optimizers, keras.callbacks):
        found = getattr(home, name, None)
        if isinstance(found, type):
            return found
    return None


def _dotted(node: ast.Attribute) -> str | None:
    return ".".join(reversed(list(_parts(node)))) or None


def _parts(node: Any) -> Iterator[str]:
    while isinstance(node, ast.Attribute):
        yield node.attr
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
