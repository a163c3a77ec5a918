"""What every channel has in common: a message in, taken or refused out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True)
class Parcel:
    """A message on its way. `key` is the same whenever it is tried again: a gateway knows a repeat by it."""

    id: int
    key: str
    recipient: str
    text: str
    body: dict[str, Any]


def key_of(id_: int, subject: str, step: str, recipient: str, due_at: datetime) -> str:
    """The idempotency key of a row of the outbox; tells nothing about the recipient."""
    named = "\n".join([str(id_), subject, step, recipient, due_at.isoformat()])
    return f"anze-{hashlib.sha256(named.encode()).hexdigest()[:40]}"


class Refusal(StrEnum):
    """Why a channel did not take a message: for good · too fast · not reachable · our settings are wrong."""

    PERMANENT = "permanent"
    RATE = "rate"
    UNAVAILABLE = "unavailable"
    SETTINGS = "settings"


@dataclass(frozen=True)
class Taken:
    """The channel took it. `external_id`: its own name for the message, when it gives one."""

    external_id: str | None = None


@dataclass(frozen=True)
class Refused:
    """The channel did not take it (or did not say so in time). `code` is short and holds nothing personal."""

    kind: Refusal
    code: str
    retry_after: float | None = None
    """Seconds, when the channel names them"""


type Outcome = Taken | Refused


class Adapter(Protocol):
    """One channel. Never raises for what a channel does; called with no transaction open."""

    async def send(self, parcel: Parcel) -> Outcome: ...


class Absent:
    """A channel that this installation does not have: every message goes on to the next one."""

    async def send(self, parcel: Parcel) -> Outcome:
        return Refused(Refusal.PERMANENT, "not_configured")
