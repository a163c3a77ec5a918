"""Not satisfied with a decision: a request for review or a new complaint, never a change of the closed case."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints import remedies, store, words
from anze.complaints.card import view
from anze.complaints.dates import ComplaintDates
from anze.complaints.drafting import begin, know_speaker
from anze.complaints.keeping import attach, refuse_staff, state
from anze.complaints.models import Complaint, ComplaintForm, ComplaintStatus, StatementKind
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.identity.models import Branch
from anze.texts import text as say


class Again(StrEnum):
    """Which way is right. The first three open a draft that follows the old case."""

    REVIEW = "again_review"
    """the same facts, within the review's term: 申请核查"""
    NEW = "again_new"
    """something new: a new complaint"""
    WITHDRAWN = "again_withdrawn"
    """the old one was withdrawn: a new complaint"""
    LATE = "again_late"
    """the same facts, the review's term is over: mediation and the courts"""
    REVIEWED = "again_reviewed"
    """it was the review already"""
    UNDER_REVIEW = "again_under_review"
    """a review of it is under way"""
    UNREAD = "again_unread"
    """the decision is there and was not read"""
    OPEN = "again_open"
    """nothing is decided yet: more can be added to it"""


_OPENS = {Again.REVIEW, Again.NEW, Again.WITHDRAWN}


def which(status: str, form: str, told_on: date | None, today: date, days: int, *, new_facts: bool) -> Again:
    """The rule: by where the old case stands, when its decision was told, and whether there is anything new."""
    if status == ComplaintStatus.WITHDRAWN:
        return Again.WITHDRAWN
    if told_on is None:
        return Again.UNREAD if status == ComplaintStatus.DECIDED else Again.OPEN
    if new_facts:
        return Again.NEW
    if form == ComplaintForm.REVIEW:
        return Again.REVIEWED
    return Again.REVIEW if today <= told_on + timedelta(days=days) else Again.LATE


def start_again(session: Session, turn: Turn, dates: ComplaintDates, number: str | None) -> dict[str, Any]:
    """Take a matter up again. `kind` is the name of the response, `opened` whether a draft is open now.

    Kinds: those of Again, resumed (another draft is open), not_found, again_none. The draft's card is in `missing`,
    `rows`.
    """
    refuse_staff(turn)
    old = store.by_number(session, turn.speaker, number) if number else store.newest_closed(session, turn.speaker)
    if number is not None and old is None:
        return {"kind": "not_found", "opened": False, "fields": {"number": number}}
    if old is None:
        old = next(iter(store.filed(session, turn.speaker, open_only=True, limit=1)), None)
    if old is None:
        return {"kind": "again_none", "opened": False, "fields": {}}
    draft = store.unfinished(session, turn.conversation_id)
    if draft is not None:
        return view(session, draft) | {"kind": "resumed", "opened": True, "fields": {}}
    found, fields = _judged(session, turn, dates, old)
    if found not in _OPENS:
        return {"kind": found.value, "opened": False, "fields": fields}
    draft = _follow(session, turn, dates, old, found)
    return view(session, draft) | {"kind": found.value, "opened": True, "fields": fields}


def review_wanted(session: Session, turn: Turn, dates: ComplaintDates, number: str | None) -> dict[str, Any]:
    """Typed words that ask for a review of one clear decision: {"number", "fields"}. {} when they only ask about it, or
    when no decision, or more than one, can be reviewed. A button says itself what it means."""
    if turn.intent is not None or turn.speaker.staff_id is not None or not words.asks_review(normalise(turn.text)):
        return {}
    named = store.by_number(session, turn.speaker, number) if number else None
    told = [named] if named else [] if number else store.decided(session, turn.speaker)
    judged = [_judged(session, turn, dates, one) for one in told]
    able = [fields for found, fields in judged if found is Again.REVIEW]
    return {"number": able[0]["number"], "fields": able[0]} if len(able) == 1 else {}


def _judged(session: Session, turn: Turn, dates: ComplaintDates, old: Complaint) -> tuple[Again, dict[str, Any]]:
    told_at = old.decision.told_at if old.decision else None
    told_on = legal_date(told_at) if told_at else None
    days = remedies.review_days(old.kind)
    new_facts = words.tells_new_facts(normalise(turn.text))
    found = which(old.status, old.form, told_on, legal_date(turn.now), days, new_facts=new_facts)
    branch = session.get_one(Branch, old.branch_id)
    reviewer = remedies.reviewer(session, old.kind, branch)
    fields = dates.told(old, turn.now).fields() | {
        "number": old.number,
        "status_text": say(f"complaint.status.{old.status}"),
        "branch": branch.name,
        "hotline": branch.hotline,
        "reviewer": reviewer.name,
        "until": spoken(told_on + timedelta(days=days)) if told_on else "",
        "review": "",
    }
    under_way = store.review_of(session, old) if found == Again.REVIEW else None
    if under_way is not None:
        return Again.UNDER_REVIEW, fields | {"review": under_way.number or say("complaint.this_one")}
    return found, fields


def _follow(session: Session, turn: Turn, dates: ComplaintDates, old: Complaint, found: Again) -> Complaint:
    """A new draft about the same matter: what is known of it is not asked again."""
    branch = session.get_one(Branch, old.branch_id)
    is_review = found == Again.REVIEW
    draft = Complaint(
        kind=old.kind,
        form=ComplaintForm.REVIEW if is_review else ComplaintForm.COMPLAINT,
        edition=dates.edition(turn.now),
        follows_id=old.id,
        insured_id=old.insured_id,
        policy_id=old.policy_id,
        service_id=old.service_id,
        branch_id=remedies.reviewer(session, old.kind, branch).id if is_review else old.branch_id,
        firm=old.firm,
    )
    begin(session, turn, draft, turn)
    know_speaker(session, turn, draft)
    if draft.contact_phone is None and old.person_id in {None, turn.speaker.person_id}:
        draft.contact_phone, draft.contact_name = old.contact_phone, old.contact_name
    if words.tells_reason(normalise(turn.text)):
        state(session, turn, draft, StatementKind.STORY, turn.text)
    attach(session, turn, draft)
    return draft
