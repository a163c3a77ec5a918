"""What makes a service or its report look made up (9.2 d): noted once, for people to find out whether it is so."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.policies.models import Policy
from anze.reports import usecases as reports
from anze.reports.kinds import CandidateKind
from anze.texts import text as say


def note_same_report(session: Session, service: Service, now: datetime) -> bool:
    """One provider's report under two services of different insureds is a candidate; those of a joint session are not.

    False: there is no such other one, or it is noted already.
    """
    if not service.report_no or service.provider_id is None:
        return False
    other = session.scalar(
        select(Service)
        .where(
            Service.provider_id == service.provider_id, Service.report_no == service.report_no,
            Service.insured_id != service.insured_id,
        )
        .order_by(Service.id)
        .limit(1)
    )  # fmt: skip
    if other is None or _session_of(other) == _session_of(service):
        return False
    return reports.note(
        session, kind=CandidateKind.FAKE_SERVICE, subject=f"service:{service.id}", insured_id=service.insured_id,
        branch_id=session.get_one(Policy, service.policy_id).branch_id,
        words=say("booking.same_report", report=service.report_no, number=service.number, other=other.number),
        at=now, by="system",
    )  # fmt: skip


def _session_of(service: Service) -> int:
    """The service that holds the half days."""
    return service.joint_with_id or service.id
