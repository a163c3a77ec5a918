"""A complaint while it is being told. The draft in the database is the truth of what has been said; the dialogue
only asks for what is missing from it."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints import representing, store, words
from anze.complaints.adoption import for_insured, know_owner
from anze.complaints.card import view
from anze.complaints.dates import ComplaintDates
from anze.complaints.keeping import attach, end, read_form, record, refuse_staff, state, story
from anze.complaints.models import Complaint, ComplaintStatus, StatementKind
from anze.contacts import find_contact
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.models import Person
from anze.policies.models import Insured, Policy

NOT_KNOWN = ""
"""The answer 不知道: asked, and not to be asked again (None: not asked yet)."""


def open_draft(session: Session, turn: Turn, dates: ComplaintDates) -> dict[str, Any]:
    """Store the complaint from its first words (待补全), or go on with the one that is still unfinished."""
    refuse_staff(turn)
    draft = store.unfinished(session, turn.conversation_id, lock=True)
    resumed = draft is not None
    said = store.misunderstood_before(session, turn) if turn.intent and not resumed else None
    # The first words may lie one message back: from there on the turn is that of those words.
    first = replace(turn, text=said.text, message_id=said.id, now=said.at) if said else turn
    if draft is None:
        blank = Complaint(kind=words.kind_of(normalise(turn.text)), edition=dates.edition(first.now))
        draft = begin(session, turn, blank, first)
    know_speaker(session, turn, draft)
    plain = normalise(first.text)
    read_form(draft, plain)
    refused = []
    if words.tells_story(plain):
        refused = state(session, first, draft, StatementKind.STORY, first.text)
    else:
        refused = representing.read(session, turn, draft, plain)
    attach(session, turn, draft)
    return view(session, draft) | {"resumed": resumed, "refused": refused}


def begin(session: Session, turn: Turn, draft: Complaint, first: Turn) -> Complaint:
    """Keep a new draft, received with the words of `first`."""
    draft.status = ComplaintStatus.DRAFT
    draft.received_at = first.now
    draft.conversation_id = turn.conversation_id
    draft.branch_id = draft.branch_id or turn.branch_id
    session.add(draft)
    session.flush()
    record(session, turn, draft, "complaint.received", {"received_at": first.now.isoformat()})
    return draft


def know_speaker(session: Session, turn: Turn, draft: Complaint) -> None:
    """Fill in what the data already hold: the person, the firm, the policy in force, the branch."""
    if turn.speaker.person_id is not None:
        know_owner(session, draft, session.get_one(Person, turn.speaker.person_id), turn.speaker.acting_for_id)


def draft_view(session: Session, turn: Turn) -> dict[str, Any]:
    """Where the unfinished complaint stands: what is missing, the card's rows; {} when there is none."""
    draft = store.unfinished(session, turn.conversation_id)
    if draft is None:
        return {}
    return view(session, draft)


def answer_question(session: Session, turn: Turn, question: str, unknown: bool) -> dict[str, Any]:
    """Take an answer to `story`, `firm`, `contact` or `wish`. `taken` says whether it was one.

    Also `principal` (for whom an agent speaks), `authorisation` (a file) and `representatives` of a group. Whatever
    else the answer holds (a phone number beside the firm's name) is taken too.
    """
    draft = unfinished(session, turn)
    know_speaker(session, turn, draft)
    attach(session, turn, draft)
    plain = normalise(turn.text)
    taken, refused = _take(session, turn, draft, question, plain, unknown)
    return view(session, draft) | {"taken": taken, "refused": refused}


def _take(
    session: Session, turn: Turn, draft: Complaint, question: str, plain: str, unknown: bool
) -> tuple[bool, list[str]]:
    if question == "story":
        if unknown or not words.says_something(plain):
            return False, []
        kind = StatementKind.CORRECTION if story(draft) else StatementKind.STORY
        return True, state(session, turn, draft, kind, turn.text)
    if question == "wish":
        return True, [] if unknown else state(session, turn, draft, StatementKind.WISH, turn.text)
    if question in {"principal", "authorisation", "representatives"}:
        return _take_representation(session, turn, draft, question, plain, unknown)
    return _take_contact_or_firm(session, turn, draft, question, plain, unknown), []


