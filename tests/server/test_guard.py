"""Laws of who may talk to the server: foreign Host and Origin are refused, and beyond loopback a token is needed."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from kerascope.errors import UsageError
from kerascope.paths import StorePaths
from kerascope.server.run import listen
from tests.server.conftest import serving
from tests.server.test_bad_requests import check

TOKEN = "a-token-of-some-length"


def with_host(client: httpx.Client, host: str) -> httpx.Response:
    return client.get("/api/health", headers={"Host": host})


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7575", "127.0.0.1.evil.example", "localhost.evil", "[::2]", "0"]
)
def test_a_foreign_host_is_refused(client: httpx.Client, host: str) -> None:
    check(with_host(client, host), 403)
    assert client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8000", "[::1]:9"])
def test_every_name_of_loopback_is_answered(client: httpx.Client, host: str) -> None:
    assert with_host(client, host).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://[", "javascript:x"]
)
def test_a_foreign_origin_is_refused_for_reading_and_writing(client: httpx.Client, origin: str) -> None:
    check(client.get("/api/projects", headers={"Origin": origin}), 403)
    check(client.delete("/api/projects/faces/runs/aaa", headers={"Origin": origin}), 403)
    check(client.post("/api/projects/faces/runs/aaa/restore", headers={"Origin": origin}), 403)


def test_the_dashboards_own_origin_is_answered(client: httpx.Client) -> None:
    own = str(client.base_url).rstrip("/")
    assert client.get("/api/projects", headers={"Origin": own}).status_code == 200


def test_answers_cannot_be_read_by_other_sites(client: httpx.Client) -> None:
    headers = client.get("/api/projects").headers
    assert "access-control-allow-origin" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.fixture(scope="module")
def guarded(paths: StorePaths) -> Iterator[httpx.Client]:
    """A client of a server that listens on all addresses."""
    with serving(paths, host="0.0.0.0", token=TOKEN) as found:
        yield found


def test_beyond_loopback_nothing_is_answered_without_the_token(guarded: httpx.Client) -> None:
    guarded.cookies.clear()
    check(guarded.get("/api/projects"), 401)
    check(guarded.get("/api/projects", headers={"Authorization": "Bearer wrong"}), 401)
    check(guarded.get("/api/projects", params={"token": "wrong é"}), 401)
    page = guarded.get("/")
    assert page.status_code == 401
    assert "token" in page.text
    assert TOKEN not in page.text


def test_the_token_is_taken_as_bearer_or_once_from_the_address(guarded: httpx.Client) -> None:
    guarded.cookies.clear()
    assert guarded.get("/api/projects", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    welcome = guarded.get("/projects/a%20b", params={"token": TOKEN, "tab": "x&y"})
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/projects/a%20b?tab=x%26y")
    cookie = welcome.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert guarded.get("/api/projects").status_code == 200
    check(guarded.get("/api/projects", headers={"Origin": "http://evil.example"}), 403)


def test_a_redirect_stays_on_this_server(guarded: httpx.Client) -> None:
    guarded.cookies.clear()
    address = httpx.URL(str(guarded.base_url), raw_path=f"//evil.example/x?token={TOKEN}".encode())
    assert guarded.send(guarded.build_request("GET", address)).headers["location"] == "/evil.example/x"


def test_listening_beyond_loopback_makes_a_token_and_a_taken_port_is_passed_over() -> None:
    open_to_all, local = listen("0.0.0.0", 0), listen("127.0.0.1", 0)
    try:
        assert open_to_all.token is not None
        assert len(open_to_all.token) >= 32
        assert open_to_all.url.endswith(f"?token={open_to_all.token}")
        assert local.token is None
        assert local.socket.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's algorithm on: 40 ms an answer
        assert local.url == f"http://127.0.0.1:{local.port}/"
        with pytest.raises(UsageError, match="port must be free"):
            listen("127.0.0.1", local.port)
        first, second = listen(), listen()  # others on this machine may take and leave these ports meanwhile
        first.socket.close()
        second.socket.close()
        assert first.port != second.port
        assert min(first.port, second.port) >= 7575
        with pytest.raises(UsageError, match="be able to listen"):
            listen("203.0.113.1", 0)
    finally:
        open_to_all.socket.close()
        local.socket.close()
