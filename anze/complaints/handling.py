"""Staff take a case in, hand it on, call it complex, stop its clock and start it again (6.4 a–d).

Every use case here checks the version that the officer saw, the table of life.py and the scope; it records one event
that names its clause, tells the complainant in the same transaction, and gives the talks that were spoken in.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints import life
from anze.complaints.dates import ComplaintDates, Told
from anze.complaints.escalating import settled
from anze.complaints.finding import found_for_staff
from anze.complaints.handling_models import About, Classification, ExtensionState, Interest, Pause
from anze.complaints.interest import interest_of
from anze.complaints.keeping import intake_done
from anze.complaints.life import CaseState, Step
from anze.complaints.models import Complaint, ComplaintStatus
from anze.complaints.notices import tell
from anze.complaints.settling import settle
from anze.complaints.telling import counts_from
from anze.errors import DomainError
from anze.identity.models import Staff
from anze.identity.speaker import Speaker
from anze.texts import text as say


def state_of(case: Complaint) -> CaseState:
    """What the table of steps asks about a case."""
    newest = case.extensions[-1].state if case.extensions else None
    return CaseState(
        status=case.status,
        form=case.form,
        classified=case.classification is not None,
        extension=newest,
        pause_open=open_pause(case) is not None,
        caused=case.cause is not None,
        to_tell=bool(to_tell(case)),
    )


def open_pause(case: Complaint) -> Pause | None:
    return next((one for one in case.pauses if one.returned_on is None), None)


def to_tell(case: Complaint) -> list[tuple[About, int]]:
    """What was done and the complainant does not count as told of yet."""
    due: list[tuple[About, int]] = []
    if case.classification is not None:
        due.append((About.CLASSIFICATION, 1))
    due += [(About.EXTENSION, one.no) for one in case.extensions if one.state == ExtensionState.APPROVED]
    due += [(About.PAUSE, one.no) for one in case.pauses]
    due += [(About.RETURN, one.no) for one in case.pauses if one.returned_on is not None]
    if case.decision is not None and case.decision.told_at is None:
        due.append((About.DECISION, 1))
    told = {(one.about, one.about_no) for one in case.notices if counts_from(one.telling) is not None}
    return [one for one in due if one not in told]


def held(session: Session, speaker: Speaker, number: str, step: Step, version: int) -> Complaint:
    """The case, locked, as the officer saw it, when this step can be taken.

    Raises DomainError not_found (DeniedError out of scope), forbidden, complaint_changed and the table's codes.
    """
    case = found_for_staff(session, speaker, number, lock=True)
    if version != case.version:
        raise DomainError("complaint_changed", 409)
    if code := life.refused(step, state_of(case), speaker.role):
        raise DomainError(code, 403 if code == "forbidden" else 409)
    if step is not Step.STAND_ASIDE:
        not_in_own_cause(session, case, speaker)
    return case


def not_in_own_cause(session: Session, case: Complaint, speaker: Speaker) -> None:
    """Raises DomainError complaint_interest for somebody with an interest in the case."""
    assert speaker.staff_id is not None
    why = interest_of(session, case, session.get_one(Staff, speaker.staff_id))
    if why is not None:
        raise DomainError("complaint_interest", 409, why=why)


def record(session: Session, case: Complaint, step: Step, actor: str, now: datetime, body: dict[str, Any]) -> None:
    """One event of the chain; words go in by digest."""
    append(session, at=now, kind=f"complaint.{step}", subject=f"complaint:{case.id}", actor=actor,
           body={"number": case.number, "clause": life.LIFE[step].clause} | body)  # fmt: skip


def notice_fields(case: Complaint, before: Told, after: Told) -> dict[str, str]:
    """Fields for a notice: the old date, the one that holds once it counts, who handles the case, the telephone."""
    branch = case.branch
    return {
        "number": str(case.number),
        "old": both(before),
        "new": both(after),
        "left": after.left,
        "branch": branch.name,
        "hotline": branch.hotline,
        "handler": case.handler.name if case.handler else branch.name,
    }


def both(told: Told) -> str:
    """Both dates in words; the clock's rest while it is stopped."""
    if told.paused:
        return say("complaint.notice.paused", left=told.left)
    if told.due_on is None:
        return spoken(told.second_due_on) if told.second_due_on else ""
    key = "complaint.notice.remedial" if told.remedial else "complaint.notice.both"
    second = spoken(told.second_due_on) if told.second_due_on else ""
    return say(key, due=spoken(told.due_on, told.provisional), second=second)


