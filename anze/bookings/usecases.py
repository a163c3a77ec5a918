"""What an insured does with services in a talk. Each takes an open session and the turn, never commits.

The draft in the database is the truth of what has been said; the dialogue only asks for what is missing from it.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings import changes, claims, drafts, steps, store, telling, views, wishes, words
from anze.bookings.kinds import COMING, Step
from anze.bookings.lines import item_clause, service_data, service_fields, time_line
from anze.bookings.meaning import meant_service
from anze.bookings.models import BookingDraft, Service, ServiceStatus
from anze.bookings.progress import progress
from anze.bookings.slots import bookable, parse_slot
from anze.bookings.submitting import carry_out
from anze.calendar.data import CalendarStore
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.standard.editions import load
from anze.texts import text as say

__all__ = [
    "answer",
    "cancel",
    "choose_slot",
    "coming",
    "confirm",
    "decline",
    "draft_view",
    "drop",
    "is_wish",
    "meant_service",
    "open_draft",
    "stages",
    "start_move",
    "submit",
]

STALE = timedelta(hours=24)
"""A draft that nobody came back to in this time is begun anew."""


def is_wish(session: Session, turn: Turn, calendar: CalendarStore) -> bool:
    """Whether the turn's words, whatever they were taken for, name a service and a time to come, and no grievance."""
    text = normalise(turn.text)
    items = {row.letter: row.everyday for row in load().service_items}
    named = words.item_of(text, items) is not None and not words.not_a_wish(text)
    return named and bool(wishes.read(text, turn.now, calendar.calendar()).windows)


def open_draft(session: Session, turn: Turn, calendar: CalendarStore) -> dict[str, Any]:
    """Begin a booking with whatever the first words hold, or go on with the one that is unfinished.

    Gives the view (see `draft_view`) with `resumed` and `taken`; for a visitor it has `bind`: True.
    """
    _refuse_staff(turn)
    draft = store.draft(session, turn.conversation_id)
    if draft is not None and (draft.moves_id is not None or draft.created_at < turn.now - STALE):
        _close(session, turn, draft)
        draft = None
    resumed = draft is not None
    draft = draft or _begin(session, turn)
    return _answered(session, turn, draft, calendar, "open", unknown=False) | {"resumed": resumed}


def draft_view(session: Session, turn: Turn, calendar: CalendarStore) -> dict[str, Any]:
    """Where the unfinished booking stands; {} without one.

    {"missing": questions still open in order (firm, item, audience, time, place, contact), "rows": the card,
    "moving": number | None, "offers": [{"title", "slot"}] free half days nearest to the wish, "none_fits": a button's
    title, "places", "contacts", "firms": button titles, "problem": None or why it cannot be booked here as wished,
    "wish_only": whether submitting hands it to the service manager, "unclear": the
    words of a time with two readings, "wished": whether a time was said,
    "fields"}; for a visitor only "bind" says something.
    """
    draft = store.draft(session, turn.conversation_id)
    if draft is None:
        return {}
    return views.view(session, turn, draft, calendar.calendar())


def answer(session: Session, turn: Turn, calendar: CalendarStore, question: str, unknown: bool) -> dict[str, Any]:
    """Take an answer to firm, item, audience, time, place or contact, to `any` of them, or `staff`: none of the free
    half days suits. The view with `taken`; its `problem` says only what this answer met (past, far, slot_gone, or what
    makes it a wish and was not said before). Whatever else the words hold is taken too.
    """
    return _answered(session, turn, _unfinished(session, turn), calendar, question, unknown=unknown)


def _answered(
    session: Session, turn: Turn, draft: BookingDraft, calendar: CalendarStore, question: str, *, unknown: bool
) -> dict[str, Any]:
    days = calendar.calendar()
    before = None if question == "open" else views.standing(session, turn, draft, days).problem
    got = drafts.read_answer(session, turn, draft, days, question, unknown)
    held = drafts.hold_wished(session, turn, draft, days)
    view = views.view(session, turn, draft, days)
    met = got.problem or (None if held else "slot_gone") or (view["problem"] if view["problem"] != before else None)
    return view | {"taken": got.taken, "problem": met}


