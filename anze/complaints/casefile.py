"""A case as a colleague works on it: desk.case, both clocks, what was told, and what can be done now."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints import desk, life
from anze.complaints.dates import ComplaintDates
from anze.complaints.explain import left_words, render
from anze.complaints.handling import state_of, to_tell
from anze.complaints.handling_models import Notice
from anze.complaints.interest import interest_of
from anze.complaints.models import Complaint
from anze.complaints.registering import likely_same
from anze.complaints.store import UNDER_WAY
from anze.complaints.telling import counts_from
from anze.conversations.models import Conversation
from anze.identity.models import Branch, Staff
from anze.identity.speaker import Speaker


def whole(session: Session, speaker: Speaker, number: str, dates: ComplaintDates, now: datetime) -> dict[str, Any]:
    """desk.case and more. Raises as desk.found_for_staff.

    `clocks`: [{"name": standard | second, "due", "remaining", "overdue", "provisional", "left", "lines": […]}…];
    `steps`: names of life.Step that can be taken now by who asks; `interest`: why they must not, in words, or None;
    `to_tell`: [{"about", "no"}…]; `duplicates` as registering.likely_same while the case is under way.
    """
    row = desk.found_for_staff(session, speaker, number)
    me = session.get_one(Staff, speaker.staff_id)
    branch = session.get_one(Branch, row.branch_id)
    talk = session.get_one(Conversation, row.conversation_id)
    return desk.case(session, speaker, number, dates, now) | {
        "clocks": _clocks(row, dates, now),
        "paused": row.paused,
        "handler": {"username": row.handler.username, "name": row.handler.name} if row.handler else None,
        "hotline": branch.hotline,
        "source": row.source,
        "standing_right": row.standing_right,
        "late_reason": row.late_reason,
        "regulator": {"no": row.regulator_no, "due_on": _iso(row.regulator_due_on)} if row.regulator_no else None,
        "classification": {"reason": row.classification.reason, "at": row.classification.at.isoformat()}
        if row.classification
        else None,
        "extensions": [
            {"no": one.no, "state": one.state, "reason": one.reason, "asked_at": one.asked_at.isoformat(),
             "answer_by": one.answer_by.isoformat(), "answer": one.answer}
            for one in row.extensions
        ],
        "pauses": [
            {"no": one.no, "body": one.body, "purpose": one.purpose, "commissioned_on": _iso(one.commissioned_on),
             "expected_on": _iso(one.expected_on), "returned_on": _iso(one.returned_on), "result": one.result}
            for one in row.pauses
        ],
        "notices": [_notice(one) for one in row.notices],
        "cause": {"cause": row.cause.cause, "note": row.cause.note} if row.cause else None,
        "to_tell": [{"about": str(about), "no": no} for about, no in to_tell(row)],
        "steps": [step.value for step in life.allowed(state_of(row), speaker.role)],
        "interest": interest_of(session, row, me),
        "duplicates": likely_same(session, speaker, row) if row.status in UNDER_WAY else [],
        "talk": {"id": talk.id, "handoff": talk.handoff, "channel": talk.channel},
    }  # fmt: skip


def handlers(session: Session, speaker: Speaker, number: str) -> list[dict[str, str]]:
    """Who may be given a case: officers of its branch and above without an interest. [{"username", "name", "branch"}…].

    Raises as desk.found_for_staff.
    """
    row = desk.found_for_staff(session, speaker, number)
    above = [int(part) for part in row.branch.path.split("/") if part]
    query = select(Staff).where(
        Staff.branch_id.in_(above), Staff.role.in_(life.HANDLERS), Staff.left_at.is_(None)
    )  # fmt: skip
    found = session.scalars(query.order_by(Staff.branch_id.desc(), Staff.id)).all()
    return [
        {"username": one.username, "name": one.name, "branch": one.branch.short_name}
        for one in found
        if interest_of(session, row, one) is None
    ]


def _clocks(row: Complaint, dates: ComplaintDates, now: datetime) -> list[dict[str, Any]]:
    standing, reasons = dates.reasons(row, now)
    states = {"standard": standing.standard, "second": standing.second}
    shown = []
    for name, explanation in reasons.items():
        state = states[name]
        assert state is not None
        shown.append(
            {
                "name": name,
                "due": _iso(state.due),
                "remaining": state.remaining,
                "overdue": bool(state.breaches),
                "provisional": state.provisional,
                "left": left_words(explanation.left),
                "lines": render(explanation),
            }
        )
    return shown


def _notice(one: Notice) -> dict[str, Any]:
    counted = counts_from(one.telling)
    return {
        "about": one.about,
        "no": one.about_no,
        "channel": one.channel,
        "recipient": one.recipient if one.channel != "page" else "",
        "at": one.at.isoformat(),
        "counts_from": counted.isoformat() if counted else None,
        "failed_at": one.failed_at.isoformat() if one.failed_at else None,
        "evidence": one.evidence,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