def accept(
    session: Session, speaker: Speaker, number: str, version: int, now: datetime, dates: ComplaintDates
) -> list[str]:
    """受理: from now on somebody handles it; whoever accepts is the handler until it is assigned."""
    case = held(session, speaker, number, Step.ACCEPT, version)
    if case.status == ComplaintStatus.INTAKE:
        intake_done(session, case, now, speaker.actor)
    case.status, case.accepted_at, case.handler_id = ComplaintStatus.HANDLING, now, speaker.staff_id
    session.flush()
    session.refresh(case, ["handler"])
    record(session, case, Step.ACCEPT, speaker.actor, now, {"handler": speaker.staff_id})
    told = settle(case, dates, now)
    fields = notice_fields(case, told, told) | {"dates": both(told)}
    return tell(session, case, About.ACCEPTANCE, say("complaint.notice.acceptance", **fields), now, speaker.actor)


def assign(
    session: Session, speaker: Speaker, number: str, version: int, username: str, now: datetime, dates: ComplaintDates
) -> list[str]:
    """指派: to a colleague of the case's branch or above who has no interest in it."""
    case = held(session, speaker, number, Step.ASSIGN, version)
    staff = session.scalar(select(Staff).where(Staff.username == username, Staff.left_at.is_(None)))
    if staff is None or staff.role not in life.HANDLERS or not case.branch.path.startswith(staff.branch.path):
        raise DomainError("handler_unknown", 422)
    if why := interest_of(session, case, staff):
        raise DomainError("complaint_interest", 409, why=why)
    before, case.handler_id = case.handler_id, staff.id
    record(session, case, Step.ASSIGN, speaker.actor, now, {"from": before, "to": staff.id})
    settle(case, dates, now)
    session.flush()
    return []


def stand_aside(
    session: Session, speaker: Speaker, number: str, version: int, reason: str, now: datetime, dates: ComplaintDates
) -> list[str]:
    """回避: the officer has an interest in the case and must not handle it from now on."""
    case = held(session, speaker, number, Step.STAND_ASIDE, version)
    assert speaker.staff_id is not None
    if session.get(Interest, (case.id, speaker.staff_id)) is None:
        session.add(Interest(complaint_id=case.id, staff_id=speaker.staff_id, reason=reason, at=now, by=speaker.actor))
    if case.handler_id == speaker.staff_id:
        case.handler_id = None
    record(session, case, Step.STAND_ASIDE, speaker.actor, now, {"reason_sha256": digest(reason)})
    settle(case, dates, now)
    session.flush()
    return []


def classify(
    session: Session, speaker: Speaker, number: str, version: int, reason: str, now: datetime, dates: ComplaintDates
) -> list[str]:
    """情况复杂 (6.4 b): the reason recorded and told. After the old date it is recorded and cures nothing."""
    case = held(session, speaker, number, Step.CLASSIFY, version)
    before = dates.told(case, now)
    case.classification = Classification(complaint_id=case.id, reason=reason, at=now, by=speaker.actor)
    session.flush()
    record(session, case, Step.CLASSIFY, speaker.actor, now, {"reason_sha256": digest(reason)} | old_dates(before))
    return told_of(session, case, About.CLASSIFICATION, 1, {"reason": reason}, before, speaker, now, dates)


