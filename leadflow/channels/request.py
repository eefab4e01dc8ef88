"""A request to a gateway as `leadflow.yaml` describes it, filled with the values of one message."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from leadflow.channels.http import Post
from leadflow.channels.urls import ServerUrl, parse_server_url
from leadflow.installation import PLACE, Call

_SCHEMES = {"https": 443, "http": 80}
OPTIONS = {"5xx": ("ambiguous", "safe")}
"""``?5xx=safe``: the gateway never takes a message over when it answers 5xx."""

Values = dict[str, str]
"""Name of a place → what to put there (`leadflow.installation.PLACES`)."""


class Request:
    """What is posted for each message; safe to share."""

    def __init__(self, call: Call) -> None:
        """Reads the URL; nothing is connected yet.

        Raises:
            Misconfigured: the URL cannot be used; its text is masked.
        """
        self.server = parse_server_url(
            call.url, schemes=_SCHEMES, options=OPTIONS, foreign_options=True
        )
        self._call = call

    def filled(self, values: Values) -> Post:
        """The request for one message: a value in the URL is percent-encoded, so that it cannot leave its place."""
        call = self._call
        body, kind = self._body(values)
        own = {name: fill(text, values) for name, text in call.headers.items()}
        return Post(
            url=fill(self.server.target, {k: quote(v, safe="") for k, v in values.items()}),
            body=body,
            headers={**kind, **basic_login(self.server), **own},
            method=call.method,
        )

    def _body(self, values: Values) -> tuple[bytes, dict[str, str]]:
        if self._call.form:
            pairs = {name: fill(text, values) for name, text in self._call.form.items()}
            return urlencode(pairs).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        if self._call.json is None:
            return b"", {}
        body = msgspec.json.encode(_filled_tree(self._call.json, values))
        return body, {"Content-Type": "application/json"}


def fill(text: str, values: Values) -> str:
    """The text with each ``{name}`` of a value replaced, once: what a value brings along stays as it is."""
    return PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def basic_login(server: ServerUrl) -> dict[str, str]:
    """The ``Authorization`` header of a URL with credentials (RFC 7617)."""
    if not server.username:
        return {}
    pair = f"{server.username}:{server.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def _filled_tree(tree: Any, values: Values) -> Any:
    match tree:
        case dict():
            return {name: _filled_tree(value, values) for name, value in tree.items()}
        case list():
            return [_filled_tree(value, values) for value in tree]
        case str():
            return fill(tree, values)
        case _:
            return tree
