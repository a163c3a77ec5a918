"""The decision of a complaint (6.4 e): made by staff, brought into the talk, told when it is read."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.calendar.words import spoken
from anze.channels.rasa import ButtonOut, MessageOut
from anze.clock import legal_date
from anze.complaints import remedies as ways
from anze.complaints import store
from anze.complaints.dates import ComplaintDates
from anze.complaints.desk import found_for_staff
from anze.complaints.keeping import intake_done
from anze.complaints.models import Complaint, ComplaintKind, ComplaintStatus, Decision
from anze.complaints.reopening import start_again
from anze.conversations.models import Conversation
from anze.conversations.pushing import busy, push
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.models import Branch, Role
from anze.identity.speaker import Speaker, speaker_of
from anze.standard.usecases import cite
from anze.texts import text as say

__all__ = ["PARTS", "Parts", "decide", "decision_of", "mark_read", "remedies", "start_again"]

PARTS = ("findings", "basis", "reasons", "outcome", "remedies")
"""核实情况 · 依据 · 理由 · 处理决定 · 救济途径."""
TOO_SHORT = 2
_DECIDES = frozenset({Role.INTAKE, Role.SUPERVISOR})
_CLAUSE = re.compile(r"(?<![\d.])\d(?:\.\d){1,2}(?:\s*[a-g][)）])?(?![\d.])")
"""A clause as it is written in a basis: 6.3, 6.4 e)"""
_FIRST_LINES = 80


@dataclass(frozen=True)
class Parts:
    """What staff write. `remedies`: [{"way", "where"?, "phone"?, "until"?, "bring"?, "clause"?}…], None: the usual."""

    findings: str = ""
    basis: str = ""
    reasons: str = ""
    outcome: str = ""
    remedies: list[dict[str, Any]] | None = None


def decide(
    session: Session,
    speaker: Speaker,
    number: str,
    parts: Parts,
    now: datetime,
    dates: ComplaintDates,
    *,
    version: int | None = None,
) -> list[str]:
    """Keep the decision and say it in the complainant's talks, whose ids it gives. The case is not told by it.

    `version`: the case as the officer saw it. Raises DomainError forbidden, not_found (DeniedError out of scope),
    complaint_changed, complaint_decided, complaint_closed, decision_incomplete and those of remedies.filled.
    """
    if speaker.role not in _DECIDES:
        raise DomainError("forbidden", 403)
    case = found_for_staff(session, speaker, number, lock=True)
    _open_to(case, version)
    _complete(parts)
    branch = session.get_one(Branch, case.branch_id)
    offered = ways.offered(session, case.kind, branch)
    if parts.remedies is not None:
        offered = ways.filled(session, case.kind, branch, parts.remedies)
    made = Decision(
        complaint_id=case.id,
        findings=parts.findings.strip(),
        basis=parts.basis.strip(),
        reasons=parts.reasons.strip(),
        outcome=parts.outcome.strip(),
        remedies=offered,
        decided_at=now,
        decided_by=speaker.actor,
    )
    told = dates.told(case, now)
    if case.status == ComplaintStatus.INTAKE:
        intake_done(session, case, now, speaker.actor)
    case.decision = made
    case.status = ComplaintStatus.DECIDED
    case.version += 1
    texts = {f"{name}_sha256": digest(getattr(made, name)) for name in PARTS[:-1]}
    body = {"number": number, "ways": [str(one["way"]) for one in offered], "overdue": told.overdue}
    body["remedies_sha256"] = digest("\n".join(f"{k}={v}" for one in offered for k, v in sorted(one.items())))
    append(session, at=now, kind="complaint.decided", subject=f"complaint:{case.id}", actor=speaker.actor,
           body=body | texts | told.record())  # fmt: skip
    return _push(session, case, made, branch, now)


def _open_to(case: Complaint, version: int | None) -> None:
    if case.decision is not None:
        raise DomainError("complaint_decided", 409)
    if case.status not in store.OPEN:
        raise DomainError("complaint_closed", 409)
    if version is not None and version != case.version:
        raise DomainError("complaint_changed", 409)


def _complete(parts: Parts) -> None:
    missing = [name for name in PARTS[:-1] if sum(c.isalnum() for c in getattr(parts, name)) < TOO_SHORT]
    missing += ["remedies"] if parts.remedies == [] else []
    if missing:
        names = "、".join(say(f"complaint.part.{name}") for name in missing)
        raise DomainError("decision_incomplete", 422, missing=names)


def _push(session: Session, case: Complaint, made: Decision, branch: Branch, now: datetime) -> list[str]:
    """One message in the talk in which it was filed, and in the person's other talks about this firm."""
    entities = {"complaint_no": str(case.number)}
    outcome = made.outcome if len(made.outcome) <= _FIRST_LINES else made.outcome[: _FIRST_LINES - 1] + "…"
    out = MessageOut(
        text=say("complaint.decided", number=case.number, outcome=outcome, branch=branch.name, hotline=branch.hotline),
        buttons=[
            ButtonOut(title=say("complaint.button.decision"), intent="complaint_decision", entities=entities),
            ButtonOut(title=say("complaint.button.remedies"), intent="complaint_remedies", entities=entities),
        ],
        custom={"data": {"kind": "complaint_decided", "number": str(case.number)}},
        response=store.DECIDED_RESPONSE,
    )
    talks = store.talks_of(session, case)
    for conversation_id in talks:
        pending = None
        if not busy(session, conversation_id):
            pending = {
                "kind": "complaint",
                "subject": f"complaint:{case.id}",
                "entities": entities,
                "question": None,
                "intent": "complaint_decision",
                "until": (now + store.ANSWER_FOR).isoformat(),
            }
        message = push(session, conversation_id, out, now, pending)
        if conversation_id == case.conversation_id:
            made.message_id = message.id
    session.flush()
    return talks


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
    if made is None or case.status != ComplaintStatus.DECIDED:
        return
    made.told_at = now
    case.status = ComplaintStatus.TOLD
    case.closed_at = now
    case.version += 1
    body = {"number": case.number, "how": how, "outcome_sha256": digest(made.outcome)}
    append(session, at=now, kind="complaint.told", subject=f"complaint:{case.id}", actor=actor, body=body)


def decision_of(session: Session, turn: Turn, dates: ComplaintDates, number: str | None) -> dict[str, Any]:
    """The five parts in chat; whoever asks and may see the case has been told by this answer (staff have not).

    `kind` is the name of the response: decision (with `rows`, `clauses`, `remedies`), which (`numbers`), not_found,
    decision_waiting (still open), decision_withdrawn, decision_none.
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
    kind = "decision_waiting" if case.status in store.OPEN else "decision_withdrawn"
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
        "clauses": _clauses(made.basis, case),
    }


def _clauses(basis: str, case: Complaint) -> list[str]:
    """Clauses that the basis names and the standard has, then the one that demands the five parts."""
    named = [re.sub(r"\s*([a-g])[)）]", r" \1)", clause) for clause in _CLAUSE.findall(basis)]
    own = ["6.4 e)"] if case.kind == ComplaintKind.SERVICE else []
    return [clause for clause in dict.fromkeys([*named, *own]) if cite([clause])]


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
