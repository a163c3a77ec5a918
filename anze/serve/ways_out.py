"""Which channels this installation has, and what is read once more before a message leaves."""

import ssl
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from uuid import uuid4

import httpx
from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage
from anze.channels.outbox.adapter import Absent, Adapter
from anze.channels.outbox.deliver import Deliverer, Load, Sent, Wanted
from anze.channels.outbox.email import EmailAdapter
from anze.channels.outbox.sms import SmsAdapter
from anze.identity.models import Challenge
from anze.reminders.deliver import Voice
from anze.reminders.outgoing import StillWanted
from anze.reminders.policy import load_policy
from anze.services import Services
from anze.settings import Settings
from anze.surveys import usecases as surveys

_OWNER = uuid4().hex
_SECONDS = 10.0
"""How long a gateway may take for its answer."""


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: the certificates of a machine take longer to read than a message takes to be sent."""
    return ssl.create_default_context()


async def deliver(services: Services) -> None:
    """Send what waits in the outbox."""
    async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False, verify=_trusted()) as client:
        outside = dict(adapters(services.settings, client, demo=services.demo))
        loads: dict[str, Load] = {}
        sent: dict[str, Sent] = {}
        if (wechat := services.wechat) is not None:
            outside["wechat"] = wechat.adapter
            loads["wechat"], sent["wechat"] = wechat.giving.load, wechat.giving.given
        deliverer = Deliverer(
            services.db, services.clock, outside, checks(services), loads=loads, sent=sent, owner=_OWNER
        )
        await deliverer.run(services.hub.wake)


def adapters(settings: Settings, client: httpx.AsyncClient, *, demo: bool) -> Mapping[str, Adapter]:
    """The adapters by channel. Without its settings a channel is absent; a demo then just keeps its messages."""
    found: dict[str, Adapter] = {} if demo else {"sms": Absent(), "email": Absent()}
    if settings.sms_url and settings.sms_key:
        found["sms"] = SmsAdapter(settings.sms_url, settings.sms_key, client)
    if settings.smtp_url and settings.mail_from:
        found["email"] = EmailAdapter(settings.smtp_url, settings.mail_from)
    return found


def checks(services: Services) -> Mapping[str, Wanted]:
    """What is asked once more before a message leaves, by the first part of its subject."""
    return {
        "challenge": code_is_good,
        "reminder": StillWanted(services.calendar, load_policy(), services.settings.public_url),
    }


def code_is_good(session: Session, row: OutboxMessage, now: datetime) -> bool:
    """A one-time code that was used or has run out is not sent late."""
    challenge = session.get(Challenge, int(row.subject.partition(":")[2]))
    return challenge is not None and challenge.done_at is None and now < challenge.expires_at


def voice(services: Services) -> Voice:
    """How reminders are said here, and who is told that one was."""
    return Voice(services.settings.public_url, {"survey_ask": lambda s, row, now: surveys.asked(s, row.subject, now)})
