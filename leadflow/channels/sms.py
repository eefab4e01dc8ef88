"""SMS over an HTTP gateway.

Our protocol: ``POST`` of ``{"id": key, "to": "+79161234567", "text": "…"}`` with ``Idempotency-Key: key``;
2xx with ``{"id": "…"}`` is accepted. What each failure means: `leadflow.channels.http` and the class.
"""

from __future__ import annotations

import base64
import re
import ssl

import httpx2
import msgspec

from leadflow.channels.http import DEFAULT_TIMEOUTS, Answer, HttpTimeouts, Post, post, said_no
from leadflow.channels.outcome import (
    Ambiguous,
    Handover,
    Outcome,
    Refused,
    Sent,
)
from leadflow.channels.urls import ServerUrl, parse_server_url

_SCHEMES = {"https": 443, "http": 80}
_OPTIONS = {"5xx": ("ambiguous", "safe")}
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_OK = range(200, 300)
_SERVER_ERROR = range(500, 600)


class _Accepted(msgspec.Struct):
    id: str | int


class HttpSmsChannel:
    """A gateway to hand texts to: ``https://user:password@host/path``, credentials as Basic login.

    ``?5xx=safe`` in the URL says that the gateway never takes a message over when it answers 5xx; without
    it a 5xx is `Ambiguous`. Other query options go to the gateway as they are.
    """

    def __init__(
        self,
        url: str,
        *,
        tls: ssl.SSLContext | None = None,
        timeouts: HttpTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """Reads the URL; nothing is connected yet.

        Raises:
            Misconfigured: the URL cannot be used; its text is masked.
        """
        self._server = parse_server_url(
            url, schemes=_SCHEMES, options=_OPTIONS, foreign_options=True
        )
        self._safe_5xx = self._server.options.get("5xx") == "safe"
        self._tls = tls or httpx2.create_ssl_context()
        self._timeouts = timeouts

    async def send(self, *, key: str, to: str, text: str, handover: Handover) -> Outcome:
        if not _E164.fullmatch(to):
            return Refused(permanent=True, code="bad_address", reply=f"{to!r} is no E.164 number")
        request = Post(
            url=self._server.target,
            body=msgspec.json.encode({"id": key, "to": to, "text": text}),
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": key,
                **basic_login(self._server),
            },
        )
        answer = await post(request, handover, tls=self._tls, timeouts=self._timeouts)
        return self._meaning(answer) if isinstance(answer, Answer) else answer

    def _meaning(self, answer: Answer) -> Outcome:
        if answer.status in _SERVER_ERROR and self._safe_5xx:
            return Refused(
                permanent=False,
                code=str(answer.status),
                reply=answer.said,
                retry_after=answer.retry_after,
            )
        if answer.status not in _OK:
            return said_no(answer)
        try:
            accepted = msgspec.json.decode(answer.body, type=_Accepted)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Ambiguous(f"answered {answer.said}, which names no message id")
        if not answer.complete or accepted.id == "":
            return Ambiguous(f"answered {answer.said}, which is cut off or names no message id")
        return Sent(str(accepted.id), answer.said)


def basic_login(server: ServerUrl) -> dict[str, str]:
    """The ``Authorization`` header of a URL with credentials (RFC 7617)."""
    if not server.username:
        return {}
    pair = f"{server.username}:{server.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
