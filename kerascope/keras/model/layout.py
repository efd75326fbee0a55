"""What goes into a model and what comes out: names, shapes and the container they travel in.

Pure: it reads a model and never changes it. A model whose ends are not known before it has seen data (a subclassed
model, an unbuilt `Sequential`) has no layout yet; its data is then taken as it comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kerascope.keras.model.internals import tree

Kind = Literal["single", "list", "dict", "nested"]
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Ends:
    """One side of a model.

    Attributes:
        names: Names of the inputs or outputs, unique, in the order of the model.
        shapes: Their shapes with the batch axis, in the same order.
        kind: The container in which Keras expects or returns them.
        struct: The container itself, for `kind="nested"`.
        texts: Names of those that hold text.
    """

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    kind: Kind
    struct: Any = None
    texts: frozenset[str] = frozenset()

    def pack(self, values: Sequence[Any]) -> Any:
        """Puts a flat list of values, one per name, into the container of this side."""
        if self.kind == "single":
            return values[0]
        if self.kind == "dict":
            return dict(zip(self.names, values, strict=True))
        if self.kind == "nested":
            return tree.pack_sequence_as(self.struct, list(values))
        return list(values)


@dataclass(frozen=True)
class Layout:
    """Both sides of a model."""

    inputs: Ends
    outputs: Ends


def read_layout(model: Any) -> Layout | None:
    """Returns the layout of a functional model or built `Sequential`, and None for any other model."""
    graph = model if hasattr(model, "_inputs_struct") else getattr(model, "_functional", None)
    if graph is None:
        return None
    # Inputs go by the names of their layers: a tensor without a name of its own has a number that nobody knows.
    input_names = [tensor._keras_history.operation.name for tensor in graph.inputs]
    output_names = [tensor._keras_history.operation.name for tensor in graph.outputs]
    return Layout(
        inputs=_ends(graph._inputs_struct, graph.inputs, input_names),
        outputs=_ends(graph._outputs_struct, graph.outputs, output_names),
    )


def output_names_of(y_pred: Any, count: int) -> tuple[str, ...]:
    """Names for the outputs of a model without a layout: the keys of a dict, else output_1, output_2, ..."""
    if isinstance(y_pred, Mapping) and len(y_pred) == count:
        return tuple(str(key) for key in sorted(y_pred))
    return tuple(f"output_{index + 1}" for index in range(count))


def _ends(struct: Any, flat: Sequence[Any], names: list[str]) -> Ends:
    shapes = tuple(tuple(tensor.shape) for tensor in flat)
    texts = frozenset(name for name, tensor in zip(names, flat, strict=True) if tensor.dtype == "string")
    kind: Kind = "nested"
    if not isinstance(struct, list | tuple | Mapping):
        kind = "single"
    elif isinstance(struct, Mapping) and all(hasattr(struct[key], "shape") for key in struct):
        # Keras flattens dicts by sorted key; names and shapes must follow the same order.
        kind, names = "dict", sorted(struct)
        shapes = tuple(tuple(struct[name].shape) for name in names)
        texts = frozenset(name for name in names if struct[name].dtype == "string")
    elif not isinstance(struct, Mapping) and all(hasattr(item, "shape") for item in struct):
        kind = "list" if len(flat) > 1 else "single"
    return Ends(_unique(names), shapes, kind, struct, texts)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Appends _1, _2, ... to names that occur more than once."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        result.append(name if not count else f"{name}_{count}")
    return tuple(result)
