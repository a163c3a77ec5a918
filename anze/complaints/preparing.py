"""What a decision needs, gathered from the case (6.4 e): the facts, the evidence, clauses and the ways against it.

Reasons and the outcome are nobody's but the officer's, so nothing is proposed for them.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints import life, remedies
from anze.complaints.finding import found_for_staff
from anze.complaints.glance import glance
from anze.complaints.handling import not_in_own_cause, state_of
from anze.complaints.life import Step
from anze.complaints.models import Complaint, ComplaintKind, Evidence
from anze.conversations.models import File
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.services import Services
from anze.standard.editions import load
from anze.standard.usecases import answer
from anze.texts import text as say

_MOST = 3


def gather(session: Session, turn: Turn, services: Services, number: str) -> dict[str, Any]:
    """For the talk: {"number", "fields", "rows", "citations", "files"}. Raises as found_for_staff, and the code of
    life.py when no decision can be made now."""
    case = _decidable(session, turn.speaker, number)
    parts = draft(session, turn.speaker, number)
    cited = _citations(case)
    ways = remedies.explained(remedies.offered(session, case.kind, case.branch), None)
    pairs = [
        ("facts", parts["findings"]),
        ("evidence", "\n".join(one.name for one in _evidence(session, case))),
        ("clauses", "、".join(one["clause"] for one in cited)),
        ("remedies", "\n".join(f"{way['name']}：{way['where']} {way['phone']}" for way in ways)),
    ]
    return {
        "number": case.number,
        "fields": glance(session, turn, services, number)["fields"],
        "rows": [{"label": say(f"complaint.desk.row.{name}"), "value": value} for name, value in pairs if value],
        "citations": cited,
        "files": [one.id for one in _evidence(session, case)],
    }


def draft(session: Session, speaker: Speaker, number: str) -> dict[str, str]:
    """For the form of the decision: {"findings", "basis"}. Raises as found_for_staff."""
    case = found_for_staff(session, speaker, number)
    lines = [
        say(f"complaint.desk.fact.{one.kind}", day=spoken(legal_date(one.at)), text=one.text) for one in case.statements
    ]
    lines += [
        say("complaint.desk.fact.result", day=spoken(one.returned_on), body=one.body, text=one.result or "")
        for one in case.pauses
        if one.returned_on is not None
    ]
    if names := [one.name for one in _evidence(session, case)]:
        lines.append(say("complaint.desk.fact.evidence", names="、".join(names)))
    clauses = "、".join(one["clause"] for one in _citations(case))
    basis = say("complaint.desk.fact.basis", edition=load(case.edition).edition.cite, clauses=clauses)
    return {"findings": "\n".join(lines), "basis": basis if clauses else ""}


def _decidable(session: Session, speaker: Speaker, number: str) -> Complaint:
    case = found_for_staff(session, speaker, number)
    if code := life.refused(Step.DECIDE, state_of(case), speaker.role):
        raise DomainError(code, 403 if code == "forbidden" else 409)
    not_in_own_cause(session, case, speaker)
    return case


def _evidence(session: Session, case: Complaint) -> list[File]:
    query = select(File).join(Evidence, Evidence.file_id == File.id).where(Evidence.complaint_id == case.id)
    return list(session.scalars(query.order_by(File.id)))


def _citations(case: Complaint) -> list[dict[str, str]]:
    """What the standard has on what the complaint tells, verbatim; none for one that lies outside it."""
    if case.kind != ComplaintKind.SERVICE:
        return []
    found = answer(next((one.text for one in case.statements), ""), case.edition)["citations"]
    return list({one["clause"]: one for one in found}.values())[:_MOST]
