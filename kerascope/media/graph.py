"""Graph: the layers of a model and how they are connected.

Value: `_type` `graph-file`; the file's form is in `docs/media.md`. Not for: walking a model (the callbacks do that).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.jsonable import to_jsonable
from kerascope.media.base import Media, Value, dump_json, store_bytes

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

NODE_FIELDS = ("name", "id", "class_name", "output_shape", "num_parameters")


class Graph(Media):
    """Nodes and edges of a model.

    Args:
        nodes: maps with at least `id`; usually also `name`, `class_name`, `output_shape` and `num_parameters`, and whatever else
            is known of a layer: `input_shape`, `dtype`, `trainable`, `flops`, `units`, `activation`, ...
        edges: pairs (from id, to id), one per call of a layer.
        format: what kind of graph it is; "keras".
        **facts: what is known of the whole model, such as `flops`, `flops_unit`, `num_parameters`.

    Raises:
        WrongTypeError: if nodes or edges have another form.
        WrongValueError: if an id occurs twice or an edge names no node.
    """

    kind: ClassVar[str] = "graph-file"

    def __init__(
        self,
        nodes: Sequence[Mapping[str, Any]] = (),
        edges: Sequence[Sequence[str]] = (),
        format: str = "keras",
        **facts: Any,
    ) -> None:
        if not isinstance(nodes, Iterable) or not isinstance(edges, Iterable):
            raise WrongTypeError(f"`nodes` and `edges` must be lists. Received: nodes={nodes!r}, edges={edges!r}.")
        self.format = format
        self.nodes: list[dict[str, Value]] = []
        self.edges: list[list[str]] = []
        self.facts: dict[str, Value] = to_jsonable(facts)
        self._ids: set[str] = set()
        for node in nodes:
            self.add_node(**node)
        for edge in edges:
            if isinstance(edge, str) or len(edge) != 2:
                raise WrongTypeError(f"Each edge must be a pair (from id, to id). Received: {edge!r}.")
            self.add_edge(*edge)

    def add_node(self, id: str, **fields: Any) -> None:
        """Adds a node; `fields` as the class says. `name` is the id unless given.

        Raises:
            WrongTypeError: if the id is no text.
            WrongValueError: if there is a node of that id.
        """
        if not isinstance(id, str):
            raise WrongTypeError(f"The `id` of a node must be text. Received: id={id!r}.")
        if id in self._ids:
            raise WrongValueError(f"The `id` of a node must be unique. Received: id={id!r} twice.")
        self._ids.add(id)
        node = {"name": id, "id": id, **to_jsonable(fields)}
        ordered = [field for field in NODE_FIELDS if field in node] + [
            field for field in node if field not in NODE_FIELDS
        ]
        self.nodes.append({field: node[field] for field in ordered})

    def add_edge(self, source: str, target: str) -> None:
        """Adds an edge from node `source` to node `target`, both ids.

        Raises:
            WrongValueError: if one of the nodes is not there yet.
        """
        for end in (source, target):
            if end not in self._ids:
                raise WrongValueError(f"An edge must connect nodes of the graph. Received: {end!r}, which is no node.")
        self.edges.append([source, target])

    def to_json(self) -> dict[str, Value]:
        """Returns the content of the graph file."""
        return {"format": self.format, "nodes": self.nodes, "edges": self.edges, **self.facts}

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the `graph-file` map and writes the graph file (`media/graph/<key>_summary_<digest>.graph.json` without step)."""
        stored = store_bytes(blobs, dump_json(self.to_json()), "graph", key, step, "graph.json")
        if key and step is None:
            stored["path"] = (
                f"media/graph/{re.sub('[^A-Za-z0-9_.-]+', '_', key)}_summary_{stored['sha256'][:20]}.graph.json"
            )
        return {"_type": self.kind, **stored}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Graph({len(self.nodes)} nodes, {len(self.edges)} edges)"

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Graph:
        """Returns the graph that `to_value` made `value` of."""
        import json

        content = json.loads(blobs.path(value["sha256"]).read_bytes())
        return cls(**content)
