"""A talk was shown up to a message: what was said in it counts as told from now (告知)."""

from datetime import datetime

from sqlalchemy.orm import Session

from anze.complaints import decision, notices
from anze.complaints.dates import ComplaintDates
from anze.conversations import reading


def shown(session: Session, conversation_id: str, message_id: int, now: datetime, dates: ComplaintDates) -> None:
    """The conversation's row is written last: the audit chain's head is always taken first."""
    decision.mark_read(session, conversation_id, message_id, now)
    notices.mark_read(session, conversation_id, message_id, now, dates)
    reading.move_mark(session, conversation_id, message_id)
