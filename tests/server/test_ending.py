"""Laws of the end of a server: it comes soon, with the right code and without a traceback, whatever is still being asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.server.stores import write_runs

_COMMAND = "from kerascope.cli.main import main; raise SystemExit(main())"


def asked(port: int, request: str, until: bytes) -> socket.socket:
    """A connection on which a request was sent and the answer has come as far as `until`."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(request.format(host=f"Host: 127.0.0.1:{port}\r\n").encode())
    got = b""
    while until not in got:
        more = connection.recv(65536)
        assert more, got
        got += more
    return connection


def test_ctrl_c_ends_a_server_with_open_streams_and_half_sent_requests_without_a_traceback(tmp_path: Path) -> None:
    write_runs(tmp_path)
    server = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "ui", "--json", "--no-browser", "--port", "0"],
        env={**os.environ, "KERASCOPE_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    port = urlsplit(json.loads(server.stdout.readline())["url"]).port or 0
    half = "POST /api/series HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n"
    with (
        asked(port, "GET /api/live HTTP/1.1\r\n{host}\r\n", b"retry:"),
        asked(port, half, b"100 Continue"),  # the route waits for the rest
    ):
        server.send_signal(signal.SIGINT)
        _, error = server.communicate(timeout=120)
    assert "Traceback" not in error
    assert server.returncode == 0
