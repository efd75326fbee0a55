"""Laws of Graph."""

from __future__ import annotations

import json

import numpy as np
import pytest

from kerascope.blobs.store import BlobStore
from kerascope.media.graph import Graph


def graph() -> Graph:
    nodes = [
        {"id": "input", "name": "input", "class_name": "InputLayer", "output_shape": [(None, 4)], "num_parameters": 0},
        {"id": "dense", "class_name": "Dense", "output_shape": (None, 3), "num_parameters": np.int64(15), "flops": 27},
    ]
    return Graph(nodes, [("input", "dense"), ("input", "dense")], flops=27)


def test_file_has_the_form_of_the_contract(blobs: BlobStore) -> None:
    value = graph().to_value(blobs, "graph", None)
    content = json.loads(blobs.read(value["sha256"]))
    assert value["_type"] == "graph-file"
    assert value["path"] == f"media/graph/graph_summary_{value['sha256'][:20]}.graph.json"
    assert content["format"] == "keras"
    assert content["nodes"][0]["output_shape"] == [[None, 4]]
    assert content["nodes"][1] == {
        "name": "dense",
        "id": "dense",
        "class_name": "Dense",
        "output_shape": [None, 3],
        "num_parameters": 15,
        "flops": 27,
    }
    assert content["edges"] == [["input", "dense"], ["input", "dense"]]
    assert content["flops"] == 27


def test_graph_comes_back_from_its_value(blobs: BlobStore) -> None:
    assert Graph.from_value(graph().to_value(blobs, "graph", None), blobs) == graph()


@pytest.mark.parametrize(
    ("nodes", "edges"),
    [([{"id": 1}], []), ([{"id": "a"}] * 2, []), ([{"id": "a"}], [("a", "b")]), ([], ["ab"]), (3, []), ([], 3)],
)
def test_wrong_nodes_and_edges_are_refused(nodes: list, edges: list) -> None:
    with pytest.raises((ValueError, TypeError), match="Received"):
        Graph(nodes, edges)
