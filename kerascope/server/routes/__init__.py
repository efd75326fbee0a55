"""One module per group of routes; each has a list `ROUTES`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from kerascope.server.routes import artifacts, export, files, histograms, history, live, runs, tables, views


def api_routes() -> list[BaseRoute]:
    """Returns all routes below `/api`."""
    return [
        *runs.ROUTES,
        *history.ROUTES,
        *histograms.ROUTES,
        *files.ROUTES,
        *export.ROUTES,
        *artifacts.ROUTES,
        *views.ROUTES,
        *tables.ROUTES,
        *live.ROUTES,
    ]
