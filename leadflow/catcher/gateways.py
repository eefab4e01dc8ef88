"""The gateways that the catcher plays: SMS and messengers by the protocols of `leadflow.channels`, and webhooks."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from leadflow.catcher.box import Box, Draft
from leadflow.catcher.reading import Note, Sms

MAX_BODY_BYTES = 1_000_000
SUBJECT_CHARACTERS = 100

T = TypeVar("T", Sms, Note)

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def add_gateways(app: FastAPI, box: Box) -> None:
    """``POST /sms``, ``POST /message`` and ``POST /hook/NAME``."""

    @app.post("/sms")
    async def sms(request: Request) -> Response:
        """Keeps a text once: the same id again gets the same answer."""
        text = _text(await _json_body(request), Sms)
        caught = await box.put("sms", _draft(text), once=True)
        return JSONResponse({"id": f"sms-{caught.id}"})

    @app.post("/message")
    async def message(request: Request) -> Response:
        """Like ``/sms``, for messengers."""
        text = _text(await _json_body(request), Note)
        caught = await box.put("message", _draft(text), once=True)
        return JSONResponse({"id": f"message-{caught.id}"})

    @app.post("/hook/{name}")
    async def hook(name: str, request: Request) -> Response:
        """Keeps every call, repeated ones too: a real receiver would see them."""
        body = await _json_body(request)
        shown = {
            header: value
            for header, value in request.headers.items()
            if header.startswith("webhook-")
        }
        draft = Draft(
            key=request.headers.get("webhook-id", ""),
            to=name,
            subject=msgspec.json.encode(body)[:SUBJECT_CHARACTERS].decode("utf-8", "ignore"),
            content=msgspec.json.encode({"body": body, "headers": shown}),
        )
        caught = await box.put("webhook", draft)
        return JSONResponse({"id": f"hook-{caught.id}"})


async def _json_body(request: Request) -> Any:
    """The body; only as JSON, so that no form of another site can post here."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "send application/json")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, "the body is larger than 1 MB")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(422, f"the body is no JSON: {error}") from None


def _text(body: object, kind: type[T]) -> T:
    try:
        text = msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise HTTPException(422, str(error)) from None
    if not text.id or not _E164.fullmatch(text.to):
        raise HTTPException(422, "id must not be empty, to must be E.164 such as +79161234567")
    return text


def _draft(text: Sms | Note) -> Draft:
    return Draft(
        key=text.id,
        to=text.to,
        subject=text.text[:SUBJECT_CHARACTERS],
        content=msgspec.json.encode(text),
    )
