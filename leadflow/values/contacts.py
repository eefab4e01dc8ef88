"""Phones, e-mail addresses, links and tax numbers."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError
from stdnum.ru import inn as russian_inn

from leadflow.engine.fields import Value
from leadflow.values.circumstances import Circumstances
from leadflow.values.clean import Wrong, as_line, quoted, within

_URL_LIMIT = 2_000
_KIND_LIMIT = 50
_PHONE_LIMIT = 100
_PHONE = "a phone number; write it like +7 916 123-45-67"
_EMAIL = "an e-mail address; write it like anna@example.ru"
_URL = "a link; write it like https://example.ru/page"
_INN = "a tax number (ИНН); it has 10 or 12 digits, like 7707083893"
_EXTENSION = re.compile(r"[0-9]{1,20}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?![0-9]+(?:[/?#]|$))", re.IGNORECASE)
_SPACE = re.compile(r"\s")


def phone(raw: object, circumstances: Circumstances) -> Value:
    """A phone in E.164 with its extension; ``{number, kind, ext}`` says also whose or which it is."""
    if not isinstance(raw, dict):
        return _number(as_line(raw, _PHONE), circumstances.region)
    unknown = [key for key in raw if key not in ("number", "kind", "ext")]
    if unknown:
        message = f"a phone has the parts number, kind and ext, not {unknown[0]!r:.40}"
        raise Wrong(message)
    value = _number(as_line(raw.get("number", ""), _PHONE), circumstances.region)
    if raw.get("kind") not in (None, ""):
        kind = within(as_line(raw["kind"], "a kind of phone; write it like work"), _KIND_LIMIT)
        value.update({"kind": kind} if kind else {})
    if raw.get("ext") not in (None, ""):
        value["ext"] = _extension(raw["ext"])
    return value


def _number(text: str, region: str) -> dict[str, Value]:
    message = f"{quoted(text)} is not {_PHONE}"
    if len(text) > _PHONE_LIMIT:
        raise Wrong(message)
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Wrong(message) from None
    if not phonenumbers.is_valid_number(parsed):
        raise Wrong(message)
    value: dict[str, Value] = {
        "number": phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    }
    if parsed.extension:
        value["ext"] = _extension(parsed.extension)
    return value


def _extension(raw: object) -> str:
    what = "an extension; write its digits, like 12"
    text = as_line(raw, what)
    if not _EXTENSION.fullmatch(text):
        message = f"{quoted(text)} is not {what}"
        raise Wrong(message)
    return text


def email(raw: object, _: Circumstances) -> Value:
    """An address, its domain in lower case; nobody is asked whether it exists.

    Addresses under ``.test`` (RFC 6761) are taken: demonstrations and scenarios need some that can belong to nobody.
    """
    text = as_line(raw, _EMAIL).removeprefix("mailto:")
    try:
        checked = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        message = f"{quoted(text)} is not {_EMAIL}"
        raise Wrong(message) from None
    return checked.normalized


def url(raw: object, _: Circumstances) -> Value:
    """A web link; ``https://`` is put before one written without a scheme."""
    text = as_line(raw, _URL)
    message = f"{quoted(text)} is not {_URL}"
    scheme = _SCHEME.match(text)
    whole = within(text if scheme else f"https://{text.removeprefix('//')}", _URL_LIMIT)
    try:
        parts = urlsplit(whole)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Wrong(message) from None
    good = parts.scheme in ("http", "https") and "." in host.strip(".") and "@" not in parts.netloc
    if not good or _SPACE.search(whole):
        raise Wrong(message)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower()))


def inn(raw: object, _: Circumstances) -> Value:
    """A Russian tax number of a company (10 digits) or a person (12), its check digits right."""
    text = as_line(raw, _INN)
    try:
        return str(russian_inn.validate(text))
    except ValidationError:
        message = f"{quoted(text)} is not {_INN}"
        raise Wrong(message) from None


def written_phone(value: dict[str, Value], extension_word: str) -> str:
    """A canonical phone in international form: ``+7 495 123-45-67 доб. 12``."""
    parsed = phonenumbers.parse(str(value["number"]))
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return f"{shown} {extension_word} {value['ext']}" if value.get("ext") else shown
