"""A case as a colleague works on it: desk.case, both clocks, what was told, and what can be done now."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import iso
from anze.complaints import desk, life
from anze.complaints.dates import ComplaintDates
from anze.complaints.explain import left_words, render
from anze.complaints.finding import found_for_staff
from anze.complaints.handling import to_tell
from anze.complaints.interest import grounds
from anze.complaints.models import Complaint
from anze.complaints.telling import counts_from
from anze.conversations.models import Conversation
from anze.identity.models import Staff
from anze.identity.speaker import Speaker


def whole(session: Session, speaker: Speaker, number: str, dates: ComplaintDates, now: datetime) -> dict[str, Any]:
    """desk.case and more. Raises as desk.case.

    `clocks`: [{"name": standard | second, "due", "remaining", "overdue", "provisional", "left", "lines": […]}…];
    `to_tell`: [{"about", "no"}…]; `counts_from` of each notice; the branch's `hotline`; `talk`: {"id", "handoff"}.
    """
    row = found_for_staff(session, speaker, number)
    talk = session.get_one(Conversation, row.conversation_id)
    shown = desk.case(session, speaker, number, dates, now)
    counted = [counts_from(one.telling) for one in row.notices]
    return shown | {
        "clocks": clocks(row, dates, now),
        "hotline": row.branch.hotline,
        "notices": [notice | {"counts_from": iso(at)} for notice, at in zip(shown["notices"], counted, strict=True)],
        "to_tell": [{"about": str(about), "no": no} for about, no in to_tell(row)],
        "talk": {"id": talk.id, "handoff": talk.handoff},
    }


def handlers(session: Session, speaker: Speaker, number: str) -> list[dict[str, str]]:
    """Who may be given a case: officers of its branch and above without an interest. [{"username", "name", "branch"}…].

    Raises as found_for_staff.
    """
    row = found_for_staff(session, speaker, number)
    above = [int(part) for part in row.branch.path.split("/") if part]
    query = select(Staff).where(
        Staff.branch_id.in_(above), Staff.role.in_(life.HANDLERS), Staff.left_at.is_(None)
    )  # fmt: skip
    found = session.scalars(query.order_by(Staff.branch_id.desc(), Staff.id)).all()
    known = grounds(session, row)
    return [
        {"username": one.username, "name": one.name, "branch": one.branch.short_name}
        for one in found
        if known.against(one) is None
    ]


def clocks(row: Complaint, dates: ComplaintDates, now: datetime) -> list[dict[str, Any]]:
    """Both clocks with their reasons, as `whole` gives them."""
    standing, reasons = dates.reasons(row, now)
    states = {"standard": standing.standard, "second": standing.second}
    shown = []
    for name, explanation in reasons.items():
        state = states[name]
        assert state is not None
        shown.append(
            {
                "name": name,
                "due": iso(state.due),
                "remaining": state.remaining,
                "overdue": bool(state.breaches),
                "provisional": state.provisional,
                "left": left_words(explanation.left),
                "lines": render(explanation),
            }
        )
    return shown
