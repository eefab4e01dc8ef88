"""SMS and messages over an HTTP gateway that `leadflow.yaml` describes.

Where the connection says nothing else, it is our own protocol: ``POST`` of ``{"id": key, "to": "+79161234567", "text":
"…"}`` with ``Idempotency-Key: key``; 2xx with ``{"id": "…"}`` is accepted. What each failure means:
`leadflow.channels.http` and the class.
"""

from __future__ import annotations

import re
import ssl

import httpx2

from leadflow.channels.http import DEFAULT_TIMEOUTS, Answer, HttpTimeouts, post, said_no
from leadflow.channels.outcome import (
    Ambiguous,
    ChannelDown,
    Found,
    Handover,
    Missing,
    Outcome,
    Refused,
)
from leadflow.channels.readings import read
from leadflow.channels.request import Request, Values
from leadflow.installation import Call, Connection, Reading

E164 = re.compile(r"\+[1-9]\d{6,14}")

_OK = range(200, 300)
_OUR_JSON = {"id": "{key}", "to": "{to}", "text": "{text}"}
_OUR_HEADERS = {"Idempotency-Key": "{key}"}
_TAKEN = Reading("accepted", status=("2xx",), id="id")
_SAFE_5XX = Reading("temporary", status=("5xx",))


class HttpSmsChannel:
    """A gateway to hand texts to; credentials in its URL become a Basic login.

    ``?5xx=safe`` in the URL says that the gateway never takes a message over when it answers 5xx; without
    it a 5xx is `Ambiguous`. Other query options go to the gateway as they are.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        tls: ssl.SSLContext | None = None,
        timeouts: HttpTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """Reads the connection, its variables filled in; nothing is connected yet.

        Raises:
            Misconfigured: a URL cannot be used; its text is masked.
        """
        call = _call(connection)
        self._request = Request(call)
        safe = self._request.server.options.get("5xx") == "safe"
        self._answers = (*(connection.answers or (_TAKEN,)), *((_SAFE_5XX,) if safe else ()))
        self._look_up = connection.look_up
        self._question = Request(connection.look_up) if connection.look_up else None
        self.missing_after = connection.look_up.after if connection.look_up else None
        self.idempotent_for = connection.idempotent_for
        self._known = {"sender": connection.sender, "secret": connection.secret}
        self._tls = tls or httpx2.create_ssl_context()
        self._timeouts = timeouts

    async def send(self, *, key: str, to: str, text: str, handover: Handover) -> Outcome:
        """Hands a text over (`leadflow.channels.outcome.SmsChannel`)."""
        if not E164.fullmatch(to):
            return bad_address(to)
        values = self._values(key, to, text)
        answer = await post(
            self._request.filled(values), handover, tls=self._tls, timeouts=self._timeouts
        )
        if not isinstance(answer, Answer):
            return answer
        found = read(answer, self._answers, values)
        if found is None:
            return _unread(answer)
        return _unclear(answer) if isinstance(found, Missing) else found

    async def look_up(self, *, key: str, to: str) -> Found:
        """Asks for a text (`leadflow.channels.outcome.SmsChannel`); what does not answer clearly is `Ambiguous`."""
        if self._look_up is None or self._question is None:
            return Ambiguous("the gateway cannot be asked")
        values = self._values(key, to, "")
        answer = await post(
            self._question.filled(values), _at_once, tls=self._tls, timeouts=self._timeouts
        )
        if not isinstance(answer, Answer):
            return Ambiguous("the gateway could not be asked")
        found = read(answer, self._look_up.answers, values)
        if found is None or isinstance(found, ChannelDown):
            return _unclear(answer)
        return found

    def _values(self, key: str, to: str, text: str) -> Values:
        return {"key": key, "to": to, "digits": to[1:], "text": text, **self._known}


def _call(connection: Connection) -> Call:
    """What is posted: as the connection says, or our own protocol."""
    headers = {**_OUR_HEADERS, **connection.headers}
    own = connection.form or connection.json is not None or connection.method == "GET"
    if own:
        return Call(connection.url, connection.method, headers, connection.form, connection.json)
    if connection.secret:
        headers = {"Authorization": "Bearer {secret}", **headers}
    return Call(connection.url, connection.method, headers, json=_OUR_JSON)


async def _at_once() -> bool:
    return True


def _unread(answer: Answer) -> Outcome:
    """What HTTP itself says of a message."""
    return _unclear(answer) if answer.status in _OK else said_no(answer)


def _unclear(answer: Answer) -> Ambiguous:
    return Ambiguous(f"answered {answer.said}, which does not say who has the message")


def bad_address(to: str) -> Refused:
    """Nobody need be asked about what is no phone number."""
    return Refused(permanent=True, code="bad_address", reply=f"{to!r} is no E.164 number")
