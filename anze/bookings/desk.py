"""What staff see of services: a list with filters, and one with its steps. Within the branch tree of who asks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from anze.appraisals.usecases import standing
from anze.bookings import store
from anze.bookings.kinds import ServiceStatus
from anze.bookings.lines import half_line, item_name, time_line
from anze.bookings.models import Service
from anze.bookings.progress import line, stage_rows
from anze.bookings.supply import Need, Supply
from anze.bookings.wishes import read
from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI
from anze.errors import DomainError
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider, Team
from anze.providers.usecases import expired
from anze.surveys.models import Survey
from anze.tasks.models import Task, TaskKind

Sort = Literal["starts_at", "requested_at", "number", "status"]


@dataclass(frozen=True)
class Filter:
    """What is listed; all conditions hold together. `waiting`: a colleague is to arrange it; days both included."""

    status: ServiceStatus | None = None
    item: str | None = None
    text: str = ""
    waiting: bool = False
    first: date | None = None
    last: date | None = None
    sort: Sort = "starts_at"
    descending: bool = False
    page: int = 1
    size: int = 50


def listed(session: Session, speaker: Speaker, wanted: Filter) -> dict[str, Any]:
    """One page: {"items", "total", "page"}."""
    query = _filtered(store.services(speaker), wanted)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    column = getattr(Service, wanted.sort)
    order = column.desc() if wanted.descending else column.asc()
    ordered = query.order_by(column.is_(None), order, Service.id)
    found = session.scalars(ordered.offset((wanted.page - 1) * wanted.size).limit(wanted.size)).unique().all()
    waiting = _waiting(session, [service.id for service in found])
    items = [row(service) | {"waiting": waiting.get(service.id)} for service in found]
    return {"items": items, "total": total, "page": wanted.page}


def _filtered(query: Select[tuple[Service]], wanted: Filter) -> Select[tuple[Service]]:
    if wanted.status is not None:
        query = query.where(Service.status == wanted.status)
    if wanted.item is not None:
        query = query.where(Service.item == wanted.item)
    if wanted.first is not None:
        query = query.where(Service.starts_at >= datetime.combine(wanted.first, time(), SHANGHAI))
    if wanted.last is not None:
        query = query.where(Service.starts_at < datetime.combine(wanted.last + timedelta(days=1), time(), SHANGHAI))
    if wanted.waiting:
        open_ = select(Task.subject).where(Task.kind == TaskKind.BOOKING_WISH, Task.done_at.is_(None))
        query = query.where((literal("service:") + cast(Service.id, String)).in_(open_))
    if wanted.text:
        insured = select(Insured.id).where(Insured.name.contains(wanted.text, autoescape=True))
        provider = select(Provider.id).where(Provider.name.contains(wanted.text, autoescape=True))
        policy = select(Policy.id).where(Policy.number == wanted.text.upper())
        query = query.where(
            or_(
                Service.number.startswith(wanted.text.upper(), autoescape=True),
                Service.insured_id.in_(insured),
                Service.provider_id.in_(provider),
                Service.policy_id.in_(policy),
            )
        )
    return query


def _waiting(session: Session, ids: list[int]) -> dict[int, dict[str, Any]]:
    """The open wishes of services: why, and in whose words."""
    subjects = [f"service:{id_}" for id_ in ids]
    tasks = session.scalars(
        select(Task).where(Task.kind == TaskKind.BOOKING_WISH, Task.subject.in_(subjects), Task.done_at.is_(None))
    )
    return {
        int(task.subject.partition(":")[2]): {
            "why": task.body.get("why"),
            "words": task.body.get("words"),
            "since": task.created_at.isoformat(),
        }
        for task in tasks
    }


def row(service: Service) -> dict[str, Any]:
    """A service as staff see it in a list."""
    return {
        "number": service.number,
        "item": service.item,
        "item_name": item_name(service.item),
        "status": service.status,
        "insured": service.insured.name,
        "policy": service.policy.number,
        "branch": service.policy.branch.name,
        "provider": service.provider.name if service.provider else None,
        "team_id": service.team_id,
        "people": list(service.people),
        "starts_at": service.starts_at.isoformat() if service.starts_at else None,
        "ends_at": service.ends_at.isoformat() if service.ends_at else None,
        "when": time_line(service.starts_at, service.ends_at),
        "requested_at": service.requested_at.isoformat(),
        "insured_confirmed": service.insured_confirmed_at is not None,
        "provider_confirmed": service.provider_confirmed_at is not None,
        "completed_on": service.completed_on.isoformat() if service.completed_on else None,
        "report_no": service.report_no,
        "archived_on": service.archived_on.isoformat() if service.archived_on else None,
        "version": service.version,
    }


def one(session: Session, speaker: Speaker, number: str) -> dict[str, Any]:
    """One service whole. Raises DomainError not_found; DeniedError when it is there, out of the speaker's scope."""
    return whole(session, found(session, speaker, number))