def choose_slot(session: Session, turn: Turn, calendar: CalendarStore, slot: str) -> dict[str, Any]:
    """Hold an offered half day. `taken` False with `problem` slot_gone: somebody was faster, the offers are new."""
    draft = _unfinished(session, turn)
    days = calendar.calendar()
    chosen = parse_slot(slot)
    look = views.standing(session, turn, draft, days).outlook
    free = chosen is not None and look is not None and chosen in look.free and bookable(chosen.half, turn.now)
    if chosen is None or not free or not claims.hold(session, chosen, draft.id, turn.now):
        return views.view(session, turn, draft, days) | {"taken": False, "problem": "slot_gone"}
    claims.let_go(session, draft.id, but=chosen)
    draft.wish = draft.wish or turn.text[: drafts.LONGEST_WISH]
    draft.wish_from, draft.wish_to, draft.wish_others = chosen.half.starts_at, chosen.half.ends_at, None
    draft.to_staff = False
    session.flush()
    return views.view(session, turn, draft, days) | {"taken": True, "problem": None}


def submit(session: Session, turn: Turn, calendar: CalendarStore) -> dict[str, Any]:
    """Book what the card shows: {"kind", "fields", "data", "clauses", "why"}.

    `booked`, `moved`; `wished`: handed to the service manager, `why`: used_up, not_in_contract, no_policy, no_provider,
    no_slot, joint or asked; `gone`: somebody was faster, the view's offers are new; `unfinished`: see `missing`.
    """
    draft = _unfinished(session, turn)
    days = calendar.calendar()
    view = views.view(session, turn, draft, days)
    if [name for name in view.get("missing", []) if name != "time"] or view.get("bind"):
        return {"kind": "unfinished", "fields": view["fields"], "data": None, "clauses": [], "why": None}
    done = carry_out(session, turn, draft, days)
    service = done.service
    if service is None:
        return {"kind": done.kind, "fields": view["fields"], "data": None, "clauses": [], "why": done.why}
    said = views.fields(session, turn, done.stands) | service_fields(service)
    if done.kind == "wished":
        said["when"] = service.wish or say("booking.no_time")
    if done.old_time is not None:
        said["old"] = time_line(*done.old_time)
    clauses = ["6.2"] if done.kind != "wished" else [item_clause(service.item)]
    return {"kind": done.kind, "fields": said, "data": service_data(service), "clauses": clauses, "why": done.why}


def drop(session: Session, turn: Turn) -> dict[str, Any]:
    """Drop the unfinished booking; what it held is free at once. A booked service stays as it is."""
    draft = store.draft(session, turn.conversation_id)
    if draft is None:
        return {"dropped": False}
    _close(session, turn, draft)
    return {"dropped": True}


def start_move(
    session: Session, turn: Turn, calendar: CalendarStore, number: str, words: str | None = None
) -> dict[str, Any]:
    """Begin to change the time of a booked service; a time in the same words is taken at once.

    A pressed button's title is no wish; `words` are those that led to it.

    The view with `taken`, or {"refused": not_found | begun | ended, "fields"}.
    """
    service = store.by_number(session, turn.speaker, number) if turn.speaker.staff_id is None else None
    if service is None:
        return {"refused": "not_found", "fields": {"number": number}}
    if service.status not in COMING or (service.starts_at is not None and service.starts_at <= turn.now):
        ended = service.status not in COMING and service.status != ServiceStatus.ONGOING
        return {"refused": "ended" if ended else "begun", "fields": service_fields(service)}
    draft = store.draft(session, turn.conversation_id)
    if draft is not None:
        _close(session, turn, draft)
    draft = _begin(session, turn, moves=service)
    turn = turn if turn.intent is None else replace(turn, text=words or "")
    return _answered(session, turn, draft, calendar, "open", unknown=False)


def cancel(session: Session, turn: Turn, calendar: CalendarStore, number: str) -> dict[str, Any]:
    """Call off a service before it begins: {"cancelled", "fields", "data"}. Never something to be reported (9.2 b)."""
    service = _mine(session, turn, number)
    if service is None or service.status not in COMING or (service.starts_at and service.starts_at <= turn.now):
        return {"cancelled": False, "fields": {"number": number}, "data": None}
    said = service_fields(service)
    changes.give_half_day_back(session, service)
    service.status, service.ended_at = ServiceStatus.CANCELLED, turn.now
    service.ended_reason = turn.text if turn.intent is None else None
    _step(session, turn, service, Step.CANCELLED, {"reason": service.ended_reason})
    telling.arranged(session, service, turn.speaker.actor, turn.now)
    changes.remind(session, service, turn.now, calendar.calendar(), "cancelled")
    session.flush()
    return {"cancelled": True, "fields": said, "data": service_data(service)}


