"""What is kept (7.4) is not removed by the program either: whoever tries is refused, and the attempt is on record."""

from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, object_mapper

from anze.archives.models import ArchiveFolder, ArchiveItem, ArchiveWithdrawal
from anze.audit.chain import append
from anze.audit.models import AuditEvent, AuditHead
from anze.audit.rules import retained_until
from anze.calendar.words import spoken
from anze.clock import iso, legal_date
from anze.complaints.finding import found_for_staff
from anze.complaints.models import Complaint, Decision, Evidence, Statement
from anze.conversations.models import File
from anze.db import Database
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.standard.editions import load
from anze.texts import text as say

RETAINED = (
    ArchiveFolder, ArchiveItem, ArchiveWithdrawal, AuditEvent, AuditHead, Complaint, Decision, Evidence, File,
    Statement,
)  # fmt: skip
_KIND = "retention.refused"
_PROGRAM = "program"


class RetainedError(DomainError):
    """409: the record is kept, by `edition` or the one in force.

    `subject` names it; `actor` who tried, None: a part of the program did.
    """

    def __init__(self, subject: str, until: str, actor: str | None = None, edition: str | None = None) -> None:
        super().__init__("retained", 409, until=until, cite=load(edition).edition.cite)
        self.subject = subject
        self.actor = actor


def refuse(session: Session, speaker: Speaker, number: str, now: datetime) -> RetainedError:
    """Staff want to remove a complaint: the attempt goes into the chain, and the refusal comes back to be raised.

    Returned, not raised, so that the edge commits the record first. Raises DomainError not_found (DeniedError out of
    scope).
    """
    case = found_for_staff(session, speaker, number)
    until = retained_until(
        legal_date(case.closed_at) if case.closed_at else None,
        (case.policy.ended_early_on or case.policy.end_on) if case.policy else None,
    )
    day = say("audit.kept_until", day=spoken(until)) if until else say("audit.kept_open")
    subject = f"complaint:{case.id}"
    body = {"number": number, "until": iso(until)}
    append(session, at=now, kind=_KIND, subject=subject, actor=speaker.actor, body=body)
    return RetainedError(subject, day, speaker.actor, case.edition)


async def record(db: Database, error: DomainError, now: datetime) -> None:
    """Keep that a part of the program tried to remove what is kept; its own unit of work has been rolled back."""
    if isinstance(error, RetainedError) and error.actor is None:
        subject = error.subject
        await db.in_write(lambda session: append(session, at=now, kind=_KIND, subject=subject, actor=_PROGRAM, body={}))


@event.listens_for(Session, "before_flush")
def _no_row(session: Session, _context: Any, _instances: Any) -> None:
    for row in session.deleted:
        if isinstance(row, RETAINED):
            key = ",".join(str(value) for value in object_mapper(row).primary_key_from_instance(row))
            raise RetainedError(f"{row.__tablename__}:{key}"[:80], say("audit.kept_open"))


@event.listens_for(Session, "do_orm_execute")
def _no_rows(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if state.is_delete and mapper is not None and issubclass(mapper.class_, RETAINED):
        raise RetainedError(str(mapper.local_table), say("audit.kept_open"))
