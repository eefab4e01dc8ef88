"""People as advertisers know them: addresses normalised and hashed, as a file or as one signed call (S28).

E-mails trimmed and in lower case; numbers E.164, as digits alone or with the plus (Google's customer match wants it;
Yandex, VK and Meta take digits). A hash is in lower-case hex.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any, Literal, Protocol

import msgspec

from leadflow.engine.effects import AudienceChange

Hash = Literal["sha256", "md5", "none"]
Phones = Literal["digits", "plus"]

HEAD = ("email", "phone")
_FORMULA = ("=", "+", "-", "@")


class Sink(Protocol):
    """Takes text, such as a file."""

    def write(self, text: str, /) -> object: ...


class Person(Protocol):
    """Somebody with addresses, e-mails in lower case, numbers E.164."""

    @property
    def emails(self) -> tuple[str, ...]: ...
    @property
    def phones(self) -> tuple[str, ...]: ...


class Written(msgspec.Struct, frozen=True):
    """What a file has come to hold."""

    people: int
    left_out: int
    """Addresses that a spreadsheet would run as a formula; in a file without hashes only."""


def write_csv(to: Sink, people: Iterable[Person], hashed: Hash, phones: Phones) -> Written:
    """Writes a customer file: a head, then a line a person, further ones for further addresses; RFC 4180.

    Args:
        to: what it is written to, line by line.
        people: in the order of the file.
        hashed: how each address is hashed, if at all.
        phones: how numbers are written.
    """
    lines = csv.writer(to)
    lines.writerow(HEAD)
    conceal = _hash(hashed)
    written = left_out = 0
    for person in people:
        emails = [one for one in person.emails if hashed != "none" or not one.startswith(_FORMULA)]
        numbers = [_number(one, phones) for one in person.phones]
        left_out += len(person.emails) - len(emails)
        written += bool(emails or numbers)
        for pair in zip_longest(emails, numbers, fillvalue=""):
            lines.writerow([conceal(one) if one else "" for one in pair])
    return Written(written, left_out)


def change_body(key: str, change: AudienceChange) -> bytes | None:
    """The JSON that tells an advertiser of a change; None: there is no address to tell of."""
    known = [one for one in (change.email, change.phone, *change.former) if one]
    conceal = _hash("sha256")
    emails = dict.fromkeys(one.strip().lower() for one in known if "@" in one)
    phones = dict.fromkeys(_number(one, "digits") for one in known if "@" not in one)
    if not (emails or phones):
        return None
    body: dict[str, Any] = {
        "id": key,
        "audience": change.name,
        "action": "remove" if change.remove else "add",
        "email_sha256": [conceal(one) for one in emails],
        "phone_sha256": [conceal(one) for one in phones],
    }
    return msgspec.json.encode(body)


def _number(number: str, phones: Phones) -> str:
    return number if phones == "plus" else number.removeprefix("+")


def _hash(hashed: Hash) -> Callable[[str], str]:
    if hashed == "none":
        return str
    return lambda text: hashlib.new(hashed, text.encode(), usedforsecurity=False).hexdigest()
