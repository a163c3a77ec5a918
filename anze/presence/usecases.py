"""Signs between colleagues: who has the same case open, who writes in the same talk. For who may see it, nobody else.

`now` is the real clock: a demo's clock may stand. Nothing of it is logged or goes into the chain.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from anze.complaints.finding import found_for_staff
from anze.conversations import desk
from anze.db import insert_missing
from anze.identity.models import Role, Staff
from anze.identity.speaker import Speaker
from anze.presence.models import Presence
from anze.presence.rules import OPEN, TYPING, Doing, doing

type Subject = Callable[[Session, Speaker], str]
"""What somebody is at, once it is sure that they may see it. Raises not_found, DeniedError."""


def complaint(number: str) -> Subject:
    return lambda session, speaker: f"complaint:{found_for_staff(session, speaker, number).id}"


def talk(conversation_id: str) -> Subject:
    return lambda session, speaker: f"conversation:{desk.found(session, speaker, conversation_id).id}"


def others(session: Session, speaker: Speaker, subject: Subject, now: datetime) -> list[dict[str, Any]]:
    """Colleagues who are there now: [{"name", "doing": open | typing}…]."""
    at = subject(session, speaker)
    query = (
        select(Presence, Staff.name)
        .join(Staff, Staff.id == Presence.staff_id)
        .where(Presence.subject == at, Presence.open_until > now, Presence.staff_id != speaker.staff_id)
        .order_by(Staff.name, Staff.id)
    )
    return [
        {"name": name, "doing": sign}
        for row, name in session.execute(query)
        if (sign := doing(row.open_until, row.typing_until, now)) is not None
    ]


def come(session: Session, speaker: Speaker, subject: Subject, what: Doing, now: datetime) -> list[dict[str, Any]]:
    """I am there, or write; says who else. An auditor looks without a sign."""
    at = subject(session, speaker)
    if speaker.role != Role.AUDITOR and speaker.staff_id is not None:
        mine = Presence.staff_id == speaker.staff_id
        session.execute(delete(Presence).where(mine, Presence.open_until <= now))
        insert_missing(session, Presence, subject=at, staff_id=speaker.staff_id, open_until=now + OPEN)
        row = session.get_one(Presence, (at, speaker.staff_id), with_for_update=True, populate_existing=True)
        row.open_until = now + OPEN
        if what == Doing.TYPING:
            row.typing_until = now + TYPING
        session.flush()
    return others(session, speaker, lambda *_: at, now)


def stop(session: Session, speaker: Speaker, subject: Subject) -> None:
    """What was written is sent or given up; the page stays open."""
    at = subject(session, speaker)
    row = session.get(Presence, (at, speaker.staff_id))
    if row is not None:
        row.typing_until = None
        session.flush()


def leave(session: Session, speaker: Speaker, subject: Subject) -> None:
    """The page is closed."""
    at = subject(session, speaker)
    session.execute(delete(Presence).where(Presence.subject == at, Presence.staff_id == speaker.staff_id))
