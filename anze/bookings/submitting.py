"""A draft becomes a booked service, a new time of one, or a wish that the service manager arranges."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings import changes, claims, steps, store, telling
from anze.bookings.kinds import COMING, Step
from anze.bookings.measures import measures_for
from anze.bookings.models import BookingDraft, Service, ServiceStatus
from anze.bookings.slots import Slot
from anze.bookings.views import Standing, policy_of, standing
from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.policies.usecases import hold_contract


@dataclass(frozen=True)
class Done:
    """`kind`: booked, moved, wished, gone, or unfinished (something is still to be asked). `why` of a wish."""

    kind: str
    stands: Standing
    service: Service | None = None
    why: str | None = None
    old_time: tuple[datetime | None, datetime | None] | None = None


def carry_out(session: Session, turn: Turn, draft: BookingDraft, calendar: WorkCalendar) -> Done:
    """Book, move or hand over. Locks in this order: service, contract, half day, serial of the day, audit chain."""
    moved = _locked(session, turn, draft)
    stands = standing(session, turn, draft, calendar)
    if stands.slot is not None:
        stands = _under_lock(session, turn, draft, calendar, stands)
    slot = stands.slot
    if slot is None:
        if stands.problem is None:
            return Done("gone" if claims.lapsed_of(session, draft.id) is None and draft.wish else "unfinished", stands)
        return _wish(session, turn, draft, stands, moved, stands.problem)
    # Verifies that the half day is still ours (or takes one that is free), and holds its row to the end.
    if not claims.hold(session, slot, draft.id, turn.now):
        claims.let_go(session, draft.id)
        return Done("gone", replace(stands, slot=None))
    if moved is not None:
        return _move(session, turn, draft, stands, slot, moved, calendar)
    return _book(session, turn, draft, stands, slot, calendar)


def _locked(session: Session, turn: Turn, draft: BookingDraft) -> Service | None:
    if draft.moves_id is None:
        return None
    number = session.scalar(select(Service.number).where(Service.id == draft.moves_id))
    moved = store.locked(session, turn.speaker, str(number))
    if moved is None or moved.status not in COMING:
        raise DomainError("booking_not_open", 409)
    return moved


def _under_lock(
    session: Session, turn: Turn, draft: BookingDraft, calendar: WorkCalendar, stands: Standing
) -> Standing:
    """What is left of the contract, read again when nobody of the same firm can use it up at the same time."""
    contract = stands.claim.contract if stands.claim else None
    if contract is None or stands.known.insured is None:
        return stands
    hold_contract(session, contract.policy_id, stands.known.insured.id)
    return standing(session, turn, draft, calendar)


def _new(session: Session, turn: Turn, stands: Standing) -> Service:
    """The row of a service as it was wanted; not yet with a time."""
    know, draft = stands.known, stands.known.draft
    policy = policy_of(session, stands)
    if know.insured is None or know.item is None or policy is None:
        raise DomainError("booking_incomplete", 409)
    day = legal_date(turn.now)
    name, phone = know.contact
    service = Service(
        number=f"FW{day:%Y%m%d}{store.next_serial(session, day):03d}",
        policy_id=policy.id,
        insured_id=know.insured.id,
        item=know.item,
        status=ServiceStatus.REQUESTED,
        requested_at=turn.now,
        place=know.place or know.insured.address,
        people=[],
        note=draft.note,
        measures=measures_for(know.item, statutory=know.statutory).measures,
        audience=know.audience,
        statutory=know.statutory,
        attendees=draft.attendees,
        contact_name=name,
        contact_phone=phone,
        wish=draft.wish,
        person_id=turn.speaker.person_id,
        conversation_id=turn.conversation_id,
        version=1,
    )
    session.add(service)
    session.flush()
    return service


def _book(
    session: Session, turn: Turn, draft: BookingDraft, stands: Standing, slot: Slot, calendar: WorkCalendar
) -> Done:
    service = _new(session, turn, stands)
    claims.keep(session, slot, draft.id, service.id)
    changes.give_time(session, service, slot)
    service.insured_confirmed_at = turn.now
    _step(session, turn, service, Step.REQUESTED, {"slot": slot.name, "item": service.item})
    _step(session, turn, service, Step.INSURED_CONFIRMED, {"slot": slot.name})
    draft.done_at = turn.now
    changes.remind(session, service, turn.now, calendar, "booked")
    session.flush()
    return Done("booked", stands, service)


def _move(
    session: Session, turn: Turn, draft: BookingDraft, stands: Standing, slot: Slot, service: Service,
    calendar: WorkCalendar,
) -> Done:  # fmt: skip
    """Another time, the same number. No reason is asked for, and it is nothing to be reported (9.2 b)."""
    old, had = (service.starts_at, service.ends_at), claims.taken_by(session, service.id)
    claims.free(session, service.id)
    claims.keep(session, slot, draft.id, service.id)
    changes.give_time(session, service, slot)
    contract = stands.claim.contract if stands.claim else None
    if contract is not None:
        service.policy_id = contract.policy_id
    service.insured_confirmed_at = turn.now
    changes.settle(service)
    body = {"from": had[0].name if had else None, "to": slot.name}
    _step(session, turn, service, Step.MOVED, body)
    _step(session, turn, service, Step.INSURED_CONFIRMED, {"slot": slot.name})
    draft.done_at = turn.now
    telling.arranged(session, service, turn.speaker.actor, turn.now)
    changes.remind(session, service, turn.now, calendar, "moved")
    session.flush()
    session.expire(service, ["policy"])
    return Done("moved", stands, service, old_time=old)


def _wish(session: Session, turn: Turn, draft: BookingDraft, stands: Standing, moved: Service | None, why: str) -> Done:
    """A colleague arranges it. A booked time stays until then."""
    claims.let_go(session, draft.id)
    if moved is None:
        service = _new(session, turn, stands)
        _step(session, turn, service, Step.REQUESTED, {"item": service.item, "why": why})
    else:
        service = moved
        service.wish = draft.wish
    telling.ask_manager(session, service, why, turn.now, words=draft.wish)
    draft.done_at = turn.now
    session.flush()
    return Done("wished", stands, service, why)


def _step(session: Session, turn: Turn, service: Service, step: Step, body: dict[str, Any]) -> None:
    who = steps.who_is(session, turn.speaker)
    steps.record(session, service, step, at=turn.now, actor=turn.speaker.actor, who=who, body=body)