def whole(session: Session, service: Service) -> dict[str, Any]:
    taken = store.steps(session, [service.id]).get(service.id, [])
    followed = session.scalar(select(Survey.done_at).where(Survey.service_id == service.id))
    main = session.get(Service, service.joint_with_id) if service.joint_with_id else None
    return row(service) | {
        "place": service.place,
        "measures": service.measures,
        "audience": service.audience,
        "statutory": service.statutory,
        "attendees": service.attendees,
        "contact": {"name": service.contact_name, "phone": service.contact_phone},
        "wish": service.wish,
        "note": service.note,
        "process": service.process,
        "ended_reason": service.ended_reason,
        "joint_with": main.number if main else None,
        "joint": [other.number for other in store.joint(session, service.id)],
        "waiting": _waiting(session, [service.id]).get(service.id),
        "stages": stage_rows(line(service, taken, followed)),
        "steps": [{"step": s.stage, "at": s.at.isoformat(), "who": s.who, "body": s.body} for s in taken],
    }


def found(session: Session, speaker: Speaker, number: str) -> Service:
    """A service that the speaker may see. Raises DomainError not_found; DeniedError for another's."""
    service = store.by_number(session, speaker, number)
    if service is None:
        raise missing(session, speaker, number)
    return service


def missing(session: Session, speaker: Speaker, number: str) -> DomainError:
    """Not there, or not for this speaker: answered alike, the second one is on record."""
    if session.scalar(select(Service.id).where(Service.number == number.strip().upper())) is not None:
        return DeniedError(speaker.actor, f"service:{number}"[:80])
    return DomainError("not_found", 404)


def free_slots(
    session: Session, speaker: Speaker, number: str, *, text: str, now: datetime, calendar: WorkCalendar
) -> dict[str, Any]:
    """Free half days for a service nearest to a time in words, or to what the insured wished.

    {"offers": [{"slot", "title", "provider", "people", "appraisal", "expired"}], "problem": why the program would not
    book it by itself}. `appraisal`: {"year", "passed"} of the provider's newest by this branch, which selecting must
    heed (8.1); `expired`: people whose certificates are none valid that day (3.5).
    """
    service = found(session, speaker, number)
    need = Need(
        service.insured_id, service.insured.province, service.item, service.audience, service.statutory,
        service_id=service.id, team_id=service.team_id, provider_id=service.provider_id,
    )  # fmt: skip
    windows = read(text or service.wish or "", now, calendar).windows
    look = Supply(session, need, windows, now, calendar, beyond_contract=True).look()
    offers = []
    for slot in look.offers:
        team = session.get_one(Team, slot.team_id)
        offers.append(
            {
                "slot": slot.name,
                "title": half_line(slot.half),
                "provider": team.provider.name,
                "people": list(team.people),
                "appraisal": _appraisal(session, team.provider_id, service),
                "expired": expired(session, team.provider_id, team.people, slot.half.day),
            }
        )
    return {"offers": offers, "problem": look.problem}


def _appraisal(session: Session, provider_id: int, service: Service) -> dict[str, Any] | None:
    found_ = standing(session, provider_id, service.policy.branch_id)
    return None if found_ is None else {"year": found_[0], "passed": found_[1]}
