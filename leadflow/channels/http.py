"""One request to the outside, with the moment known after which nothing can be taken back.

A fresh connection for each request, no redirects, no cookies, no proxy from the environment. The trace hook of
the HTTP library tells when connection and TLS stand and the request line is about to be written: there the
handover is asked.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import httpx2
import msgspec

from leadflow.channels.outcome import (
    Ambiguous,
    ChannelDown,
    Handover,
    Refused,
    Withheld,
    clean,
)

MAX_ANSWER_BYTES = 1_000_000

_BEFORE_FIRST_BYTE = "http11.send_request_headers.started"
_LONGEST_RETRY_AFTER = 86_400.0


class HttpTimeouts(msgspec.Struct, frozen=True):
    """Seconds."""

    connect: float = 15
    """Until connection and TLS stand."""
    answer: float = 60
    """From the first byte written to the last byte of the answer."""


DEFAULT_TIMEOUTS = HttpTimeouts()


class Post(msgspec.Struct, frozen=True):
    """What to send."""

    url: str
    body: bytes
    headers: dict[str, str]
    server_name: str = ""
    """Whom the certificate must name, where the URL holds a resolved address."""
    method: str = "POST"


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    """At most `MAX_ANSWER_BYTES`."""
    complete: bool
    """Whether the body is whole."""

    @property
    def said(self) -> str:
        """Status and the beginning of the body, fit to be shown."""
        return clean(f"{self.status} {clean(self.body)}")

    @property
    def retry_after(self) -> float | None:
        """Seconds of a ``Retry-After`` given as a number; a day at most. Dates are not read: clocks differ."""
        value = self.headers.get("retry-after", "").strip()
        return min(float(value), _LONGEST_RETRY_AFTER) if value.isdecimal() else None


class _HandoverRefused(Exception):
    pass


async def post(
    request: Post, handover: Handover, *, tls: ssl.SSLContext, timeouts: HttpTimeouts
) -> Answer | Refused | Ambiguous | Withheld:
    """Sends the request once.

    Returns:
        The answer whatever its status; a temporary refusal when nothing was written; `Ambiguous` when something
        was and no answer came.
    """
    exchange = _Exchange(request, handover, tls, timeouts)
    try:
        return await exchange.run()
    except _HandoverRefused:
        return Withheld()
    except TimeoutError:
        if not exchange.too_late:
            raise  # the handover's own: nothing was sent
        return Ambiguous(f"no answer within {timeouts.answer:g} s")
    except httpx2.TransportError as error:
        if exchange.handed_over:
            return Ambiguous(f"no answer: {_words(error)}")
        return Refused(permanent=False, code=_code(error), reply=_words(error))


class _Exchange:
    def __init__(
        self, request: Post, handover: Handover, tls: ssl.SSLContext, timeouts: HttpTimeouts
    ) -> None:
        self._request = request
        self._handover = handover
        self._tls = tls
        self._timeouts = timeouts
        self._deadline = asyncio.timeout(None)
        self.handed_over = False

    @property
    def too_late(self) -> bool:
        return self._deadline.expired()

    async def run(self) -> Answer:
        extensions: dict[str, Any] = {
            "trace": self._trace,
            "timeout": {"connect": self._timeouts.connect},  # the rest: one deadline, see `_trace`
        }
        if self._request.server_name:
            extensions["sni_hostname"] = self._request.server_name
        outgoing = httpx2.Request(
            self._request.method,
            self._request.url,
            headers=self._request.headers,
            content=self._request.body,
            extensions=extensions,
        )
        async with (
            httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport,
            self._deadline,
        ):
            response = await transport.handle_async_request(outgoing)
            try:
                body, complete = await self._read(response)
            finally:
                await response.aclose()
        return Answer(response.status_code, dict(response.headers), body, complete)

    async def _trace(self, event: str, _info: dict[str, Any]) -> None:
        if event != _BEFORE_FIRST_BYTE:
            return
        if not await self._handover():
            raise _HandoverRefused
        self.handed_over = True
        self._deadline.reschedule(asyncio.get_running_loop().time() + self._timeouts.answer)

    async def _read(self, response: httpx2.Response) -> tuple[bytes, bool]:
        body = bytearray()
        try:
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    return bytes(body[:MAX_ANSWER_BYTES]), False
        except httpx2.TransportError:
            return bytes(
                body
            ), False  # the status has come; what it means is the adapter's business
        return bytes(body), True


def said_no(answer: Answer) -> Refused | Ambiguous | ChannelDown:
    """What an answer other than 2xx means where the adapter knows nothing better.

    401, 403, 404, 405 and redirects are about the URL or its credentials, which are the same for all leads.
    """
    match answer.status:
        case 401 | 403:
            return ChannelDown(f"login refused: {answer.said}", "login")
        case 300 | 301 | 302 | 307 | 308:
            where = clean(answer.headers.get("location", ""))
            return ChannelDown(
                f"the server redirects to {where}: redirects are not followed", "misconfigured"
            )
        case 404 | 405:
            return ChannelDown(f"the URL takes no messages: {answer.said}", "misconfigured")
        case 408 | 425 | 429:
            return Refused(
                permanent=False,
                code=str(answer.status),
                reply=answer.said,
                retry_after=answer.retry_after,
            )
        case status if status in range(400, 500) and status != 409:  # noqa: PLR2004 - HTTP's classes
            return Refused(permanent=True, code=str(status), reply=answer.said)
        case (
            _
        ):  # 5xx, 303 and the like may come after the work; 409: the same key is being worked on
            return Ambiguous(f"answered {answer.said}")


def _code(error: Exception) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "timeout"
    return "tls" if _tls_cause(error) else "unreachable"


def _tls_cause(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _words(error: Exception) -> str:
    return clean(str(error)) or type(error).__name__
