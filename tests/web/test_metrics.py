"""What Prometheus is given: names, labels, numbers; and an address that cannot be served is said in plain words."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from leadflow.errors import Misconfigured, Unreachable
from leadflow.store.metrics import Figures, Waiting
from leadflow.web import metrics
from leadflow.web.metrics import Watched, listening_at, served

FIGURES = Figures(
    leads={("shop", "open"): 3, ("shop", "quarantined"): 1},
    late=Waiting(2, 420.0),
    sends={
        ("email", "accepted"): Waiting(5, 9000.0),
        ("email", "ambiguous"): Waiting(1, 60.0),
        ("sms", "held"): Waiting(4, 30.0),
    },
    queues={"starts": Waiting(1, 10.0), "intents": Waiting(), "callbacks": Waiting()},
    paused=("mail",),
    holds=1,
    alerts=2,
    confirmed=False,
)


def exposition(home: Path, figures: Callable[[], Figures], *, temporal: bool = True) -> str:
    registry = CollectorRegistry()
    registry.register(Watched(figures, lambda: temporal, home, "abc123"))
    return generate_latest(registry).decode()


def samples(text: str) -> dict[str, float]:
    """``name{label values}`` → value."""
    return {
        " ".join((sample.name, *sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_figure_has_its_name(tmp_path: Path) -> None:
    """Each number stands under its metric; ages only of what has not ended."""
    found = samples(exposition(tmp_path, lambda: FIGURES))
    expected = {
        "leadflow_leads open shop": 3,
        "leadflow_leads quarantined shop": 1,
        "leadflow_late_leads": 2,
        "leadflow_late_leads_seconds": 420,
        "leadflow_sends accepted email": 5,
        "leadflow_sends ambiguous email": 1,
        "leadflow_sends held sms": 4,
        "leadflow_sends_oldest_seconds ambiguous email": 60,
        "leadflow_sends_oldest_seconds held sms": 30,
        "leadflow_waiting starts": 1,
        "leadflow_waiting_oldest_seconds starts": 10,
        "leadflow_paused mail": 1,
        "leadflow_holds": 1,
        "leadflow_alerts": 2,
        "leadflow_confirmed": 0,
        "leadflow_database_up": 1,
        "leadflow_temporal_up": 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert "leadflow_sends_oldest_seconds accepted email" not in found
    assert any(name.startswith("leadflow_build_info") and "abc123" in name for name in found)
    assert found["leadflow_disk_free_bytes"] > 0


def test_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    """No number is made up, the scrape succeeds, and Temporal is told apart from it."""

    def away() -> Figures:
        message = "the database does not answer"
        raise Unreachable(message, "")

    found = samples(exposition(tmp_path, away, temporal=False))
    assert (found["leadflow_database_up"], found["leadflow_temporal_up"]) == (0, 0)
    assert not any(name.startswith(("leadflow_leads", "leadflow_alerts")) for name in found)


def test_scrapes_share_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a few seconds the database is asked once, however many scrape; later again."""
    looks = []

    def figures() -> Figures:
        looks.append(1)
        return FIGURES

    watched = Watched(figures, lambda: True, tmp_path, "")
    for _ in range(3):
        assert list(watched.collect())
    assert len(looks) == 1
    monkeypatch.setattr(metrics, "FRESH_SECONDS", -1.0)
    assert list(watched.collect())
    assert len(looks) == 2


def test_it_is_served(tmp_path: Path) -> None:
    """A GET of /metrics has our figures and what the system knows of the process; afterwards nobody listens."""
    watched = Watched(lambda: FIGURES, lambda: True, tmp_path, "")
    with served("127.0.0.1:0", watched) as port:
        address = f"http://127.0.0.1:{port}/metrics"
        found = samples(urllib.request.urlopen(address).read().decode())
    assert found["leadflow_alerts"] == 2
    assert found["process_resident_memory_bytes"] > 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """It is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        watched = Watched(lambda: FIGURES, lambda: True, tmp_path, "")
        with pytest.raises(Misconfigured, match=address) as raised, served(address, watched):
            pass
    assert "LEADFLOW_METRICS" in raised.value.hint


@pytest.mark.parametrize("address", ["9464", "host", ":9464", "host:port", "host:99999", "h:1/x"])
def test_what_is_no_address(address: str) -> None:
    """Host and port are needed, and nothing else."""
    with pytest.raises(Misconfigured, match="LEADFLOW_METRICS") as raised:
        listening_at(address)
    assert "host:port" in raised.value.hint


def test_what_is_an_address() -> None:
    """Names, numbers, and IPv6 in brackets."""
    assert listening_at("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert listening_at("[::1]:9464") == ("::1", 9464)
