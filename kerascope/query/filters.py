"""Filters of runs: Mongo-style maps, checked once, then run as SQL.

    {"config.lr": {"$gt": 0.001}, "$or": [{"state": "running"}, {"tags": {"$in": ["best"]}}]}

Promises: a filter that is not understood raises, naming what is wrong; `matches` and the SQL of `to_sql` agree on every run (a
property test holds them to it). A condition on a list holds if it holds for any item; `$ne`, `$nin` and `$not` are true exactly
when the positive form is not. Comparisons hold only between values of one kind (numbers, texts, bools). Not for: paging.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from kerascope.errors import UsageError
from kerascope.index.leaves import Leaf, classify, leaves
from kerascope.query.records import RunSummary

TEXT_FIELDS = {
    "name": "run.name",
    "id": "run.id",
    "state": "state",
    "group": "run.group_name",
    "job_type": "run.job_type",
    "host": "run.host",
    "notes": "run.notes",
    "entity": "run.entity",
}
NUMBER_FIELDS = {
    "created_s": "run.created_s",
    "updated_s": "run.updated_s",
    "finished_s": "run.finished_s",
    "duration_s": "run.duration_s",
    "last_step": "run.last_step",
    "row_count": "run.row_count",
    "exit_code": "run.exit_code",
    "attempt_count": "run.attempt_count",
    "archived": "run.archived",
}
_ALIASES = {
    "display_name": "name",
    "displayName": "name",
    "username": "entity",
    "jobType": "job_type",
    "created_at": "created_s",
    "createdAt": "created_s",
    "heartbeat_at": "updated_s",
    "heartbeatAt": "updated_s",
    "duration": "duration_s",
    "_step": "last_step",
}
_TIMES = ("created_s", "updated_s", "finished_s")
_LOGIC = ("$and", "$or", "$nor")
_COMPARISONS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
OPERATORS = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$regex", "$not")
_DEEPEST = 32
MAX_VALUES = 10_000


@dataclass(frozen=True)
class Test:
    """One positive condition on one field: `eq`, `gt`, `gte`, `lt`, `lte`, `exists` or `regex` (without the `$`)."""

    field: str
    operator: str
    operand: Any


@dataclass(frozen=True)
class All:
    """Holds if all parts hold; without parts it holds."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class AnyOf:
    """Holds if any part holds; without parts it does not."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Not:
    """Holds if the part does not."""

    part: Filter


Filter = Test | All | AnyOf | Not
EVERYTHING = All(())


def parse(document: Any) -> Filter:
    """Returns the filter that a Mongo-style map describes; None and an empty map match every run.

    Raises:
        UsageError: if the map is not a filter; the message names the operator or field.
    """
    return EVERYTHING if document is None else _document(document, 0)


def _document(document: Any, depth: int) -> Filter:
    if not isinstance(document, dict):
        raise UsageError(
            "A filter must be a map from fields to conditions. "
            f"Received: filter={document!r}. Write for example {{'config.lr': {{'$gt': 0.001}}}}."
        )
    if depth > _DEEPEST:
        raise UsageError(f"A filter may be nested {_DEEPEST} deep. Received: a deeper one. Use $in or $or instead.")
    parts = [_entry(key, value, depth) for key, value in document.items()]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _entry(key: Any, value: Any, depth: int) -> Filter:
    if key in _LOGIC:
        if not isinstance(value, list | tuple) or not value:
            raise UsageError(f"`{key}` needs a list of filters with at least one. Received: {key}={value!r}.")
        parts = tuple(_document(part, depth + 1) for part in value)
        return All(parts) if key == "$and" else AnyOf(parts) if key == "$or" else Not(AnyOf(parts))
    if key == "$not":
        return Not(_document(value, depth + 1))
    if isinstance(key, str) and key.startswith("$"):
        raise UsageError(
            f"A filter knows the operators $and, $or, $nor, $not between fields. Received: operator={key!r}. "
            f"Inside a field it knows {', '.join(OPERATORS)}."
        )
    return _condition(field_name(key), value, depth)


def field_name(name: Any) -> str:
    """Returns what a field is called in this house, given any of its names.

    Raises:
        UsageError: if runs have no such field.
    """
    if isinstance(name, str):
        known = _ALIASES.get(name, name)
        if known in TEXT_FIELDS or known in NUMBER_FIELDS or known == "tags":
            return known
        root, _, path = name.partition(".")
        root = {"summary_metrics": "summary", "summaryMetrics": "summary"}.get(root, root)
        if root in ("config", "summary") and path:
            return f"{root}.{_without_value(path) if root == 'config' else path}"
    fields = ", ".join([*TEXT_FIELDS, *NUMBER_FIELDS, "tags"])
    raise UsageError(
        f"A field of runs is config.<path>, summary.<path> or one of {fields}. Received: field={name!r}. "
        "Put `config.` or `summary.` in front of a value's name."
    )


def _without_value(path: str) -> str:
    """The original stores config entries as `{key: {"value": ...}}`; its filters say `config.lr.value`."""
    return path.removesuffix(".value") if path != "value" else path


def _condition(field: str, value: Any, depth: int) -> Filter:
    if not isinstance(value, dict):
        return Test(field, "eq", _operand(field, "$eq", value))
    if not value:
        raise UsageError(
            f"A condition must hold an operator. Received: {field}={{}}. Use one of {', '.join(OPERATORS)}."
        )
    parts = [_operator(field, name, operand, value, depth) for name, operand in value.items() if name != "$options"]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _operator(field: str, name: Any, operand: Any, whole: dict[str, Any], depth: int) -> Filter:
    if name in ("$eq", "$ne"):
        test = Test(field, "eq", _operand(field, name, operand))
        return test if name == "$eq" else Not(test)
    if name in _COMPARISONS:
        return Test(field, name[1:], _comparable(field, name, operand))
    if name in ("$in", "$nin"):
        if not isinstance(operand, list | tuple):
            raise UsageError(f"`{name}` needs a list. Received: {field} {name}={operand!r}.")
        found = AnyOf(tuple(Test(field, "eq", _operand(field, name, item)) for item in operand))
        return found if name == "$in" else Not(found)
    if name == "$exists":
        if not isinstance(operand, bool):
            raise UsageError(f"`$exists` needs true or false. Received: {field} $exists={operand!r}.")
        test = Test(field, "exists", True)
        return test if operand else Not(test)
    if name == "$regex":
        return Test(field, "regex", _pattern(field, operand, whole.get("$options", "")))
    if name == "$not":
        if not isinstance(operand, dict):
            raise UsageError(f"`$not` of a field needs a map of operators. Received: {field} $not={operand!r}.")
        if depth > _DEEPEST:
            raise UsageError(f"A filter may be nested {_DEEPEST} deep. Received: a deeper $not of {field}.")
        return Not(_condition(field, operand, depth + 1))
    raise UsageError(f"A field's condition must be one of {', '.join(OPERATORS)}. Received: {field} {name!r}.")


def _operand(field: str, name: str, operand: Any) -> Any:
    if operand is None or isinstance(operand, bool | int | float | str):
        return _time(field, storable(operand))
    raise UsageError(f"`{name}` compares with a number, text, bool or null. Received: {field} {name}={operand!r}.")


def _comparable(field: str, name: str, operand: Any) -> Any:
    if isinstance(operand, bool | int | float | str):
        return _time(field, storable(operand))
    raise UsageError(f"`{name}` compares with a number, text or bool. Received: {field} {name}={operand!r}.")


def storable(operand: Any) -> Any:
    """Returns text as the log keeps it (no stored text has lone surrogates); other values as they are."""
    return (
        operand.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if isinstance(operand, str)
        else operand
    )


def containing(column: str, word: str, place: str) -> str:
    """Returns the SQL condition that a column of texts contains a word in any case; `place` stands for `word.lower()`.

    SQLite's own `lower` knows the letters A to Z only, and is used where they will do: it is much faster.
    """
    return f"instr({'lower' if word.isascii() else 'lower_letters'}({column}), {place}) > 0"


def _time(field: str, operand: Any) -> Any:
    """A time may be given as ISO text: `created_at`."""
    if field not in _TIMES or not isinstance(operand, str):
        return operand
    try:
        moment = datetime.fromisoformat(operand)
    except ValueError:
        raise UsageError(
            f"A time must be seconds since 1970 or ISO text such as '2026-11-21T10:00:00'. Received: {field}={operand!r}."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _pattern(field: str, operand: Any, options: Any) -> str:
    if not isinstance(operand, str) or not isinstance(options, str) or set(options) - set("ims"):
        raise UsageError(f"`$regex` needs a text, `$options` letters of 'ims'. Received: {field} $regex={operand!r}.")
    pattern: str = storable(f"(?{options}){operand}" if options else operand)
    try:
        compiled(pattern)
    except re.error as error:
        raise UsageError(
            f"`$regex` must be a regular expression. Received: {field} $regex={operand!r} ({error})."
        ) from None
    return pattern


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Returns the compiled pattern."""
    return re.compile(pattern)


