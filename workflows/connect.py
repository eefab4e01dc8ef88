"""A client of Temporal as every part of leadflow uses it: its payloads sealed with the leads' keys."""

from __future__ import annotations

from temporalio.client import Client

from leadflow.errors import Unreachable
from workflows.payloads import Cipher, data_converter


async def connect(address: str, namespace: str, cipher: Cipher, *, lazy: bool = False) -> Client:
    """Connects to a Temporal server.

    Args:
        address: ``host:port``.
        namespace: of the installation.
        cipher: `leadflow.store.keys.Vault`.
        lazy: connects with the first call, so that doors open while the server is away.

    Raises:
        Unreachable: nobody answers there.
    """
    try:
        return await Client.connect(
            address, namespace=namespace, data_converter=data_converter(cipher), lazy=lazy
        )
    except RuntimeError as error:
        message = f"Temporal does not answer at {address}"
        hint = "start it with `leadflow up`, or set TEMPORAL_ADDRESS to where it runs"
        raise Unreachable(message, hint) from error
