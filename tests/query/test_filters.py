"""Laws of filters: SQL and Python agree on every run; what is not understood is named."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerascope.errors import UsageError
from kerascope.events import types as ev
from kerascope.query import filters, runs
from tests.index.logs import START_S, EditLog, Log, reading, store

NAN, INF = float("nan"), float("inf")
CONFIGS = [
    {"lr": 0.1, "opt": {"name": "adam", "beta": [0.9, 0.99]}, "n": 1, "flag": True, "text": "Faces"},
    {"lr": 1, "opt": {"name": "sgd"}, "n": None, "flag": False, "text": "10"},
    {"lr": NAN, "n": INF, "text": "", "opt": "adam", "list": []},
    {"lr": -5, "n": 2**53 + 2, "text": "ünïcode É", "list": ["a", 1, None, True], "flag": 1, "value": 3},
    {},
]
PATHS = ["config.lr", "config.n", "config.flag", "config.text", "config.opt", "config.opt.name", "config.opt.beta"]
PATHS += ["config.list", "config.missing", "summary.loss", "summary_metrics.loss", "config.lr.value", "config.value"]
FIELDS = ["name", "id", "state", "tags", "group", "job_type", "host", "notes", "created_s", "duration_s", "last_step"]
FIELDS += ["display_name", "archived", "row_count", "exit_code", "entity", "finished_s", "created_at"]
OPERANDS = [0.1, 1, 1.0, True, False, None, "adam", "Faces", "10", "", 0.99, "a", NAN, INF, -INF, -5, 2**53 + 2]
OPERANDS += ["running", "finished", "crashed", "r1", "best", START_S, 10, 0, 10**400, "\ud800", "É", "x\0y"]

operands = st.sampled_from(OPERANDS) | st.floats() | st.integers(-10, 10) | st.text(max_size=3)
fields = st.sampled_from([*PATHS, *FIELDS])
patterns = st.sampled_from(["^a", "a$", "(?i)FACES", "1", "", ".", "ï", "run|fin"])


@st.composite
def conditions(draw, depth=0):
    kind = draw(st.integers(0, 8 if depth < 2 else 6))
    operand = draw(operands)
    if kind == 0:
        return operand
    if kind <= 2:
        return {draw(st.sampled_from(["$eq", "$ne"])): operand}
    if kind == 3:
        return {
            draw(st.sampled_from(["$gt", "$gte", "$lt", "$lte"])): draw(operands.filter(lambda one: one is not None))
        }
    if kind == 4:
        return {draw(st.sampled_from(["$in", "$nin"])): draw(st.lists(operands, max_size=3))}
    if kind == 5:
        return {"$exists": draw(st.booleans())}
    if kind == 6:
        return {"$regex": draw(patterns)} | draw(st.sampled_from([{}, {"$options": "i"}]))
    inner = draw(conditions(depth=depth + 1))
    return {"$not": inner} if isinstance(inner, dict) else {"$eq": inner}


documents = st.recursive(
    st.dictionaries(fields, conditions(), max_size=2),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"$and": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"$or": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"$nor": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda part: {"$not": part}, inner),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    paths = store(tmp_path_factory.mktemp("store"))
    for number, config in enumerate(CONFIGS):
        log = Log(paths, f"r{number}", time_s=START_S + number).say(ev.Config(config))
        log.row(number, loss=[0.1, 1, NAN, "text", True][number])
        if number % 2:
            log.say(ev.RunInfo(name="adam", tags=("best", "ä"), group="g", notes="Faces", job_type="train"))
        if number < 3:
            log.finish("failed" if number else "finished", number, after_s=10.0)
    Log(paths, "r9").row(0, loss=1.0).finish()
    edits = EditLog(paths)
    edits.say(ev.EditRun("faces", "r3", {"archived": True}, (), START_S), ev.DeleteRun("faces", "r9", START_S))
    with reading(paths) as db:
        yield db


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents)
def test_sql_finds_exactly_the_runs_that_python_finds(connection, document):
    everything = runs.page(connection, "faces", archived=True, whole=True).runs
    assert len(everything) == len(CONFIGS)
    try:
        node = filters.parse(document)
    except UsageError:
        return  # texts that are no times
    wanted = {run.id for run in everything if filters.matches(node, run)}
    found = runs.page(connection, "faces", filter=document, archived=True)
    assert {run.id for run in found.runs} == wanted
    assert found.total == len(wanted)


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("text", "filter='text'"),
        ([], r"filter=\[\]"),
        ({"lr": 1}, "field='lr'"),
        ({"config": 1}, "field='config'"),
        ({"config.": 1}, "field='config.'"),
        ({1: 1}, "field=1"),
        ({"config.lr": {"$near": 1}}, r"'\$near'"),
        ({"config.lr": {"lr": 1}}, "'lr'"),
        ({"config.lr": {}}, r"config.lr=\{\}"),
        ({"config.lr": [1]}, r"config.lr \$eq"),
        ({"config.lr": {"$gt": None}}, r"config.lr \$gt=None"),
        ({"config.lr": {"$gt": [1]}}, r"\$gt"),
        ({"config.lr": {"$in": 1}}, r"\$in=1"),
        ({"config.lr": {"$exists": 1}}, r"\$exists=1"),
        ({"name": {"$regex": "("}}, r"\$regex='\('"),
        ({"name": {"$regex": 5}}, r"\$regex=5"),
        ({"name": {"$not": 5}}, r"\$not=5"),
        ({"$or": []}, r"\$or=\[\]"),
        ({"$or": {"name": 1}}, r"\$or"),
        ({"$where": 1}, r"'\$where'"),
        ({"created_at": "yesterday"}, "created_s='yesterday'"),
    ],
)
def test_what_is_not_understood_is_named(document, named):
    with pytest.raises(UsageError, match=named):
        filters.parse(document)


def test_a_filter_may_not_be_bottomless():
    document = {"name": "x"}
    for _ in range(200):
        document = {"$not": document}
    with pytest.raises(UsageError, match="deep"):
        filters.parse(document)


def test_the_names_of_the_original_are_known(connection):
    def found(document):
        return [run.id for run in runs.page(connection, "faces", filter=document, order="id").runs]

    assert found({"config.lr.value": 0.1, "summary_metrics.loss": {"$lt": 1}}) == ["r0"]
    assert found({"display_name": "adam"}) == ["r1"]
    assert found({"created_at": {"$gte": "2023-11-14T22:13:22Z"}}) == ["r2", "r4"]
    assert found({"tags": {"$in": ["best"]}}) == ["r1"]
    assert found({"config.opt.beta": 0.99}) == ["r0"]


def test_long_lists_are_compared_up_to_a_limit(connection):
    names = [f"x{i}" for i in range(4000)]
    assert runs.page(connection, "faces", filter={"id": {"$in": [*names, "r1"]}}).total == 1
    assert runs.page(connection, "faces", filter={"$or": [{"config.text": name} for name in [*names, "10"]]}).total == 1
    with pytest.raises(UsageError, match="10000"):
        runs.page(connection, "faces", filter={"id": {"$in": names * 3}})
