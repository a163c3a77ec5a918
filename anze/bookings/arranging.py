"""What the service manager does with services. Each holds the service's row, checks the version that was looked at,
writes the step down and tells the insured. Gives {"number", "version", "status", "told"}: `told` are the conversations
that were spoken in, for the hub to wake.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings import changes, claims, completing, steps, store, telling
from anze.bookings.desk import missing
from anze.bookings.kinds import COMING, ServiceStatus, Step
from anze.bookings.lines import time_line
from anze.bookings.models import Service
from anze.bookings.slots import Slot, bookable, half_of, parse_slot
from anze.bookings.supply import Need, able
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.policies.usecases import contracts
from anze.providers.models import Team
from anze.providers.usecases import people_of
from anze.reports import usecases as reports

MANAGERS = frozenset({Role.SERVICE, Role.SUPERVISOR})
"""Who arranges services"""
NOT_CARRIED_OUT = {"no_show": (ServiceStatus.NO_SHOW, Step.NO_SHOW), "refused": (ServiceStatus.REFUSED, Step.REFUSED)}


def propose(
    session: Session, speaker: Speaker, number: str, *, version: int, slot: str, now: datetime, calendar: WorkCalendar
) -> dict[str, Any]:
    """A new half day (and team) for a service; both sides have to confirm it (6.2). A joint session moves as a whole.

    Raises DomainError booking_not_open, booking_slot_unknown, _past, _taken, booking_team_…, booking_no_policy.
    """
    service = held(session, speaker, number, version)
    if service.joint_with_id is not None:
        # The half day belongs to the service that the others were joined to.
        service = session.get_one(Service, service.joint_with_id, with_for_update=True, populate_existing=True)
    if service.status not in COMING:
        raise DomainError("booking_not_open", 409)
    all_ = [service, *(other for other in store.joint(session, service.id) if other.status in COMING)]
    new = usable(session, need_of(service), slot, now, calendar)
    _take(session, new, service.id, now)
    told: list[str] = []
    for one in all_:
        old, policy_id = one.starts_at, _policy_on(session, one, new.half.day)
        changes.give_time(session, one, new)
        one.policy_id, one.insured_confirmed_at = policy_id, None
        changes.settle(one)
        body = {"from": old.isoformat() if old else None, "to": new.name}
        _step(session, speaker, one, Step.PROPOSED, now, body)
        telling.arranged(session, one, speaker.actor, now)
        changes.remind(session, one, now, calendar, "proposed")
        session.flush()
        session.expire(one, ["policy"])
        told += telling.tell(session, one, "proposed", now)
    return _result(session, service, told)


def confirm_for_provider(
    session: Session, speaker: Speaker, number: str, *, version: int, now: datetime
) -> dict[str, Any]:
    """The provider has confirmed item, measures and time by telephone or in writing. Raises booking_not_open."""
    service = held(session, speaker, number, version)
    if service.status not in COMING or service.starts_at is None or service.provider_confirmed_at is not None:
        raise DomainError("booking_not_open", 409)
    service.provider_confirmed_at = now
    changes.settle(service)
    _step(session, speaker, service, Step.PROVIDER_CONFIRMED, now, {"starts_at": service.starts_at.isoformat()})
    session.flush()
    told = telling.tell(session, service, "confirmed", now) if service.insured_confirmed_at else []
    return _result(session, service, told)


def assign(
    session: Session,
    speaker: Speaker,
    number: str,
    *,
    version: int,
    team_id: int,
    people: Sequence[str],
    now: datetime,
    calendar: WorkCalendar,
) -> dict[str, Any]:
    """Send a team, the same half day; without names the whole team. Another provider has to confirm anew.

    Raises DomainError booking_not_open, booking_slot_…, booking_team_…, booking_people_unknown.
    """
    service = held(session, speaker, number, version)
    if service.status not in COMING or service.starts_at is None or service.joint_with_id is not None:
        raise DomainError("booking_not_open", 409)
    new = usable(session, need_of(service), Slot(half_of(service.starts_at), team_id).name, now, calendar)
    team = session.get_one(Team, team_id)
    if not set(people) <= people_of(session, team.provider_id):
        raise DomainError("booking_people_unknown", 422)
    _take(session, new, service.id, now)
    told: list[str] = []
    for one in [service, *(other for other in store.joint(session, service.id) if other.status in COMING)]:
        confirmed = one.provider_confirmed_at if one.provider_id == team.provider_id else None
        changes.give_time(session, one, new)
        one.provider_confirmed_at, one.people = confirmed, list(people or team.people)
        changes.settle(one)
        _step(session, speaker, one, Step.DISPATCHED, now, {"team_id": team_id, "slot": new.name})
        session.flush()
        told += telling.tell(session, one, "dispatched", now) if one.status == ServiceStatus.DISPATCHED else []
    return _result(session, service, told)


def cancel(
    session: Session, speaker: Speaker, number: str, *, version: int, reason: str, now: datetime,
    calendar: WorkCalendar,
) -> dict[str, Any]:  # fmt: skip
    """Call a service off before it begins. Nothing to be reported (9.2 b). Raises booking_not_open."""
    service = held(session, speaker, number, version)
    if service.status not in COMING:
        raise DomainError("booking_not_open", 409)
    changes.give_half_day_back(session, service)
    service.status, service.ended_at, service.ended_reason = ServiceStatus.CANCELLED, now, reason
    _step(session, speaker, service, Step.CANCELLED, now, {"reason": reason})
    telling.arranged(session, service, speaker.actor, now)
    changes.remind(session, service, now, calendar, "cancelled")
    session.flush()
    return _result(session, service, telling.tell(session, service, "cancelled", now, reason=reason))


def not_carried_out(
    session: Session, speaker: Speaker, number: str, *, version: int, which: str, words: str, now: datetime
) -> dict[str, Any]:
    """`no_show`: our people were there and it could not be done; `refused`: the insured does not want it.

    What was said is kept verbatim, as a possible case of 9.2 b) that staff confirm or strike. Raises booking_not_open.
    """
    service = held(session, speaker, number, version)
    status, step = NOT_CARRIED_OUT[which]
    begun = service.starts_at is not None and service.starts_at <= now
    if service.status not in {*COMING, ServiceStatus.ONGOING} or (which == "no_show" and not begun):
        raise DomainError("booking_not_open", 409)
    if not begun:
        changes.give_half_day_back(session, service)
    service.status, service.ended_at, service.ended_reason = status, now, words
    _step(session, speaker, service, step, now, {"words": words})
    telling.arranged(session, service, speaker.actor, now)
    changes.void(session, service, which)
    reports.note(
        session,
        kind="b",
        subject=f"service:{service.id}",
        insured_id=service.insured_id,
        branch_id=session.get_one(Policy, service.policy_id).branch_id,
        words=words,
        at=now,
        by=speaker.actor,
    )
    session.flush()
    return _result(session, service, [])


def complete(
    session: Session,
    speaker: Speaker,
    number: str,
    *,
    version: int,
    completed_on: date,
    report_no: str | None,
    process: str | None,
    now: datetime,
    calendar: CalendarStore,
) -> dict[str, Any]:
    """Record that it is done, or add the report's number later. Raises booking_not_started, booking_completed_on."""
    service = held(session, speaker, number, version)
    agreed = service.insured_confirmed_at is not None and service.provider_confirmed_at is not None
    if service.status in COMING and agreed and service.starts_at is not None and service.starts_at <= now:
        # Nobody checked in on the page, and staff know that it took place.
        service.status, service.started_at = ServiceStatus.ONGOING, service.starts_at
    told = completing.complete(
        session, speaker, service, completed_on=completed_on, report_no=report_no, process=process, now=now,
        calendar=calendar,
    )  # fmt: skip
    return _result(session, service, told)


