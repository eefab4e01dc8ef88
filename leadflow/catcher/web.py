"""The catcher's pages, its JSON, and the two gateways it plays. No script, no asset from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse
from fastapi.templating import Jinja2Templates
from starlette.middleware.trustedhost import TrustedHostMiddleware

from leadflow.catcher.box import Box, Caught, Kind
from leadflow.catcher.gateways import add_gateways
from leadflow.catcher.reading import Mail, Note, Sms, read_mail

PAGE_LENGTH = 100

_HERE = Path(__file__).parent
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
_SMS = msgspec.json.Decoder(Sms)
_NOTE = msgspec.json.Decoder(Note)
_NAMES = {"email": "Mail", "sms": "SMS", "message": "Message", "webhook": "Webhook"}

Found = Annotated[str, Query(max_length=200)]


def create_app(box: Box, *, hosts: list[str]) -> FastAPI:
    """The catcher's web application.

    Args:
        box: what was caught.
        hosts: the names it answers to; a page of another site cannot read the mails through a name of its own.
    """
    app = FastAPI(title="leadflow catcher", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    app.middleware("http")(_with_headers)
    add_gateways(app, box)
    _add_pages(app, box)
    _add_raw_views(app, box)
    _add_api(app, box)
    return app


async def _with_headers(
    request: Request, answer: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await answer(request)
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _add_pages(app: FastAPI, box: Box) -> None:
    pages = Jinja2Templates(_HERE / "templates")
    pages.env.trim_blocks = pages.env.lstrip_blocks = True
    pages.env.globals["kind_names"] = _NAMES

    @app.get("/", response_class=HTMLResponse)
    def index(request: Request, q: Found = "", kind: Found = "", before: int = 0) -> Response:
        wanted = (
            caught
            for caught in box.newest()
            if (not before or caught.id < before)
            and kind in {"", caught.kind}
            and q.casefold()
            in f"{caught.to} {caught.sender} {caught.subject} {caught.key}".casefold()
        )
        shown = list(islice(wanted, PAGE_LENGTH + 1))
        context = {
            "messages": shown[:PAGE_LENGTH],
            "older": shown[PAGE_LENGTH - 1].id if len(shown) > PAGE_LENGTH else 0,
            "q": q,
            "kind": kind,
        }
        return pages.TemplateResponse(request, "index.html", context)

    @app.get("/messages/{number}", response_class=HTMLResponse)
    def message(request: Request, number: int) -> Response:
        caught = _found(box, number)
        context = {"caught": caught, **_details(caught, box.content(caught))}
        return pages.TemplateResponse(request, f"{caught.kind}.html", context)

    @app.get("/style.css")
    def style() -> Response:
        return FileResponse(_HERE / "templates" / "style.css", media_type="text/css")


def _add_raw_views(app: FastAPI, box: Box) -> None:
    @app.get("/messages/{number}/html")
    def html(number: int) -> Response:
        mail = read_mail(box.content(_found(box, number, "email")))
        headers = {"Content-Security-Policy": _MAIL_POLICY}
        return HTMLResponse(mail.html, headers=headers)

    @app.get("/messages/{number}/raw")
    def raw(number: int) -> Response:
        return PlainTextResponse(box.content(_found(box, number)))

    @app.get("/messages/{number}/files/{place}")
    def file(number: int, place: int) -> Response:
        files = read_mail(box.content(_found(box, number, "email"))).files
        if not 0 <= place < len(files):
            raise HTTPException(404, f"message {number} has no file {place}")
        return Response(
            files[place].content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": "attachment"},
        )


def _add_api(app: FastAPI, box: Box) -> None:
    @app.get("/api/messages")
    def messages(
        key: Found = "", to: Found = "", kind: Found = "", since: datetime | None = None
    ) -> Response:
        start = since and (since if since.tzinfo else since.replace(tzinfo=UTC))
        wanted = [
            caught
            for caught in box.newest()
            if key in {"", caught.key}
            and to.casefold() in {"", caught.to.casefold()}
            and kind in {"", caught.kind}
            and (start is None or caught.at >= start)
        ]
        return JSONResponse([_as_json(caught, box.content(caught)) for caught in wanted])

    @app.get("/healthz")
    def health() -> Response:
        return JSONResponse({"ok": True})


def _found(box: Box, number: int, kind: Kind | None = None) -> Caught:
    caught = box.get(number)
    if caught is None or kind not in {None, caught.kind}:
        raise HTTPException(404, f"no message {number}")
    return caught


def _details(caught: Caught, content: bytes) -> dict[str, Any]:
    match caught.kind:
        case "email":
            return {"mail": read_mail(content)}
        case "sms":
            return {"sms": _SMS.decode(content)}
        case "message":
            return {"note": _NOTE.decode(content)}
        case "webhook":
            hook = msgspec.json.decode(content)
            body = msgspec.json.format(msgspec.json.encode(hook["body"]), indent=2)
            return {"body": body.decode(), "headers": hook["headers"]}


def _as_json(caught: Caught, content: bytes) -> dict[str, Any]:
    """One message for a test or a script: newest first, times in ISO 8601."""
    shown: dict[str, Any] = msgspec.to_builtins(caught)
    match caught.kind:
        case "email":
            shown |= _mail_as_json(read_mail(content))
        case "sms":
            sms = _SMS.decode(content)
            shown |= {"text": sms.text, "segments": sms.cost.segments}
        case "message":
            note = _NOTE.decode(content)
            shown |= {"text": note.text, "channel": note.channel}
        case "webhook":
            shown |= msgspec.json.decode(content)
    return shown


def _mail_as_json(mail: Mail) -> dict[str, Any]:
    return {
        "text": mail.text,
        "html": mail.html,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "headers": dict(mail.headers),
        "files": [file.name for file in mail.files],
    }
