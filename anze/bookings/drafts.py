"""What an answer holds goes into the draft: what was asked for, and whatever else was said beside it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings import claims, wishes, words
from anze.bookings.known import Known, known
from anze.bookings.models import BookingDraft
from anze.bookings.slots import Half, bookable, the_half
from anze.bookings.supply import Supply
from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.contacts import find_contact
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.policies.models import Insured
from anze.standard.editions import load

ANY = ("any", "open")
"""Not an answer to one question: the first words, or words beside the card."""
LONGEST_WISH = 200
_ELSEWHERE = ("contact", "firm", "audience", "place")
"""Questions beside whose answers 下午 alone is no wish for this afternoon."""


@dataclass
class Answer:
    """`taken`: it answered the question (for `any`: it held something); `problem`: why a time could not be taken."""

    taken: bool = False
    problem: str | None = None


def read_answer(
    session: Session, turn: Turn, draft: BookingDraft, calendar: WorkCalendar, question: str, unknown: bool
) -> Answer:
    """Take what the turn's text holds. A new item, audience or firm gives a held half day back."""
    text = normalise(turn.text)
    before = known(session, turn, draft)
    took: set[str] = set()
    result = Answer()
    if question == "staff":
        draft.to_staff = True
        return Answer(taken=True)
    if draft.moves_id is None:
        took |= _firm(session, turn, draft, text)
        took |= _item(draft, text, question, before)
        took |= _place(draft, text, question, before, unknown)
        took |= _contact(draft, text, question, before, unknown)
        took |= _rest(draft, text)
    elif question in {"contact", "place"}:
        took |= _contact(draft, text, question, before, unknown)
    timed = _time(turn, draft, text, question, before, calendar)
    took |= {"time"} if timed.taken else set()
    if question in {"time", *ANY} or timed.taken:
        result.problem = timed.problem
    session.flush()
    after = known(session, turn, draft)
    if before.need() != after.need() and (before.insured, before.item) != (None, None):
        claims.let_go(session, draft.id)
    result.taken = question in took or (question in ANY and bool(took))
    return result


def _firm(session: Session, turn: Turn, draft: BookingDraft, text: str) -> set[str]:
    """One of the insureds that the speaker acts for, by its name."""
    if len(turn.speaker.insured_ids) < 2:
        return set()
    own = session.scalars(select(Insured).where(Insured.id.in_(turn.speaker.insured_ids)))
    named = [insured for insured in own if normalise(insured.name) in text]
    if len(named) != 1:
        return set()
    if draft.insured_id != named[0].id:
        # What another firm's data filled in silently is not this firm's.
        draft.insured_id, draft.place = named[0].id, None
    return {"firm"}


def _item(draft: BookingDraft, text: str, question: str, before: Known) -> set[str]:
    took: set[str] = set()
    named = words.item_of(text, {row.letter: row.everyday for row in load().service_items})
    if named is not None and (draft.item is None or question in {"item", *ANY}):
        draft.item = named
        draft.statutory = words.statutory(text)
        took.add("item")
    audience = words.audience_of(text)
    asked = question in {"audience", "item", *ANY} or draft.audience is None
    # 厂长 beside a phone number is the contact, not who is trained.
    about_training = question == "audience" or find_contact(text) is None or named == "a"
    if audience is not None and draft.item == "a" and asked and about_training:
        draft.audience = audience.value
        took.add("audience")
    return took


def _time(turn: Turn, draft: BookingDraft, text: str, question: str, before: Known, calendar: WorkCalendar) -> Answer:
    wish = wishes.read(text, turn.now, calendar, before.before, wished_half(before))
    if not wish.windows:
        if question in {"time", *ANY} and wish.fault == "none" and words.any_time(text):
            _wish(draft, turn.text, turn.now, None)
            return Answer(taken=True)
        return Answer(problem=None if wish.fault == "none" else wish.fault)
    first = wish.windows[0]
    today = first.start is not None and legal_date(first.start) == legal_date(turn.now)
    if question in _ELSEWHERE and today and "今" not in text:
        return Answer()
    # An answer to the question for the time is kept whole; in the middle of other things only the words of the time.
    said = turn.text if question == "time" or before.before is not None else wish.words
    _wish(draft, said, first.start, first.end)
    if wish.unclear or len(wish.windows) > 1:
        draft.wish_others = [
            [w.start.isoformat() if w.start else None, w.end.isoformat() if w.end else None] for w in wish.windows[1:]
        ]
    return Answer(taken=True)


