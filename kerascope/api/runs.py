"""Many runs as `Api` gives them: a list that is read page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from kerascope.api.run import Run
from kerascope.api.store import Store
from kerascope.errors import UsageError
from kerascope.query import runs


class Runs(Sequence[Run]):
    """Runs of a project that match a filter, in order. Nothing is read before it is asked for.

    Promises: each page is read once; a run that moved between pages meanwhile is given once. Not for: more than one thread.
    """

    def __init__(self, store: Store, project: str, filters: Any, order: str, per_page: int) -> None:
        if not isinstance(per_page, int) or not 1 <= per_page <= runs.MAX_LIMIT:
            raise UsageError(f"`per_page` must be an int from 1 to {runs.MAX_LIMIT}. Received: per_page={per_page!r}.")
        self.project = project
        self._store = store
        self._asked = {"filter": filters, "order": order, "limit": per_page}
        self._loaded: list[Run] = []
        self._seen: set[str] = set()
        self._offset = 0
        self._total = -1
        self._load_page()

    def __len__(self) -> int:
        return self._total

    def __iter__(self) -> Iterator[Run]:
        at = 0
        while self._load_up_to(at + 1):
            yield self._loaded[at]
            at += 1

    @overload
    def __getitem__(self, index: int) -> Run: ...

    @overload
    def __getitem__(self, index: slice) -> list[Run]: ...

    def __getitem__(self, index: int | slice) -> Run | list[Run]:
        if isinstance(index, slice):
            self._load_up_to(self._total)
            return self._loaded[index]
        wanted = index + self._total if index < 0 else index
        if wanted < 0 or not self._load_up_to(wanted + 1):
            raise IndexError(f"There are {len(self)} runs. Received: index={index}.")
        return self._loaded[wanted]

    def __repr__(self) -> str:
        return f"<Runs {self.project} ({len(self)})>"

    def _load_up_to(self, count: int) -> bool:
        """Loads pages until there are `count` runs; returns whether there are that many."""
        while len(self._loaded) < count and self._load_page():
            pass
        return len(self._loaded) >= count

    def _load_page(self) -> bool:
        if 0 <= self._total <= self._offset:
            return False
        with self._store.reading() as db:
            page = runs.page(db, self.project, offset=self._offset, whole=True, **self._asked)
        self._total = page.total
        self._offset += len(page.runs)
        for record in page.runs:
            if record.id not in self._seen:
                self._seen.add(record.id)
                self._loaded.append(Run(self._store, record))
        return bool(page.runs)
