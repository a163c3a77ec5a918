"""What a reminder can be about, read anew each time: a service, a hazard, a policy, a complaint, a follow-up."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from anze.bookings.kinds import COMING
from anze.bookings.models import Service
from anze.calendar.words import spoken_time
from anze.clock import legal_date
from anze.complaints.models import Complaint, ComplaintStatus
from anze.hazards.models import Hazard, HazardStatus
from anze.policies.models import Policy, PolicyInsured
from anze.surveys.models import Survey, SurveyStatus
from anze.texts import text as say

_OPEN_COMPLAINT = frozenset({ComplaintStatus.INTAKE, ComplaintStatus.FILED, ComplaintStatus.HANDLING})
_OPEN_SURVEY = frozenset({SurveyStatus.WAITING, SurveyStatus.ASKED, SurveyStatus.MARKED})


@dataclass(frozen=True)
class Subject:
    """One matter with a date. `live`: there is still something to be reminded of; `due_on` None: no date yet."""

    key: str
    number: str
    title: str
    due_on: date | None
    live: bool
    insured_ids: frozenset[int]
    branch_id: int


def read(session: Session, key: str) -> Subject | None:
    """The matter behind `service:12`, `hazard:3` …; None when there is none (or the key names no row)."""
    kind, _, id_ = key.partition(":")
    reader = _READERS.get(kind)
    return reader(session, int(id_)) if reader is not None and id_.isdecimal() else None


def read_ahead(session: Session, keys: Collection[str]) -> list[Service]:
    """The services among many matters, in one query; while they are held, reading one by one costs nothing."""
    ids = [int(id_) for kind, _, id_ in (key.partition(":") for key in keys) if kind == "service" and id_.isdecimal()]
    if not ids:
        return []
    query = select(Service).where(Service.id.in_(ids)).execution_options(populate_existing=True)
    return list(session.scalars(query.options(joinedload(Service.policy), joinedload(Service.provider))))


def service_row(session: Session, id_: int) -> Service | None:
    return session.get(Service, id_, options=[joinedload(Service.policy), joinedload(Service.provider)])


def survey_row(session: Session, key: str) -> Survey | None:
    """The follow-up by its own key or by that of its service."""
    kind, _, id_ = key.partition(":")
    if kind == "survey":
        return session.get(Survey, int(id_))
    return session.scalar(select(Survey).where(Survey.service_id == int(id_)))


def _service(session: Session, id_: int) -> Subject | None:
    row = service_row(session, id_)
    if row is None:
        return None
    when = spoken_time(row.starts_at) if row.starts_at else ""
    return Subject(
        key=f"service:{id_}",
        number=row.number,
        title=say("reminder.subject.service", number=row.number, when=when),
        due_on=legal_date(row.starts_at) if row.starts_at else None,
        live=row.status in COMING,
        insured_ids=frozenset({row.insured_id}),
        branch_id=row.policy.branch_id,
    )


def _hazard(session: Session, id_: int) -> Subject | None:
    row = session.get(Hazard, id_)
    if row is None:
        return None
    return Subject(
        key=f"hazard:{id_}",
        number=row.number,
        title=say("reminder.subject.hazard", number=row.number, place=row.place),
        due_on=row.agreed_on,
        live=row.status == HazardStatus.OPEN,
        insured_ids=frozenset({row.insured_id}),
        branch_id=row.branch_id,
    )


def _policy(session: Session, id_: int) -> Subject | None:
    row = session.get(Policy, id_)
    if row is None:
        return None
    insureds = session.scalars(select(PolicyInsured.insured_id).where(PolicyInsured.policy_id == id_))
    renewed = session.scalar(select(Policy.id).where(Policy.renews_id == id_).limit(1)) is not None
    return Subject(
        key=f"policy:{id_}",
        number=row.number,
        title=say("reminder.subject.policy", number=row.number),
        due_on=row.end_on,
        live=row.ended_early_on is None and not renewed,
        insured_ids=frozenset(insureds),
        branch_id=row.branch_id,
    )


def _complaint(session: Session, id_: int) -> Subject | None:
    row = session.get(Complaint, id_)
    if row is None or row.number is None:
        return None
    dates = [day for day in (row.due_on, row.second_due_on) if day is not None]
    return Subject(
        key=f"complaint:{id_}",
        number=row.number,
        title=say("reminder.subject.complaint", number=row.number),
        due_on=min(dates, default=None),
        live=row.status in _OPEN_COMPLAINT,
        insured_ids=frozenset() if row.insured_id is None else frozenset({row.insured_id}),
        branch_id=row.branch_id,
    )


def _survey(session: Session, id_: int) -> Subject | None:
    row = session.get(Survey, id_)
    service = service_row(session, row.service_id) if row is not None else None
    if row is None or service is None:
        return None
    return Subject(
        key=f"survey:{id_}",
        number=service.number,
        title=say("reminder.subject.survey", number=service.number),
        due_on=row.due_on,
        live=row.status in _OPEN_SURVEY,
        insured_ids=frozenset({service.insured_id}),
        branch_id=service.policy.branch_id,
    )


_READERS: dict[str, Callable[[Session, int], Subject | None]] = {
    "service": _service,
    "hazard": _hazard,
    "policy": _policy,
    "complaint": _complaint,
    "survey": _survey,
}
