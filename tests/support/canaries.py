"""What must never be seen in a log."""

from __future__ import annotations

PASSWORD = "canary-pass/w0rd"
