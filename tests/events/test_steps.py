from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kerascope.events.steps import StepSet, count_union

steps = st.lists(st.integers(0, 60), max_size=80)
runs = st.lists(
    st.tuples(st.integers(0, 100), st.integers(1, 30), st.integers(1, 5)).map(
        lambda r: list(range(r[0], r[0] + r[1] * r[2], r[2]))
    ),
    max_size=5,
)


def collect(*pieces: list[int]) -> StepSet:
    found = StepSet()
    for piece in pieces:
        found.add_many(piece)
    return found


@given(steps)
def test_it_counts_each_step_once_in_any_order(added: list[int]) -> None:
    found = StepSet()
    for step in added:
        found.add(step)
    assert found.count() == len(set(added))
    assert found.last == max(added, default=None)
    assert all(a[1] < b[0] for a, b in zip(found.runs, found.runs[1:], strict=False))


@given(runs)
def test_steps_added_many_at_a_time_give_the_same_set(pieces: list[list[int]]) -> None:
    one_by_one = StepSet()
    for piece in pieces:
        for step in piece:
            one_by_one.add(step)
    assert collect(*pieces) == one_by_one


@given(st.lists(steps | runs.map(lambda pieces: [step for piece in pieces for step in piece]), max_size=4))
def test_a_union_counts_each_step_once(lists: list[list[int]]) -> None:
    assert count_union(collect(added) for added in lists) == len({step for added in lists for step in added})


def test_a_long_run_stays_small() -> None:
    found = collect(list(range(0, 5_000_000, 50)))
    assert (len(found.runs), found.count(), found.last) == (1, 100_000, 4_999_950)


def test_a_run_without_any_order_stays_small_and_its_count_exact() -> None:
    found = StepSet()
    added = [step * step for step in range(5000)]
    for step in added:
        found.add(step)
    found.add(0)  # late, and long since only counted
    assert len(found.runs) <= 512
    assert found.count() == 5000
    assert found.last == added[-1]
