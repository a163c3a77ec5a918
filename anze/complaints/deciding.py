"""Staff decide a complaint (6.4 e): five parts or none. The decision is said in the talk; that alone tells nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.channels.rasa import ButtonOut, MessageOut
from anze.complaints import life, store
from anze.complaints import remedies as ways
from anze.complaints.dates import ComplaintDates
from anze.complaints.escalating import asked_no_more
from anze.complaints.finding import found_for_staff
from anze.complaints.handling import not_in_own_cause, state_of
from anze.complaints.keeping import intake_done
from anze.complaints.life import Step
from anze.complaints.models import DECIDED_RESPONSE, Complaint, ComplaintStatus, Decision
from anze.complaints.settling import settle
from anze.conversations.pushing import busy, push
from anze.errors import DomainError
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.texts import shortened
from anze.texts import text as say

PARTS = ("findings", "basis", "reasons", "outcome", "remedies")
"""核实情况 · 依据 · 理由 · 处理决定 · 救济途径."""
TOO_SHORT = 2
_FIRST_LINES = 80
_ANSWER_FOR = timedelta(days=3)
"""So long a short answer is understood as one to what was pushed."""


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
    if speaker.role not in life.HANDLERS:
        raise DomainError("forbidden", 403)
    case = found_for_staff(session, speaker, number, lock=True)
    _open_to(session, speaker, case, version)
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
    asked_no_more(session, case, now, speaker.actor)
    settle(case, dates, now)
    texts = {f"{name}_sha256": digest(getattr(made, name)) for name in PARTS[:-1]}
    body = {"number": number, "ways": [str(one["way"]) for one in offered], "overdue": told.overdue}
    body["remedies_sha256"] = remedies_sha256(offered)
    append(session, at=now, kind="complaint.decided", subject=f"complaint:{case.id}", actor=speaker.actor,
           body=body | texts | told.record())  # fmt: skip
    return _push(session, case, made, branch, now)


def remedies_sha256(offered: list[dict[str, Any]]) -> str:
    """How the chain names the ways against a decision: neither database keeps the order of their fields."""
    return digest("\n".join(f"{k}={v}" for one in offered for k, v in sorted(one.items())))


def _open_to(session: Session, speaker: Speaker, case: Complaint, version: int | None) -> None:
    if code := life.refused(Step.DECIDE, state_of(case), speaker.role):
        raise DomainError(code, 409)
    if version is not None and version != case.version:
        raise DomainError("complaint_changed", 409)
    not_in_own_cause(session, case, speaker)


def _complete(parts: Parts) -> None:
    missing = [name for name in PARTS[:-1] if sum(c.isalnum() for c in getattr(parts, name)) < TOO_SHORT]
    missing += ["remedies"] if parts.remedies == [] else []
    if missing:
        names = "、".join(say(f"complaint.part.{name}") for name in missing)
        raise DomainError("decision_incomplete", 422, missing=names)


def _push(session: Session, case: Complaint, made: Decision, branch: Branch, now: datetime) -> list[str]:
    """One message in the talk in which it was filed, and in the person's other talks about this firm."""
    entities = {"complaint_no": str(case.number)}
    outcome = shortened(made.outcome, _FIRST_LINES)
    out = MessageOut(
        text=say("complaint.decided", number=case.number, outcome=outcome, branch=branch.name, hotline=branch.hotline),
        buttons=[
            ButtonOut(title=say("complaint.button.decision"), intent="complaint_decision", entities=entities),
            ButtonOut(title=say("complaint.button.remedies"), intent="complaint_remedies", entities=entities),
        ],
        custom={"data": {"kind": "complaint_decided", "number": str(case.number)}},
        response=DECIDED_RESPONSE,
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
                "until": (now + _ANSWER_FOR).isoformat(),
            }
        message = push(session, conversation_id, out, now, pending)
        if conversation_id == case.conversation_id:
            made.message_id = message.id
    session.flush()
    return talks
