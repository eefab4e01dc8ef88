"""Handing frozen bytes to the right adapter."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy

from activities.connections import Connections
from leadflow.channels.outcome import ChannelDown, Handover, Outcome, Sent, Withheld
from leadflow.engine.effects import AudienceChange, NotifyPeople, PostWebhook, SendMessage
from leadflow.errors import Misconfigured
from leadflow.store.entries import Entry


async def deliver(
    connections: Connections, entry: Entry, data: bytes, now: datetime, handover: Handover
) -> Outcome:
    """What became of a message.

    Args:
        connections: the ways out.
        entry: the row of its effect.
        data: what `activities.compose` made of it, once.
        now: the attempt's instant.
        handover: see `leadflow.channels.outcome`.
    """
    try:
        match entry.effect:
            case NotifyPeople():
                return await _mail(connections, "", data, handover)
            case SendMessage(channel="email", via=via):
                return await _mail(connections, via, data, handover)
            case SendMessage(channel=channel, via=via, to=to):
                gateway = connections.sms(connections.find(channel, via))
                return await gateway.send(
                    key=entry.hash, to=to, text=data.decode(), handover=handover
                )
            case PostWebhook(connection=name):
                receiver = connections.webhook(connections.find("webhook", name))
                return await receiver.send(key=entry.hash, body=data, now=now, handover=handover)
            case AudienceChange(name=name):
                return await _tell_advertiser(connections, name, entry.hash, data, now, handover)
    except Misconfigured as error:
        return ChannelDown(f"{error.message}; {error.hint}", "misconfigured")


async def _tell_advertiser(
    connections: Connections, name: str, key: str, data: bytes, now: datetime, handover: Handover
) -> Outcome:
    """The commit has written who belongs to the audience: where nobody is to be told, that is all."""
    receiver = connections.audience(name) if data else None
    if receiver is None:
        return Sent("", "recorded") if await handover() else Withheld()
    return await connections.webhook(receiver).send(key=key, body=data, now=now, handover=handover)


async def _mail(connections: Connections, via: str, data: bytes, handover: Handover) -> Outcome:
    message = message_from_bytes(data, policy=policy.default)
    (sender,), (recipient,) = message["From"].addresses, message["To"].addresses
    server = connections.email(connections.find("email", via))
    return await server.send(
        data, sender=sender.addr_spec, recipient=recipient.addr_spec, handover=handover
    )
