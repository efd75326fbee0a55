"""Laws of folding: any way of cutting a log into pieces gives the same, and nothing of a row is lost."""

import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kerascope.events import types as ev
from kerascope.events.codec import decode, encode
from kerascope.events.state import SegmentState
from kerascope.index import blocks
from kerascope.index.columns import join
from kerascope.index.fold import fold, wider

OPENING = ev.Segment(1, "p", "r", "e", 0, 1, 1.0, "h", 1, 0.0, 0, False, 0, "0")
NAMES = [("loss",), ("loss", "acc"), ("epoch", "loss"), ("text", "loss", "big")]
NUMBERS = st.one_of(
    st.floats(), st.integers(0, 300), st.integers(-(2**63), 2**64 - 1), st.booleans(), st.just(0.5), st.just(7)
)
VALUES = st.one_of(NUMBERS, st.none(), st.text(max_size=3), st.lists(st.integers(0, 3), max_size=2))


@st.composite
def rows(draw):
    """A run of rows of one key set: many of one kind, as a training loop logs them, or all different."""
    number = draw(st.integers(0, len(NAMES)))
    width = len(NAMES[number]) if number < len(NAMES) else 1
    start, count = draw(st.integers(-3, 70_000)), draw(st.sampled_from([1, 2, 31, 32, 33, 90]))
    if draw(st.booleans()):
        base = draw(st.lists(NUMBERS, min_size=width, max_size=width))
        values = [list(base) for _ in range(count)]
    else:
        values = draw(st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=1, max_size=12))
    return [ev.Row(number, start + i, 1.5 + i, 0.5 * i, row) for i, row in enumerate(values)]


OTHERS = st.sampled_from(
    [
        ev.Console("stdout", 2.0, "one\ntwo\n"),
        ev.System(3.0, 2.0, {"cpu": 1.0}),
        ev.Notice("warning", "text", None, None, 4.0),
        ev.Summary({"loss": 5}),
        ev.Metric("loss", summary=("min", "mean")),
        ev.Finish("finished", 0, 9.0),
    ]
)


@st.composite
def logs(draw):
    events = [OPENING, *(ev.Keys(i, names) for i, names in enumerate(NAMES))]
    for part in draw(st.lists(st.one_of(rows(), OTHERS.map(lambda event: [event])), max_size=6)):
        events.extend(part)
    return [(8 + i, encode(event)) for i, event in enumerate(events)]


def everything(pieces):
    """All that pieces say, joined: comparable, with NaN equal to NaN."""
    total = {"columns": {}, "lines": [], "notes": [], "files": {}, "lost": [], "rows": 0}
    for piece in pieces:
        for key, column in piece.columns.items():
            points, form, cells = total["columns"].get(key, ([], None, []))
            total["columns"][key] = ([*points, column.points], wider(form, column.form), [*cells, *column.cells])
        total["lines"] += piece.lines
        total["notes"] += piece.notes
        total["files"] |= piece.files
        total["lost"] += [part[2] for part in piece.lost if part[2] not in total["lost"]]
        total["rows"] += piece.row_count
    for key, (points, form, cells) in total["columns"].items():
        whole = join(points)
        total["columns"][key] = (whole.steps.tolist(), whole.values.tobytes(), form, repr(cells))
    return repr(total)


@settings(max_examples=150, deadline=None)
@given(logs(), st.lists(st.integers(0, 400), max_size=5))
def test_a_log_folded_in_pieces_gives_the_same_as_at_once(log, cuts):
    whole_state, state = SegmentState(), SegmentState()
    whole = everything([fold(whole_state, log)])
    edges = [0, *sorted(min(cut, len(log)) for cut in cuts), len(log)]
    pieces = everything([fold(state, log[a:b]) for a, b in pairwise(edges)])
    assert pieces == whole
    assert state.dump() == whole_state.dump()


@settings(max_examples=150, deadline=None)
@given(logs())
def test_every_value_of_every_row_arrives(log):
    piece = fold(SegmentState(), log)
    wanted = {}
    for _, payload in log:
        event = decode(payload)
        if isinstance(event, ev.Row) and event.keys < len(NAMES):
            for name, value in zip(NAMES[event.keys], event.values, strict=True):
                kind = "number" if isinstance(value, int | float) else "cell"
                wanted.setdefault((name, kind), []).append((event.step, value))
    found = {}
    for name, column in piece.columns.items():
        if name.startswith(("_", "system/")):
            continue
        if len(column.points):
            found[name, "number"] = list(zip(column.points.steps.tolist(), column.points.values.tolist(), strict=True))
        if column.cells:
            found[name, "cell"] = list(column.cells)
    wanted = {
        where: [(step, float(v) if where[1] == "number" else v) for step, v in values]
        for where, values in wanted.items()
    }
    assert repr(found) == repr({where: wanted[where] for where in found})
    assert found.keys() == wanted.keys()


@settings(max_examples=200, deadline=None)
@given(rows())
def test_a_block_holds_exactly_what_decoding_each_row_gives(part):
    payloads = [(i, encode(row)) for i, row in enumerate(part)]
    block = blocks.read(payloads, 0, blocks.alike(payloads, 0))
    if block is None:
        return
    assert block.count >= blocks.MIN_ROWS
    for at, row in enumerate(part[: block.count]):
        assert (block.keys, block.steps[at], block.times[at], block.runtimes[at]) == (
            row.keys, row.step, row.time_s, row.runtime_s,
        )  # fmt: skip
        for value, form, wanted in zip(block.values[at].tolist(), block.forms, row.values, strict=True):
            assert value == wanted or (math.isnan(value) and math.isnan(wanted))
            assert (form == "int") == (type(wanted) is int)


def test_rows_of_equal_numbers_are_read_as_a_block():
    payloads = [(i, encode(ev.Row(0, 200 + i, 1.5, 2.5, [0.25, i % 100, 300]))) for i in range(56)]
    block = blocks.read(payloads, 0, blocks.alike(payloads, 0))
    assert block is not None
    assert (block.count, block.forms) == (56, ("float", "int", "int"))


def test_rows_without_their_names_are_told_once():
    log = [(8, encode(OPENING))] + [(9 + i, encode(ev.Row(7, i, 1.0, 1.0, [1.0]))) for i in range(100)]
    piece = fold(SegmentState(), log)
    assert [part[2] for part in piece.lost] == ["the names of key set 7 are lost, so its rows cannot be read"]
    assert not piece.columns
