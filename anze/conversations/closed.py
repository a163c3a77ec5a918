"""Nobody of the branch is there: when somebody is again, and whether this talk was told so."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.calendar.words import spoken
from anze.clock import SHANGHAI
from anze.conversations.hours import opens
from anze.conversations.models import Conversation, Message
from anze.identity.models import Branch
from anze.texts import text as say


def opening(session: Session, conversation: Conversation, now: datetime, calendar: CalendarStore) -> datetime | None:
    """When somebody answers again; None in the branch's hours, or when a colleague answers out of them."""
    days, hours = calendar.calendar(), session.get_one(Branch, conversation.branch_id).hours
    at = opens(now, hours, days)
    if at is None:
        return None
    said = select(func.max(Message.id)).where(Message.conversation_id == conversation.id, Message.sender == "staff")
    last = session.get(Message, session.scalar(said) or 0)
    return None if last is not None and opens(last.at, hours, days) == at else at


def note(conversation: Conversation, at: datetime) -> bool:
    """Mark the closed time that ends at `at` as told; whether it was not yet."""
    if conversation.closed_told_until is not None and conversation.closed_told_until >= at:
        return False
    conversation.closed_told_until = at
    return True


def words(at: datetime, now: datetime) -> str:
    """今天 13:30, 2026-11-24（周二）8:30."""
    here = at.astimezone(SHANGHAI)
    today = here.date() == now.astimezone(SHANGHAI).date()
    day = say("conversation.today") if today else spoken(here.date())
    return say("conversation.opens", day=day, time=f"{here.hour}:{here:%M}")
