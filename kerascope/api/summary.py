"""The summary of a run as `Api` gives it. Not for: the summary of a run that is being recorded (`kerascope.tracking.summary`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerascope.errors import UsageError


class Summary(Mapping[str, Any]):
    """The summary of a run: a read-only map with `get`, items and attributes for the original's `summary.key`."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def __setitem__(self, key: str, value: Any) -> None:
        raise UsageError(
            f"The summary of a run is what it logged. Received: summary[{key!r}]={value!r}. "
            "Go on with the run: init(id=..., resume='must').summary[...] = ..."
        )

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_") or key not in self._values:
            raise AttributeError(
                f"The summary has no {key!r}. It has {', '.join(list(self._values)[:10]) or 'nothing'}."
            )
        return self._values[key]

    @property
    def _json_dict(self) -> dict[str, Any]:
        """The plain map, under the name that scripts for the original use."""
        return self._values
