"""The one shape of every error that leaves the server, and which exception becomes which status.

Promises: a client sees `{"error": {"code", "message", "field"}}` and never a traceback. Not for: errors of the dashboard.
"""

from __future__ import annotations

import logging
import re

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kerascope.errors import CommError, ConfigError, Error, NotFoundError, StoreError
from kerascope.server.records import ErrorBody, ErrorInfo

logger = logging.getLogger("kerascope.server")

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
}
_NAMED_FIELD = re.compile(r"`([A-Za-z_][\w.]*)`")


class ApiError(Exception):
    """A request that is refused: its status, one sentence and, if one is to blame, the parameter."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


def error_response(
    status: int, message: str, field: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Returns the answer for an error."""
    body = ErrorBody(ErrorInfo(code=_CODES.get(status, "internal"), message=message, field=field))
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def refusal(error: Exception) -> Response:
    """Returns the answer for any exception of a request; what nobody foresaw is logged here with its traceback."""
    if isinstance(error, ApiError):
        return error_response(error.status, error.message, error.field)
    if isinstance(error, NotFoundError):
        return error_response(404, str(error))
    if isinstance(error, ConfigError):
        return error_response(409, str(error))
    if isinstance(error, StoreError | CommError):
        logger.error("%s", error)
        return error_response(500, str(error))
    if isinstance(error, Error):
        named = _NAMED_FIELD.match(str(error))
        return error_response(400, str(error), named.group(1) if named else None)
    logger.error("A request failed", exc_info=error)
    return error_response(500, "The server could not answer this request. Its terminal shows why.")


async def http_exception(request: Request, error: Exception) -> Response:
    """Gives Starlette's own refusals (unknown path, wrong method) the shape of all others."""
    if not isinstance(error, HTTPException):
        raise error
    messages = {
        404: f"There is no such address. Received: {request.url.path!r}. All addresses are in docs/http_api.md.",
        405: f"This address does not take this method. Received: method={request.method}.",
    }
    headers = dict(error.headers) if error.headers else None
    return error_response(error.status_code, messages.get(error.status_code, error.detail), headers=headers)
