"""Laws of the feed of live changes, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from kerascope.paths import StorePaths
from kerascope.server.live import Feed, events
from kerascope.server.records import LiveChange, LiveRun
from kerascope.server.watch import Watcher
from tests.index.logs import reading
from tests.server.stores import write_runs


def change(run: str, step: int, project: str = "p", new_keys: bool = False, console: bool = False) -> LiveChange:
    one = LiveRun(project=project, run=run, state="running", last_step=step, new_keys=new_keys, console=console)
    return LiveChange((one,), ())


async def next_text(stream: AsyncIterator[bytes]) -> str:
    return (await asyncio.wait_for(anext(stream), 30)).decode()


def data_of(text: str) -> LiveChange:
    line = next(line for line in text.splitlines() if line.startswith("data: "))
    return msgspec.json.decode(line.removeprefix("data: "), type=LiveChange)


def id_of(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("id: ")).removeprefix("id: ")


def test_changes_between_two_events_arrive_as_one_with_the_newest_word_and_all_that_was_new() -> None:
    feed = Feed()
    place = feed.place(None) or 0
    feed.publish(change("a", 1, new_keys=True))
    feed.publish(change("b", 1))
    feed.publish(change("a", 2, console=True))
    end, merged = feed.since(place, None, None)
    assert merged is not None
    assert {(one.run, one.last_step, one.new_keys, one.console) for one in merged.runs} == {
        ("a", 2, True, True),
        ("b", 1, False, False),
    }
    assert feed.since(end, None, None) == (end, None)


def test_a_listener_hears_only_of_the_project_and_run_it_asked_for() -> None:
    feed = Feed()
    feed.publish(change("a", 1, "p"))
    feed.publish(change("a", 2, "q"))
    feed.publish(LiveChange((), ("p", "q")))
    _, of_project = feed.since(0, "q", None)
    assert of_project == LiveChange(change("a", 2, "q").runs, ("q",))
    assert feed.since(0, "p", "other")[1] == LiveChange((), ("p",))


def test_a_cursor_of_another_server_or_of_forgotten_changes_is_unknown() -> None:
    feed = Feed(ring=2)
    old = feed.cursor()
    for step in range(3):
        feed.publish(change("a", step))
    assert feed.place(old) is None
    assert feed.place(Feed().cursor()) is None
    assert [feed.place(word) for word in ("", None)] == [3, 3]
    assert [feed.place(word) for word in ("x", "-", "1", feed.cursor(99), feed.cursor() + "²")] == [None] * 5
    assert feed.place(feed.cursor() + "9" * 5000) is None
    assert feed.place(feed.cursor(1)) == 1


def test_who_comes_back_with_its_cursor_misses_nothing_and_who_cannot_be_served_is_told_to_reset() -> None:
    async def listen() -> None:
        feed = Feed(ring=2)
        stream = events(feed, None, None, None)
        start = id_of(await next_text(stream))
        asyncio.get_running_loop().call_later(0.05, feed.publish, change("a", 1))
        first = await next_text(stream)
        assert "event: change" in first
        feed.publish(change("a", 2))
        feed.publish(change("b", 7))
        back = data_of(await text_after_start(feed, id_of(first)))
        assert {(one.run, one.last_step) for one in back.runs} == {("a", 2), ("b", 7)}
        assert "event: reset" in await next_text(events(feed, start, None, None))

    async def text_after_start(feed: Feed, cursor: str) -> str:
        stream = events(feed, cursor, None, None)
        await next_text(stream)
        return await next_text(stream)

    asyncio.run(listen())


def test_listeners_are_told_to_reset_when_the_feed_forgets() -> None:
    async def listen() -> None:
        feed = Feed()
        stream = events(feed, None, None, None)
        await next_text(stream)
        feed.publish(change("a", 1))
        feed.forget()
        assert "event: reset" in await next_text(stream)
        feed.publish(change("b", 2))
        assert data_of(await next_text(stream)) == change("b", 2)

    asyncio.run(listen())


def test_closing_the_feed_ends_its_streams() -> None:
    async def listen() -> None:
        feed = Feed()
        stream = events(feed, None, None, None)
        await next_text(stream)
        asyncio.get_running_loop().call_later(0.05, feed.close)
        assert [part async for part in stream] == []

    asyncio.run(asyncio.wait_for(listen(), 30))


def test_the_first_look_at_an_index_with_runs_makes_everyone_read_again(tmp_path: Path) -> None:
    with reading(StorePaths(tmp_path / "empty")) as db:
        assert Watcher().look(db) == LiveChange((), ())
    with reading(write_runs(tmp_path / "store")) as db:
        watcher = Watcher()
        assert watcher.look(db) is None
        assert watcher.look(db) == LiveChange((), ())
