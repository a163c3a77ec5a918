"""Issued letters as other nouns ask for them."""

from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from anze.letters.models import ComplaintLetter, LetterKind, LetterOrigin


def counting(session: Session, complaint_id: int, kind: LetterKind) -> ComplaintLetter | None:
    """The version that counts: the newest sealed scan, else the newest one issued."""
    scans_first = case((ComplaintLetter.origin == LetterOrigin.SCAN, 0), else_=1)
    query = (
        select(ComplaintLetter)
        .where(ComplaintLetter.complaint_id == complaint_id, ComplaintLetter.kind == kind)
        .order_by(scans_first, ComplaintLetter.version.desc())
        .options(joinedload(ComplaintLetter.file))
        .limit(1)
    )
    return session.scalar(query)


def complaint_of(session: Session, file_id: str) -> int | None:
    """The case whose letter this file is: whoever may see the case may read it."""
    return session.scalar(select(ComplaintLetter.complaint_id).where(ComplaintLetter.file_id == file_id))
