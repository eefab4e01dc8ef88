"""Publishing: files become a version that new leads take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from commands.console import note
from commands.operators import operator
from commands.reading import summary, usable
from leadflow.errors import Refused
from leadflow.settings import Settings
from leadflow.simulate.report import as_text
from leadflow.simulate.runner import run_paths
from leadflow.spec.check import CheckResult
from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.behind import running
from leadflow.store.db import Store, open_store
from leadflow.store.migrate import migrate
from leadflow.store.published import Release, Version, publish


class Published(NamedTuple):
    """A version, and the running leads that stay on earlier ones."""

    version: Version
    behind: dict[str, int]
    """Stage → how many."""

    @property
    def nowhere(self) -> dict[str, int]:
        """Those whose stage the new version has not."""
        stages = self.version.pipeline.stages
        return {stage: count for stage, count in self.behind.items() if stage not in stages}


def publish_from(settings: Settings, paths: Sequence[Path], by: str) -> list[Published]:
    """Publishes what stands in files; makes the database where there is none yet.

    Raises:
        Refused: a problem, or a scenario that fails.
        NotFound: ``by`` is no user of the installation.
    """
    found = usable(paths)
    actor = operator(found.project.installation, by)
    store = open_store(settings.database_url)
    try:
        migrate(store)
        versions = release(store, found, paths, " ".join(filter(None, (actor.user, actor.via))))
        return [Published(version, running(store, version)[False]) for version in versions]
    finally:
        store.close()


def release(store: Store, found: CheckResult, paths: Sequence[Path], by: str) -> list[Version]:
    """Stores what was read and has no errors, if its scenarios pass; warnings are told before.

    Raises:
        Refused: a scenario fails; the message has all of them.
    """
    if found.problems:
        note(found.text())
        note(summary(found))
    _run_scenarios(paths)
    releases = [
        Release(each.pipeline, each.blobs, _sources(found, each)) for each in found.compiled
    ]
    installation = found.project.installation if found.project.settings else None
    now = datetime.now(UTC)
    return publish(store, releases, by=by, now=now, installation=installation)


def _run_scenarios(paths: Sequence[Path]) -> None:
    report = run_paths(paths)
    if not report.ok:
        raise Refused(as_text(report), "nothing was published: the scenarios must pass first")


def _sources(found: CheckResult, compiled: Compiled) -> dict[str, str]:
    """The files that a version was made from, so that it can be read again: path → text."""
    project = found.project
    own = Path(compiled.path)
    templates = project.templates.get(own.parent, {})
    paths = [own, *(Path(file.path) for file in project.shared)]
    paths += [Path(file.path) for files in templates.values() for file in files]
    return {str(path): path.read_text("utf-8", "replace") for path in paths}