def confirm(session: Session, turn: Turn, calendar: CalendarStore, number: str) -> dict[str, Any]:
    """The insured confirms item, measures and time (6.2): {"confirmed", "fields", "data"}; twice is once."""
    service = _mine(session, turn, number)
    if service is None or service.status not in COMING or service.starts_at is None or service.starts_at <= turn.now:
        return {"confirmed": False, "fields": {"number": number}, "data": None}
    if service.insured_confirmed_at is None:
        service.insured_confirmed_at = turn.now
        changes.settle(service)
        _step(session, turn, service, Step.INSURED_CONFIRMED, {"starts_at": service.starts_at.isoformat()})
        telling.arranged(session, service, turn.speaker.actor, turn.now)
        changes.remind(session, service, turn.now, calendar.calendar(), "confirmed")
        session.flush()
    return {"confirmed": True, "fields": service_fields(service), "data": service_data(service)}


def decline(session: Session, turn: Turn, number: str) -> dict[str, Any]:
    """A proposed time does not suit: {"declined", "fields"}. Its half day is free, a colleague looks for another."""
    service = _mine(session, turn, number)
    open_ = service is not None and service.status in COMING and service.insured_confirmed_at is None
    if service is None or not open_ or service.starts_at is None or service.starts_at <= turn.now:
        return {"declined": False, "fields": {"number": number}}
    said = service_fields(service)
    body = {"starts_at": service.starts_at.isoformat(), "words": turn.text if turn.intent is None else None}
    if service.joint_with_id is None:
        changes.give_half_day_back(session, service)
    service.joint_with_id = None
    changes.take_time(session, service)
    changes.settle(service)
    _step(session, turn, service, Step.INSURED_DECLINED, body)
    telling.ask_manager(session, service, "declined", turn.now, words=str(body["words"] or ""))
    changes.void(session, service, "declined")
    session.flush()
    return {"declined": True, "fields": said}


def coming(session: Session, turn: Turn) -> list[dict[str, Any]]:
    """Services that have not begun, the next one first: [{"number", "item", "title", "fields", "data"}]."""
    if turn.speaker.staff_id is not None:
        return []
    return [_short(service) for service in store.coming(session, turn.speaker, turn.now)]


def stages(session: Session, turn: Turn, number: str | None) -> dict[str, Any]:
    """How far the visible services are (or one of them): {"services": [{"number", "title", "fields", "data", "table",
    "stages"}], "table"}. Those to come first, then the newest; one with its stages, each with its day and who took it.
    """
    if turn.speaker.staff_id is not None:
        return {"services": [], "table": progress([], session)["table"]}
    if number is not None:
        found = store.by_number(session, turn.speaker, number)
        services = [found] if found is not None else []
    else:
        ahead = store.coming(session, turn.speaker, turn.now)
        recent = [s for s in store.recent(session, turn.speaker, 8) if s.id not in {one.id for one in ahead}]
        services = [*ahead, *recent][:8]
    return progress(services, session)


def _short(service: Service) -> dict[str, Any]:
    said = service_fields(service)
    key = "title" if service.starts_at else "title_no_time"
    return {
        "number": service.number,
        "item": service.item,
        "title": say(f"booking.{key}", **said),
        "fields": said,
        "data": service_data(service),
    }


def _refuse_staff(turn: Turn) -> None:
    """Staff book for an insured at their desk, with the talk in which it was asked for."""
    if turn.speaker.staff_id is not None:
        raise DomainError("booking_by_staff", 403)


def _begin(session: Session, turn: Turn, moves: Service | None = None) -> BookingDraft:
    draft = BookingDraft(
        conversation_id=turn.conversation_id,
        insured_id=moves.insured_id if moves else turn.speaker.acting_for_id,
        moves_id=moves.id if moves else None,
        created_at=turn.now,
    )
    session.add(draft)
    session.flush()
    return draft


def _close(session: Session, turn: Turn, draft: BookingDraft) -> None:
    claims.let_go(session, draft.id)
    draft.done_at = turn.now
    session.flush()


def _unfinished(session: Session, turn: Turn) -> BookingDraft:
    draft = store.draft(session, turn.conversation_id)
    if draft is None:
        raise DomainError("booking_no_draft", 409)
    return draft


def _mine(session: Session, turn: Turn, number: str) -> Service | None:
    """A service of the insured's side, held; staff do the same at their desk."""
    return store.locked(session, turn.speaker, number) if turn.speaker.staff_id is None else None


def _step(session: Session, turn: Turn, service: Service, step: Step, body: dict[str, Any]) -> None:
    who = steps.who_is(session, turn.speaker)
    steps.record(session, service, step, at=turn.now, actor=turn.speaker.actor, who=who, body=body)
