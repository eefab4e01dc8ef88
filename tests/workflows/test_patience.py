"""What fails only now is tried again, with the same ids, so that nothing can come of it twice."""

from __future__ import annotations

import pytest
from temporalio.service import RPCError, RPCStatusCode

from leadflow.errors import Unreachable
from workflows.gateway import BEGINS
from workflows.patience import AgainError, patiently


class Server:
    """Answers after some failures."""

    def __init__(self, failures: int, status: RPCStatusCode) -> None:
        self.failures = failures
        self.status = status

    async def answer(self) -> str:
        if self.failures:
            self.failures -= 1
            raise RPCError("transport error", self.status, b"")
        return "done"


@pytest.mark.parametrize(
    "status",
    [RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNKNOWN, RPCStatusCode.INTERNAL],
)
async def test_a_broken_connection_is_no_answer(status: RPCStatusCode) -> None:
    """A server killed in the middle of a call, of whatever kind the client's error is then: asked again, answered."""
    assert await patiently(Server(2, status).answer) == "done"


async def test_a_server_that_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the end whoever waits is told that it cannot be reached, and why."""
    monkeypatch.setattr("workflows.patience.PATIENCE", 0.1)
    with pytest.raises(Unreachable, match="transport error"):
        await patiently(Server(1_000, RPCStatusCode.UNKNOWN).answer)


async def test_a_lead_that_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the end whoever waits is told what for: the part that does not answer is another one than the lead's."""
    monkeypatch.setattr("workflows.patience.PATIENCE", 0.1)

    async def beginning() -> None:
        raise AgainError(BEGINS)

    with pytest.raises(Unreachable, match=BEGINS):
        await patiently(beginning)


async def test_what_is_wrong_stays_wrong() -> None:
    """A question that no server would answer is not asked again."""
    with pytest.raises(RPCError):
        await patiently(Server(1, RPCStatusCode.INVALID_ARGUMENT).answer)
