"""Reminders that wait in the outbox are read once more when they are about to leave the house."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.channels.models import OutboxMessage
from anze.reminders import content
from anze.reminders.content import Moment
from anze.reminders.message import Item, words
from anze.reminders.models import Reminder
from anze.reminders.policy import ReminderPolicy
from anze.texts import text as say


@dataclass(frozen=True)
class StillWanted:
    """Called with a message; it is brought up to date, and not wanted any more when nothing of it is."""

    calendar: CalendarStore
    policy: ReminderPolicy
    public_url: str

    def __call__(self, session: Session, row: OutboxMessage, now: datetime) -> bool:
        ids = row.body.get("reminders")
        if not ids:
            return True
        moment = Moment(now, self.calendar.calendar(), self.policy)
        items = []
        for reminder in session.scalars(select(Reminder).where(Reminder.id.in_(ids)).order_by(Reminder.id)):
            said = content.said_now(session, reminder, moment)
            if said is not None:
                items.append(Item(reminder, said))
        if items and row.channel != "phone_task":
            row.text = say("outbox.sms", said=words(items), url=self.public_url)
        return bool(items)
