"""What a provider's people do with their own orders. They see no money, no complaint and no other firm's matter.

A step may be sent twice over a bad line: `client_id` is the page's name for it, and the second time does nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.bookings import changes, completing, lines, steps, store, telling
from anze.bookings.desk import missing
from anze.bookings.kinds import COMING, ServiceStatus, Step
from anze.bookings.measures import measures_for
from anze.bookings.models import Service, ServiceStep
from anze.bookings.progress import line, stage_rows
from anze.bookings.rules import both_confirmed
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI, legal_date
from anze.conversations.models import Conversation, File, SharedFile
from anze.conversations.views import file_view
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.providers.usecases import people_of, teams_of
from anze.texts import text as say

Which = Literal["open", "today", "done", "all"]
_OPEN = COMING | {ServiceStatus.ONGOING}


def listed(session: Session, speaker: Speaker, which: Which, now: datetime, page: int, size: int) -> dict[str, Any]:
    """Own orders with a time: {"items", "total", "page"}; open ones by their time, ended ones the newest first."""
    query = store.services(speaker).where(Service.starts_at.is_not(None))
    if which in {"open", "today"}:
        query = query.where(Service.status.in_(_OPEN))
    elif which == "done":
        query = query.where(Service.status.not_in(_OPEN))
    if which == "today":
        begins = datetime.combine(legal_date(now), time(), SHANGHAI)
        query = query.where(Service.starts_at >= begins, Service.starts_at < begins + timedelta(days=1))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = Service.starts_at.desc() if which in {"done", "all"} else Service.starts_at.asc()
    rows = session.scalars(query.order_by(order, Service.id).offset((page - 1) * size).limit(size)).unique()
    return {"items": [_row(row) for row in rows], "total": total, "page": page}


def one(session: Session, speaker: Speaker, number: str) -> dict[str, Any]:
    """One own order whole, with the people that can be sent. Raises DomainError not_found, DeniedError."""
    service = store.by_number(session, speaker, number)
    if service is None:
        raise missing(session, speaker, number)
    taken = store.steps(session, [service.id]).get(service.id, [])
    files = session.scalars(
        select(File)
        .join(SharedFile, SharedFile.file_id == File.id)
        .where(SharedFile.subject == f"service:{service.id}")
    )
    return _row(service) | {
        "measures": service.measures,
        "prepare": measures_for(service.item, statutory=service.statutory).prepare,
        "contact": {"name": service.contact_name, "phone": service.contact_phone},
        "note": service.note,
        "process": service.process,
        "report_no": service.report_no,
        "files": [file_view(file) for file in files],
        "stages": stage_rows(line(service, taken, None)),
        "teams": [
            {"no": team.no, "people": list(team.people), "coming": team.id == service.team_id}
            for team in teams_of(session, [service.provider_id or 0])
            if service.item in team.items
        ],
    }


def _row(service: Service) -> dict[str, Any]:
    return {
        "number": service.number,
        "item": service.item,
        "item_name": lines.item_name(service.item),
        "audience": say(f"booking.audience.{service.audience}") if service.audience else None,
        "attendees": service.attendees,
        "status": service.status,
        "insured": service.insured.name,
        "place": service.place,
        "when": lines.time_line(service.starts_at, service.ends_at),
        "starts_at": service.starts_at.isoformat() if service.starts_at else None,
        "ends_at": service.ends_at.isoformat() if service.ends_at else None,
        "people": list(service.people),
        "insured_confirmed": service.insured_confirmed_at is not None,
        "provider_confirmed": service.provider_confirmed_at is not None,
        "rules_seen": service.rules_seen_at is not None,
        "started_at": service.started_at.isoformat() if service.started_at else None,
        "completed_on": service.completed_on.isoformat() if service.completed_on else None,
        "version": service.version,
    }


def accept(
    session: Session, speaker: Speaker, number: str, *, people: Sequence[str], client_id: str, now: datetime,
    calendar: WorkCalendar,
) -> dict[str, Any]:  # fmt: skip
    """Confirm item, measures and time (6.2), and name who comes (may follow later: accept again).

    Raises DomainError booking_not_open, booking_people_unknown.
    """
    service, seen = _held(session, speaker, number, client_id)
    if seen:
        return _result(service)
    if service.status not in COMING or service.starts_at is None or service.starts_at <= now:
        raise DomainError("booking_not_open", 409)
    if not set(people) <= people_of(session, service.provider_id or 0):
        raise DomainError("booking_people_unknown", 422)
    first = service.provider_confirmed_at is None
    service.provider_confirmed_at = service.provider_confirmed_at or now
    service.people = list(dict.fromkeys(people)) or service.people
    changes.settle(service)
    if first:
        _step(session, speaker, service, Step.PROVIDER_CONFIRMED, now, {"starts_at": service.starts_at.isoformat()},
              None if people else client_id)  # fmt: skip
    if people:
        _step(session, speaker, service, Step.DISPATCHED, now, {"people": len(people)}, client_id)
    elif not first:
        return _result(service)
    session.flush()
    told = []
    if service.insured_confirmed_at is not None:
        told = telling.tell(session, service, "confirmed" if first else "dispatched", now)
        changes.remind(session, service, now, calendar, "confirmed")
    return _result(service, told)


def decline(
    session: Session, speaker: Speaker, number: str, *, reason: str, client_id: str, now: datetime
) -> dict[str, Any]:
    """Nobody can come: the half day is free again, a colleague of the branch looks for another. The order is gone then.

    Raises DomainError booking_not_open.
    """
    if _declined_before(session, speaker, number, client_id):
        return {"number": number, "declined": True, "told": []}
    service, _ = _held(session, speaker, number, client_id)
    if service.status not in COMING or service.starts_at is None or service.starts_at <= now:
        raise DomainError("booking_not_open", 409)
    main = service
    if service.joint_with_id is not None:
        main = session.get_one(Service, service.joint_with_id, with_for_update=True, populate_existing=True)
    told: list[str] = []
    all_ = [main, *(other for other in store.joint(session, main.id) if other.status in COMING)]
    for row in all_:
        said = lines.service_fields(row)
        body = {"reason": reason, "starts_at": row.starts_at.isoformat() if row.starts_at else None}
        changes.take_time(session, row)
        changes.settle(row)
        _step(session, speaker, row, Step.PROVIDER_DECLINED, now, body, client_id)
        telling.ask_manager(session, row, "provider_declined", now, words=reason)
        changes.void(session, row, "provider_declined")
        session.flush()
        told += telling.tell(session, row, "provider_declined", now, when=said["when"], provider=said["provider"])
    return {"number": service.number, "declined": True, "told": told}


def _declined_before(session: Session, speaker: Speaker, number: str, client_id: str) -> bool:
    """Whether this person sent this refusal already; after it the order is not theirs to see any more."""
    found = session.scalar(
        select(ServiceStep.id)
        .join(Service, Service.id == ServiceStep.service_id)
        .where(
            Service.number == number.strip().upper(),
            ServiceStep.stage == Step.PROVIDER_DECLINED.value,
            ServiceStep.client_id == client_id,
            ServiceStep.actor == speaker.actor,
        )
    )
    return found is not None


def rules_seen(session: Session, speaker: Speaker, number: str, *, client_id: str, now: datetime) -> dict[str, Any]:
    """The people have read the site's safety rules (6.2). Raises DomainError booking_not_open."""
    service, seen = _held(session, speaker, number, client_id)
    if seen or service.rules_seen_at is not None:
        return _result(service)
    if service.status not in COMING:
        raise DomainError("booking_not_open", 409)
    service.rules_seen_at = now
    _step(session, speaker, service, Step.RULES_SEEN, now, {}, client_id)
    session.flush()
    return _result(service)


