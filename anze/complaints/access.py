"""Who may see a case, for other nouns: the files of a case go by the same condition as the case."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints.models import Complaint, Evidence
from anze.complaints.store import visible
from anze.identity.speaker import Speaker


def may_see(session: Session, speaker: Speaker, complaint_id: int) -> bool:
    """Whether this speaker finds the case."""
    query = select(Complaint.id).where(visible(speaker), Complaint.id == complaint_id)
    return session.scalar(query) is not None


def may_see_evidence(session: Session, speaker: Speaker, file_id: str) -> bool:
    """Whether a file is evidence of a case that this colleague may see; of nobody else: a talk is its person's own."""
    if speaker.staff_id is None:
        return False
    query = select(Complaint.id).join(Evidence, Evidence.complaint_id == Complaint.id)
    return session.scalar(query.where(visible(speaker), Evidence.file_id == file_id).limit(1)) is not None
