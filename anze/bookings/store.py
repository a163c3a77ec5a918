"""Queries over services. Every one takes the speaker and gives nothing that the speaker may not see."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, select
from sqlalchemy.orm import Session, joinedload

from anze.bookings.kinds import COMING
from anze.bookings.models import BookingDraft, Service, ServiceSerial, ServiceStep
from anze.db import insert_missing
from anze.identity.branches import branches_of
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.policies.models import Policy


def visible(speaker: Speaker) -> ColumnElement[bool]:
    """The condition on services that holds for what this speaker may see, and for nothing else."""
    if speaker.staff_id is not None:
        if speaker.role == Role.PROVIDER:
            return Service.provider_id == speaker.provider_id if speaker.provider_id is not None else false()
        return Service.policy_id.in_(select(Policy.id).where(Policy.branch_id.in_(branches_of(speaker))))
    if speaker.person_id is None:
        return false()
    return Service.insured_id.in_(speaker.insured_ids)


def services(speaker: Speaker) -> Select[tuple[Service]]:
    """What the speaker may see, with what a view shows of it."""
    return (
        select(Service)
        .where(visible(speaker))
        .options(
            joinedload(Service.policy).joinedload(Policy.branch),
            joinedload(Service.insured),
            joinedload(Service.provider),
        )
    )


def by_number(session: Session, speaker: Speaker, number: str) -> Service | None:
    return session.scalar(services(speaker).where(Service.number == number.strip().upper()))


def locked(session: Session, speaker: Speaker, number: str) -> Service | None:
    """The same, held until the transaction ends: taken before half days, the day's serial and the audit chain."""
    found = select(Service).where(visible(speaker), Service.number == number.strip().upper())
    return session.scalar(found.with_for_update(of=Service).execution_options(populate_existing=True))


def coming(session: Session, speaker: Speaker, now: datetime) -> list[Service]:
    """Services that are still to come, those with a time first, the next one first."""
    rows = session.scalars(services(speaker).where(Service.status.in_(COMING))).unique().all()
    return sorted(rows, key=lambda s: (s.starts_at is None, s.starts_at or s.requested_at, s.id))


def recent(session: Session, speaker: Speaker, limit: int) -> list[Service]:
    """The newest services, whatever became of them."""
    return list(
        session.scalars(services(speaker).order_by(Service.requested_at.desc(), Service.id.desc()).limit(limit))
    )


def of_insured(session: Session, insured_id: int) -> list[Service]:
    """All services of one insured, the newest first."""
    found = select(Service).where(Service.insured_id == insured_id)
    return list(session.scalars(found.order_by(Service.requested_at.desc(), Service.id.desc())))


def joint(session: Session, service_id: int) -> list[Service]:
    """The other services of a joint session that this one holds the half day for."""
    return list(session.scalars(select(Service).where(Service.joint_with_id == service_id).order_by(Service.id)))


def steps(session: Session, service_ids: Iterable[int]) -> dict[int, list[ServiceStep]]:
    """The steps of services, in the order in which they were taken."""
    found: dict[int, list[ServiceStep]] = {}
    rows = select(ServiceStep).where(ServiceStep.service_id.in_(list(service_ids)))
    for step in session.scalars(rows.order_by(ServiceStep.at, ServiceStep.id)):
        found.setdefault(step.service_id, []).append(step)
    return found


def step_named(session: Session, service_id: int, client_id: str) -> ServiceStep | None:
    """The step that the provider's page has sent under this name already."""
    return session.scalar(
        select(ServiceStep).where(and_(ServiceStep.service_id == service_id, ServiceStep.client_id == client_id))
    )


def draft(session: Session, conversation_id: str) -> BookingDraft | None:
    """What this conversation is still filling in, the newest if there were several."""
    return session.scalar(
        select(BookingDraft)
        .where(BookingDraft.conversation_id == conversation_id, BookingDraft.done_at.is_(None))
        .order_by(BookingDraft.id.desc())
        .limit(1)
    )


def next_serial(session: Session, day: date) -> int:
    """The next serial of a day; the row is locked until the number is used."""
    insert_missing(session, ServiceSerial, day=day, last=0)
    serial = session.get_one(ServiceSerial, day, with_for_update=True, populate_existing=True)
    serial.last += 1
    session.flush()
    return serial.last
