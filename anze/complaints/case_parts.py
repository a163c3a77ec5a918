"""The parts of a case that staff see beside its words and dates: who handles it, what was done, who was told."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import iso
from anze.complaints import life
from anze.complaints.causes import causes
from anze.complaints.handling import state_of
from anze.complaints.handling_models import Interest
from anze.complaints.interest import interest_of
from anze.complaints.life import Step
from anze.complaints.models import Complaint
from anze.identity.models import Staff
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.providers.models import Provider
from anze.texts import text as say


def parts(session: Session, case: Complaint) -> dict[str, Any]:
    """`classification`, `extensions`, `pauses`, `notices`, `interests`, `cause`, `merged_into`, `merged_from`."""
    interests = list(session.scalars(select(Interest).where(Interest.complaint_id == case.id).order_by(Interest.at)))
    who = _Names(session, case, interests)
    classified = case.classification
    into = session.get(Complaint, case.merged_into_id) if case.merged_into_id else None
    merged = select(Complaint.number).where(Complaint.merged_into_id == case.id).order_by(Complaint.number)
    return {
        "classification": {"reason": classified.reason, "at": iso(classified.at), "by": who[classified.by]}
        if classified
        else None,
        "extensions": [
            {
                "no": one.no, "reason": one.reason, "asked_at": iso(one.asked_at), "asked_by": who[one.asked_by],
                "answer_by": iso(one.answer_by), "state": one.state, "answered_at": iso(one.answered_at),
                "answered_by": who[one.answered_by], "approver": one.approver, "answer": one.answer,
            }
            for one in case.extensions
        ],
        "pauses": [
            {
                "no": one.no, "body": one.body, "purpose": one.purpose,
                "commissioned_on": one.commissioned_on.isoformat(), "expected_on": one.expected_on.isoformat(),
                "returned_on": iso(one.returned_on), "result": one.result,
                "at": iso(one.at), "by": who[one.by],
            }
            for one in case.pauses
        ],
        "notices": [
            {
                "about": one.about, "words": say(f"complaint.about.{one.about}"), "no": one.about_no,
                "channel": one.channel, "recipient": one.recipient, "at": iso(one.at), "by": who[one.by],
                "sent_at": iso(one.sent_at), "read_at": iso(one.read_at), "failed_at": iso(one.failed_at),
                "evidence": one.evidence,
            }
            for one in case.notices
        ],
        "interests": [
            {"staff": who[f"staff:{one.staff_id}"], "reason": one.reason, "at": iso(one.at), "by": who[one.by]}
            for one in interests
        ],
        "cause": _cause(session, case, who),
        "merged_into": into.number if into else None,
        "merged_from": list(session.scalars(merged)),
    }  # fmt: skip


def steps(session: Session, case: Complaint, speaker: Speaker) -> dict[str, Any]:
    """`steps`: what this speaker may do with the case now, each with its clause and its name.

    `own_cause`: why the speaker must not handle it (then only standing aside is left), None without a reason.
    """
    may = life.allowed(state_of(case), speaker.role)
    staff = session.get(Staff, speaker.staff_id) if speaker.staff_id is not None and may else None
    why = interest_of(session, case, staff) if staff is not None else None
    if why is not None:
        may = [step for step in may if step is Step.STAND_ASIDE]
    listed = [{"step": one.value, "clause": life.LIFE[one].clause, "name": say(f"complaint.step.{one}")} for one in may]
    return {"steps": listed, "own_cause": why}


class _Names:
    """Names of everybody who did something, by actor; None stays None."""

    def __init__(self, session: Session, case: Complaint, interests: list[Interest]) -> None:
        actors: list[str | None] = [pause.by for pause in case.pauses]
        actors += [notice.by for notice in case.notices]
        actors += [one.by for one in interests]
        actors += [f"staff:{one.staff_id}" for one in interests]
        actors += [by for one in case.extensions for by in (one.asked_by, one.answered_by)]
        actors += [case.classification.by if case.classification else None, case.cause.by if case.cause else None]
        self._names = names(session, actors)

    def __getitem__(self, actor: str | None) -> str | None:
        return self._names[actor] if actor else None


def _cause(session: Session, case: Complaint, who: _Names) -> dict[str, Any] | None:
    named = case.cause
    if named is None:
        return None
    provider = session.get(Provider, named.provider_id) if named.provider_id else None
    return {
        "cause": named.cause,
        "name": causes().names[named.cause],
        "provider": provider.short_name if provider else None,
        "note": named.note,
        "at": iso(named.at),
        "by": who[named.by],
    }
