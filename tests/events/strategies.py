"""Hypothesis strategies for events and logs."""

from __future__ import annotations

from hypothesis import strategies as st

from kerascope.events.types import Config, Event, Keys, Metric, Row, RunInfo, Segment, Summary

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=8),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["loss", "acc", "val/loss", "val/acc", "text", "a.b"])
numbers = st.one_of(st.integers(-1000, 1000), st.floats(width=32), st.sampled_from([0.0, -0.0, 1e308, float("nan")]))
maps = st.dictionaries(names, values, max_size=3)
times = st.floats(0, 1e6)
key_sets = st.lists(names, min_size=1, max_size=4, unique=True).map(tuple)

summaries = st.builds(Summary, set=maps, remove=st.lists(names, max_size=2).map(tuple))
configs = st.builds(Config, set=maps, remove=st.lists(names, max_size=2).map(tuple))
metrics = st.builds(
    Metric,
    name=st.sampled_from(["loss", "val/*", "v*", "*", "acc"]),
    step_metric=st.none() | st.just("epoch"),
    summary=st.none()
    | st.lists(st.sampled_from(["min", "max", "mean", "first", "last", "best", "none", "copy"]), max_size=3).map(tuple),
    goal=st.none() | st.sampled_from(["minimize", "maximize"]),
    overwrite=st.booleans(),
)
infos = st.builds(RunInfo, name=st.none() | st.text(max_size=5), notes=st.none() | st.just("n"))


@st.composite
def logs(draw: st.DrawFn, min_rows: int = 0) -> list[Event]:
    """The events of one segment as a writer would write them."""
    events: list[Event] = [Segment(1, "p", "run", "", 0, 1, draw(times), "h", 1, 0.0, 0, False, 0, "0")]
    ids: dict[tuple[str, ...], int] = {}
    step = 0
    for _ in range(draw(st.integers(min_rows, 12))):
        if draw(st.integers(0, 3)) == 0:
            events.append(draw(st.one_of(summaries, configs, metrics, infos)))
            continue
        keys = draw(key_sets)
        if keys not in ids:
            ids[keys] = len(ids)
            events.append(Keys(ids[keys], keys))
        kind = numbers if draw(st.booleans()) else values
        for _ in range(draw(st.integers(1, 12))):
            step = max(0, step + draw(st.sampled_from([1, 1, 1, 0, 5, -3])))
            row = [draw(kind) for _ in keys]
            events.append(Row(ids[keys], step, draw(times), draw(times), row))
    return events
