"""Staff enter a service for an insured, or a joint training of several: one half day, and a service of each (6.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings import changes, claims, steps, store, telling
from anze.bookings.arranging import usable
from anze.bookings.kinds import Audience, ServiceStatus, Step
from anze.bookings.measures import measures_for
from anze.bookings.models import Service
from anze.bookings.slots import Slot
from anze.bookings.supply import Need
from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.policies.usecases import contracts


@dataclass(frozen=True)
class Wanted:
    """What is entered. `slot` None: the time is still to be arranged. `measures` None: those of the item."""

    insured_ids: Sequence[int]
    item: str
    slot: str | None = None
    audience: Audience | None = None
    statutory: bool = False
    place: str | None = None
    measures: str | None = None
    attendees: int | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    note: str | None = None


def create(session: Session, speaker: Speaker, wanted: Wanted, now: datetime, calendar: WorkCalendar) -> dict[str, Any]:
    """Enter a service of each insured; with several the first holds the half day, the others are joined to it.

    Gives {"numbers", "told"}. What the contract promises is not checked: the service manager decides that.
    Raises DomainError not_found (DeniedError), booking_needs_audience, booking_slot_…, booking_team_…,
    booking_no_policy.
    """
    if wanted.item == "a" and wanted.audience is None:
        raise DomainError("booking_needs_audience", 422)
    insureds = [_insured(session, speaker, id_) for id_ in dict.fromkeys(wanted.insured_ids)]
    slot = _slot(session, wanted, insureds[0], now, calendar) if wanted.slot else None
    day = slot.half.day if slot else legal_date(now)
    policies = [_policy(session, speaker, insured, wanted.item, day) for insured in insureds]
    rows: list[Service] = []
    for insured, policy_id in zip(insureds, policies, strict=True):
        rows.append(_row(session, wanted, insured, policy_id, rows[0] if rows else None, now))
        if slot is not None and len(rows) == 1 and not claims.take(session, slot, rows[0].id, now):
            # The numbers are given back with the whole transaction.
            raise DomainError("booking_slot_taken", 409)
    told: list[str] = []
    who = steps.who_is(session, speaker)
    for row in rows:
        if slot is not None:
            changes.give_time(session, row, slot)
        body = {"item": row.item, "slot": slot.name if slot else None, "joint": len(rows) > 1}
        steps.record(session, row, Step.REQUESTED, at=now, actor=speaker.actor, who=who, body=body)
        if slot is None:
            telling.ask_manager(session, row, "entered", now)
            continue
        changes.remind(session, row, now, calendar, "created")
        session.flush()
        told += telling.tell(session, row, "created", now)
    return {"numbers": [row.number for row in rows], "told": told}


def _insured(session: Session, speaker: Speaker, insured_id: int) -> Insured:
    """An insured of the speaker's branches. Raises DomainError not_found, DeniedError."""
    insured = session.scalar(
        select(Insured)
        .join(PolicyInsured, PolicyInsured.insured_id == Insured.id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .where(Insured.id == insured_id, Policy.branch_id.in_(branches_of(speaker)))
        .limit(1)
    )
    if insured is None:
        if session.get(Insured, insured_id) is not None:
            raise DeniedError(speaker.actor, f"insured:{insured_id}")
        raise DomainError("not_found", 404)
    return insured


def _slot(session: Session, wanted: Wanted, insured: Insured, now: datetime, calendar: WorkCalendar) -> Slot:
    audience = wanted.audience.value if wanted.audience else None
    need = Need(insured.id, insured.province, wanted.item, audience, wanted.statutory)
    return usable(session, need, str(wanted.slot), now, calendar)


def _policy(session: Session, speaker: Speaker, insured: Insured, item: str, day: Any) -> int:
    """A policy of that day that the speaker's branches keep, rather one that promises the item."""
    scope = set(session.scalars(branches_of(speaker)))
    covering = [one for one in contracts(session, insured.id) if one.covers(day) and one.branch_id in scope]
    if not covering:
        raise DomainError("booking_no_policy", 409)
    return min(covering, key=lambda one: not one.promised.get(item)).policy_id


def _row(
    session: Session, wanted: Wanted, insured: Insured, policy_id: int, main: Service | None, now: datetime
) -> Service:
    day = legal_date(now)
    service = Service(
        number=f"FW{day:%Y%m%d}{store.next_serial(session, day):03d}",
        policy_id=policy_id,
        insured_id=insured.id,
        item=wanted.item,
        status=ServiceStatus.REQUESTED,
        requested_at=now,
        place=wanted.place or insured.address,
        people=[],
        note=wanted.note,
        measures=wanted.measures or measures_for(wanted.item, statutory=wanted.statutory).measures,
        audience=wanted.audience.value if wanted.audience and wanted.item == "a" else None,
        statutory=wanted.statutory and wanted.item == "b",
        attendees=wanted.attendees,
        contact_name=wanted.contact_name or insured.contact_name,
        contact_phone=wanted.contact_phone or insured.contact_phone,
        joint_with_id=main.id if main else None,
        version=1,
    )
    session.add(service)
    session.flush()
    return service
