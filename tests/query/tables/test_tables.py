"""Laws of table pages: the rows that pandas would give, read from stored tables."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import NotFoundError, UsageError
from kerascope.media.image import Image
from kerascope.media.joined import JoinedTable, PartitionedTable
from kerascope.media.table import Table
from kerascope.paths import StorePaths
from kerascope.query.table_records import (
    TableAggregate,
    TableGroup,
    TableJoin,
    TablePage,
    TableQuery,
    TableSource,
)
from kerascope.query.tables import Tables

rng = random.Random(1)
FRAME = pd.DataFrame(
    {
        "id": [f"r{n}" for n in range(200)],
        "score": [math.nan if n % 17 == 0 else rng.gauss(0, 1) for n in range(200)],
        "label": [rng.choice(["cat", "dog", None]) for _ in range(200)],
        "ok": [rng.random() < 0.5 for _ in range(200)],
    }
)


class Store:
    """A store with tables, and the pages of them."""

    def __init__(self, folder: Path) -> None:
        self.paths = StorePaths(folder)
        self.artifacts = ArtifactStore(self.paths)
        self.tables = Tables(self.paths)

    def put(self, table: Table) -> TableSource:
        return TableSource(sha256=table.to_value(self.artifacts.blobs, "t", 0)["sha256"])

    def page(self, source: TableSource, **query: object) -> TablePage:
        return self.tables.page(TableQuery(source=source, **query))  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def source(store: Store) -> TableSource:
    return store.put(Table(dataframe=FRAME))


def column(page: TablePage, name: str) -> list[object]:
    at = [one.name for one in page.columns].index(name)
    return [row[at] for row in page.rows]


def test_pages_are_filtered_sorted_and_counted(store: Store, source: TableSource) -> None:
    page = store.page(source, filter={"score": {"$gt": 0}, "label": {"$ne": "dog"}}, order=("-score", "id"), limit=5)
    wanted = FRAME[(FRAME.score > 0) & (FRAME.label != "dog")].sort_values("score", ascending=False)
    assert (page.row_count, page.total) == (200, len(wanted))
    assert column(page, "id") == wanted.id.tolist()[:5]
    assert page.row_numbers == tuple(wanted.index[:5])
    more = store.page(source, filter={"score": {"$gt": 0}, "label": {"$ne": "dog"}}, order=("-score", "id"), offset=5)
    assert column(more, "id") == wanted.id.tolist()[5:105]


def test_missing_values_come_last_in_both_directions(store: Store, source: TableSource) -> None:
    for order in ("score", "-score"):
        tail = column(store.page(source, order=(order,), limit=200), "score")[-12:]
        assert tail == ["NaN"] * 12
    assert column(store.page(source, order=("label",), limit=200), "label")[-1] is None


@pytest.mark.parametrize(
    ("filter", "rows"),
    [
        ({"label": None}, FRAME.label.isna()),
        ({"label": {"$exists": True}}, FRAME.label.notna()),
        ({"label": {"$in": ["cat", "cow"]}}, FRAME.label == "cat"),
        ({"label": {"$regex": "^D", "$options": "i"}}, FRAME.label == "dog"),
        ({"ok": True}, FRAME.ok),
        ({"ok": 1}, FRAME.ok & False),
        ({"$or": [{"ok": False}, {"score": {"$lte": -1}}]}, ~FRAME.ok | (FRAME.score <= -1)),
        ({"$not": {"ok": False}}, FRAME.ok),
        ({"score": {"$not": {"$gt": 0}}}, ~(FRAME.score > 0)),
        ({"id": {"$eq": {"$column": "label"}}}, FRAME.ok & False),
    ],
)
def test_filters_hold_for_the_rows_they_name(
    store: Store, source: TableSource, filter: dict[str, object], rows: pd.Series
) -> None:
    assert column(store.page(source, filter=filter, limit=200), "id") == FRAME[rows].id.tolist()


def test_search_finds_text_in_any_column(store: Store, source: TableSource) -> None:
    assert column(store.page(source, search="R19", limit=200), "id") == ["r19", *(f"r19{n}" for n in range(10))]


def test_groups_are_aggregated_as_pandas_does(store: Store, source: TableSource) -> None:
    aggregates = tuple(
        TableAggregate(op=op, column=None if op == "count" else "score")  # type: ignore[arg-type]
        for op in ("count", "mean", "min", "max", "sum", "median", "std", "distinct")
    )
    page = store.page(source, group=TableGroup(by=("label", "ok"), aggregates=aggregates))
    groups = FRAME.groupby(["label", "ok"], dropna=False, sort=True).score
    wanted = pd.DataFrame(
        {
            "count": groups.size(),
            "mean(score)": groups.mean(),
            "min(score)": groups.min(),
            "max(score)": groups.max(),
            "sum(score)": groups.sum(),
            "median(score)": groups.median(),
            "std(score)": groups.std(ddof=0),
            "distinct(score)": groups.nunique(),
        }
    )
    assert list(zip(column(page, "label"), column(page, "ok"), strict=True)) == [
        (None if not isinstance(label, str) else label, ok) for label, ok in wanted.index
    ]
    for name in wanted.columns:
        np.testing.assert_allclose(np.array(column(page, name), float), wanted[name].to_numpy(), rtol=1e-12)
    assert page.row_numbers == (None,) * 6


def test_joined_tables_tell_what_changed(store: Store, source: TableSource) -> None:
    other = FRAME[["id", "score"]].iloc[::-2].copy()
    other.columns = ["key", "score"]
    other["score"] = other["score"] + 1.0
    second = store.put(Table(dataframe=other))
    join = TableJoin(source=second, on=("id", "key"), differences=("score",))
    page = store.page(source, join=join, filter={"score_2": {"$gt": {"$column": "score"}}}, limit=200)
    wanted = FRAME.merge(other, left_on="id", right_on="key").dropna(subset=["score_x"])
    assert column(page, "id") == wanted.id.tolist()
    np.testing.assert_allclose(np.array(column(page, "score_diff"), float), 1.0)
    outer = store.page(source, join=TableJoin(source=second, on=("id", "key"), how="left"))
    assert (outer.total, outer.row_count) == (200, 200)
    only = store.put(Table(columns=["id"], data=[["r5"], ["new"]]))
    whole = store.page(source, join=TableJoin(source=only, on=("id", "id"), how="outer"), offset=200)
    assert (column(whole, "id"), whole.row_numbers) == (["new"], (None,))


def test_rows_are_joined_by_their_number_where_no_column_is_a_key(store: Store) -> None:
    one = store.put(Table(columns=["digit", "score"], data=[[3, 0.5], [3, 0.75], [4, 1.0]]))
    two = store.put(Table(columns=["digit", "score"], data=[[3, 0.25], [3, 1.0]]))
    join = TableJoin(source=two, on=None, differences=("score",))
    assert store.page(one, join=join).rows == ((3, 0.5, 3, 0.25, -0.25), (3, 0.75, 3, 1.0, 0.25))
    outer = store.page(two, join=TableJoin(source=one, on=None, how="outer", differences=("score",)))
    assert outer.rows[2] == (None, None, 4, 1.0, None)


def test_a_key_of_several_columns_is_that_of_pandas(store: Store) -> None:
    one = pd.DataFrame({"id": ["a", "a", "b", "b", None], "step": [1, 2, 1, 2, 1], "score": [0.0, 1.0, 2.0, 3.0, 4.0]})
    two = pd.DataFrame({"name": ["b", "a", "c", None], "at": [2.0, 1.0, 1.0, 1.0], "score": [10.0, 20.0, 30.0, 40.0]})
    first, second = store.put(Table(dataframe=one)), store.put(Table(dataframe=two))
    on = (("id", "name"), ("step", "at"))
    # What is null is no key here, as in SQL; pandas would pair nulls.
    known, others = one.dropna(), two.dropna()
    for how in ("inner", "left", "outer"):
        page = store.page(first, join=TableJoin(source=second, on=on, how=how, differences=("score",)), limit=50)  # type: ignore[arg-type]
        wanted = known.merge(others, how=how, left_on=["id", "step"], right_on=["name", "at"])  # type: ignore[call-overload]
        found = pd.DataFrame(page.rows, columns=["id", "step", "score", "score_2", "score_diff"]).dropna(subset="id")
        keys = zip(wanted.id.fillna(wanted.name), wanted.step.fillna(wanted["at"]), strict=True)
        assert sorted(zip(found.id, found.step, strict=True)) == sorted(keys)
        assert sorted(found.score_diff.dropna()) == sorted((wanted.score_y - wanted.score_x).dropna())
        assert page.total == len(wanted) + {"inner": 0, "left": 1, "outer": 2}[how]
        assert [one.name for one in page.columns] == ["id", "step", "score", "score_2", "score_diff"]


def test_a_key_that_pairs_millions_of_rows_is_refused_before_they_are_made(store: Store) -> None:
    source = store.put(Table(columns=["label", "row"], data=[["cat", row] for row in range(2_500)]))
    with pytest.raises(UsageError, match=r"Received: 6,250,000.*Add a column"):
        store.page(source, join=TableJoin(source=source, on=("label", "label")))
    both = (("label", "label"), ("row", "row"))
    assert store.page(source, join=TableJoin(source=source, on=both)).total == 2_500


def test_true_counts_as_one_in_groups_and_differences(store: Store) -> None:
    one = store.put(Table(columns=["id", "kind", "right"], data=[[0, "a", True], [1, "a", False], [2, "b", True]]))
    two = store.put(Table(columns=["id", "kind", "right"], data=[[0, "a", False], [1, "a", True], [2, "b", True]]))
    group = TableGroup(by=("kind",), aggregates=(TableAggregate(op="mean", column="right"),))
    assert store.page(one, group=group).rows == (("a", 0.5), ("b", 1.0))
    changed = store.page(one, join=TableJoin(source=two, on=("id", "id"), differences=("right",)))
    assert column(changed, "right_diff") == [-1.0, 1.0, 0.0]


def test_links_are_followed_to_the_other_table(store: Store) -> None:
    pictures = Table(columns=["image", "name"], data=[[Image(np.full((4, 4), n, np.uint8)), f"n{n}"] for n in range(3)])
    index = pictures.get_index()
    table = Table(columns=["row", "guess"], data=[[index[2], 7], [index[0], 8]])
    source = store.put(table)
    page = store.page(source, follow=("row",), order=("row.name",))
    assert column(page, "row.name") == ["n0", "n2"]
    assert [cell["_type"] for cell in column(page, "row.image")] == ["image-file"] * 2
    (link,) = [one.table for one in page.columns if one.name == "row"]
    assert link is not None
    with pytest.raises(UsageError, match="guess"):
        store.page(source, follow=("guess",))


def test_arrays_come_with_their_rows_unless_they_are_long(store: Store) -> None:
    data = [[np.full((20, 10), n, np.float32), np.zeros((40, 40))] for n in range(3)]
    page = store.page(store.put(Table(columns=["small", "long"], data=data)), offset=1, limit=1)
    assert page.rows[0][0] == np.full((20, 10), 1.0).tolist()
    assert page.rows[0][1] == {"_type": "ndarray", "shape": [40, 40]}


def test_tables_in_artifacts_are_read_joined_and_in_parts(store: Store) -> None:
    draft = Artifact("data", type="dataset")
    first = Table(columns=["id", "a"], data=[[1, "x"], [2, "y"]])
    second = Table(columns=["id", "b"], data=[[2, 0.5], [3, 1.5]])
    draft.add(JoinedTable(first, second, "id"), "both")
    draft.add(first, "parts/one")
    draft.add(Table(columns=["id", "a"], data=[[9, "z"]]), "parts/two")
    draft.add(PartitionedTable("parts"), "whole")
    store.artifacts.commit(draft, project="p", run_id=None)

    def rows(path: str) -> tuple[tuple[object, ...], ...]:
        return store.page(TableSource(project="p", artifact="data", version="latest", path=path)).rows

    assert rows("parts/one.table.json") == ((1, "x"), (2, "y"))
    assert rows("both.joined-table.json") == ((1, "x", None), (2, "y", 0.5), (3, None, 1.5))
    assert rows("whole.partitioned-table.json") == ((1, "x"), (2, "y"), (9, "z"))
    with pytest.raises(NotFoundError, match=r"parts/one\.table\.json"):
        rows("none.table.json")


def test_csv_has_all_rows_that_match(store: Store, source: TableSource) -> None:
    query = TableQuery(source=source, filter={"ok": True}, columns=("id", "score"), limit=1, format="csv")
    lines = b"".join(store.tables.csv(query)).decode().splitlines()
    assert lines[0] == "id,score"
    assert [line.split(",")[0] for line in lines[1:]] == FRAME[FRAME.ok].id.tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": ("nothing",)},
        {"columns": ("nothing",)},
        {"filter": {"nothing": 1}},
        {"filter": {"score": {"$bad": 1}}},
        {"filter": {"id": {"$regex": "("}}},
        {"limit": 0},
        {"offset": -1},
        {"group": TableGroup(by=())},
        {"group": TableGroup(by=("label",), aggregates=(TableAggregate(op="mean"),))},
        {"join": TableJoin(source=TableSource(sha256="0" * 64), on=("id",))},
        {"join": TableJoin(source=TableSource(sha256="0" * 64), on=())},
        {"join": TableJoin(source=TableSource(sha256="0" * 64), on=("id", ("id", "id")))},
        {"source": TableSource()},
        {"source": TableSource(sha256="../x")},
    ],
)
def test_wrong_queries_are_refused(store: Store, source: TableSource, wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="Received"):
        store.page(**({"source": source} | wrong))  # type: ignore[arg-type]


def test_other_files_are_no_tables(store: Store) -> None:
    for content in (b"{}", b"[1]", b"\xff", b'{"_type":"table"}', b'{"_type":"table","columns":["a"],"data":[[1,2]]}'):
        with pytest.raises(UsageError, match="must be a table"):
            store.page(TableSource(sha256=store.artifacts.blobs.put_bytes(content).sha256))
