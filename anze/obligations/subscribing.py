"""Subscriptions of staff: asked for, listed, ended, and answered when they are due."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken_time
from anze.channels.rasa import MessageOut
from anze.clock import legal_date
from anze.conversations import pushing
from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.speaker import Speaker, speaker_of
from anze.obligations import usecases, wording
from anze.obligations.asking.timing import renewed
from anze.obligations.models import Subscription
from anze.obligations.query import Query
from anze.obligations.rhythm import Rhythm
from anze.obligations.wording import Named, say
from anze.standard.models import Check
from anze.standard.usecases import cite

MOST = 20
"""Subscriptions of one person"""
RESPONSE = "utter_obligation_subscription"


def subscribe(session: Session, speaker: Speaker, query: Query, rhythm: Rhythm, now: datetime) -> Subscription:
    """Keep it; the same question at the same times is kept once. Raises DomainError obligation_subscriptions."""
    mine = _mine(session, speaker)
    same = next((one for one in mine if one.query == query.to_json() and _rhythm(one) == rhythm), None)
    if same is not None:
        return same
    if len(mine) >= MOST or speaker.staff_id is None:
        raise DomainError("obligation_subscriptions", 409)
    row = Subscription(
        staff_id=speaker.staff_id, query=query.to_json(), weekday=rhythm.weekday, monthday=rhythm.monthday,
        at=rhythm.at, next_at=rhythm.after(now), created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def listed(session: Session, speaker: Speaker, now: datetime) -> list[dict[str, Any]]:
    """[{"id", "what", "when", "next"}…] of the speaker."""
    names, checks = usecases.named(session, speaker), usecases.known(legal_date(now)).check
    return [
        {"id": row.id, "what": _short(Query.from_json(row.query), checks, names),
         "when": when_words(_rhythm(row)), "next": spoken_time(row.next_at)}
        for row in _mine(session, speaker)
    ]  # fmt: skip


def _short(query: Query, checks: Mapping[str, Check], names: Named) -> str:
    """A question in few words; one whose duty the edition in force does not have is said so, until its time ends it."""
    return wording.short(query, checks, names) if query.check in checks else say("stopped")


def unsubscribe(session: Session, speaker: Speaker, id_: int | None, now: datetime) -> int:
    """End one of the speaker's own, or all; how many."""
    rows = [row for row in _mine(session, speaker) if id_ is None or row.id == id_]
    for row in rows:
        row.ended_at = now
    return len(rows)


def when_words(rhythm: Rhythm) -> str:
    """每周一 08:00."""
    at = f"{rhythm.at:%H:%M}"
    if rhythm.weekday is not None:
        return say("rhythm.weekly", day="一二三四五六日"[rhythm.weekday - 1], at=at)
    if rhythm.monthday is not None:
        return say("rhythm.monthly", day=rhythm.monthday, at=at)
    return say("rhythm.daily", at=at)


def answer_due(session: Session, now: datetime, calendar: WorkCalendar) -> list[str]:
    """Answer what is due, each within its owner's scope of this moment; the talks that were spoken in.

    Missed times (a standstill) are made up for once. Who has left is asked nothing more.
    """
    due = (
        select(Subscription)
        .where(Subscription.ended_at.is_(None), Subscription.next_at <= now)
        .order_by(Subscription.id)
        .limit(50)
        .options(joinedload(Subscription.staff, innerjoin=True))
        .with_for_update(of=Subscription, skip_locked=True)
    )
    told = []
    for row in session.scalars(due).unique():
        conversation = session.scalar(
            select(Conversation)
            .where(Conversation.staff_id == row.staff_id)
            .order_by(Conversation.created_at.desc())
            .limit(1)
        )
        if row.staff.left_at is not None or conversation is None:
            row.ended_at = now
            continue
        row.next_at = _rhythm(row).after(now)
        if Query.from_json(row.query).check not in usecases.known(legal_date(now)).check:
            row.ended_at = now
            gone = MessageOut(text=say("stopped"), response=RESPONSE)
            pushing.push(session, conversation.id, gone, now)
            told.append(conversation.id)
            continue
        pushing.push(
            session, conversation.id, _message(session, speaker_of(session, conversation), row, now, calendar), now
        )
        told.append(conversation.id)
    return told


def _message(
    session: Session, speaker: Speaker, row: Subscription, now: datetime, calendar: WorkCalendar
) -> MessageOut:
    query = Query.from_json(row.query)
    window = renewed(query.window, usecases.known(legal_date(now)).check[query.check], now, calendar)
    query = replace(query, window=window)
    answer = usecases.run(session, speaker, query, now, calendar, size=usecases.CHAT_ROWS)
    view = usecases.view(session, speaker, answer, now)
    text = "\n".join([say("subscription", when=when_words(_rhythm(row))), view["understood"], *view["lines"]])
    return MessageOut(
        text=text,
        custom=usecases.parts(view) | {"citations": cite([view["clause"]], view["edition_key"])},
        response=RESPONSE,
    )


def _mine(session: Session, speaker: Speaker) -> list[Subscription]:
    query = select(Subscription).where(Subscription.staff_id == speaker.staff_id, Subscription.ended_at.is_(None))
    return list(session.scalars(query.order_by(Subscription.id)))


def _rhythm(row: Subscription) -> Rhythm:
    return Rhythm(row.at, row.weekday, row.monthday)
