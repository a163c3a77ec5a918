"""Candidates of 9.2: noted with the very words, once for each matter; a demand for money back in the dialogue."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.identity.models import Branch
from anze.policies.usecases import newest
from anze.reports import store, words
from anze.reports.models import CandidateKind


def note(
    session: Session,
    *,
    kind: CandidateKind | str,
    subject: str,
    insured_id: int,
    branch_id: int,
    words: str,
    at: datetime,
    by: str,
) -> bool:
    """Keep a possible case of 9.2 with what was said or found, verbatim. False: it is noted already.

    `kind` a–d, `subject` the row it is about (hazard:12, service:7); one candidate of a kind about it, ever: struck
    once, it does not come back by itself. Nothing is sent to anybody. Raises ValueError for an unknown kind.
    """
    added = store.add(
        session, CandidateKind(kind), subject, insured_id=insured_id, branch_id=branch_id, words=words, at=at, by=by
    )
    if added is None:
        return False
    body = {"kind": CandidateKind(kind).value, "about": subject, "words_sha256": digest(words)}
    append(session, at=at, kind="report.noted", subject=f"candidate:{added}", actor=by, body=body)
    return True


def money_back(session: Session, turn: Turn, explained: bool) -> dict[str, Any]:
    """A demand to give service fees back (9.2 c): {"kind": "question" | "explain" | "bind" | "recorded", "fields"}.

    `question`: it was only asked whether that is possible; such words are never a demand.

    Recorded is only what somebody who acts for a firm demands again after it was `explained`, in this talk, that it
    cannot be and that such demands must be reported: once for a talk and a firm, in the very words. Whoever is not
    bound demands for nobody; for whom a person of several firms speaks must be clear.
    """
    if turn.intent is None and words.asks(normalise(turn.text)):
        return {"kind": "question", "fields": {}}
    if not explained:
        return {"kind": "explain", "fields": {}}
    if not turn.speaker.bound:
        return {"kind": "bind", "fields": {}}
    insured_id = turn.speaker.acting_for_id
    if insured_id is None or turn.intent is not None or not normalise(turn.text):
        return {"kind": "explain", "fields": {}}
    policy = newest(session, insured_id)
    branch = session.get_one(Branch, policy.branch_id if policy else turn.branch_id)
    new = note(
        session,
        kind=CandidateKind.MONEY_BACK,
        subject=f"conversation:{turn.conversation_id}:insured:{insured_id}",
        insured_id=insured_id,
        branch_id=branch.id,
        words=turn.text,
        at=turn.now,
        by=turn.speaker.actor,
    )
    return {"kind": "recorded", "new": new, "fields": {"branch": branch.name, "hotline": branch.hotline}}
