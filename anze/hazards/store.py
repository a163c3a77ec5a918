"""Queries over hazards. Every one takes the speaker and gives nothing that the speaker may not see."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.bookings.kinds import ServiceStatus
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.conversations.models import Conversation, File
from anze.db import insert_missing
from anze.hazards.models import Hazard, HazardFile, HazardLevel, HazardSerial, HazardStatus
from anze.identity.branches import branches_of
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.policies.models import Policy

BEGUN = (ServiceStatus.DISPATCHED, ServiceStatus.ONGOING, ServiceStatus.COMPLETED)
"""Services in which a hazard can have been found. A page on a bad line may send the hazard before the check-in."""


def visible(speaker: Speaker) -> ColumnElement[bool]:
    """The condition on hazards that holds for what this speaker may see, and for nothing else."""
    if speaker.staff_id is not None:
        if speaker.role == Role.PROVIDER:
            return Hazard.service_id.in_(select(Service.id).where(_own_orders(speaker)))
        return Hazard.branch_id.in_(branches_of(speaker))
    if speaker.person_id is None:
        return false()
    return Hazard.insured_id.in_(speaker.insured_ids)


def _own_orders(speaker: Speaker) -> ColumnElement[bool]:
    return Service.provider_id == speaker.provider_id if speaker.provider_id is not None else false()


def _own(speaker: Speaker) -> ColumnElement[bool]:
    """Of the insured's side in a talk: the firm that it is about, when one was chosen; staff speak for no firm."""
    if speaker.person_id is None:
        return false()
    if speaker.acting_for_id is not None:
        return visible(speaker) & (Hazard.insured_id == speaker.acting_for_id)
    return visible(speaker)


def _whole(condition: ColumnElement[bool]) -> Select[tuple[Hazard]]:
    return select(Hazard).where(condition).options(selectinload(Hazard.dates), joinedload(Hazard.insured))


def of_firm(session: Session, speaker: Speaker, *, limit: int = 100) -> list[Hazard]:
    """The hazards of the firm that the talk is about: open ones first, major ones first, then the newest."""
    order = (Hazard.status == HazardStatus.CLOSED, Hazard.level == HazardLevel.GENERAL, Hazard.found_at.desc())
    return list(session.scalars(_whole(_own(speaker)).order_by(*order, Hazard.id.desc()).limit(limit)))


def firm_hazard(session: Session, speaker: Speaker, number: str) -> Hazard | None:
    """One of them, held until the transaction ends (a reader's transaction holds nothing)."""
    return _locked(session, _own(speaker), number)


def by_number(session: Session, speaker: Speaker, number: str) -> Hazard | None:
    """One hazard that the speaker may see, held until the transaction ends."""
    return _locked(session, visible(speaker), number)


def _locked(session: Session, condition: ColumnElement[bool], number: str) -> Hazard | None:
    # The hazard is taken before the day's serial, the reminders and the audit chain: everybody in this order.
    found = select(Hazard).where(condition, Hazard.number == number.strip().upper())
    return session.scalar(found.with_for_update(of=Hazard).execution_options(populate_existing=True))


def exists(session: Session, number: str) -> bool:
    """Whether there is such a hazard at all, to be able to tell a denied read from a mistyped number."""
    return session.scalar(select(Hazard.id).where(Hazard.number == number.strip().upper())) is not None


def service(session: Session, speaker: Speaker, number: str) -> Service | None:
    """The service in which this speaker may note hazards: a provider's own order, a branch's own service. Held."""
    if speaker.staff_id is None:
        return None
    if speaker.role == Role.PROVIDER:
        mine = _own_orders(speaker)
    else:
        mine = Service.policy_id.in_(select(Policy.id).where(Policy.branch_id.in_(branches_of(speaker))))
    found = select(Service).where(mine, Service.number == number.strip().upper()).with_for_update(of=Service)
    return session.scalar(found.execution_options(populate_existing=True))


def service_exists(session: Session, number: str) -> bool:
    return session.scalar(select(Service.id).where(Service.number == number.strip().upper())) is not None


def of_service(session: Session, speaker: Speaker, number: str) -> list[Hazard]:
    """The hazards found in a service, of those that the speaker may see, in the order in which they were found."""
    found = _whole(visible(speaker)).join(Service, Service.id == Hazard.service_id)
    return list(session.scalars(found.where(Service.number == number.strip().upper()).order_by(Hazard.id)))


def by_client_id(session: Session, client_id: str) -> Hazard | None:
    """What a provider's page has sent under this name already."""
    return session.scalar(select(Hazard).where(Hazard.client_id == client_id))


def files_of_staff(session: Session, staff_id: int, file_ids: Collection[str]) -> set[str]:
    """Those of the files that this staff member uploaded, in whatever sign-in."""
    return set(
        session.scalars(
            select(File.id)
            .join(Conversation, Conversation.id == File.conversation_id)
            .where(File.id.in_(file_ids), Conversation.staff_id == staff_id)
        )
    )


def files(session: Session, hazard_id: int) -> list[tuple[HazardFile, File]]:
    """Photos of one hazard with their kind, in the order in which they came."""
    rows = session.execute(
        select(HazardFile, File)
        .join(File, File.id == HazardFile.file_id)
        .where(HazardFile.hazard_id == hazard_id)
        .order_by(HazardFile.added_at, HazardFile.file_id)
    )
    return [(link, file) for link, file in rows]


def with_evidence(session: Session, hazard_ids: Iterable[int]) -> set[int]:
    """Those of the hazards with a photo of the rectification from after it was last sent back."""
    return set(
        session.scalars(
            select(HazardFile.hazard_id)
            .join(Hazard, Hazard.id == HazardFile.hazard_id)
            .where(
                HazardFile.hazard_id.in_(list(hazard_ids)),
                HazardFile.kind == "rectified",
                or_(Hazard.sent_back_at.is_(None), HazardFile.added_at > Hazard.sent_back_at),
            )
        )
    )


def reported_late(session: Session, speaker: Speaker) -> list[int]:
    """Ids of hazards that wait to be verified and were reported after the counting date; few wait at a time."""
    found = select(Hazard.id, Hazard.agreed_on, Hazard.rectified_at).where(
        visible(speaker),
        Hazard.status == HazardStatus.REPORTED,
        Hazard.agreed_on.is_not(None),
        Hazard.rectified_at.is_not(None),
    )
    return [id_ for id_, agreed_on, at in session.execute(found) if agreed_on and at and legal_date(at) > agreed_on]


def past_date(session: Session, today: date) -> list[Hazard]:
    """Major hazards, not closed, whose counting date has passed; held, those that another worker holds left out."""
    return list(
        session.scalars(
            select(Hazard)
            .where(
                Hazard.level == HazardLevel.MAJOR,
                Hazard.status.in_([HazardStatus.OPEN, HazardStatus.REPORTED]),
                Hazard.agreed_on < today,
            )
            .options(selectinload(Hazard.dates))
            .order_by(Hazard.id)
            .with_for_update(skip_locked=True)
        )
    )


def count(session: Session, query: Select[tuple[Hazard]]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def next_serial(session: Session, day: date) -> int:
    """The next serial of a day; the row is locked until the number is used."""
    insert_missing(session, HazardSerial, day=day, last=0)
    serial = session.get_one(HazardSerial, day, with_for_update=True, populate_existing=True)
    serial.last += 1
    session.flush()
    return serial.last
