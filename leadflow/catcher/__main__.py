"""`python -m leadflow.catcher`: prints ``catcher smtp=PORT http=PORT`` once it takes connections."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from leadflow.catcher.server import LOOPBACK, serve
from leadflow.errors import Misconfigured


def main() -> int:
    """Runs until SIGINT or SIGTERM; 0 after an orderly stop, 1 when it could not start."""
    parser = argparse.ArgumentParser(prog="leadflow.catcher", description="Catches mail and SMS.")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--host", default=LOOPBACK)
    options = parser.parse_args()
    try:
        asyncio.run(_until_told_to_stop(options))
    except Misconfigured as error:
        sys.stderr.write(f"{error.message}\n  {error.hint}\n")
        return 1
    return 0


async def _until_told_to_stop(options: argparse.Namespace) -> None:
    catcher = asyncio.create_task(
        serve(
            options.data_dir,
            options.smtp_port,
            options.http_port,
            host=options.host,
            ready=_announce,
        )
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, catcher.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await catcher


def _announce(smtp_port: int, http_port: int) -> None:
    sys.stdout.write(f"catcher smtp={smtp_port} http={http_port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
