"""Under which editions of the standard the cases stand: each must be there, or their dates would be wrong."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.complaints.models import Complaint
from anze.standard.editions import Editions
from anze.standard.load import KnowledgeError
from anze.texts import text


def refuse_missing(session: Session, editions: Editions) -> None:
    """Raises KnowledgeError, in one Chinese line, when cases began under an edition that is not there."""
    counts = session.execute(select(Complaint.edition, func.count()).group_by(Complaint.edition)).tuples()
    for key, count in counts:
        if key not in editions.by_key:
            raise KnowledgeError(text("serve.edition_missing", edition=key, count=count))
