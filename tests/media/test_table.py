"""Laws of Table: types, links, computed columns, and that what was logged comes back."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerascope.blobs.store import BlobStore
from kerascope.media.image import Image
from kerascope.media.joined import JoinedTable, PartitionedTable
from kerascope.media.table import Table
from kerascope.media.table_links import KeyLink, RowLink


def stored(table: Table, blobs: BlobStore) -> Table:
    return Table.from_value(table.to_value(blobs, "t", 0), blobs)


def content(table: Table, blobs: BlobStore) -> dict[str, Any]:
    return json.loads(blobs.read(table.to_value(blobs, "t", 0)["sha256"]))


# -- columns and rows -----------------------------------------------------------------------------------------------------


def test_default_columns_are_those_of_the_contract() -> None:
    assert Table().columns == ["Input", "Output", "Expected"]
    assert Table(data=[[1, 2, 3]]).columns == ["Input", "Output", "Expected"]


def test_rows_come_from_lists_arrays_and_frames() -> None:
    import pandas

    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert Table(["a"], [[1], [2]]).data == Table(["a"], rows=[[1], [2]]).data == [[1], [2]]
    assert Table(["a", "b"], np.array([[1, 2], [3, 4]])).data == [[1, 2], [3, 4]]
    from_frame = Table(dataframe=frame)
    assert from_frame.columns == ["a", "b"]
    assert from_frame.data[0] == [1, "x"]
    assert Table(data=frame) == from_frame
    assert from_frame.get_dataframe()["a"].tolist() == [1, 2]


@pytest.mark.parametrize("columns", ["abc", [1.5], [None], {"a": 1}, [True], 3])
def test_columns_must_be_a_list_of_text_or_int(columns: Any) -> None:
    with pytest.raises(TypeError, match="columns"):
        Table(columns)


def test_wrong_arguments_are_named() -> None:
    for wrong in ({"columns": ["a", "a"]}, {"log_mode": "bogus"}, {"columns": ["a"], "dtype": [int, int]}):
        with pytest.raises(ValueError, match="Received"):
            Table(**wrong)
    for wrong in ({"data": 3}, {"data": ["ab"]}, {"dataframe": [1]}, {"columns": ["a"], "dtype": "bogus"}):
        with pytest.raises(TypeError, match="Received"):
            Table(**wrong)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Table(["a"]).add_data(1, 2)


# -- types ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "fits", "not_fits"),
    [
        (1, [2.5, float("nan"), np.int8(3), None], ["a", True, [1]]),
        ("a", ["b", None], [1, None.__class__]),
        (True, [False, np.bool_(True)], [1, "a"]),
        ([1], [["a", {}], (1, 2)], [1, {}]),
        ({"a": 1}, [{}], [[1]]),
        (np.zeros((2, 3)), [np.ones((2, 3), int)], [np.zeros(2), 1]),
        (Image([[0]]), [Image([[1]])], ["a"]),
        (datetime.datetime(2026, 1, 1), [datetime.datetime(2027, 1, 1)], ["2026"]),
    ],
)
def test_the_first_value_fixes_the_type_of_a_column(first: Any, fits: list, not_fits: list) -> None:
    table = Table(["c"], [[None], [first]])
    for value in fits:
        table.add_data(value)
    for value in not_fits[:1]:
        with pytest.raises(TypeError, match="column 'c'"):
            table.add_data(value)
    assert len(table.data) == 2 + len(fits)


def test_a_misfit_changes_nothing() -> None:
    table = Table(["a", "b"])
    with pytest.raises(TypeError):
        Table(["a", "b"], [[1, 2], ["x", 2]])
    table.add_data(1, None)
    with pytest.raises(TypeError):
        table.add_data("x", "new type of b")
    table.add_data(2, 3)
    assert table.data == [[1, None], [2, 3]]


def test_mixed_types_are_allowed_on_request(blobs: BlobStore) -> None:
    table = Table(["a"], [[1], ["x"], [None], [[1, Image([[7]])]]], allow_mixed_types=True)
    assert stored(table, blobs) == table


def test_columns_that_are_not_optional_refuse_none() -> None:
    with pytest.raises(TypeError, match="None"):
        Table(["a"], [[None]], optional=False)
    table = Table(["a", "b"], optional=[True, False])
    table.add_data(None, 1)
    with pytest.raises(TypeError, match="None"):
        table.add_data(1, None)


def test_declared_types_are_held() -> None:
    table = Table(["a", "b", "c"], dtype=[int, "string", Image])
    table.add_data(1.5, "x", Image([[0]]))
    with pytest.raises(TypeError):
        table.add_data("x", "x", None)
    with pytest.raises(TypeError):
        Table(["a"], [["x"]], dtype=float)


def test_cast_changes_the_type_if_all_cells_fit() -> None:
    table = Table(["a"], [[1], [2]])
    table.cast("a", "any")
    table.add_data("x")
    with pytest.raises(TypeError):
        table.cast("a", "number")
    assert table.column_type("a").kind == "any"


def test_cells_are_the_tables_own() -> None:
    array, items = np.zeros(3), [1]
    table = Table(["a", "b"], [[array, items]])
    array[:] = 1
    items.append(2)
    assert table.data[0][0].tolist() == [0, 0, 0]
    assert table.data[0][1] == [1]


# -- columns added --------------------------------------------------------------------------------------------------------


def test_add_column_takes_lists_and_arrays() -> None:
    table = Table(["a"], [[1], [2]])
    table.add_column("b", ["x", "y"])
    table.add_column("c", np.array([1.5, 2.5]))
    assert table.data == [[1, "x", 1.5], [2, "y", 2.5]]
    assert table.get_column("c") == [1.5, 2.5]
    np.testing.assert_array_equal(table.get_column("c", convert_to="numpy"), [1.5, 2.5])


@pytest.mark.parametrize(
    ("name", "data"), [("a", [1, 2]), ("b", [1]), ("b", "xy"), ("b", [1, "x"]), (1.5, [1, 2]), ("b", 3)]
)
def test_a_wrong_column_is_refused_and_nothing_changes(name: Any, data: Any) -> None:
    table = Table(["a"], [[1], [2]])
    with pytest.raises((ValueError, TypeError), match="Received"):
        table.add_column(name, data)
    assert table.columns == ["a"]
    assert table.data == [[1], [2]]


@pytest.mark.parametrize(("name", "data"), [("a", [1, 2]), ("b", [1]), ("b", "xy")])
def test_a_wrong_column_is_also_the_error_that_scripts_of_the_original_catch(name: str, data: Any) -> None:
    with pytest.raises(AssertionError):
        Table(["a"], [[1], [2]]).add_column(name, data)


def test_first_column_of_an_empty_table_makes_the_rows() -> None:
    table = Table([])
    table.add_column("a", [1, 2])
    assert table.data == [[1], [2]]


def test_computed_columns_see_index_and_row() -> None:
    table = Table(["a"], [[1], [2]])
    table.add_computed_columns(lambda ndx, row: {"double": row["a"] * 2, "again": ndx.get_row()["a"]})
    assert table.data == [[1, 2, 1], [2, 4, 2]]
    table.add_computed_columns(lambda ndx, row: {"some": 1} if ndx else {})
    assert table.get_column("some") == [None, 1]
    with pytest.raises(TypeError, match="dict"):
        table.add_computed_columns(lambda ndx, row: 3)  # type: ignore[arg-type,return-value]


# -- links ----------------------------------------------------------------------------------------------------------------


def validation() -> Table:
    return Table(["input", "name"], [[np.full((2, 2), 1.0), "one"], [np.full((2, 2), 2.0), "two"]])


def test_row_links_are_ints_that_know_their_row() -> None:
    table = validation()
    assert table.get_index() == [0, 1]
    assert table.index_ref(1).get_row()["name"] == "two"
    assert [index.get_row()["name"] for index, _ in table.iterrows()] == ["one", "two"]
    with pytest.raises(ValueError, match="no such row"):
        table.index_ref(2)


def test_a_row_link_makes_its_column_an_index_into_the_other_table() -> None:
    target, table = validation(), Table(["val_row"])
    table.add_data(target.index_ref(1))
    table.add_data(0)
    assert isinstance(table.data[1][0], RowLink)
    assert table.data[1][0].get_row()["name"] == "one"
    for wrong in (None, "x", validation().index_ref(0)):
        with pytest.raises(TypeError):
            table.add_data(wrong)


def test_links_across_tables_come_back(blobs: BlobStore) -> None:
    target = validation()
    middle = Table(["val_row"], [[link] for link in target.get_index()])
    table = Table(["row"], [[middle.index_ref(1)]])
    again = stored(table, blobs)
    row = again.data[0][0].get_row()["val_row"].get_row()
    assert row["name"] == "two"
    np.testing.assert_array_equal(row["input"], np.full((2, 2), 2.0))


def test_columns_that_link_to_one_table_link_to_one_object(blobs: BlobStore) -> None:
    target = validation()
    again = stored(Table(["a", "b"], [[target.index_ref(0), target.index_ref(1)]]), blobs)
    assert again.data[0][0].table is again.data[0][1].table


def test_a_table_may_link_to_itself(blobs: BlobStore) -> None:
    table = Table(["name"], [["root"], ["child"]])
    table.add_column("parent", [table.index_ref(0), table.index_ref(0)])
    again = stored(table, blobs)
    assert again.data[1][1].get_row()["name"] == "root"
    assert again.data[1][1].table is again


def test_keys_link_tables_by_text(blobs: BlobStore) -> None:
    labels = Table(["id", "label"], [["a", "cat"], ["b", "dog"]])
    labels.set_pk("id")
    table = Table(["label_id"], [["b"], ["a"], [None]])
    table.set_fk("label_id", labels, "id")
    again = stored(table, blobs)
    assert isinstance(again.data[0][0], KeyLink)
    assert again.data[0][0].get_row() == {"id": "b", "label": "dog"}
    assert again.data[2][0] is None
    assert stored(labels, blobs).data[0][0].get_row() == {"id": "a", "label": "cat"}
    with pytest.raises(ValueError, match="once"):
        Table(["id"], [["a"], ["a"]]).set_pk("id")
    with pytest.raises(TypeError, match="texts"):
        Table(["id"], [[1]]).set_pk("id")


# -- stored ---------------------------------------------------------------------------------------------------------------


def test_value_says_what_the_table_is(blobs: BlobStore) -> None:
    value = Table(["a", "b"], [[1, 2]]).to_value(blobs, "pred", 3)
    assert (value["_type"], value["ncols"], value["nrows"]) == ("table-file", 2, 1)
    assert value["path"] == f"media/table/pred_3_{value['sha256'][:20]}.table.json"


def test_equal_tables_give_equal_bytes(blobs: BlobStore) -> None:
    first, second = (validation().to_value(blobs, "t", 0) for _ in range(2))
    assert first == second


def test_images_in_cells_are_blobs_and_come_back(blobs: BlobStore) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    table = Table(["image"], [[Image(pixels, caption="c")]])
    cell = content(table, blobs)["data"][0][0]
    assert cell["path"] == f"media/images/{cell['sha256'][:20]}.png"
    again = stored(table, blobs)
    np.testing.assert_array_equal(again.data[0][0].pixels, pixels)
    assert again == table
    assert stored(again, blobs) == table


@pytest.mark.parametrize("shape", [(3,), (151,), (2, 2), (1, 2, 3, 4)])
@pytest.mark.parametrize("dtype", ["float32", "int64", "uint8", "bool"])
def test_arrays_come_back_with_shape_and_type(blobs: BlobStore, shape: tuple[int, ...], dtype: str) -> None:
    array = np.ones(shape, dtype)
    table = Table(["a"], [[array], [None], [array]])
    again = stored(table, blobs)
    assert again.data[0][0].dtype == dtype
    assert again.data[1][0] is None
    assert again == table
    assert ("file" in content(table, blobs)["column_types"][0]) == (len(shape) > 1 or shape[0] > 150)


def test_nonfinite_numbers_come_back_and_the_file_is_strict_json(blobs: BlobStore) -> None:
    table = Table(["a"], [[math.nan], [math.inf], [-math.inf], [1.5]])
    again = stored(table, blobs)
    assert math.isnan(again.data[0][0])
    assert again.get_column("a")[1:] == [math.inf, -math.inf, 1.5]
    raw = blobs.read(table.to_value(blobs, "t", 0)["sha256"]).decode()
    json.loads(raw, parse_constant=pytest.fail)


def test_what_was_logged_stays_what_it_was(blobs: BlobStore) -> None:
    table = Table(["a"], [[1]])
    table.freeze()
    table.add_data(2)
    assert stored(table, blobs).data == [[1]]
    table.freeze()
    assert stored(table, blobs).data == [[1]], "IMMUTABLE repeats what was logged first"
    assert table.data == [[1], [2]]


def test_changing_a_logged_table_warns_once(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(["a"])
    table.freeze()
    table.add_data(1)
    table.add_data(2)
    assert capsys.readouterr().err.count("being changed") == 1


def test_mutable_and_incremental_tables_are_stored_as_they_are_then(blobs: BlobStore) -> None:
    for mode in ("MUTABLE", "INCREMENTAL"):
        table = Table(["a"], [[1]], log_mode=mode)
        table.freeze()
        table.add_data(2)
        assert stored(table, blobs).data == [[1]]
        table.freeze()
        assert stored(table, blobs).data == [[1], [2]]
    with pytest.raises(Exception, match="rows only"):
        table.add_column("b", [1, 2])


def test_linked_tables_are_stored_as_they_were_when_logged(blobs: BlobStore) -> None:
    target = Table(["a"], [[1]])
    table = Table(["row"], [[target.index_ref(0)]])
    table.freeze()
    target.add_data(2)
    assert stored(table, blobs).data[0][0].table.data == [[1]]
    target.freeze()
    assert stored(target, blobs).data == [[1], [2]]


CELLS = {
    "number": st.one_of(st.floats(), st.integers(-(2**63), 2**63 - 1)),
    "string": st.text(),
    "boolean": st.booleans(),
    "list": st.lists(st.integers(), max_size=3),
    "dict": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    "timestamp": st.datetimes(),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_table_comes_back(blobs: BlobStore, data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=4))
    rows = data.draw(st.lists(st.tuples(*(st.none() | CELLS[kind] for kind in kinds)), max_size=4))
    table = Table(list(range(len(kinds))), [list(row) for row in rows], dtype=list(kinds))
    again = stored(table, blobs)
    assert again == table
    assert [again.column_type(name).kind for name in again.columns] == kinds


def test_offloaded_images_leave_memory_and_come_back(blobs: BlobStore) -> None:
    table = Table(["image", "n"])
    for number in range(5):
        table.add_data(Image(np.full((20, 20), 100 + number, np.uint8)), number)
    before = table.size_bytes
    table.offload(blobs)
    assert table.size_bytes < before - 5 * 300
    table.add_data(Image(np.full((20, 20), 105, np.uint8)), 5)
    table.offload(blobs)
    assert [row[0].pixels[0, 0] for row in stored(table, blobs).data] == list(range(100, 106))


def test_golden_table_file_of_format_1_opens() -> None:
    folder = Path(__file__).parent.parent / "golden" / "table_v1"
    blobs = BlobStore(folder / "blobs")
    table = Table.from_value(json.loads((folder / "value.json").read_text()), blobs)
    assert table.columns == ["id", "image", "pixels", "row", "when", "loss"]
    assert table.data[0][0] == "first"
    assert table.data[0][1].pixels.tolist() == [[0, 85], [170, 255]]
    assert table.data[0][2].tolist() == [[1.5, 2.5]]
    assert table.data[0][3].get_row() == {"label": "cat"}
    assert table.data[0][4] == datetime.datetime(2026, 1, 2, 3, 4, 5)
    assert math.isnan(table.data[0][5])


# -- tables of tables -----------------------------------------------------------------------------------------------------


def test_joined_tables_match_rows_by_key(blobs: BlobStore) -> None:
    first = Table(["id", "x"], [["a", 1], ["b", 2]])
    second = Table(["id", "x", "y"], [["b", 3, 4], ["b", 5, 6], ["c", 7, 8]])
    joined = JoinedTable(first, second, "id")
    table = JoinedTable.from_value(joined.to_value(blobs, "", None), blobs).to_table()
    assert table.columns == ["id", "x", "x_2", "y"]
    assert table.data == [["a", 1, None, None], ["b", 2, 3, 4], ["b", 2, 5, 6], ["c", None, 7, 8]]


def test_wrong_joins_are_refused() -> None:
    table = Table(["a"])
    for wrong in ((table, 3, "a"), (table, table, ["a"])):
        with pytest.raises(TypeError, match="Received"):
            JoinedTable(*wrong)
    with pytest.raises(ValueError, match="Received"):
        JoinedTable(table, table, "b")
    with pytest.raises(TypeError, match="Received"):
        PartitionedTable("")


def test_offloaded_arrays_and_masks_leave_memory_and_are_written_as_before(blobs: BlobStore) -> None:
    def table(offloads: bool) -> Table:
        made = Table(columns=["array", "picture"])
        for n in range(40):
            masks = {"m": {"mask_data": np.full((300, 300), n)}}
            made.add_data(np.full((512, 512), n / 2), Image(np.zeros((300, 300), "uint8"), masks=masks))
            if offloads:
                made.offload(blobs)
        return made

    plain, large = table(False), table(True)
    assert large.size_bytes < plain.size_bytes / 5
    assert large.data[39][0][5, 5] == 19.5
    assert large.data[39][1].masks["m"].pixels[0, 0] == 39
    assert not large.data[0][0].flags.writeable
    assert large == plain
    assert large.to_value(blobs, "", None) == plain.to_value(blobs, "", None)
    again = Table.from_value(large.to_value(blobs, "", None), blobs)
    assert np.array_equal(again.get_column("array", "numpy"), plain.get_column("array", "numpy"))
