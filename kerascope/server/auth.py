"""Who may talk to the server: Host and Origin checks, and a token where the server listens beyond this machine.

Promises: a page of another site that the user's browser shows can neither read nor write (foreign `Host`: DNS rebinding; foreign
`Origin`: cross-site requests); without the token nothing but a refusal leaves a server that listens beyond loopback.
Not for: several users with different rights.
"""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerascope.server.errors import error_response

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Says whether a server that listens on `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """ASGI middleware that lets only trusted requests through.

    Args:
        app: What trusted requests go to.
        host: Address that the server listens on; requests may name it in their `Host`.
        token: None on loopback. Else every request must bring it: once as `?token=` (answered with a cookie), as cookie, or as
            `Authorization: Bearer`.
        cookie: Name of the cookie; cookies are shared between ports, so it should hold the port.
    """

    def __init__(self, app: ASGIApp, host: str, token: str | None, cookie: str = "kerascope_token") -> None:
        self.app = app
        self.token = token
        self.cookie = cookie
        self.hosts = _LOCAL_NAMES | {host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a refused request itself and passes any other on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = self._refused(Request(scope))
        await (refused or self.app)(scope, receive, _with_safe_headers(send))

    def _refused(self, request: Request) -> Response | None:
        headers = request.headers
        host = headers.get("host", "")
        # With a token a rebound name is harmless: the browser has no cookie for it. So any name this machine has will do.
        if self.token is None and _host_name(host) not in self.hosts:
            return error_response(403, f"The Host of a request must be this server. Received: host={host!r}.")
        origin = headers.get("origin")
        if origin is not None and not _same_site(origin, host):
            return error_response(403, f"The Origin of a request must be this server. Received: origin={origin!r}.")
        return None if self.token is None else self._without_token(request, self.token)

    def _without_token(self, request: Request, token: str) -> Response | None:
        if _equal(_bearer(request.headers), token) or _equal(request.cookies.get(self.cookie), token):
            return None
        given = request.query_params.get("token")
        if given is not None and _equal(given, token):
            return self._welcome(request, token)
        if request.url.path.startswith("/api/"):
            message = "This server asks for its token: as `Authorization: Bearer <token>` or once as `?token=<token>`."
            return error_response(401, message)
        text = "This dashboard asks for a token. Open the address that `kerascope ui` printed; it ends in ?token=...\n"
        return PlainTextResponse(text, 401)

    def _welcome(self, request: Request, token: str) -> Response:
        """Moves the token from the address, where it would be seen and shared, to a cookie."""
        left = [(name, value) for name, value in parse_qsl(request.url.query, True) if name != "token"]
        address = "/" + request.url.path.lstrip("/") + ("?" + urlencode(left) if left else "")
        response = RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
        response.set_cookie(self.cookie, token, max_age=30 * 86400, httponly=True, samesite="lax", path="/")
        return response


_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _with_safe_headers(send: Send) -> Send:
    """Returns a `send` that adds to every answer what keeps browsers from guessing types and from telling other sites."""

    async def send_safely(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _SAFE_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_safely


def _host_name(host: str) -> str:
    """Returns a Host header without its port, lower-case, IPv6 without brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def _same_site(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() and host != ""


def _equal(given: str | None, token: str) -> bool:
    return given is not None and hmac.compare_digest(given.encode(), token.encode())


def _bearer(headers: Headers) -> str | None:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None