# In Python


def matches(node: Filter, run: RunSummary) -> bool:
    """Returns whether a run, with its whole config and summary, meets the filter."""
    if isinstance(node, All):
        return all(matches(part, run) for part in node.parts)
    if isinstance(node, AnyOf):
        return any(matches(part, run) for part in node.parts)
    if isinstance(node, Not):
        return not matches(node.part, run)
    deep = node.operator == "exists"
    return any(holds(leaf, node) for leaf in _leaves_of(run, node.field) if deep or leaf.name == node.field)


def _leaves_of(run: RunSummary, field: str) -> Iterator[Leaf]:
    root, _, path = field.partition(".")
    if path:
        yield from (leaf for leaf in leaves(root, getattr(run, root)) if _lies_at(leaf.name, field))
    elif field == "tags":
        yield from (Leaf(field, 0, *classify(tag)) for tag in run.tags)
    else:
        value = getattr(run, field)
        yield Leaf(field, 0, *classify(float(value) if isinstance(value, bool) else value))


def _lies_at(name: str, field: str) -> bool:
    return name == field or name.startswith(f"{field}.")


def holds(leaf: Leaf, test: Test) -> bool:
    """Returns whether one leaf meets one positive condition."""
    if test.operator == "exists":
        return leaf.kind != "null" or "." in test.field
    if test.operator == "regex":
        return leaf.kind == "text" and compiled(test.operand).search(leaf.text or "") is not None
    kind, number, text = classify(test.operand)
    if leaf.kind != kind and not (test.field == "archived" and kind == "bool"):
        return False
    if test.operator == "eq":
        return (leaf.number, leaf.text) == (number, text)
    if kind == "text":
        return _ORDER[test.operator](leaf.text, text)
    return leaf.number is not None and number is not None and _ORDER[test.operator](leaf.number, number)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}


