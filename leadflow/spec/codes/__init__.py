"""The registry of problem codes: what each one means, how grave it is.

Codes are stable: scripts and people look them up, so a code never changes its meaning and is never used again. By area:

* LF0xx the file itself: encoding, size, YAML · LF1xx shape and vocabulary · LF2xx names
* LF3xx the flow of a lead · LF4xx time · LF5xx messages and their templates
* LF6xx settings (``leadflow.yaml``) · LF7xx scenarios

Each has a page with a wrong and a right example under ``docs/problems/`` (a test holds the two together).
"""

from __future__ import annotations

from types import MappingProxyType

from leadflow.spec.codes import file, flow, names, rest, shape
from leadflow.spec.codes.base import CodeInfo, Severity

CODES: MappingProxyType[str, CodeInfo] = MappingProxyType(
    file.CODES | shape.CODES | names.CODES | flow.CODES | rest.CODES
)

__all__ = ["CODES", "CodeInfo", "Severity"]
