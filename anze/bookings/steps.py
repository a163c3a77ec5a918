"""A step of a service is written down twice: where people see it, and in the audit chain, which nobody can alter."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.bookings.kinds import Step
from anze.bookings.models import Service, ServiceStep
from anze.identity.models import Person, Staff
from anze.identity.speaker import Speaker
from anze.providers.models import Provider
from anze.texts import text as say

WORDS = ("reason", "words", "process", "note")
"""What people said or wrote: shown with the step, in the chain by its digest."""


def record(
    session: Session,
    service: Service,
    step: Step,
    *,
    at: datetime,
    actor: str,
    who: str,
    body: dict[str, Any] | None = None,
    client_id: str | None = None,
) -> None:
    """Write a step down. `body` holds str, int, bool and None; what is in WORDS enters the chain by digest only."""
    body = body or {}
    session.add(
        ServiceStep(
            service_id=service.id, stage=step.value, at=at, actor=actor, who=who[:60], body=body, client_id=client_id
        )
    )
    service.version += 1
    kept = {k: v for k, v in body.items() if k not in WORDS}
    said = {f"{k}_sha256": digest(str(v)) for k, v in body.items() if k in WORDS and v}
    append(
        session, at=at, kind=f"service.{step.value}", subject=f"service:{service.id}", actor=actor, body=kept | said
    )  # fmt: skip


def who_is(session: Session, speaker: Speaker) -> str:
    """How people are shown who took a step: a name, for a provider's person with the provider's."""
    if speaker.staff_id is not None:
        staff = session.get_one(Staff, speaker.staff_id)
        if staff.provider_id is not None:
            provider = session.get_one(Provider, staff.provider_id)
            return say("booking.who.provider", provider=provider.short_name, name=staff.name)
        return say("booking.who.staff", branch=staff.branch.short_name, name=staff.name)
    if speaker.person_id is not None:
        return session.get_one(Person, speaker.person_id).name
    return say("booking.who.insured")
