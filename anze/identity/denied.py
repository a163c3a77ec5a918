"""A read of what is not one's own: for the asker it is not there, for the auditor it is on record."""

from datetime import datetime

from anze.db import Database
from anze.errors import DomainError
from anze.identity.models import DeniedRead


class DeniedError(DomainError):
    """Answered exactly like something that does not exist. Whoever catches it at the edge keeps it, by `record`.

    The unit of work in which it was raised is rolled back; the record gets one of its own.
    """

    def __init__(self, actor: str, subject: str) -> None:
        super().__init__("not_found", 404)
        self.actor = actor
        self.subject = subject


async def record(db: Database, error: DomainError, now: datetime) -> None:
    """Keep who asked for what, if the error says so."""
    if isinstance(error, DeniedError):
        row = DeniedRead(at=now, actor=error.actor, subject=error.subject)
        await db.in_write(lambda session: session.add(row))
