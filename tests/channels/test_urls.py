"""Server URLs: taken apart, and shown without their secrets."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from leadflow.channels.urls import mask, parse_server_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp://bot:s3cret@mail.example.com:587?starttls=required", "smtp://bot:***@mail.example.com:587?starttls=required"),
        ("smtp://bot@mail.example.com", "smtp://***@mail.example.com"),
        ("https://sms.example/send?api_key=s3cret&5xx=safe", "https://sms.example/send?api_key=***&5xx=safe"),
        ("smtp://bot:s3:cr@et@mail.example.com", "smtp://bot:***@mail.example.com"),
        ("https://sms.example/send", "https://sms.example/send"),
        ("smtp://bot:s3cret@mail.example.com:port", "smtp://bot:***@mail.example.com:port"),
        ("postgresql+psycopg://u:s3cret@db/leads", "postgresql+psycopg://u:***@db/leads"),
        ("sqlite:///leads.db", "sqlite:///leads.db"),
        ("", ""),
    ],
)  # fmt: skip
def test_masked(url: str, shown: str) -> None:
    """Passwords, lone tokens and query values are hidden, what helps to find a mistake stays."""
    assert mask(url) == shown


@given(
    secret=st.text(st.characters(codec="ascii", exclude_characters="/?#@*:"), min_size=4),
    rest=st.text(max_size=20),
)
def test_a_password_never_shows(secret: str, rest: str) -> None:
    """Whatever follows it, a password is not in the masked text."""
    head = mask(f"smtp://bot:{secret}@mail.example.com").partition("@")[0]
    assert head == "smtp://bot:***"
    assert mask(f"smtp://bot:{secret}@h{rest}").startswith("smtp://bot:***@")


def test_taken_apart() -> None:
    """Every part, percent-decoded, with its default; our options out of the query, others in it as written."""
    server = parse_server_url(
        "https://u%40x:p%3A%2F@ПРИМЕР.рф/a?b=c%20d&5xx=safe&e",
        schemes={"https": 443},
        options={"5xx": ("safe",)},
        foreign_options=True,
    )
    assert (server.username, server.password) == ("u@x", "p:/")
    assert (server.host, server.port) == ("xn--e1afmkfd.xn--p1ai", 443)
    assert server.options == {"5xx": "safe"}
    assert server.target == "https://xn--e1afmkfd.xn--p1ai/a?b=c%20d&e"


def test_ipv6() -> None:
    """An IPv6 address keeps its brackets where it needs them."""
    server = parse_server_url("http://[::1]:8025/", schemes={"http": 80}, options={})
    assert (server.host, server.target) == ("::1", "http://[::1]:8025/")
