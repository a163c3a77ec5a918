"""Who may see a case, for other nouns: the files of a case go by the same condition as the case."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints.models import Complaint
from anze.complaints.store import visible
from anze.identity.speaker import Speaker


def may_see(session: Session, speaker: Speaker, complaint_id: int) -> bool:
    """Whether this speaker finds the case."""
    query = select(Complaint.id).where(visible(speaker), Complaint.id == complaint_id)
    return session.scalar(query) is not None