def pause(
    session: Session, speaker: Speaker, number: str, version: int, *, body: str, purpose: str, commissioned_on: date,
    expected_on: date, now: datetime, dates: ComplaintDates,
) -> list[str]:  # fmt: skip
    """暂停计时 (6.4 d): an outside body was commissioned. The clock stops from the day of the notice, not before."""
    case = held(session, speaker, number, Step.PAUSE, version)
    if not legal_date(case.received_at) <= commissioned_on <= legal_date(now):
        raise DomainError("pause_commissioned", 422)
    if expected_on <= commissioned_on:
        raise DomainError("pause_expected", 422)
    before = dates.told(case, now)
    no = len(case.pauses) + 1
    case.pauses.append(
        Pause(
            no=no, body=body, purpose=purpose, commissioned_on=commissioned_on, expected_on=expected_on, at=now,
            by=speaker.actor,
        )
    )  # fmt: skip
    session.flush()
    record(session, case, Step.PAUSE, speaker.actor, now, {
        "no": no, "body_sha256": digest(body), "purpose_sha256": digest(purpose),
        "commissioned_on": commissioned_on.isoformat(), "expected_on": expected_on.isoformat(),
    } | old_dates(before))  # fmt: skip
    said = {"body": body, "purpose": purpose, "since": spoken(commissioned_on), "until": spoken(expected_on)}
    return told_of(session, case, About.PAUSE, no, said, before, speaker, now, dates)


def resume(
    session: Session, speaker: Speaker, number: str, version: int, *, returned_on: date, result: str, now: datetime,
    dates: ComplaintDates,
) -> list[str]:  # fmt: skip
    """恢复计时: the result is there; the day of its return counts again."""
    case = held(session, speaker, number, Step.RESUME, version)
    running = open_pause(case)
    assert running is not None
    if not running.commissioned_on <= returned_on <= legal_date(now):
        raise DomainError("pause_returned", 422)
    before = dates.told(case, now)
    running.returned_on, running.result, running.returned_by = returned_on, result, speaker.actor
    session.flush()
    record(session, case, Step.RESUME, speaker.actor, now, {
        "no": running.no, "returned_on": returned_on.isoformat(), "result_sha256": digest(result),
    } | old_dates(before))  # fmt: skip
    said = {"body": running.body, "on": spoken(returned_on)}
    return told_of(session, case, About.RETURN, running.no, said, before, speaker, now, dates)


def withdraw(
    session: Session, speaker: Speaker, number: str, version: int, said: str, now: datetime, dates: ComplaintDates
) -> list[str]:
    """撤回: on the complainant's word, written down as it was said; it ends on this day."""
    case = held(session, speaker, number, Step.WITHDRAW, version)
    if case.status == ComplaintStatus.INTAKE:
        intake_done(session, case, now, speaker.actor)
    case.status, case.closed_at = ComplaintStatus.WITHDRAWN, now
    settled(session, case, now, speaker.actor)
    record(session, case, Step.WITHDRAW, speaker.actor, now, {"said_sha256": digest(said)})
    settle(case, dates, now)
    session.flush()
    return []


def old_dates(before: Told) -> dict[str, Any]:
    """For the chain: the dates before a change."""
    kept = before.record()
    return {"old_due_on": kept["due_on"], "old_second_due_on": kept["second_due_on"]}


def told_of(
    session: Session, case: Complaint, about: About, no: int, said: dict[str, str], before: Told, speaker: Speaker,
    now: datetime, dates: ComplaintDates,
) -> list[str]:  # fmt: skip
    """Settle the dates and tell the complainant: the old date, the new one, why, who handles it and the telephone.

    `before`: the dates as they were before the step. The text is that of what it is about.
    """
    fields = notice_fields(case, before, dates.told(case, now, {(about, no): legal_date(now)})) | said
    settle(case, dates, now)
    return tell(session, case, about, say(f"complaint.notice.{about}", **fields), now, speaker.actor, no=no)
