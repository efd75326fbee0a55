"""`kerascope ui`: serves the dashboard and opens it in a browser."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import webbrowser

from kerascope.cli.output import Output
from kerascope.cli.parser import whole_number
from kerascope.cli.store import store_paths
from kerascope.errors import UsageError

DEFAULT_PORT = 7575
TOKEN_VARIABLE = "KERASCOPE_TOKEN"


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `ui`."""
    parser.add_argument(
        "--port",
        type=whole_number(0, 65535),
        help=f"port to listen on (default {DEFAULT_PORT}, or the next free one; 0: any)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; beyond this machine a token is asked for (default 127.0.0.1)",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run(args: argparse.Namespace, out: Output) -> int:
    """Serves until Ctrl-C, which is the way to end it: exit code 0."""
    from kerascope.server.run import listen, serve

    listening = listen(args.host, args.port, given_token())
    root = store_paths(args).root

    def ready(url: str) -> None:
        if out.as_json:
            out.json_line({"url": url, "root": str(root)})
        else:
            out.line(f"Serving {root} at {url}  (Ctrl-C ends)")
            sys.stdout.flush()
        if not args.no_browser:
            open_browser(url)

    with contextlib.suppress(KeyboardInterrupt):
        serve(store_paths(args), listening, ready)
    return 0


def given_token() -> str | None:
    """Returns the token that the environment asks for, None if it asks for none.

    Raises:
        UsageError: if it is too short to be one.
    """
    token = os.environ.get(TOKEN_VARIABLE)
    if token is not None and len(token) < 16:
        raise UsageError(
            f"{TOKEN_VARIABLE} must have 16 characters or more. Received {len(token)}. Unset it to get a random token."
        )
    return token


def open_browser(url: str) -> None:
    """Opens an address in the user's browser, where there is a desktop to show one."""
    has_desktop = sys.platform != "linux" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if has_desktop:  # elsewhere a text browser would take over the terminal
        webbrowser.open(url)
