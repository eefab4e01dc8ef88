"""Programs that come in wheels, found where their wheel has put them; and our own, started with this interpreter."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from leadflow.errors import Misconfigured


def program(package: str, name: str) -> Path:
    """The executable ``name`` that the installed wheel ``package`` brought along.

    Raises:
        Misconfigured: it is not there.
    """
    try:
        files = distribution(package).files or ()
    except PackageNotFoundError:
        files = ()
    for file in files:
        found = Path(str(file.locate())).resolve()
        if file.name == name and found.is_file():
            return found
    message = f"the program {name} of the package {package} is not installed"
    raise Misconfigured(message, "install leadflow with everything it needs: make install")


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours; whatever lies in the current folder cannot take its place (``-P``)."""
    return [sys.executable, "-P", "-m", name, *arguments]
