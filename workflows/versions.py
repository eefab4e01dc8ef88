"""Which build a worker is, for Temporal's worker versioning.

Leads live for months and move on to each new build by themselves (auto-upgrade): a worker makes its build the current one
when it starts, so that from then on no worker of an older build gets a workflow task, whoever else is still running.
What is installed decides the build, not a number that somebody has to remember to raise.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from pathlib import Path

import structlog
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import WorkerDeploymentConfig

import leadflow.engine

DEPLOYMENT = "leadflow"
DIGITS = 12
COMPLAIN_EVERY = 20
"""Attempts: a server knows a build once its worker has asked for work, which takes a second or two."""

log = structlog.get_logger(__name__)


def build_id() -> str:
    """A digest of the source that decides how a lead goes on: the engine and the shell."""
    digest = hashlib.sha256()
    for folder in (Path(leadflow.engine.__file__).parent, Path(__file__).parent):
        for file in sorted(folder.glob("*.py")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:DIGITS]


def deployment(build: str) -> WorkerDeploymentConfig:
    """How a worker of this build presents itself."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(DEPLOYMENT, build),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


async def promote(client: Client, build: str) -> None:
    """Makes a build the current one, as soon as the server knows it; tries until it is."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build
    )
    for attempt in itertools.count(1):
        try:
            await client.workflow_service.set_worker_deployment_current_version(request)
        except RPCError as error:
            if attempt % COMPLAIN_EVERY == 0:
                log.warning("this build does no work yet", build=build, error=error.message)
        else:
            log.info("this build is the current one", build=build)
            return
        await asyncio.sleep(min(0.1 * attempt, 1.0))
