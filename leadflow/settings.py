"""Settings from the environment: read once by the composition roots, passed on as a value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """Where everything is. Defaults make an embedded installation under one data directory."""

    home: Path
    """``LEADFLOW_HOME``: the one data directory."""
    specs: Path
    """``LEADFLOW_SPECS``: where paths default to; never read by workers."""
    database_url: str
    temporal_address: str
    """Empty: the embedded server of this home (its port stands in ``home/run.json``)."""
    temporal_namespace: str
    smtp_url: str
    """Empty: the catcher."""
    sms_url: str
    key_file: Path
    message_url: str = ""
    """Of a gateway to messengers. Empty: the catcher."""
    metrics: str = ""
    """``host:port`` where the worker serves Prometheus. Empty: nowhere."""
    log: str = ""
    """``json`` or ``text``. Empty: text on a terminal, else JSON."""

    @property
    def embedded_temporal(self) -> bool:
        """Whether `leadflow up` runs the Temporal server itself."""
        return not self.temporal_address


def from_environment(env: Mapping[str, str]) -> Settings:
    """Reads every setting named in the README's table; unset ones get the embedded defaults."""
    home = Path(env.get("LEADFLOW_HOME") or ".leadflow").expanduser().absolute()
    return Settings(
        home=home,
        specs=Path(env.get("LEADFLOW_SPECS") or "specs").expanduser(),
        database_url=env.get("LEADFLOW_DATABASE_URL") or f"sqlite:///{home / 'leadflow.db'}",
        temporal_address=env.get("TEMPORAL_ADDRESS") or "",
        temporal_namespace=env.get("TEMPORAL_NAMESPACE") or "default",
        smtp_url=env.get("LEADFLOW_SMTP_URL") or "",
        sms_url=env.get("LEADFLOW_SMS_URL") or "",
        key_file=Path(env.get("LEADFLOW_KEY_FILE") or home / "keys" / "master.key").expanduser(),
        message_url=env.get("LEADFLOW_MESSAGE_URL") or "",
        metrics=env.get("LEADFLOW_METRICS") or "",
        log=env.get("LEADFLOW_LOG") or "",
    )
