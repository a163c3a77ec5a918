"""Where an unfinished booking stands: what is still to be asked, what can be offered, the card."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings import claims, store
from anze.bookings.drafts import wished_half
from anze.bookings.entitlement import Claim
from anze.bookings.known import Known, known
from anze.bookings.lines import branch_fields, contact_line, half_line, item_name, item_title, time_line
from anze.bookings.measures import measures_for
from anze.bookings.models import BookingDraft
from anze.bookings.slots import Slot, bookable
from anze.bookings.supply import Outlook, Supply
from anze.calendar.rules import WorkCalendar
from anze.conversations.turn import Turn
from anze.identity.models import Branch
from anze.policies.models import Insured, Policy
from anze.policies.usecases import newest
from anze.providers.models import Team
from anze.texts import text as say

WISH_ONLY = frozenset({"used_up", "not_in_contract", "no_policy", "no_provider", "no_slot", "joint"})
"""What the program cannot book itself: it goes to the service manager with the wish, and is never just refused."""


_TO_BIND: dict[str, Any] = {
    "bind": True, "missing": [], "rows": [], "moving": None, "offers": [], "places": [], "contacts": [], "firms": [],
    "problem": None, "wish_only": False, "unclear": None, "wished": False, "none_fits": "", "fields": {},
}  # fmt: skip
"""What a visitor gets: the words are kept, the rest is said after binding."""


@dataclass(frozen=True)
class Standing:
    """`slot`: what is held, or would be at submission; `claim`: of that day's contract; `problem`: why it is a wish."""

    known: Known
    outlook: Outlook | None
    slot: Slot | None
    claim: Claim | None
    problem: str | None


def standing(session: Session, turn: Turn, draft: BookingDraft, calendar: WorkCalendar) -> Standing:
    """Look at a draft against contracts, teams and taken half days."""
    know = known(session, turn, draft)
    need = know.need()
    if draft.to_staff:
        return Standing(know, None, None, None, "asked")
    if know.moved is not None and (know.moved.joint_with_id is not None or store.joint(session, know.moved.id)):
        # One firm does not move what others come to as well.
        return Standing(know, None, None, None, "joint")
    if need is None:
        return Standing(know, None, None, None, None)
    supply = Supply(session, need, know.windows, turn.now, calendar)
    look = supply.look()
    wished = wished_half(know)
    slot = claims.lapsed_of(session, draft.id)
    if slot is None or slot.half != wished or not bookable(slot.half, turn.now):
        slot = next((one for one in look.offers if one.half == wished), None)
    claim = supply.claim(slot.half.day) if slot else None
    if claim is not None and claim.problem is not None:
        slot = None
    return Standing(know, look, slot, claim, None if slot else look.problem)


def missing(stands: Standing, turn: Turn) -> list[str]:
    """What is still to be asked, in order. Nothing that the data hold is asked."""
    know, draft = stands.known, stands.known.draft
    if know.moved is not None:
        return [] if stands.slot or (stands.problem and (draft.wish or draft.to_staff)) else ["time"]
    asked = []
    if know.insured is None:
        asked.append("firm")
    if know.item is None:
        asked.append("item")
    elif know.item == "a" and know.audience is None and not draft.to_staff:
        asked.append("audience")
    # A colleague arranges the time when it cannot be booked here; what is wished they still have to know.
    to_colleague = stands.problem is not None and (draft.wish is not None or draft.to_staff)
    if stands.slot is None and not to_colleague:
        asked.append("time")
    if know.place is None and know.insured is not None:
        asked.append("place")
    if not know.contact[1] and know.insured is not None:
        asked.append("contact")
    return asked


def view(session: Session, turn: Turn, draft: BookingDraft, calendar: WorkCalendar) -> dict[str, Any]:
    """The view of docs: missing, rows, moving, offers, places, contacts, firms, problem, wish_only, fields."""
    stands = standing(session, turn, draft, calendar)
    know = stands.known
    if turn.speaker.person_id is None:
        return _TO_BIND
    offers = stands.outlook.offers if stands.outlook and not stands.slot else ()
    return {
        "missing": missing(stands, turn),
        "rows": rows(session, stands),
        "moving": know.moved.number if know.moved else None,
        "offers": [{"title": half_line(slot.half), "slot": slot.name} for slot in offers],
        "none_fits": say("booking.none_fits"),
        "places": list(know.sites),
        "contacts": [contact_line(*who) for who in know.contacts],
        "firms": firms(session, turn),
        "problem": stands.problem,
        "wish_only": stands.slot is None and stands.problem is not None,
        "unclear": draft.wish if know.unclear else None,
        "wished": draft.wish is not None,
        "fields": fields(session, turn, stands),
    }


def firms(session: Session, turn: Turn) -> list[str]:
    """Names of the insureds that the speaker acts for, when there are several to choose from."""
    ids = turn.speaker.insured_ids
    if len(ids) < 2:
        return []
    return list(session.scalars(select(Insured.name).where(Insured.id.in_(ids)).order_by(Insured.id)))


def policy_of(session: Session, stands: Standing) -> Policy | None:
    """The policy that the service is given under; for a wish the newest one of the insured."""
    if stands.claim is not None and stands.claim.contract is not None:
        return session.get(Policy, stands.claim.contract.policy_id)
    if stands.known.moved is not None:
        return stands.known.moved.policy
    return newest(session, stands.known.insured.id) if stands.known.insured else None


def fields(session: Session, turn: Turn, stands: Standing) -> dict[str, Any]:
    """What a sentence about the draft may need."""
    know = stands.known
    policy = policy_of(session, stands)
    branch = policy.branch if policy else session.get_one(Branch, turn.branch_id)
    return {
        "item": item_name(know.item) if know.item else say("booking.this_service"),
        "when": half_line(stands.slot.half) if stands.slot else know.draft.wish or say("booking.no_time"),
        "wish": know.draft.wish or say("booking.no_time"),
        "number": know.moved.number if know.moved else "",
        "policy": policy.number if policy else "",
        "last_day": policy.end_on.isoformat() if policy else "",
    } | branch_fields(branch)


def rows(session: Session, stands: Standing) -> list[dict[str, str]]:
    """The card: item, measures and time as both sides are to confirm them (6.2), and what goes with them."""
    know, draft, slot = stands.known, stands.known.draft, stands.slot
    team = session.get(Team, slot.team_id) if slot else None
    measures = measures_for(know.item, statutory=know.statutory) if know.item else None
    given = stands.claim
    left = say("booking.card.left_line", left=given.left, promised=given.promised) if given and given.contract else None
    old = time_line(know.moved.starts_at, know.moved.ends_at) if know.moved else None
    values = {
        "number": know.moved.number if know.moved else None,
        "firm": know.insured.name if know.insured else None,
        "item": item_title(know.item) if know.item else None,
        "statutory": say("booking.card.yes") if know.statutory else None,
        "audience": say(f"booking.audience.{know.audience}") if know.audience else None,
        "attendees": say("booking.card.people", count=draft.attendees) if draft.attendees else None,
        "measures": measures.measures if measures else None,
        "prepare": measures.prepare if measures and slot else None,
        "old_time": old,
        "time": half_line(slot.half) if slot else draft.wish,
        "provider": team.provider.name if team else None,
        "place": know.place,
        "contact": contact_line(*know.contact) or None,
        "left": left if know.moved is None else None,
        "note": draft.note,
    }
    return [{"label": say(f"booking.card.{name}"), "value": value} for name, value in values.items() if value]