def _wish(draft: BookingDraft, said: str, start: datetime | None, end: datetime | None) -> None:
    """The words are kept as they were said; from here on a colleague need not be asked any more."""
    draft.wish, draft.wish_from, draft.wish_to, draft.wish_others = said[:LONGEST_WISH], start, end, None
    draft.to_staff = False


def _place(draft: BookingDraft, text: str, question: str, before: Known, unknown: bool) -> set[str]:
    insured = before.insured
    asked = question == "place"
    common = [insured.province, insured.city, insured.city.removesuffix("市")] if insured else []
    common += words.districts(text, before.sites)
    site = words.known_site(text, before.sites, common, 2 if asked else 3)
    if site is None and (quarter := words.whereabouts(text)):
        site = words.known_site(quarter, before.sites, common, 2)
    if site is None and asked and (words.usual_place(text) or unknown) and before.sites:
        site = before.sites[0]
    named = site or words.named_place(text)
    if site is None and asked and not unknown and find_contact(text) is None:
        whole = words.place_in(text)
        # 三号码头旁边的新库 is more than 三号码头; several clauses are more than a place.
        if named is None or (whole and words.one_clause(whole) and not whole.endswith(named)):
            named = whole
    if named is None:
        return set()
    draft.place = named
    return {"place"}


def _contact(draft: BookingDraft, text: str, question: str, before: Known, unknown: bool) -> set[str]:
    found = find_contact(text)
    if found is not None:
        name = words.contact_name(text) or (found.name if question == "contact" else None)
        draft.contact_phone, draft.contact_name = found.phone, name or _name_of(before, found.phone)
        return {"contact"}
    if name := words.contact_name(text):
        draft.contact_name, draft.contact_phone = name, None
        return {"contact"}
    if question == "contact" and unknown and before.contacts:
        draft.contact_name, draft.contact_phone = before.contacts[0]
        return {"contact"}
    return set()


def _name_of(before: Known, phone: str) -> str | None:
    """The name that we know beside a number."""
    return next((name for name, known_phone in before.contacts if known_phone == phone), None)


def _rest(draft: BookingDraft, text: str) -> set[str]:
    """How many people, and what else is to be known."""
    took: set[str] = set()
    if count := words.attendees(text):
        draft.attendees = count
        took.add("attendees")
    if note := words.note(text):
        draft.note = note
        took.add("note")
    return took


def wished_half(know: Known) -> Half | None:
    """The one half day that is wished, without a doubt and not over yet."""
    return the_half(know.windows[0]) if len(know.windows) == 1 and not know.unclear else None


def hold_wished(session: Session, turn: Turn, draft: BookingDraft, calendar: WorkCalendar) -> bool:
    """Hold the half day that is wished when it is free, or renew the hold; a wish for another gives the old one back.

    False: somebody else took it in this very moment.
    """
    know = known(session, turn, draft)
    need, wished = know.need(), wished_half(know)
    held = claims.lapsed_of(session, draft.id)
    kept = held is not None and need is not None and held.half == wished and not draft.to_staff
    if kept and held is not None and bookable(held.half, turn.now) and claims.hold(session, held, draft.id, turn.now):
        return True
    claims.let_go(session, draft.id)
    if need is None or wished is None or draft.to_staff:
        return True
    look = Supply(session, need, know.windows, turn.now, calendar).look()
    slot = next((slot for slot in look.offers if slot.half == wished), None)
    return slot is None or claims.hold(session, slot, draft.id, turn.now)