def archive(session: Session, speaker: Speaker, number: str, *, version: int, now: datetime) -> dict[str, Any]:
    """File the service's papers (6.3, 7.4). Raises booking_not_completed, booking_no_report."""
    service = held(session, speaker, number, version)
    if service.status != ServiceStatus.COMPLETED or service.archived_on is not None:
        raise DomainError("booking_not_completed", 409)
    if service.completed_on is None or not service.report_no:
        raise DomainError("booking_no_report", 409)
    service.archived_on = legal_date(now)
    _step(session, speaker, service, Step.ARCHIVED, now, {"report_no": service.report_no})
    session.flush()
    return _result(session, service, [])


def held(session: Session, speaker: Speaker, number: str, version: int) -> Service:
    """A service to be changed. Raises DomainError not_found, DeniedError, booking_changed."""
    service = store.locked(session, speaker, number)
    if service is None:
        raise missing(session, speaker, number)
    if service.version != version:
        raise DomainError("booking_changed", 409)
    return service


def need_of(service: Service) -> Need:
    return Need(
        service.insured_id, service.insured.province, service.item, service.audience, service.statutory,
        service_id=service.id, team_id=service.team_id, provider_id=service.provider_id,
    )  # fmt: skip


def usable(session: Session, need: Need, name: str, now: datetime, calendar: WorkCalendar) -> Slot:
    """A slot that a qualified team can be sent to. Raises DomainError booking_slot_…, booking_team_…."""
    slot = parse_slot(name)
    if slot is None:
        raise DomainError("booking_slot_unknown", 422)
    if not bookable(slot.half, now):
        raise DomainError("booking_slot_past", 409)
    if problem := able(session, need, slot, calendar):
        raise DomainError(f"booking_{problem}", 409)
    return slot


def _take(session: Session, slot: Slot, service_id: int, now: datetime) -> None:
    if not claims.take(session, slot, service_id, now):
        raise DomainError("booking_slot_taken", 409)
    claims.free(session, service_id, but=slot)


def _policy_on(session: Session, service: Service, day: date) -> int:
    """The policy of that day: the service's own, else one that promises the item. Raises booking_no_policy."""
    covering = [one for one in contracts(session, service.insured_id) if one.covers(day)]
    if not covering:
        raise DomainError("booking_no_policy", 409)
    best = sorted(covering, key=lambda one: (one.policy_id != service.policy_id, not one.promised.get(service.item)))
    return best[0].policy_id


def _step(
    session: Session, speaker: Speaker, service: Service, step: Step, now: datetime, body: dict[str, Any]
) -> None:
    who = steps.who_is(session, speaker)
    steps.record(session, service, step, at=now, actor=speaker.actor, who=who, body=body)


def _result(session: Session, service: Service, told: list[str]) -> dict[str, Any]:
    session.flush()
    when = time_line(service.starts_at, service.ends_at)
    return {
        "number": service.number, "version": service.version, "status": service.status, "when": when, "told": told,
    }  # fmt: skip
