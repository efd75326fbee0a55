"""Laws of groups of runs: they are those that a plain loop over the runs finds, on every level, and their keys lead back to their runs."""

import math

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerascope.errors import UsageError
from kerascope.events import types as ev
from kerascope.index.leaves import LONGEST_LIST
from kerascope.query import grouping, groups, runs
from kerascope.query.filters import storable
from kerascope.query.grouping import Mark, Place
from tests.index.logs import START_S, EditLog, Log, reading, store

NAMES = {
    "nan": "NaN",
    "inf": "Infinity",
    "-inf": "-Infinity",
}  # lists are told apart as JSON, which has no such numbers
NAN, INF = float("nan"), float("inf")
VALUES = [
    0.1,
    1,
    1.0,
    True,
    False,
    None,
    "adam",
    "1",
    "null",
    "NaN",
    NAN,
    INF,
    -INF,
    "",
    "[1]",
    [1],
    [1.0, "a"],
    [],
    ["1"],
]
VALUES += [[True, None], [[1]], {"name": "adam"}, {}, 2**60, 0.1 + 0.2, 0.3, [0.1 + 0.2], [0.3], "a, b/ü", [INF, NAN]]
VALUES += [list(range(100)), 0.1, "adam", {"_type": "image-file"}, -0.0, 0]
FIELDS = [
    "config.opt",
    "config.lr",
    "config.opt.name",
    "config.none",
    "summary.loss",
    "state",
    "group",
    "tags",
    "archived",
]
FIELDS += ["job_type", "last_step", "name"]
NUMBERS = ["config.lr", "config.opt", "summary.loss", "last_step", "duration_s"]
ORDERS = ["-created_s", "summary.loss,-name", "-config.opt", "name"]
FILTERS = [None, {"config.lr": {"$gt": 1}}, {"state": {"$ne": "finished"}}]


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    paths = store(tmp_path_factory.mktemp("store"))
    for number, value in enumerate(VALUES):
        log = Log(paths, f"r{number:02}", time_s=START_S + number).say(ev.Config({"opt": value, "lr": number % 4}))
        log.row(number % 3, loss=[0.5, NAN, 2, INF, "text"][number % 5])
        if number % 2:
            log.say(ev.RunInfo(name=f"n{number % 7}", tags=("best", "ä") if number % 3 else (), group="g"))
        if number % 4:
            log.finish("failed" if number % 4 == 1 else "finished", 0, after_s=10.0 + number)
    EditLog(paths).say(
        ev.EditRun("faces", "r03", {"archived": True}, (), START_S), ev.DeleteRun("faces", "r07", START_S)
    )
    with reading(paths) as db:
        yield db


def value_of(run, field):
    """What a run has in a field, by hand: a map without a type is no value, a list counts by its plain items."""
    root, _, path = field.partition(".")
    value = getattr(run, root)
    for part in path.split(".") if path else ():
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value = [] if "_type" in value or not value else None
    if isinstance(value, list | tuple):
        items = value if len(value) <= LONGEST_LIST else []
        value = [NAMES.get(str(one), one) for one in items if not isinstance(one, list | dict)]
    return value


def told(value):
    """Something that is equal for equal values only: True is not 1, and NaN is itself."""
    if isinstance(value, list):
        return tuple(told(one) for one in value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value).__name__, value
    return "number", "nan" if math.isnan(value) else float(value)


def by_hand(found, field):
    """Groups of runs, given in their order."""
    parts = {}
    for run in found:
        parts.setdefault(told(value_of(run, field)), []).append(run)
    return parts


