"""The border of a request: parameters checked, body decoded, handler run on a thread, every failure given the one error shape.

A handler is a plain function `Call -> Response` that runs on a thread of the pool. Not for: what the answers are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from kerascope.paths import check_project, check_run_id
from kerascope.server.errors import ApiError, refusal
from kerascope.server.store import Store

MAX_BODY_BYTES = 8 << 20
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
T = TypeVar("T")


class Query:
    """The parameters after the `?` of an address, each checked when it is read.

    Raises:
        ApiError: 400 for a name that is not in `allowed`, or one that is given twice.
    """

    def __init__(self, given: Sequence[tuple[str, str]], allowed: Sequence[str]) -> None:
        self._values: dict[str, str] = {}
        for name, value in given:
            if name not in allowed:
                raise ApiError(400, _unknown(name, allowed), name)
            if name in self._values:
                raise ApiError(400, f"`{name}` must be given once. Received it twice.", name)
            self._values[name] = value

    def text(self, name: str, default: str | None = None) -> str | None:
        """Returns a text, or `default` when it is missing or empty."""
        return self._values.get(name) or default

    def required(self, name: str) -> str:
        """Returns a text that has to be there."""
        value = self._values.get(name)
        if not value:
            raise ApiError(400, f"`{name}` must be given. Add ?{name}=... to the address.", name)
        return value

    def integer(self, name: str, default: T, low: int, high: int = 2**53) -> int | T:
        """Returns a whole number from `low` to `high`, or `default` when it is missing."""
        value = self._values.get(name)
        if value is None:
            return default
        if not _INTEGER.match(value) or not low <= int(value) <= high:
            raise ApiError(
                400, f"`{name}` must be a whole number from {low} to {high}. Received: {name}={value!r}.", name
            )
        return int(value)

    def flag(self, name: str) -> bool:
        """Returns whether `name` is `true`; it may be `false` or missing."""
        return self.choice(name, ("false", "true")) == "true"

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Returns one of `choices`, the first when it is missing."""
        value = self._values.get(name, choices[0])
        if value not in choices:
            raise ApiError(400, f"`{name}` must be one of {', '.join(choices)}. Received: {name}={value!r}.", name)
        return value

    def names(self, name: str) -> tuple[str, ...] | None:
        """Returns a comma list, None when it is missing or empty."""
        value = self._values.get(name)
        return tuple(part for part in value.split(",") if part) or None if value else None


def _unknown(name: str, allowed: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, allowed, 1)
    if near:
        way_out = f"Did you mean {near[0]!r}?"
    else:
        way_out = f"It takes {', '.join(allowed)}." if allowed else "It takes none."
    return f"This address takes no parameter of that name. Received: {name!r}. {way_out}"


@dataclass(frozen=True)
class Call:
    """One request, as handlers see it."""

    store: Store
    path: dict[str, str]
    query: Query
    body: Any = None
    range: str | None = None

    @property
    def project(self) -> str:
        """The project that the address names."""
        return check_project(self.path["p"])

    @property
    def run(self) -> str:
        """The run id that the address names."""
        return check_run_id(self.path["r"])


Handler = Callable[[Call], Response]


def route(method: str, address: str, handler: Handler, query: Sequence[str] = (), body: type | None = None) -> Route:
    """Returns the route that answers `method` on `address` with `handler`.

    Args:
        method: The HTTP method; `GET` also answers `HEAD`.
        address: Path below `/api`, in Starlette's form.
        handler: Runs on a thread of the pool.
        query: Names of the parameters that it takes.
        body: Type of the JSON body, None if it takes none.
    """

    async def endpoint(request: Request) -> Response:
        try:
            call = Call(
                request.app.state.store,
                dict(request.path_params),
                Query([pair for pair in request.query_params.multi_items() if pair[0] != "token"], query),
                None if body is None else await _read_body(request, body),
                request.headers.get("range"),
            )
            return await run_in_threadpool(handler, call)
        except ClientDisconnect:
            return Response(status_code=400)
        except (
            Exception
        ) as error:  # the border: whatever went wrong becomes an answer, and is logged if nobody foresaw it
            return refusal(error)

    return Route(address, endpoint, methods=[method], name=f"{method} {address}")


async def _read_body(request: Request, kind: type[T]) -> T:
    """Returns the decoded JSON body; refuses other content types, too many bytes and what does not fit `kind`."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, f"The body must be JSON. Received: Content-Type={content_type!r}. Send application/json.")
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MAX_BODY_BYTES:
            raise ApiError(413, f"The body must be at most {MAX_BODY_BYTES} bytes. Received more.")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ApiError(400, f"The body does not fit this address: {error}.", _field_at(str(error))) from None


def _field_at(message: str) -> str | None:
    found = re.search(r"at `\$\.(\w+)", message) or re.search(r"field `(\w+)`", message)
    return found.group(1) if found else None
