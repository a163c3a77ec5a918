"""Two records of one grievance become one case: the earliest receipt governs."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.complaints.dates import ComplaintDates
from anze.complaints.escalating import settled
from anze.complaints.finding import found_for_staff
from anze.complaints.handling import held, not_in_own_cause, old_dates, record
from anze.complaints.keeping import intake_done
from anze.complaints.life import Step
from anze.complaints.models import UNDER_WAY, Complaint, ComplaintStatus, Evidence
from anze.complaints.settling import settle
from anze.errors import DomainError
from anze.identity.speaker import Speaker


def merge(
    session: Session, speaker: Speaker, number: str, version: int, into: str, now: datetime, dates: ComplaintDates
) -> list[str]:
    """合并: this record goes into another open case, which from now on counts from the earlier of both receipts.

    Words stay where they were said; files go along. Raises those of handling.held, merge_self, merge_closed,
    merge_other (another firm's or another form).
    """
    if number == into:
        raise DomainError("merge_self", 422)
    # Always in the order of their ids, so that two merges cannot wait for each other.
    first, second = sorted([found_for_staff(session, speaker, one).id for one in (number, into)])
    for id_ in (first, second):
        session.get_one(Complaint, id_, with_for_update=True, populate_existing=True)
    kept = found_for_staff(session, speaker, into, lock=True)
    case = held(session, speaker, number, Step.MERGE, version)
    if kept.status not in UNDER_WAY:
        raise DomainError("merge_closed", 409)
    not_in_own_cause(session, kept, speaker)
    if not _same_complainant(case, kept) or case.form != kept.form or case.kind != kept.kind:
        raise DomainError("merge_other", 409)
    before = dates.told(kept, now)
    earlier = case.received_at < kept.received_at
    body = {"into": kept.number, "received_at": case.received_at.isoformat()}
    if case.status == ComplaintStatus.INTAKE:
        intake_done(session, case, now, speaker.actor)
    case.status, case.closed_at, case.merged_into_id = ComplaintStatus.MERGED, now, kept.id
    if earlier:
        kept.received_at = case.received_at
    session.execute(
        update(Evidence)
        .where(Evidence.complaint_id == case.id)
        .where(Evidence.file_id.not_in(select(Evidence.file_id).where(Evidence.complaint_id == kept.id)))
        .values(complaint_id=kept.id)
    )
    session.flush()
    settled(session, case, now, speaker.actor)
    record(session, case, Step.MERGE, speaker.actor, now, body)
    settle(case, dates, now)
    told = settle(kept, dates, now)
    record(session, kept, Step.MERGE, speaker.actor, now, {
        "from": case.number, "received_at": kept.received_at.isoformat(), "earlier": earlier,
    } | old_dates(before) | told.record())  # fmt: skip
    session.flush()
    return []


def _same_complainant(one: Complaint, other: Complaint) -> bool:
    """The same firm by its policy; else the same telephone, or the firm as it was named. Nothing known is nobody."""
    if one.insured_id and other.insured_id:
        return one.insured_id == other.insured_id
    pairs = ((one.contact_phone, other.contact_phone), (_firm(one), _firm(other)))
    return any(left is not None and left == right for left, right in pairs)


def _firm(case: Complaint) -> str | None:
    return case.insured.name if case.insured else case.firm
