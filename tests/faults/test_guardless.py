"""The accounting is worth something: of a worker whose ledger guards nothing it complains, of the real one it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from leadflow.engine.events import Signal
from proving.accounting import Report
from proving.evidence import Stop
from proving.sinks.process import Sink
from tests.faults.life import account, acted, called, inquiry, sends
from tests.support import chaos
from tests.support.running import home, until
from tests.support.tiny import tiny


async def harm(folder: Path, temporal: str, script: str) -> Report:
    """One letter whose sender dies after the dot; one that has to wait, and then is stopped: the client agrees."""
    with Sink("smtp", folder) as smtp:
        again = {"at": "rcpt", "reply": "451 4.7.1 later", "match": {"to": "waits@example.org"}}
        dies = {"at": "accepted", "stall": 3, "match": {"to": "dies@example.org"}, "times": 1}
        smtp.script(again, dies)
        async with home(folder, temporal, tiny(), smtp_url=smtp.url) as one:
            with chaos.worker(folder, one.environment, script=script) as worker:
                waits, dying = await inquiry(one, "waits"), await inquiry(one, "dies")
                await called(one, waits)
                await until(lambda: smtp.faults("rcpt"), bool)
                await acted(one, waits, Signal(id="agreed", name="agreed"))
                await one.until(waits, lambda row: row.stage == "won")
                stop = Stop(waits, datetime.now(UTC), "stage/2")
                await called(one, dying)
                await until(lambda: smtp.faults("accepted"), bool)
                worker.kill()
                smtp.script(dies)
                await until(lambda: worker.deaths, bool)
                await until(
                    lambda: sends(one, dying)[0].state, {"ambiguous", "accepted"}.__contains__
                )
                return await account(one, [smtp], [waits, dying], [stop])


async def test_a_guardless_ledger_is_found_out(tmp_path: Path, temporal_server: str) -> None:
    """Without guards a killed hand-over goes again and a stopped message goes at all: the account says both."""
    report = await harm(tmp_path, temporal_server, "guardless_worker")
    assert report.count("doubled") == 1, report
    assert report.count("after a stop") == 1, report


async def test_the_real_ledger_is_not(tmp_path: Path, temporal_server: str) -> None:
    """The same harm to the product's worker: nothing to complain of."""
    report = await harm(tmp_path, temporal_server, "quick_worker")
    assert report.complaints == (), report
    assert report.ledger == {"ambiguous": 1, "suppressed": 1}
