"""Runs of a project: pages of them, one in detail, and the columns that they have.

Promises: filtering, sorting and counting happen in SQL, so that a page of a project with ten thousand runs takes milliseconds. Runs
without the value that is sorted by come last, in both directions. Not for: history (`history.py`).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, text

from kerascope.errors import NotFoundError, UsageError
from kerascope.index.leaves import leaves
from kerascope.query import filters, grouping, records
from kerascope.query.grouping import EVERYWHERE, Place
from kerascope.query.homes import Located, locate
from kerascope.query.state import Alive, alive

MAX_LIMIT = 10_000
_SMALL_TEXT = 512
_SMALL_LIST = 16

_FIELDS = (
    "run.project, run.home, run.id, run.name, run.entity, run.created_s, run.updated_s, run.finished_s, run.duration_s, run.host, "
    "run.last_step, run.row_count, run.group_name, run.job_type, run.tags, run.notes, run.archived, run.attempt_count, run.exit_code"
)
_NAMES = tuple(
    {"group_name": "group"}.get(name, name) for name in _FIELDS.replace("run.", "").replace(" ", "").split(",")
) + ("state",)
_SEARCHED = (
    "run.name || ' ' || run.id || ' ' || run.tags || ' ' || coalesce(run.notes, '') || ' ' || coalesce(run.group_name, '') || ' ' "
    "|| coalesce(run.job_type, '')"
)
_SORTABLE = (
    *("name", "id", "state", "entity", "host", "group", "job_type", "notes", "created_s", "updated_s", "finished_s"),
    *("duration_s", "last_step", "row_count", "exit_code", "attempt_count", "archived"),
)
_NULLABLE = ("run.group_name", "run.job_type", "run.notes", "run.finished_s", "run.last_step", "run.exit_code")
_ALIASES = {"created_at": "created_s", "updated_at": "updated_s", "heartbeat_at": "updated_s", "display_name": "name"}
_NUMS = text("SELECT id, num FROM run WHERE project = :project AND id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_AT_ONCE = 500
_decode = msgspec.msgpack.Decoder().decode


def projects(db: Connection) -> list[records.Project]:
    """Returns the projects that have runs (deleted ones aside), the most recently active first."""
    running = alive(db).nums
    numbers = ", ".join(str(num) for num in sorted(running)) or "-1"
    rows = db.execute(
        text(
            f"SELECT project, count(*), sum(num IN ({numbers})), min(created_s), max(updated_s) AS last FROM run "
            "WHERE deleted = 0 GROUP BY project ORDER BY last DESC, project"
        )
    )
    return [records.Project(*row) for row in rows]


def page(
    db: Connection,
    project: str,
    filter: Any = None,
    search: str | None = None,
    order: str = "-created_s",
    offset: int = 0,
    limit: int = 100,
    columns: Sequence[str] | None = None,
    deleted: bool = False,
    archived: bool = False,
    whole: bool = False,
    place: Place = EVERYWHERE,
) -> records.RunPage:
    """Returns some of a project's runs.

    Args:
        db: An index connection.
        project: Its name.
        filter: A Mongo-style map (see `filters`), None for all.
        search: Words that must all occur in name, id, notes, tags, group or job type, in any case.
        order: Comma list of fields or `config.`/`summary.` paths, `-` for descending.
        offset: How many runs to skip.
        limit: At most so many runs, 1 to 10,000.
        columns: The `config.<path>` and `summary.<path>` wanted; None gives all small values.
        deleted: Only deleted runs, instead of none of them.
        archived: Archived runs too.
        whole: Give config and summary whole, whatever `columns` says.
        place: Only the runs of these groups.

    Raises:
        UsageError: if an argument is not understood.
    """
    if not 0 <= offset < 2**63:
        raise UsageError(f"`offset` must be an int >= 0. Received: offset={offset}.")
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(f"`limit` must be 1 to {MAX_LIMIT}. Received: limit={limit}. Ask for more with `offset`.")
    wanted = None if columns is None else [_value_column(name) for name in columns]
    state = alive(db)
    sql = filters.Sql(state.sql())
    chosen = Choice(sql, project, filter, search, order, deleted, archived, place)
    counted = text(f"SELECT count(*) FROM run {chosen.place_joins} WHERE {chosen.condition}")
    total = db.execute(counted, sql.values).scalar_one()
    found = text(
        f"SELECT run.num FROM run {chosen.joins} WHERE {chosen.condition} ORDER BY {chosen.ordering} "
        "LIMIT :limit OFFSET :offset"
    )
    nums = db.execute(found, sql.values | {"limit": limit, "offset": offset}).scalars().all()
    return records.RunPage(total, offset, tuple(_summaries(db, nums, state, wanted, whole)))


class Choice:
    """The runs of a project that a question is about, as SQL on table `run`.

    Args:
        sql: Takes the bound values.
        project: Name of the project.
        filter: As for `page`, and so the rest.
        search: Words.
        order: Comma list of fields.
        deleted: Only deleted runs.
        archived: Archived runs too.
        place: Only the runs of these groups.

    Attributes:
        levels: The fields of `place.by`.
        condition: What the runs meet.
        ordering: The terms of ORDER BY.
        place_joins: The joins that the condition needs.
        joins: The joins that condition, ordering and levels need.

    Raises:
        UsageError: if an argument is not understood.
    """

    def __init__(
        self,
        sql: filters.Sql,
        project: str,
        filter: Any,
        search: str | None,
        order: str,
        deleted: bool = False,
        archived: bool = False,
        place: Place = EVERYWHERE,
    ) -> None:
        self.levels = grouping.levels(place.by, sql)
        placed = grouping.condition(place, self.levels, sql)
        level_joins = " ".join(level.join for level in self.levels)
        order_joins, self.ordering = _order(order, sql)
        self.place_joins = level_joins if placed else ""
        self.joins = f"{level_joins} {order_joins}"
        condition = _condition(sql, project, filters.parse(filter), search, deleted, archived)
        self.condition = f"{condition} AND {placed}" if placed else condition


def _condition(
    sql: filters.Sql, project: str, wanted: filters.Filter, search: str | None, deleted: bool, archived: bool
) -> str:
    parts = [f"run.project = {sql.bind(filters.storable(project))}", f"run.deleted = {int(deleted)}"]
    if not archived:
        parts.append("run.archived = 0")
    if wanted != filters.EVERYTHING:
        parts.append(f"({filters.to_sql(wanted, sql)})")
    for word in (search or "").split():
        parts.append(filters.containing(_SEARCHED, word, sql.bind(filters.storable(word.lower()))))
    return " AND ".join(parts)


def _order(order: str, sql: filters.Sql) -> tuple[str, str]:
    """The joins and the ORDER BY terms of a comma list such as `-summary.val_loss,name`."""
    joins: list[str] = []
    terms: list[str] = []
    for part in filter(None, (part.strip() for part in order.split(","))):
        direction, name = ("DESC" if part[0] == "-" else "ASC"), part.lstrip("+-")
        if name.startswith(("config.", "summary.", "summary_metrics.")):
            table = f"v{len(joins)}"
            place = sql.bind(_value_column(name))
            joins.append(
                f"LEFT JOIN value AS {table} ON {table}.run = run.num AND {table}.name = {place} AND {table}.position = 0"
            )
            for column in ("number", "text"):
                terms.append(f"{table}.{column} IS NULL, {table}.{column} {direction}")
        else:
            column = _sort_column(name, sql.state)
            missing_last = f"{column} IS NULL, " if column in _NULLABLE else ""
            terms.append(f"{missing_last}{column} {direction}")
    return " ".join(joins), ", ".join([*terms, "run.created_s DESC", "run.id"])


def _sort_column(name: str, state: str) -> str:
    name = _ALIASES.get(name, name)
    if name not in _SORTABLE:
        raise UsageError(
            f"Runs are sorted by config.<path>, summary.<path> or one of {', '.join(_SORTABLE)}. Received: order={name!r}. "
            "Put '-' in front for descending order."
        )
    return f"({state})" if name == "state" else f"run.{'group_name' if name == 'group' else name}"


def _value_column(name: str) -> str:
    name = filters.storable(name)
    root, _, path = name.partition(".")
    if root == "summary_metrics":
        root = "summary"
    if root not in ("config", "summary") or not path:
        raise UsageError(f"A column must be config.<path> or summary.<path>. Received: columns={name!r}.")
    return f"{root}.{path}"


def _summaries(
    db: Connection, nums: Sequence[int], state: Alive, wanted: Sequence[str] | None, whole: bool
) -> Iterable[records.RunSummary]:
    query = text(
        f"SELECT run.num, {_FIELDS}, {state.sql()}, run_data.config, run_data.summary FROM run "
        "JOIN run_data ON run_data.run = run.num WHERE run.num IN :nums"
    ).bindparams(bindparam("nums", expanding=True))
    rows = {row[0]: row for row in db.execute(query, {"nums": list(nums)}).all()}
    chosen = frozenset(wanted or ())
    parents = {path[:at] for path in chosen for at, sign in enumerate(path) if sign == "."}
    for num in nums:
        row = rows[num]
        config, summary = _decode(row[-2]), _decode(row[-1])
        if whole:
            pass
        elif wanted is None:
            config, summary = _small(config), _small(summary)
        else:
            config, summary = _picked("config", config, chosen, parents), _picked("summary", summary, chosen, parents)
        yield records.RunSummary(**_attributes(row[1:-2]), config=config, summary=summary)


def _attributes(values: Sequence[Any]) -> dict[str, Any]:
    """What `_FIELDS` and the state say."""
    fields = dict(zip(_NAMES, values, strict=True))
    tags = fields["tags"]
    fields["tags"] = () if tags == "[]" else tuple(json.loads(tags))
    fields["archived"] = bool(fields["archived"])
    return fields


def _small(values: dict[str, Any]) -> dict[str, Any]:
    """Without long texts, long lists and media."""
    small: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            if "_type" in value:
                continue
            inner = _small(value)
            if inner or not value:
                small[key] = inner
        elif isinstance(value, list):
            if len(value) <= _SMALL_LIST and not any(isinstance(item, list | dict) for item in value):
                small[key] = value
        elif not isinstance(value, str) or len(value) <= _SMALL_TEXT:
            small[key] = value
    return small


def _picked(prefix: str, values: dict[str, Any], wanted: frozenset[str], parents: set[str]) -> dict[str, Any]:
    """Only what lies at or below a wanted path; `parents` are the paths above those."""
    picked: dict[str, Any] = {}
    for key, value in values.items():
        path = f"{prefix}.{key}"
        if path in wanted:
            picked[key] = value
        elif path in parents and isinstance(value, dict):
            inner = _picked(path, value, wanted, parents)
            if inner:
                picked[key] = inner
    return picked


def find(db: Connection, project: str, run_id: str) -> int:
    """Returns the number of a run in the index, deleted ones included, by the project that shows it or its home.

    Raises:
        NotFoundError: if there is no such run; the message names what exists nearby.
    """
    return located(db, project, run_id).num


def located(db: Connection, project: str, run_id: str) -> Located:
    """Returns where a run is. Raises as `find` does."""
    found = locate(db, project, run_id)
    if found is not None:
        return found
    raise NotFoundError(
        f"There must be a run with this id. Received: {project}/{run_id}. {_nearby(db, project, run_id)}"
    )


def find_all(db: Connection, addresses: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Returns what `find` gives for each (project, run id), with few queries for all of them.

    Raises:
        NotFoundError: if there is no such run.
    """
    asked = dict.fromkeys(addresses)
    found: dict[tuple[str, str], int] = {}
    for project in {project for project, _ in asked}:
        ids = [run_id for other, run_id in asked if other == project]
        for start in range(0, len(ids), _AT_ONCE):
            values = {"project": filters.storable(project), "ids": ids[start : start + _AT_ONCE]}
            found |= {(project, run_id): num for run_id, num in db.execute(_NUMS, values)}
    return {address: found[address] if address in found else find(db, *address) for address in asked}


