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


class ForbiddenReadError(DomainError):
    """A staff member asked for what the role does not open; kept like what the branch does not."""

    def __init__(self, actor: str, path: str) -> None:
        super().__init__("forbidden", 403)
        self.actor = actor
        self.subject = path[:80]


def forbidden(actor: str, method: str, path: str) -> DomainError:
    """The refusal of a request for the role; of a read one that is kept."""
    return ForbiddenReadError(actor, path) if method in {"GET", "HEAD"} else DomainError("forbidden", 403)


async def record(db: Database, error: DomainError, now: datetime) -> None:
    """Keep who asked for what, if the error says so."""
    if isinstance(error, DeniedError | ForbiddenReadError):
        row = DeniedRead(at=now, actor=error.actor, subject=error.subject)
        await db.in_write(lambda session: session.add(row))
