"""Where the parts of an installation are: what the environment does not say is on loopback, at this home's ports."""

from __future__ import annotations

import msgspec

from commands.up.home import Ports
from commands.up.ports import LOOPBACK
from leadflow.settings import Settings


def embedded(settings: Settings, ports: Ports) -> Settings:
    """The settings as the parts of this installation get them: what is not set leads to its own server and catcher."""
    return msgspec.structs.replace(
        settings,
        temporal_address=settings.temporal_address or f"{LOOPBACK}:{ports.temporal}",
        smtp_url=settings.smtp_url or f"smtp://{LOOPBACK}:{ports.mail}",
        sms_url=settings.sms_url or f"http://{LOOPBACK}:{ports.caught}/sms",
        message_url=settings.message_url or f"http://{LOOPBACK}:{ports.caught}/message",
    )


def environment(settings: Settings) -> dict[str, str]:
    """Settings as environment variables."""
    return {
        "LEADFLOW_HOME": str(settings.home),
        "LEADFLOW_SPECS": str(settings.specs),
        "LEADFLOW_DATABASE_URL": settings.database_url,
        "LEADFLOW_KEY_FILE": str(settings.key_file),
        "LEADFLOW_SMTP_URL": settings.smtp_url,
        "LEADFLOW_SMS_URL": settings.sms_url,
        "LEADFLOW_MESSAGE_URL": settings.message_url,
        "TEMPORAL_ADDRESS": settings.temporal_address,
        "TEMPORAL_NAMESPACE": settings.temporal_namespace,
    }