def _nearby(db: Connection, project: str, run_id: str) -> str:
    query = text(
        "SELECT id, name FROM run WHERE project = :project AND deleted = 0 ORDER BY created_s DESC LIMIT 10000"
    )
    runs = db.execute(query, {"project": filters.storable(project)}).all()
    if not runs:
        names = [row[0] for row in db.execute(text("SELECT DISTINCT project FROM run WHERE deleted = 0"))]
        close = get_close_matches(project, names, 3, 0.5) or sorted(names)[:5]
        return f"Projects with runs: {', '.join(close)}." if close else "The store has no runs yet."
    by_name = {name: one for one, name in runs}
    if run_id in by_name:
        return f"The run named {run_id!r} has the id {by_name[run_id]}."
    close = get_close_matches(run_id, [row[0] for row in runs], 3, 0.5) or [row[0] for row in runs[:3]]
    return f"Did you mean {' or '.join(close)}?"


def detail(db: Connection, project: str, run_id: str) -> records.RunDetail:
    """Returns everything about a run but its history.

    Raises:
        NotFoundError: if there is no such run.
    """
    num = find(db, project, run_id)
    state = alive(db)
    query = text(
        f"SELECT {_FIELDS}, {state.sql()}, config, summary, environment, metrics "
        "FROM run JOIN run_data ON run_data.run = run.num WHERE run.num = :num"
    )
    row = db.execute(query, {"num": num}).one()
    fields = _attributes(row[:-4])
    config, summary, environment, metrics = map(_decode, row[-4:])
    return records.RunDetail(
        **fields,
        config=config,
        summary=summary,
        environment=environment,
        attempts=_attempts(db, num, fields["state"]),
        notices=tuple(
            records.Notice(**note) for note in _of_segments(db, num, "notice", "level, text, key, step, time_s")
        ),
        alerts=tuple(records.Alert(**note) for note in _of_segments(db, num, "alert", "title, text, level, time_s")),
        metrics=tuple(_rule(rule) for rule in metrics.values()),
        artifacts_logged=links(db, num, "logged"),
        artifacts_used=links(db, num, "used"),
    )


