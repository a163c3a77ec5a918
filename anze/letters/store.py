"""Queries over issued letters. Whether the speaker may see their case is asked before."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from anze.conversations.models import Conversation, File
from anze.identity.speaker import Speaker
from anze.letters.models import ComplaintLetter, LetterKind


def versions(session: Session, complaint_id: int) -> list[ComplaintLetter]:
    """Every version of every letter of a case, the newest first."""
    query = select(ComplaintLetter).where(ComplaintLetter.complaint_id == complaint_id)
    with_files = query.options(joinedload(ComplaintLetter.file), joinedload(ComplaintLetter.word))
    return list(session.scalars(with_files.order_by(ComplaintLetter.kind, ComplaintLetter.version.desc())))


def version(session: Session, complaint_id: int, kind: LetterKind, number: int) -> ComplaintLetter | None:
    """One version."""
    query = select(ComplaintLetter).where(ComplaintLetter.complaint_id == complaint_id)
    return session.scalar(query.where(ComplaintLetter.kind == kind, ComplaintLetter.version == number))


def last_version(session: Session, complaint_id: int, kind: LetterKind) -> int:
    """Number of the newest version, 0 before the first."""
    query = select(func.max(ComplaintLetter.version)).where(ComplaintLetter.complaint_id == complaint_id)
    return session.scalar(query.where(ComplaintLetter.kind == kind)) or 0


def with_file(session: Session, file_id: str) -> ComplaintLetter | None:
    """The version that this file is already, in either form."""
    is_it = or_(ComplaintLetter.file_id == file_id, ComplaintLetter.word_id == file_id)
    return session.scalar(select(ComplaintLetter).where(is_it))


def uploaded(session: Session, speaker: Speaker, file_id: str) -> File | None:
    """A file that this staff member uploaded."""
    query = select(File).join(Conversation, Conversation.id == File.conversation_id)
    return session.scalar(query.where(File.id == file_id, Conversation.staff_id == speaker.staff_id))
