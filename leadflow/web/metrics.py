"""What an operator watches, for Prometheus: `leadflow.store.metrics` under names, and where it is served.

Labels are ids of the configuration and words of ours: pipeline, state, channel, outcome. Figures are taken when somebody
asks, at most every `FRESH_SECONDS`, so that several who scrape cost the database no more than one.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from leadflow.errors import LeadflowError, Misconfigured
from leadflow.store.metrics import Figures

FRESH_SECONDS = 5.0


class Look(msgspec.Struct, frozen=True):
    """What was seen at one moment."""

    figures: Figures | None
    """None: the database does not answer."""
    temporal: bool
    seconds: float
    """How long the look took."""


class Watched(Collector):
    """The metrics of an installation, as one of its workers sees them."""

    def __init__(
        self, figures: Callable[[], Figures], temporal: Callable[[], bool], home: Path, build: str
    ) -> None:
        """Both are called in the thread that serves; ``figures`` may raise `LeadflowError`.

        Args:
            figures: what the database says.
            temporal: whether Temporal answers.
            home: the data directory, whose disk must not be full.
            build: of this worker.
        """
        self._figures = figures
        self._temporal = temporal
        self._home = home
        self._build = build
        self._lock = threading.Lock()
        self._last: tuple[float, Look] | None = None

    @override
    def collect(self) -> Iterable[Metric]:
        """All of them; those of a database that is away are left out, and ``leadflow_database_up`` says why."""
        look = self._look()
        build = {"version": version("leadflow"), "build": self._build}
        yield InfoMetricFamily("leadflow_build", "What runs here", value=build)
        yield _one("leadflow_database_up", "Whether the database answers", look.figures is not None)
        yield _one("leadflow_temporal_up", "Whether Temporal answers", look.temporal)
        yield _one("leadflow_look_seconds", "How long it took to find all this out", look.seconds)
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(self._home).free
            yield _one("leadflow_disk_free_bytes", "Free on the data directory's disk", free)
        if look.figures is not None:
            yield from _leads(look.figures)
            yield from _sends(look.figures)
            yield from _rest(look.figures)

    def _look(self) -> Look:
        with self._lock:
            begun = time.monotonic()
            if self._last is None or begun - self._last[0] > FRESH_SECONDS:
                figures = None
                with contextlib.suppress(LeadflowError):
                    figures = self._figures()
                temporal = self._temporal()
                ended = time.monotonic()
                self._last = (ended, Look(figures, temporal, ended - begun))
            return self._last[1]


@contextlib.contextmanager
def served(address: str, watched: Collector) -> Iterator[int]:
    """Serves ``/metrics`` to everybody who can reach the address, as long as the block lasts; its port.

    Args:
        address: ``host:port``.
        watched: what is served, with what the system knows of this process.

    Raises:
        Misconfigured: it is no address, or nobody can listen there.
    """
    registry = CollectorRegistry()
    registry.register(watched)
    ProcessCollector(registry=registry)
    host, port = listening_at(address)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        message = f"metrics cannot be served at {address}: {error.strerror}"
        hint = "give each worker of a machine its own host:port in LEADFLOW_METRICS"
        raise Misconfigured(message, hint) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listening_at(address: str) -> tuple[str, int]:
    """Host and port of ``LEADFLOW_METRICS``.

    Raises:
        Misconfigured: it is not ``host:port``.
    """
    host, port = None, None
    with contextlib.suppress(ValueError):
        parsed = urlsplit(f"//{address}")
        host, port = parsed.hostname, None if parsed.path else parsed.port
    if host is None or port is None:
        message = f"LEADFLOW_METRICS is '{address}'"
        raise Misconfigured(message, "write host:port, such as 127.0.0.1:9464")
    return host, port


def _leads(figures: Figures) -> Iterator[Metric]:
    leads = GaugeMetricFamily(
        "leadflow_leads",
        "Leads by pipeline and state: open, quarantined, success, failure",
        labels=["pipeline", "state"],
    )
    for labels, count in sorted(figures.leads.items()):
        leads.add_metric(labels, count)
    yield leads
    text = "Open leads whose next deadline lies more than a minute in the past"
    yield _one("leadflow_late_leads", text, figures.late.count)
    text = "How long the oldest deadline of these is over"
    yield _one("leadflow_late_leads_seconds", text, figures.late.oldest)


def _sends(figures: Figures) -> Iterator[Metric]:
    labels = ["channel", "outcome"]
    sends = GaugeMetricFamily(
        "leadflow_sends",
        "Messages of the ledger: planned, postponed, held, claimed, handing_over, accepted, refused, ambiguous, "
        "suppressed, expired, dropped",
        labels=labels,
    )
    oldest = GaugeMetricFamily(
        "leadflow_sends_oldest_seconds",
        "How long ago the oldest message that has not ended, or that nobody can be sure of, was planned",
        labels=labels,
    )
    for (channel, outcome), waiting in sorted(figures.sends.items()):
        sends.add_metric([channel, outcome], waiting.count)
        if outcome in OPEN_OUTCOMES:
            oldest.add_metric([channel, outcome], waiting.oldest)
    yield sends
    yield oldest


OPEN_OUTCOMES = frozenset({"planned", "postponed", "held", "claimed", "handing_over", "ambiguous"})


def _rest(figures: Figures) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "leadflow_waiting",
        "Work that is stored and not done yet: starts, intents, callbacks",
        labels=["queue"],
    )
    oldest = GaugeMetricFamily(
        "leadflow_waiting_oldest_seconds", "Since when the oldest of it waits", labels=["queue"]
    )
    for queue, each in figures.queues.items():
        waiting.add_metric([queue], each.count)
        oldest.add_metric([queue], each.oldest)
    yield waiting
    yield oldest
    paused = GaugeMetricFamily(
        "leadflow_paused", "Channels and connections that cannot send now", labels=["name"]
    )
    for name in figures.paused:
        paused.add_metric([name], 1)
    yield paused
    yield _one("leadflow_holds", "What operators hold back: leadflow outbox hold", figures.holds)
    yield _one("leadflow_alerts", "Alerts that stand: leadflow doctor", figures.alerts)
    text = "Whether this installation may send where it sits: leadflow confirm"
    yield _one("leadflow_confirmed", text, figures.confirmed)


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))