def _of_segments(db: Connection, num: int, table: str, fields: str) -> Iterable[dict[str, Any]]:
    columns = ", ".join(f"{table}.{name}" for name in fields.split(", "))
    query = text(
        f"SELECT {columns} FROM segment JOIN {table} ON {table}.segment = segment.num WHERE segment.run = :num "
        f"ORDER BY segment.name, {table}.position"
    )
    return (dict(row._mapping) for row in db.execute(query, {"num": num}))


def links(db: Connection, num: int, direction: str) -> tuple[records.ArtifactLink, ...]:
    """Returns the artifact versions that run `num` `logged` or `used`, in order."""
    found = _of_segments(db, num, "link", "direction, name, type, version, digest, time_s")
    return tuple(records.ArtifactLink(**link) for link in found if link.pop("direction") == direction)


def _rule(rule: dict[str, Any]) -> records.MetricRule:
    hidden, summary = bool(rule.pop("hidden")), tuple(rule.pop("summary") or ())
    return records.MetricRule(**rule, hidden=hidden, summary=summary)


def _attempts(db: Connection, num: int, state: str) -> tuple[records.Attempt, ...]:
    query = text(
        "SELECT attempt, rank, world_size, host, pid, started_s, updated_s, ended, exit_code, message, resumed, starting_step, "
        "damage FROM segment WHERE run = :num ORDER BY name"
    )
    rows = [dict(row._mapping) for row in db.execute(query, {"num": num})]
    newest = max(row["attempt"] for row in rows)
    for row in rows:
        row["state"] = row.pop("ended") or (state if row["attempt"] == newest and state == "running" else "crashed")
        row["resumed"] = bool(row["resumed"])
        row["damage"] = tuple(_told(*part) for part in json.loads(row["damage"]))
    return tuple(records.Attempt(**row) for row in rows)


