"""A decision as the complainant meets it: told when it is read, whole in the talk, with the ways against it (6.4 e)."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints import remedies as ways
from anze.complaints import store
from anze.complaints.dates import ComplaintDates
from anze.complaints.deciding import PARTS, Parts, decide
from anze.complaints.models import OPEN, Complaint, ComplaintKind, ComplaintStatus, Decision
from anze.complaints.reopening import start_again
from anze.complaints.staff_notices import decision_told
from anze.conversations.models import Conversation
from anze.conversations.turn import Turn
from anze.identity.models import Branch
from anze.identity.speaker import speaker_of
from anze.letters.kept import counting
from anze.letters.models import LetterKind
from anze.standard.usecases import cite
from anze.texts import text as say

__all__ = ["PARTS", "Parts", "cited", "decide", "decision_of", "mark_read", "remedies", "start_again"]

_CLAUSE = re.compile(r"(?<![\d.])\d(?:\.\d){1,2}(?:\s*[a-g][)）])?(?![\d.])")
"""A clause as it is written in a basis: 6.3, 6.4 e)"""


def mark_read(session: Session, conversation_id: str, up_to: int, now: datetime) -> list[str]:
    """The talk's page has shown messages up to this id: decisions said there by then are told (告知). Their numbers.

    Before the conversation's row is written: the chain's head is always taken first.
    """
    numbers = store.decisions_said(session, conversation_id, up_to)
    told = []
    for case in store.untold(session, numbers):
        actor = speaker_of(session, session.get_one(Conversation, conversation_id)).actor
        _tell(session, case, actor, now, "read")
        told.append(str(case.number))
    return told


def _tell(session: Session, case: Complaint, actor: str, now: datetime, how: str) -> None:
    """The clocks stop here. `how`: read (the page showed it), asked (the whole decision was the answer of a turn)."""
    made = case.decision
    if made is None:
        return
    # A turn is as old as its message, which may have come in just before the decision was made.
    now = max(now, made.decided_at)
    if decision_told(session, case, now, actor, now, how):
        case.version += 1


def decision_of(session: Session, turn: Turn, dates: ComplaintDates, number: str | None) -> dict[str, Any]:
    """The five parts in chat; whoever asks and may see the case has been told by this answer (staff have not).

    `kind` is the name of the response: decision (with `rows`, `clauses`, `remedies`, and the letter that
    counts in `files`), which (`numbers`), not_found, decision_waiting (still open), decision_withdrawn, decision_none.
    """
    case = store.by_number(session, turn.speaker, number, lock=True) if number else None
    if number is None:
        decided = store.decided(session, turn.speaker)
        unread = [one for one in decided if one.status == ComplaintStatus.DECIDED]
        chosen = unread if len(unread) == 1 else decided
        if len(chosen) > 1:
            return {"kind": "which", "numbers": [str(one.number) for one in chosen[:5]], "fields": {}}
        case = store.by_number(session, turn.speaker, str(chosen[0].number), lock=True) if chosen else None
        case = case or next(iter(store.filed(session, turn.speaker, open_only=True, limit=1)), None)
        if case is None:
            return {"kind": "decision_none", "fields": {}}
    elif case is None:
        return {"kind": "not_found", "fields": {"number": number}}
    if case.decision is None:
        return _undecided(session, case, turn, dates)
    if turn.speaker.staff_id is None:
        _tell(session, case, turn.speaker.actor, turn.now, "asked")
    return _whole(session, case, case.decision)


def _undecided(session: Session, case: Complaint, turn: Turn, dates: ComplaintDates) -> dict[str, Any]:
    kind = "decision_waiting" if case.status in OPEN else "decision_withdrawn"
    status = {"status_text": say(f"complaint.status.{case.status}")}
    fields = dates.told(case, turn.now).fields() | status | _handler(session, case)
    return {"kind": kind, "fields": fields}


def _handler(session: Session, case: Complaint) -> dict[str, Any]:
    branch = session.get_one(Branch, case.branch_id)
    return {"number": case.number, "branch": branch.name, "hotline": branch.hotline}


def _whole(session: Session, case: Complaint, made: Decision) -> dict[str, Any]:
    explained = ways.explained(made.remedies, legal_date(made.told_at) if made.told_at else None)
    lines = [say("complaint.remedy.line", **way) for way in explained]
    parts = {name: getattr(made, name) for name in PARTS[:-1]} | {"remedies": "\n".join(lines)}
    fields = parts | _handler(session, case) | {
        "decided": spoken(legal_date(made.decided_at)),
        "told": spoken(legal_date(made.told_at)) if made.told_at else "",
        "ways": "、".join(way["name"] for way in explained),
    }  # fmt: skip
    return {
        "kind": "decision",
        "fields": fields,
        "rows": [{"label": say(f"complaint.part.{name}"), "value": parts[name]} for name in PARTS],
        "remedies": explained,
        "clauses": cited(made.basis, case),
        "edition": case.edition,
        "files": [letter.file_id] if (letter := counting(session, case.id, LetterKind.DECISION)) else [],
    }


def cited(basis: str, case: Complaint) -> list[str]:
    """Clauses that the basis names and the edition of the case has, then the one that demands the five parts."""
    named = [re.sub(r"\s*([a-g])[)）]", r" \1)", clause) for clause in _CLAUSE.findall(basis)]
    own = ["6.4 e)"] if case.kind == ComplaintKind.SERVICE else []
    return [clause for clause in dict.fromkeys([*named, *own]) if cite([clause], case.edition)]


def remedies(session: Session, turn: Turn, number: str | None) -> dict[str, Any]:
    """Each way with where, telephone, until when, what to bring: of the newest decision or of the one named.

    `kind`: remedies, remedies_general (nothing is decided: the operator's usual ways), not_found.
    """
    if number is not None:
        case = store.by_number(session, turn.speaker, number)
        if case is None:
            return {"kind": "not_found", "fields": {"number": number}}
    else:
        case = next(iter(store.decided(session, turn.speaker)), None)
    made = case.decision if case else None
    branch = session.get_one(Branch, case.branch_id if case else turn.branch_id)
    kept = made.remedies if made else ways.offered(session, case.kind if case else ComplaintKind.SERVICE, branch)
    explained = ways.explained(kept, legal_date(made.told_at) if made and made.told_at else None)
    return {
        "kind": "remedies" if made else "remedies_general",
        "fields": {"number": case.number if case else "", "branch": branch.name, "hotline": branch.hotline},
        "ways": explained,
        "table": ways.table(explained),
    }
