"""After filing: more words and files, how it stands, taking it back."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.clock import iso, legal_date
from anze.complaints import store
from anze.complaints.dates import ComplaintDates, Told
from anze.complaints.keeping import attach, end, record, refuse_staff, state, story
from anze.complaints.models import OPEN, Complaint, ComplaintForm, ComplaintKind, ComplaintStatus, StatementKind
from anze.complaints.settling import settle
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.identity.models import Branch
from anze.texts import text as say


def add_files(session: Session, turn: Turn) -> dict[str, Any]:
    """Files sent alone: to the unfinished complaint, else to the only open one; `target` names it."""
    target = store.unfinished(session, turn.conversation_id, lock=True)
    if target is None:
        refuse_staff(turn)
        target = store.only_open(session, turn.speaker)
        if target is None:
            return {"attached": False, "count": len(turn.file_ids)}
    attach(session, turn, target)
    name = target.number or say("complaint.this_one")
    return {"attached": True, "target": name, "count": len(turn.file_ids)}


def withdraw(session: Session, turn: Turn, number: str) -> dict[str, Any]:
    """Withdraw a filed complaint; it ends on this day."""
    refuse_staff(turn)
    complaint = store.by_number(session, turn.speaker, number, lock=True)
    if complaint is None or complaint.status not in OPEN:
        return {"withdrawn": False, "number": number}
    end(session, turn, complaint)
    return {"withdrawn": True, "number": number}


def supplement(session: Session, turn: Turn, dates: ComplaintDates, number: str) -> dict[str, Any]:
    """Add words and files to an open complaint.

    The standard's date stays. New facts restart the second clock (令2020年第3号): `moved` says that its date changed;
    the answer tells so in the same turn.
    """
    refuse_staff(turn)
    complaint = store.by_number(session, turn.speaker, number, lock=True)
    if complaint is None or complaint.status not in OPEN:
        return {"added": False, "fields": {"number": number}}
    before = complaint.second_due_on
    if normalise(turn.text):
        state(session, turn, complaint, StatementKind.SUPPLEMENT, turn.text)
    attach(session, turn, complaint)
    told = dates.told(complaint, turn.now)
    moved = before is not None and told.second_due_on is not None and told.second_due_on != before
    if moved:
        days = {"old": str(before), "new": str(told.second_due_on)}
        record(session, turn, complaint, "complaint.second_clock_restarted", days)
    settle(complaint, dates, turn.now)
    return {"added": True, "moved": moved, "fields": {"number": number} | told.fields()}


def open_numbers(session: Session, turn: Turn) -> dict[str, Any]:
    """Numbers of the open complaints that the speaker may see, newest first, and whether a draft waits."""
    draft = store.unfinished(session, turn.conversation_id)
    return {
        "numbers": [c.number for c in store.filed(session, turn.speaker, open_only=True)],
        "draft": draft is not None,
    }


def status(session: Session, turn: Turn, dates: ComplaintDates, number: str | None) -> dict[str, Any]:
    """How the visible complaints stand (or one of them): words, dates, remaining working days, who handles them.

    `state` of a case: open, overdue, other (second clock only), decided (there is a decision that nobody read yet),
    closed.
    """
    if number is not None:
        found = store.by_number(session, turn.speaker, number)
        cases = [found] if found is not None else []
    else:
        cases = store.filed(session, turn.speaker, limit=5)
    draft = store.unfinished(session, turn.conversation_id)
    shown = [_case(session, case, turn.now, dates) for case in cases]
    return {
        "cases": shown,
        "table": _table(shown),
        "draft": draft is not None and draft.number is None and number is None,
    }


def _case(session: Session, case: Complaint, now: datetime, dates: ComplaintDates) -> dict[str, Any]:
    branch = session.get_one(Branch, case.branch_id)
    told = dates.told(case, now)
    fields = told.fields() | {
        "number": case.number,
        "status_text": say(f"complaint.status.{case.status}"),
        "summary": normalise(story(case))[:24],
        "branch": branch.name,
        "hotline": branch.hotline,
        "closed": spoken(legal_date(case.closed_at)) if case.closed_at else "",
    }
    return {
        "state": _state(case, told),
        "fields": fields,
        "working_to": iso(told.working_to),
    }


def _state(case: Complaint, told: Told) -> str:
    if case.status not in OPEN:
        return "closed"
    if case.status == ComplaintStatus.DECIDED:
        return "decided"
    if told.paused:
        return "paused"
    if case.kind == ComplaintKind.OTHER or case.form == ComplaintForm.REVIEW:
        return "other"
    return "overdue" if told.overdue else "open"


def _table(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Several cases as a table: what an open one still has, a closed one has no more."""
    rows = []
    for case in cases:
        fields, is_open = case["fields"], case["state"] not in {"closed", "decided"}
        left = fields["remaining"] if is_open and fields["remaining"] is not None else "—"
        due = (fields["due"] or fields["second"]) if is_open else "—"
        handler = say("complaint.handler", branch=fields["branch"], hotline=fields["hotline"])
        rows.append([fields["number"], fields["status_text"], fields["summary"], due, str(left), handler])
    names = ("number", "status", "summary", "due", "remaining", "handler")
    return {"columns": [say(f"complaint.column.{name}") for name in names], "rows": rows}
