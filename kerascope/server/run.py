"""Listening: a socket on the wanted port or the next free one, and uvicorn on it until Ctrl-C.

Promises: the port is bound before `serve` reports its address; open event streams do not hold up the end, and requests
that it cuts off are no errors.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn

from kerascope.errors import UsageError
from kerascope.paths import StorePaths
from kerascope.server.app import make_app
from kerascope.server.auth import is_loopback
from kerascope.server.store import Store

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7575
_TRIES = 100


@dataclass(frozen=True)
class Listening:
    """An open socket and what to tell the user about it."""

    socket: socket.socket
    host: str
    port: int
    token: str | None

    @property
    def url(self) -> str:
        """The address to open in a browser, with the token if there is one."""
        return self.address("")

    def address(self, page: str) -> str:
        """Returns the address of a page of the dashboard, such as `demo/runs/1a2b`."""
        host = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(self.host, self.host)
        name = f"[{host}]" if ":" in host else host
        return f"http://{name}:{self.port}/{page}" + (f"?token={self.token}" if self.token else "")


def listen(host: str = DEFAULT_HOST, port: int | None = None, token: str | None = None) -> Listening:
    """Opens the socket that `serve` answers on.

    Args:
        host: Address to listen on. Anything but a loopback address makes the server ask for a token.
        port: Port to listen on, 0 for any free one. None: 7575, or the next one that is free.
        token: The token to ask for. None: a random one where one is needed.

    Raises:
        UsageError: if the address or port cannot be had.
    """
    ports = range(DEFAULT_PORT, DEFAULT_PORT + _TRIES) if port is None else [port]
    opened = None
    for number in ports:
        opened = _bind(host, number)
        if opened is not None:
            break
    if opened is None:
        raise UsageError(
            f"The port must be free. Received: port={ports[0]}, which another program listens on. "
            "Choose another with `--port`, or 0 for any free one."
        )
    needed = token or (None if is_loopback(host) else secrets.token_urlsafe(24))
    return Listening(opened, host, opened.getsockname()[1], needed)


def _bind(host: str, port: int) -> socket.socket | None:
    """Returns a listening socket, None if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off; else the second part of an answer waits 40 ms.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(2048)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise UsageError(
            f"The server must be able to listen on `--host` and `--port`. Received: host={host!r}, port={port} "
            f"({error.strerror or error}). Use --host 127.0.0.1 and a port above 1023."
        ) from None
    return opened


class _Server(uvicorn.Server):
    """uvicorn that ends open event streams as soon as it is told to stop."""

    def __init__(self, config: uvicorn.Config, store: Store) -> None:
        super().__init__(config)
        self._store = store

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._store.feed.close()
        await super().shutdown(sockets)


def make_server(paths: StorePaths, listening: Listening) -> uvicorn.Server:
    """Returns the server of a store, ready to `run(sockets=[listening.socket])`."""
    store = Store(paths)
    config = uvicorn.Config(
        make_app(store, listening.host, listening.port, listening.token),
        lifespan="on",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_cut)
    return _Server(config, store)


def _is_no_cut(record: logging.LogRecord) -> bool:
    """Whether a record speaks of anything but a request that the end of the server cut off: that needs no traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def serve(paths: StorePaths, listening: Listening, ready: Callable[[str], None]) -> None:
    """Serves a store until SIGINT or SIGTERM.

    Args:
        paths: The store.
        listening: From `listen`.
        ready: Called once with the address, when requests are answered.

    Raises:
        KeyboardInterrupt: on Ctrl-C, after everything is closed.
    """
    server = make_server(paths, listening)
    ready(listening.url)
    server.run(sockets=[listening.socket])
