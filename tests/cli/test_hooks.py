"""The providers' hooks, where `leadflow up` runs."""

from __future__ import annotations

import httpx2
import pytest

from tests.e2e.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def status(installation: Installation, method: str, path: str) -> int:
    """As a provider comes: by the name that the world knows."""
    url = f"http://127.0.0.1:{installation.ports.web}{path}"
    return httpx2.request(method, url, headers={"Host": "leads.shop.example"}, json={}).status_code


def test_providers_reach_the_hooks_and_nothing_else(installation: Installation) -> None:
    """By another name than this machine's the hooks answer (a connection without callbacks takes none), the pages do not."""
    assert status(installation, "POST", "/hooks/mail/01234567890123456789") == 404
    assert status(installation, "GET", "/") == 400
    assert status(installation, "POST", "/codec/decode") == 400
    assert "calls" in installation.get(installation.ports.web, "/")