def _take_representation(
    session: Session, turn: Turn, draft: Complaint, question: str, plain: str, unknown: bool
) -> tuple[bool, list[str]]:
    if question == "representatives":
        refused = [] if unknown else representing.set_group(session, turn)["refused"]
        return unknown or bool(draft.representatives), refused
    if question == "principal":
        return representing.take_principal(draft, plain, unknown=unknown, asked=True), []
    return _take_file(turn, draft, unknown), []


def _take_file(turn: Turn, draft: Complaint, unknown: bool) -> bool:
    if turn.file_ids:
        draft.agent_file_id = turn.file_ids[0]
    return unknown or bool(turn.file_ids)


def _take_contact_or_firm(
    session: Session, turn: Turn, draft: Complaint, question: str, plain: str, unknown: bool
) -> bool:
    contact = find_contact(plain)
    if contact is not None:
        draft.contact_phone = contact.phone
    if question == "contact":
        # Beside the number of an answer for the firm stands the firm's name, not a person's.
        draft.contact_name = (contact.name if contact else None) or draft.contact_name
        if contact is None and unknown:
            draft.contact_phone = NOT_KNOWN
        return contact is not None or unknown
    return _take_firm(session, turn, draft, plain, unknown)


def _take_firm(session: Session, turn: Turn, draft: Complaint, plain: str, unknown: bool) -> bool:
    if turn.speaker.insured_ids:
        own = session.scalars(select(Insured).where(Insured.id.in_(turn.speaker.insured_ids)))
        chosen = next((insured.id for insured in own if normalise(insured.name) == plain), None)
        if chosen is None:
            return False
        for_insured(session, draft, chosen)
        return True
    if unknown:
        draft.firm = NOT_KNOWN
        return True
    firm = words.firm_name(plain)
    if not words.names_firm(firm):
        return False
    draft.firm = firm
    draft.branch_id = _branch_of(session, plain, words.firm_name(turn.text)) or draft.branch_id
    return True


def _branch_of(session: Session, plain: str, as_typed: str) -> int | None:
    """The branch that will handle it, by an exact policy number or firm name. Only routing: nothing is shown."""
    number = words.find_policy_no(plain)
    if number is not None:
        return session.scalar(select(Policy.branch_id).where(Policy.number == number))
    return session.scalar(
        select(Policy.branch_id)
        .join(Policy.insureds)
        .where(Insured.name.in_({words.firm_name(plain), as_typed}))
        .order_by(Policy.start_on.desc())
        .limit(1)
    )


def unfinished(session: Session, turn: Turn) -> Complaint:
    """The draft of this talk, held until the transaction ends. Raises DomainError complaint_no_draft."""
    draft = store.unfinished(session, turn.conversation_id, lock=True)
    if draft is None:
        raise DomainError("complaint_no_draft", 409)
    return draft


def add_to_story(session: Session, turn: Turn) -> dict[str, Any]:
    """More words or files while the card is open: they join the story."""
    draft = unfinished(session, turn)
    refused = []
    if normalise(turn.text):
        refused = state(session, turn, draft, StatementKind.STORY, turn.text)
    attach(session, turn, draft)
    return view(session, draft) | {"refused": refused}


def firms_to_choose(session: Session, turn: Turn) -> list[str]:
    """Names of the insureds that the speaker acts for, when there are several; a visitor has none."""
    return list(
        session.scalars(select(Insured.name).where(Insured.id.in_(turn.speaker.insured_ids)).order_by(Insured.id))
    )


def drop(session: Session, turn: Turn) -> dict[str, Any]:
    """Drop the unfinished complaint because the person says so. One that has a number ends as withdrawn."""
    draft = store.unfinished(session, turn.conversation_id, lock=True)
    if draft is None:
        return {"dropped": False}
    end(session, turn, draft)
    return {"dropped": True, "number": draft.number}
