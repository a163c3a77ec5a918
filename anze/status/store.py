"""What a firm has with us, read through the models of the other nouns; never more than the speaker's own firms."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from anze.bookings.kinds import COMING
from anze.bookings.models import Service
from anze.complaints.models import Complaint, ComplaintStatus
from anze.conversations.models import File, SharedFile
from anze.hazards.models import Hazard, HazardStatus
from anze.identity.speaker import Speaker
from anze.policies.models import Insured
from anze.surveys.models import Survey, SurveyStatus

_OPEN_COMPLAINTS = (
    ComplaintStatus.INTAKE,
    ComplaintStatus.FILED,
    ComplaintStatus.HANDLING,
    ComplaintStatus.DECIDED,
)
_NEWEST = 20


@dataclass(frozen=True)
class SharedRow:
    """A file that the firm may read."""

    file_id: str
    title: str


def firms(session: Session, speaker: Speaker) -> list[Insured]:
    """The firm that the speaker acts for now, else all of them."""
    ids = {speaker.acting_for_id} if speaker.acting_for_id is not None else set(speaker.insured_ids)
    wanted = ids & set(speaker.insured_ids)
    return list(session.scalars(select(Insured).where(Insured.id.in_(wanted)).order_by(Insured.id)))


def services(session: Session, insured_ids: list[int]) -> list[Service]:
    """Every service of these insureds."""
    query = select(Service).where(Service.insured_id.in_(insured_ids)).options(joinedload(Service.provider))
    return list(session.scalars(query.order_by(Service.starts_at, Service.id)))


def coming(services_: list[Service]) -> list[Service]:
    """Those that have a time and have not begun."""
    return [one for one in services_ if one.status in COMING and one.starts_at is not None]


def complaints(session: Session, insured_ids: list[int]) -> list[Complaint]:
    """Complaints of these insureds that are not closed."""
    query = select(Complaint).where(
        Complaint.insured_id.in_(insured_ids), Complaint.number.is_not(None), Complaint.status.in_(_OPEN_COMPLAINTS)
    )
    return list(session.scalars(query.order_by(Complaint.received_at)))


def hazards(session: Session, insured_ids: list[int]) -> list[Hazard]:
    """Hazards of these insureds that are not closed."""
    query = select(Hazard).where(Hazard.insured_id.in_(insured_ids), Hazard.status != HazardStatus.CLOSED)
    return list(session.scalars(query.order_by(Hazard.found_at)))


def surveys(session: Session, insured_ids: list[int]) -> list[Survey]:
    """Follow-ups that wait for a mark or for words."""
    query = (
        select(Survey)
        .join(Service, Service.id == Survey.service_id)
        .where(Service.insured_id.in_(insured_ids), Survey.status != SurveyStatus.DONE)
        .options(joinedload(Survey.service))
    )
    return list(session.scalars(query.order_by(Survey.due_on)))


def files(session: Session, insured_ids: list[int]) -> list[SharedRow]:
    """What was shared with these insureds, the newest first."""
    query = (
        select(SharedFile)
        .join(File, File.id == SharedFile.file_id)
        .where(SharedFile.insured_id.in_(insured_ids))
        .order_by(SharedFile.shared_at.desc(), SharedFile.file_id)
        .limit(_NEWEST)
    )
    return [SharedRow(row.file_id, row.title) for row in session.scalars(query)]
