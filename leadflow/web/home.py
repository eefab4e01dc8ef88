"""The first page: the leads as they stand, and where everything else is. It only reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from fastapi.templating import Jinja2Templates
from starlette.middleware.trustedhost import TrustedHostMiddleware

from leadflow.engine.clock import wall, zone
from leadflow.errors import LeadflowError
from leadflow.store.db import Store
from leadflow.store.leads import Filters, LeadRow, count_leads, find_leads
from leadflow.store.outbox import find_alerts, find_pauses
from leadflow.store.published import installation, versions

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

Found = Annotated[str, Query(max_length=200)]


class Link(msgspec.Struct, frozen=True):
    """A neighbour: another page of this installation."""

    title: str
    url: str
    text: str = ""


class Neighbours(msgspec.Struct, frozen=True):
    """What else runs here."""

    links: tuple[Link, ...] = ()
    history: str = ""
    """Address of a lead's history in Temporal's UI, up to its id; empty: there is no such UI."""


def create_app(store: Store, neighbours: Neighbours, *, hosts: Sequence[str]) -> FastAPI:
    """The web application.

    Args:
        store: its only source.
        neighbours: shown at the top.
        hosts: the names it answers to; a page of another site cannot read it through a name of its own.
    """
    app = FastAPI(title="leadflow", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.middleware("http")(_with_headers)
    pages = Jinja2Templates(_HERE / "templates")
    pages.env.trim_blocks = pages.env.lstrip_blocks = True

    @app.exception_handler(LeadflowError)
    def trouble(request: Request, error: LeadflowError) -> Response:
        context = {"message": error.message, "hint": error.hint, "neighbours": neighbours}
        return pages.TemplateResponse(request, "trouble.html", context, status_code=503)

    @app.get("/", response_class=HTMLResponse)
    def home(
        request: Request, pipeline: Found = "", stage: Found = "", before: int = 0
    ) -> Response:
        settled = installation(store)
        rows = find_leads(store, Filters(pipeline=pipeline, stage=stage), before=before)
        context = {
            "neighbours": neighbours,
            "rows": rows,
            "older": rows[-1].number if rows and rows[-1].number > 1 else 0,
            "pipeline": pipeline,
            "stage": stage,
            "counts": count_leads(store),
            "titles": _titles(store),
            "names": {user.id: user.name for user in settled.users.values()},
            "state": _state,
            "shown": lambda at: _shown(at, settled.timezone),
            "troubles": [*find_alerts(store), *find_pauses(store)],
        }
        return pages.TemplateResponse(request, "home.html", context)

    @app.get("/style.css")
    def style() -> Response:
        return FileResponse(_HERE / "templates" / "style.css", media_type="text/css")

    @app.get("/healthz")
    def health() -> Response:
        versions(store)
        return JSONResponse({"ok": True})

    return app


async def _with_headers(
    request: Request, answer: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await answer(request)
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _titles(store: Store) -> dict[tuple[str, str], str]:
    """(pipeline, stage) → the stage's title in the newest version, in the order of the file."""
    return {
        (version.id, stage.id): stage.title
        for version in versions(store)
        if version.newest
        for stage in version.pipeline.stages.values()
        if not stage.track
    }


def _state(row: LeadRow) -> str:
    """What is out of the ordinary about a lead; empty: nothing."""
    if row.quarantined:
        return "quarantined"
    if row.closed:
        return row.closed
    if row.snoozed_until:
        return "snoozed"
    return "" if row.version else "waits to begin"


def _shown(at: datetime | None, timezone: str) -> str:
    return wall(at, zone(timezone)).strftime("%d.%m.%Y %H:%M") if at else ""