def spread_by_hand(found, name):
    values = [value_of(run, name) for run in found]
    numbers = [one for one in values if type(one) in (int, float) and math.isfinite(one)]
    return (len(numbers), math.fsum(numbers) / len(numbers), min(numbers), max(numbers)) if numbers else None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    by=st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3, unique=True),
    order=st.sampled_from(ORDERS),
    filter=st.sampled_from(FILTERS),
    archived=st.booleans(),
    picks=st.lists(st.integers(0, 50), max_size=2),
)
def test_groups_are_those_that_a_loop_over_the_runs_finds(connection, by, order, filter, archived, picks):
    asked = {"filter": filter, "order": order, "archived": archived}
    members = list(runs.page(connection, "faces", whole=True, **asked).runs)
    inside = ()
    for depth, field in enumerate(by):
        page = groups.page(connection, "faces", Place(tuple(by), inside), NUMBERS, **asked)
        wanted = by_hand(members, field)
        assert [told(group.value) for group in page.groups] == list(wanted)
        assert (page.total, page.run_total) == (len(wanted), len(members))
        assert len({group.key for group in page.groups}) == len(wanted)
        for group, own in zip(page.groups, wanted.values(), strict=True):
            assert group.run_count == len(own) == sum(group.states.values())
            assert group.states == {run.state: sum(one.state == run.state for one in own) for run in own}
            for name in NUMBERS:
                spread = spread_by_hand(own, name)
                assert (name in group.numbers) == (spread is not None)
                if spread is not None:
                    assert msgspec.structs.astuple(group.numbers[name]) == pytest.approx(spread)
            here = Place(tuple(by), (*inside, group.key))
            found = runs.page(connection, "faces", place=here, columns=[], **asked)
            assert [run.id for run in found.runs] == [run.id for run in own]
            assert found.total == len(own)
        if depth >= len(picks) or not page.groups:
            break
        pick = page.groups[picks[depth] % len(page.groups)].key
        members = list(wanted.values())[picks[depth] % len(page.groups)]
        inside = (*inside, pick)


def test_groups_come_in_pages_and_their_runs_can_be_left_out(connection):
    place = Place(("config.opt", "group"))
    whole = groups.page(connection, "faces", place)
    parts = [groups.page(connection, "faces", place, offset=at, limit=7) for at in range(0, whole.total + 7, 7)]
    assert [group for part in parts for group in part.groups] == list(whole.groups) != []
    assert {(part.total, part.run_total) for part in parts} == {(whole.total, whole.run_total)}
    left_out = (("adam",), ("0.1", "null"))
    kept = {run.id for run in runs.page(connection, "faces", place=Place(place.by, outside=left_out)).runs}
    gone = {run.id for run in runs.page(connection, "faces").runs} - kept
    first, second = (
        {run.id for run in runs.page(connection, "faces", place=Place(place.by, keys)).runs} for keys in left_out
    )
    assert gone == first | second
    assert first
    assert second


@given(st.one_of(st.text(), st.sampled_from(["1e400", " 5", "{}", "true", '"x"', "[]", "nul", "\ud800"])))
def test_the_key_of_a_text_leads_back_to_the_text(text):
    mark = grouping.mark_of(grouping.key_of(Mark("text", None, storable(text))))
    assert mark == Mark("text", None, storable(text))


@given(st.floats())
def test_the_key_of_a_number_leads_back_to_the_number(number):
    mark = Mark("number", None, "NaN") if math.isnan(number) else Mark("number", number, None)
    assert grouping.mark_of(grouping.key_of(mark)) == mark


def test_keys_are_short_and_readable():
    assert grouping.key_of(Mark("text", None, "adam")) == "adam"
    assert grouping.key_of(Mark("number", 64.0, None)) == "64"
    assert grouping.key_of(Mark("number", 0.1, None)) == "0.1"
    assert grouping.key_of(Mark("text", None, "0.1")) == '"0.1"'
    assert grouping.key_of(Mark("null", None, None)) == "null"


@pytest.mark.parametrize(
    ("place", "more", "named"),
    [
        (Place(), {}, "group_by"),
        (Place(("name",), ("a",)), {}, "used up"),
        (Place(("name",), ("a", "b", "c")), {}, "used up"),
        (Place(("lr",)), {}, "field='lr'"),
        (Place(("name", "name")), {}, "each once"),
        (Place(("name",)), {"limit": 0}, "limit=0"),
        (Place(("name",)), {"numbers": ["name"]}, "numbers='name'"),
        (Place(("name",)), {"numbers": ["config.lr"] * 65}, "65"),
        (Place(("name",), outside=((),)), {}, "one key"),
        (Place(("name",), outside=(("a",),) * 1001), {}, "1001"),
    ],
)
def test_wrong_arguments_are_named(connection, place, more, named):
    with pytest.raises(UsageError, match=named):
        groups.page(connection, "faces", place, **more)


def test_no_runs_make_no_groups(tmp_path):
    with reading(store(tmp_path)) as db:
        page = groups.page(db, "faces", Place(("config.lr",)), offset=3)
        assert (page.total, page.run_total, page.groups) == (0, 0, ())