def _told(offset: int, size_bytes: int, reason: str) -> str:
    return f"at byte {offset}: {reason}" + (f" ({size_bytes} bytes left out)" if size_bytes else "")


def columns(db: Connection, project: str) -> list[records.Column]:
    """Returns the config and summary values that the project's runs have, by name."""
    # Runs of one shape have the same columns: one of each is looked at, not ten thousand times forty values.
    query = text(
        "SELECT alike.count, run_data.config, run_data.summary FROM (SELECT min(num) AS num, count(*) AS count FROM run "
        "WHERE project = :project AND deleted = 0 GROUP BY shape) AS alike JOIN run_data ON run_data.run = alike.num"
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for count, config, summary in db.execute(query, {"project": filters.storable(project)}):
        for leaf in (*leaves("config", _decode(config)), *leaves("summary", _decode(summary))):
            if leaf.position == 0:
                found[leaf.name][leaf.kind] += count
    return [records.Column(name, _main_kind(kinds), kinds.total()) for name, kinds in sorted(found.items())]


def _main_kind(kinds: dict[str, int]) -> str:
    """The kind that most values have; null counts as other, and only when there is nothing else."""
    known = {kind: count for kind, count in kinds.items() if kind != "null"}
    return max(sorted(known), key=known.__getitem__) if known else "other"