def check_in(session: Session, speaker: Speaker, number: str, *, client_id: str, now: datetime) -> dict[str, Any]:
    """On the site: only on the day, after both sides have confirmed and the site's rules were read (6.2).

    Raises DomainError booking_not_open, booking_not_confirmed, booking_not_today, booking_rules_not_seen.
    """
    service, seen = _held(session, speaker, number, client_id)
    if seen or service.status == ServiceStatus.ONGOING:
        return _result(service)
    if service.status not in COMING or service.starts_at is None:
        raise DomainError("booking_not_open", 409)
    if both_confirmed(service.insured_confirmed_at, service.provider_confirmed_at) is None:
        raise DomainError("booking_not_confirmed", 409)
    if legal_date(service.starts_at) != legal_date(now):
        raise DomainError("booking_not_today", 409)
    if service.rules_seen_at is None:
        raise DomainError("booking_rules_not_seen", 409)
    service.status, service.started_at = ServiceStatus.ONGOING, now
    _step(session, speaker, service, Step.STARTED, now, {}, client_id)
    changes.void(session, service, "started")
    session.flush()
    return _result(service, telling.tell(session, service, "started", now))


def finish(
    session: Session,
    speaker: Speaker,
    number: str,
    *,
    process: str,
    completed_on: date,
    client_id: str,
    now: datetime,
    calendar: CalendarStore,
) -> dict[str, Any]:
    """The work is done: what was done (6.3) and the last day. Raises booking_not_started, booking_completed_on."""
    service, seen = _held(session, speaker, number, client_id)
    if seen:
        return _result(service)
    if service.status == ServiceStatus.COMPLETED:
        raise DomainError("booking_not_started", 409)
    told = completing.complete(
        session, speaker, service, completed_on=completed_on, report_no=None, process=process, now=now,
        calendar=calendar, client_id=client_id,
    )  # fmt: skip
    return _result(service, told)


