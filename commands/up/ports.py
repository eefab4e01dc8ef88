"""Ports: the ones asked for, else those of the last run, else the usual ones, else the next free ones."""

from __future__ import annotations

import errno
import socket
from collections.abc import Collection

import psutil

from commands.up.home import Ports
from leadflow.errors import Misconfigured

LOOPBACK = "127.0.0.1"
USUAL = Ports(web=8080, temporal=7233, temporal_ui=8233, mail=1025, caught=8025)
_TRIES = 200
_OPTIONS = {"web": "--port", "temporal": "--temporal-port"}


def choose(asked: Ports, last: Ports) -> Ports:
    """A free port for each part.

    Args:
        asked: by an option; 0: not asked.
        last: of the run before.

    Raises:
        Misconfigured: a port asked for is taken; the message names by whom.
    """
    taken: set[int] = {port for name in Ports.__struct_fields__ if (port := getattr(asked, name))}
    chosen: dict[str, int] = {}
    for name in Ports.__struct_fields__:
        port = getattr(asked, name)
        if port:
            _must_be_free(port, _OPTIONS[name])
        else:
            port = _near(getattr(last, name) or getattr(USUAL, name), taken)
        taken.add(port)
        chosen[name] = port
    return Ports(**chosen)


def _near(wanted: int, taken: Collection[int]) -> int:
    """The port wanted, or the next one that is free."""
    for port in range(wanted, wanted + _TRIES):
        if port not in taken and is_free(port):
            return port
    message = f"no port from {wanted} to {wanted + _TRIES - 1} is free"
    raise Misconfigured(message, "stop what listens there")


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def _must_be_free(port: int, option: str) -> None:
    if not is_free(port):
        message = f"port {port} is taken{_by(port)}"
        raise Misconfigured(message, f"stop that program, or choose another port: {option} PORT")


def _by(port: int) -> str:
    """Who listens there, where this system tells us."""
    try:
        connections = psutil.net_connections("tcp")
        pids = [
            each.pid
            for each in connections
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port
        ]
        owner = psutil.Process(pids[0]) if pids and pids[0] else None
        return f" by {owner.name()} (process {owner.pid})" if owner else ""
    except psutil.Error:
        return ""
