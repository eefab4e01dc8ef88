"""An installation of its own for one run: servers, sinks, pipelines published, workers and people at work; then none of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from leadflow.errors import Misconfigured
from leadflow.programs import module
from leadflow.settings import Settings, from_environment
from leadflow.store.db import open_store
from leadflow.store.leads import count_leads
from leadflow.store.published import versions
from proving.postgres import PostgresServer, postgres_server
from proving.processes import ROOT
from proving.sinks.process import Sink
from proving.temporal import TemporalServer, temporal_server
from proving.workers import Worker

SPECS = Path(__file__).with_name("specs")
FORGOTTEN = "PT2M"
"""In the pipelines: so long somebody may look at a lead."""
SOON_FORGOTTEN = "PT8S"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is to be."""

    seconds: float
    """Of load and harm; then it drains."""
    seed: str
    leads: int
    workers: int
    loads: int = 2
    """Processes in which people work."""
    database: str = ""
    """URL of an empty database; empty: SQLite in the folder."""
    postgres: bool = False
    """Start a PostgreSQL of its own."""
    impatient: bool = False
    """Workers by `proving.impatient`, and leads that are closed sooner when nobody looks at them."""

    @property
    def arrival_seconds(self) -> float:
        """In which all leads come in: the last ones have time for a life."""
        return self.seconds * 0.85


class Ground:
    """The parts of one run, while it lasts."""

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        temporal: TemporalServer,
        sinks: tuple[Sink, Sink],
        postgres: PostgresServer | None,
    ) -> None:
        self.folder = folder
        self.plan = plan
        self.temporal = temporal
        self.smtp, self.http = sinks
        self.postgres = postgres
        database = postgres.url if postgres else plan.database
        defaults = from_environment({"LEADFLOW_HOME": str(folder / "home")})
        self.settings: Settings = msgspec.structs.replace(
            defaults,
            database_url=database or defaults.database_url,
            temporal_address=temporal.address,
            smtp_url=self.smtp.url,
            sms_url=self.http.url,
        )
        self.workers: list[Worker] = []
        self.loads: list[Worker] = []

    @property
    def environment(self) -> dict[str, str]:
        """Of every process of the installation."""
        settings = self.settings
        ours = ("LEADFLOW_", "TEMPORAL_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {
            **clean,
            "PYTHONPATH": str(ROOT),
            "LEADFLOW_HOME": str(settings.home),
            "LEADFLOW_DATABASE_URL": settings.database_url,
            "TEMPORAL_ADDRESS": settings.temporal_address,
            "LEADFLOW_SMTP_URL": settings.smtp_url,
            "LEADFLOW_SMS_URL": settings.sms_url,
        }

    def journals(self) -> list[Path]:
        """What the people were told."""
        return sorted(self.folder.glob("journal-*.jsonl"))

    def publish(self) -> None:
        """As an admin would: by the command line.

        Raises:
            Misconfigured: it was refused.
        """
        specs = self.folder / "specs"
        shutil.copytree(SPECS, specs)
        if self.plan.impatient:
            pipeline = specs / "endurance.yaml"
            text = pipeline.read_text("utf-8").replace(FORGOTTEN, SOON_FORGOTTEN)
            pipeline.write_text(text, "utf-8")
        published = subprocess.run(
            module("cli", "publish", str(specs)),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if published.returncode:
            message = f"the run's pipelines were not published: {published.stderr.strip()}"
            raise Misconfigured(message, "is the database of an older leadflow?")

    def start_workers(self) -> None:
        """All of them."""
        name = "proving.impatient" if self.plan.impatient else "worker"
        for number in range(self.plan.workers):
            self.workers.append(
                Worker(self.folder, module(name), self.environment, f"worker-{number}")
            )

    def start_loads(self, began: float) -> None:
        """The people; ``began``: seconds of the epoch."""
        plan = self.plan
        for number in range(plan.loads):
            arguments = {
                "number": number,
                "of": plan.loads,
                "leads": plan.leads,
                "began": began,
                "arrive": plan.arrival_seconds,
                "until": began + plan.seconds,
                "seed": plan.seed,
                "journal": self.folder / f"journal-{number}.jsonl",
            }
            command = module("proving.chaos.load", *_options(arguments))
            command += ["--arrivals", str(self.smtp.log), str(self.http.log)]
            name = f"load-{number}"
            load = Worker(self.folder, command, self.environment, name, for_ever=False)
            self.loads.append(load)


def _options(arguments: Mapping[str, object]) -> Iterator[str]:
    for name, value in arguments.items():
        yield from (f"--{name}", str(value))


@contextmanager
def ground(folder: Path, plan: Plan) -> Iterator[Ground]:
    """An installation that is prepared and rests, as long as the block lasts; no process is left after it.

    Raises:
        Misconfigured: the database is in use already, or there is no PostgreSQL to start.
    """
    folder.chmod(0o711)  # a server of another user has its folder in here
    with ExitStack() as parts:
        sinks = (
            parts.enter_context(Sink("smtp", folder)),
            parts.enter_context(Sink("http", folder)),
        )
        temporal = parts.enter_context(temporal_server(_made(folder / "temporal")))
        postgres = None
        if plan.postgres:
            postgres = parts.enter_context(postgres_server(_made(folder / "postgres")))
        one = Ground(folder, plan, temporal, sinks, postgres)
        _must_be_empty(one.settings.database_url)
        one.publish()
        try:
            yield one
        finally:
            for each in (*one.loads, *one.workers):
                each.kill_for_good()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _must_be_empty(url: str) -> None:
    store = open_store(url)
    try:
        used = bool(versions(store) or count_leads(store))
    except Misconfigured:  # no table at all
        used = False
    finally:
        store.close()
    if used:
        message = (
            "this database is in use: a chaos run would put thousands of made-up leads into it"
        )
        raise Misconfigured(message, "make an empty one for the run")