def report(
    session: Session, speaker: Speaker, number: str, *, file_id: str, report_no: str | None, client_id: str,
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """The service's report, for the insured to read. Without a number of its own it gets one from the service's.

    Raises DomainError booking_not_started, booking_file_unknown.
    """
    service, seen = _held(session, speaker, number, client_id)
    if seen:
        return _result(service)
    if service.status not in {ServiceStatus.ONGOING, ServiceStatus.COMPLETED}:
        raise DomainError("booking_not_started", 409)
    file = session.scalar(
        select(File)
        .join(Conversation, Conversation.id == File.conversation_id)
        .where(File.id == file_id, Conversation.staff_id == speaker.staff_id)
    )
    if file is None:
        raise DomainError("booking_file_unknown", 422)
    service.report_no = report_no or service.report_no or f"BG{service.number.removeprefix('FW')}"
    said = lines.service_fields(service)
    title = say("booking.report_title", item=said["item"], number=service.number)
    if session.get(SharedFile, (file.id, service.insured_id)) is None:
        session.add(
            SharedFile(
                file_id=file.id, insured_id=service.insured_id, subject=f"service:{service.id}", title=title,
                shared_at=now,
            )
        )  # fmt: skip
    body = {"file_id": file.id, "sha256": file.sha256, "report_no": service.report_no}
    _step(session, speaker, service, Step.REPORTED, now, body, client_id)
    session.flush()
    return _result(service, telling.tell(session, service, "report", now, title=title))


def _held(session: Session, speaker: Speaker, number: str, client_id: str) -> tuple[Service, bool]:
    """An own order to be changed, and whether this very step was taken already. Raises not_found, DeniedError."""
    service = store.locked(session, speaker, number)
    if service is None:
        raise missing(session, speaker, number)
    return service, store.step_named(session, service.id, client_id) is not None


def _step(
    session: Session, speaker: Speaker, service: Service, step: Step, now: datetime, body: dict[str, Any],
    client_id: str | None,
) -> None:  # fmt: skip
    who = steps.who_is(session, speaker)
    steps.record(session, service, step, at=now, actor=speaker.actor, who=who, body=body, client_id=client_id)


def _result(service: Service, told: Sequence[str] = ()) -> dict[str, Any]:
    return _row(service) | {"told": list(told)}
