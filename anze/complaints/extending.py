"""情况特别复杂 (6.4 c): asked of the superior body or a head-office executive, and told before the old date."""

from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.calendar.data import CalendarStore
from anze.calendar.words import spoken_time
from anze.clock import SHANGHAI, legal_date
from anze.complaints import life, remedies
from anze.complaints.clocks import Approver
from anze.complaints.dates import ComplaintDates, Told
from anze.complaints.escalating import asked_no_more
from anze.complaints.handling import held, old_dates, record, told_of
from anze.complaints.handling_models import About, Extension, ExtensionState
from anze.complaints.life import Step
from anze.complaints.models import Complaint
from anze.complaints.settling import settle
from anze.errors import DomainError
from anze.identity.models import Branch, Role, Staff
from anze.identity.speaker import Speaker
from anze.tasks.models import Task, TaskKind

ANSWER_AT = time(17, 30)
"""Close of business: a request is to be answered by then on the next working day (内部目标, no law says when)."""


def ask(
    session: Session, speaker: Speaker, number: str, version: int, *, reason: str, substitute: str | None,
    now: datetime, dates: ComplaintDates, calendar: CalendarStore,
) -> list[str]:  # fmt: skip
    """Ask the superior body (head office: its executives) for 30 more calendar days. Nothing moves by asking.

    Raises those of handling.held, extension_late (the old date has passed), substitute_unknown.
    """
    case = held(session, speaker, number, Step.ASK_EXTENSION, version)
    _in_time(dates.told(case, now), now)
    asked = remedies.superior(session, case.branch)
    extension = Extension(
        no=len(case.extensions) + 1,
        reason=reason,
        asked_at=now,
        asked_by=speaker.actor,
        branch_id=asked.id,
        substitute_id=_substitute(session, case, substitute).id if substitute else None,
        answer_by=answer_by(now, calendar),
    )
    case.extensions.append(extension)
    session.flush()
    record(session, case, Step.ASK_EXTENSION, speaker.actor, now, {
        "no": extension.no, "reason_sha256": digest(reason), "branch": asked.id,
        "answer_by": extension.answer_by.isoformat(),
    })  # fmt: skip
    _task(session, case, extension, now)
    settle(case, dates, now)
    return []


def answer_by(now: datetime, calendar: CalendarStore) -> datetime:
    """The close of business of the next working day."""
    day = calendar.calendar().nth_after(legal_date(now), 1)
    return datetime.combine(day, ANSWER_AT, SHANGHAI).astimezone(now.tzinfo)


def _in_time(told: Told, now: datetime) -> None:
    """Approval, then notice, no later than the old date; that day still counts."""
    if told.due_on is not None and legal_date(now) > told.due_on:
        raise DomainError("extension_late", 409)


def _substitute(session: Session, case: Complaint, username: str) -> Staff:
    staff = session.scalar(select(Staff).where(Staff.username == username, Staff.left_at.is_(None)))
    if staff is None or _right_of(session, case, staff) is None:
        raise DomainError("substitute_unknown", 422)
    return staff


def _right_of(session: Session, case: Complaint, staff: Staff) -> Approver | None:
    """By which right somebody may approve: as the superior body, or as a head-office executive. None: by none."""
    if staff.role != Role.SUPERVISOR:
        return None
    if staff.branch.parent_id is None:
        return Approver.HEAD_OFFICE_EXECUTIVE
    above = case.branch.path.startswith(staff.branch.path) and staff.branch_id != case.branch_id
    return Approver.SUPERIOR_BODY if above else None


def answer(
    session: Session, speaker: Speaker, number: str, version: int, *, approve: bool, words: str, now: datetime,
    dates: ComplaintDates,
) -> list[str]:  # fmt: skip
    """Approve, and tell the complainant in the same transaction; or refuse, with words to the one who asked.

    Raises those of handling.held, extension_own (asked for or handled by whoever answers), extension_not_superior,
    extension_late.
    """
    case = held(session, speaker, number, Step.ANSWER_EXTENSION, version)
    extension = case.extensions[-1]
    assert speaker.staff_id is not None
    right = _right_of(session, case, session.get_one(Staff, speaker.staff_id))
    if right is None:
        raise DomainError("extension_not_superior", 403)
    if extension.asked_by == speaker.actor or case.handler_id == speaker.staff_id:
        raise DomainError("extension_own", 409)
    before = dates.told(case, now)
    if approve:
        _in_time(before, now)
    extension.state = ExtensionState.APPROVED if approve else ExtensionState.REFUSED
    extension.answered_at, extension.answered_by, extension.answer = now, speaker.actor, words
    extension.approver = right if approve else None
    session.flush()
    record(session, case, Step.ANSWER_EXTENSION, speaker.actor, now, {
        "no": extension.no, "approved": approve, "right": right.value, "words_sha256": digest(words),
    } | old_dates(before))  # fmt: skip
    asked_no_more(session, case, now, speaker.actor)
    if not approve:
        settle(case, dates, now)
        return []
    said = {"reason": extension.reason}
    return told_of(session, case, About.EXTENSION, extension.no, said, before, speaker, now, dates)


def escalate(session: Session, now: datetime, calendar: CalendarStore) -> int:
    """Requests that nobody answered in time go one level up by themselves; at the top they are asked for again.

    Only while the case is handled: one that was decided or has ended needs no more time.
    """
    overdue = session.scalars(
        select(Extension)
        .join(Complaint, Complaint.id == Extension.complaint_id)
        .where(Extension.state == ExtensionState.ASKED, Extension.answer_by <= now)
        .where(Complaint.status.in_(life.LIFE[Step.ANSWER_EXTENSION].states))
        .order_by(Extension.complaint_id)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for extension in overdue:
        case = session.get_one(Complaint, extension.complaint_id)
        before = extension.branch_id
        above = remedies.superior(session, session.get_one(Branch, before))
        extension.branch_id, extension.answer_by = above.id, answer_by(now, calendar)
        body = {"number": case.number, "clause": life.LIFE[Step.ASK_EXTENSION].clause, "no": extension.no,
                "from": before, "to": above.id}  # fmt: skip
        append(session, at=now, kind="complaint.extension_escalated", subject=f"complaint:{case.id}", actor="system",
               body=body)  # fmt: skip
        _task(session, case, extension, now)
        count += 1
    session.flush()
    return count


def _task(session: Session, case: Complaint, extension: Extension, now: datetime) -> None:
    session.add(
        Task(
            kind=TaskKind.EXTENSION,
            subject=f"extension:{extension.id}:{extension.answer_by:%Y%m%d}",
            branch_id=extension.branch_id,
            body={"number": case.number, "answer_by": spoken_time(extension.answer_by)},
            created_at=now,
        )
    )
    session.flush()