# As SQL


@dataclass
class Sql:
    """A condition on `run`, with its bound values. `state` stands for the expression that decides a run's state."""

    state: str
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """Adds a bound value; returns its place holder.

        Raises:
            UsageError: if there are too many.
        """
        if len(self.values) >= MAX_VALUES:
            raise UsageError(f"A filter may compare with {MAX_VALUES} values. Received: more. Ask in several parts.")
        name = f"f{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def to_sql(node: Filter, sql: Sql) -> str:
    """Returns the condition as SQL on table `run`, adding its values to `sql`."""
    if isinstance(node, All):
        return _joined("AND", [to_sql(part, sql) for part in node.parts]) or "1=1"
    if isinstance(node, AnyOf):
        return _joined("OR", [to_sql(part, sql) for part in node.parts]) or "1=0"
    if isinstance(node, Not):
        return f"NOT ({to_sql(node.part, sql)})"
    return _test_sql(node, sql)


def _joined(word: str, parts: list[str]) -> str:
    """Joins conditions as a balanced tree: databases limit how deep an expression may be."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    middle = len(parts) // 2
    return f"({_joined(word, parts[:middle])}) {word} ({_joined(word, parts[middle:])})"


def _test_sql(test: Test, sql: Sql) -> str:
    if "." in test.field:
        inner = _leaf_sql(test, sql)
        return f"EXISTS (SELECT 1 FROM value WHERE value.run = run.num AND {inner})"
    if test.field == "tags":
        inner = _column_sql(test, sql, "tag.value", "text")
        return f"EXISTS (SELECT 1 FROM json_each(run.tags) AS tag WHERE {inner})"
    text = test.field in TEXT_FIELDS
    column = TEXT_FIELDS[test.field] if text else NUMBER_FIELDS[test.field]
    return _column_sql(test, sql, sql.state if column == "state" else column, "text" if text else "number")


def _leaf_sql(test: Test, sql: Sql) -> str:
    name = sql.bind(test.field)
    if test.operator == "exists":
        # '/' is the character after '.': the range holds all names that go on with a dot.
        below = f"value.name > {sql.bind(test.field + '.')} AND value.name < {sql.bind(test.field + '/')}"
        return f"(value.name = {name} OR ({below}))"
    return f"value.name = {name} AND {_kind_sql(test, sql)}"


def _kind_sql(test: Test, sql: Sql) -> str:
    if test.operator == "regex":
        return f"value.kind = 'text' AND matches_pattern({sql.bind(test.operand)}, value.text)"
    kind, number, text = classify(test.operand)
    if kind == "null":
        return "value.kind = 'null'"
    column = "text" if kind == "text" else "number"
    operator = _COMPARISONS.get(f"${test.operator}", "=")
    if kind == "number" and number is None:
        return "value.kind = 'number' AND value.text = 'NaN'" if operator == "=" else "1=0"
    return f"value.kind = '{kind}' AND value.{column} {operator} {sql.bind(text if column == 'text' else number)}"


def _column_sql(test: Test, sql: Sql, column: str, kind: str) -> str:
    if test.operator == "exists":
        return f"{column} IS NOT NULL"
    if test.operator == "regex":
        return (
            f"({column} IS NOT NULL AND matches_pattern({sql.bind(test.operand)}, {column}))"
            if kind == "text"
            else "1=0"
        )
    wanted, number, text = classify(test.operand)
    if wanted == "null":
        return f"{column} IS NULL"
    if wanted == "bool" and test.field == "archived":
        wanted = "number"
    if wanted != kind or (kind == "number" and number is None):
        return "1=0"
    operator = _COMPARISONS.get(f"${test.operator}", "=")
    return f"({column} IS NOT NULL AND {column} {operator} {sql.bind(number if kind == 'number' else text)})"
