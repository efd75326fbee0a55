"""The application: all routes behind the guard, with the store that they read.

Not for: listening (see `run.py`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from kerascope.server.auth import Guard
from kerascope.server.errors import http_exception
from kerascope.server.routes import api_routes
from kerascope.server.static_files import Dashboard
from kerascope.server.store import Store


def make_app(store: Store, host: str = "127.0.0.1", port: int = 0, token: str | None = None) -> ASGIApp:
    """Returns the ASGI application of a store.

    Args:
        store: Opened when the application starts and closed when it ends.
        host: Address that the server listens on.
        port: Port that the server listens on; it tells its cookie from those of other servers on this machine.
        token: Token that every request must bring; None on loopback.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with store:
            yield

    app = Starlette(
        routes=[Mount("/api", routes=api_routes()), Route("/{path:path}", Dashboard().answer)],
        exception_handlers={HTTPException: http_exception},
        lifespan=lifespan,
    )
    app.state.store = store
    return Guard(app, host, token, cookie=f"kerascope_{port}")
