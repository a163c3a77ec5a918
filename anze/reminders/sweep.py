"""The sweep over due reminders: claim some, say them, until nothing is due. Any number of processes may run it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.clock import Clock
from anze.conversations.turns import real_now
from anze.db import Database
from anze.reminders import store
from anze.reminders.content import Moment
from anze.reminders.deliver import Voice, deliver
from anze.reminders.models import Reminder
from anze.reminders.policy import ReminderPolicy, load_policy

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """`lease`: by the real clock; what a worker claimed and did not finish in it is taken by another."""

    db: Database
    clock: Clock
    calendar: CalendarStore
    voice: Voice
    policy: ReminderPolicy = field(default_factory=load_policy)
    owner: str = field(default_factory=lambda: uuid4().hex)
    lease: timedelta = timedelta(seconds=60)
    batch: int = 250
    real_now: Callable[[], datetime] = real_now

    async def run(self, wake: Callable[[str], None]) -> int:
        """Say what is due now, oldest first; gives how many rows were worked off. Wakes each talk that was told."""
        done = 0
        while ids := await self.claim():
            for conversation_id in await self.say(ids):
                wake(conversation_id)
            done += len(ids)
        return done

    async def claim(self) -> list[int]:
        """Take the next rows that are due or that somebody left lying."""

        def work(session: Session) -> list[int]:
            real = self.real_now()
            until = real + self.lease
            left = store.claim(session, store.abandoned_ids(real, self.batch), self.owner, until)
            return left or store.claim(session, store.due_ids(self.clock.now(), self.batch), self.owner, until)

        return await self.db.in_write(work)

    async def say(self, ids: list[int]) -> set[str]:
        """Say claimed rows in one transaction; when one of them cannot be said, each in its own, and the others are."""
        try:
            return await self._say(ids)
        except Exception as error:  # which one it was is found below
            log.error("a batch of %d reminders failed: %s", len(ids), type(error).__name__)
        told: set[str] = set()
        for id_ in ids:
            try:
                told |= await self._say([id_])
            except Exception as error:  # it is tried again when its lease is over
                kind = await self.db.in_read(partial(_kind, id_=id_))
                log.error("reminder %d (%s) failed: %s", id_, kind, type(error).__name__)
        return told

    async def _say(self, ids: list[int]) -> set[str]:
        moment = Moment(self.clock.now(), self.calendar.calendar(), self.policy)
        return await self.db.in_write(lambda s: deliver(s, ids, self.owner, moment, self.voice))


def _kind(session: Session, id_: int) -> str | None:
    return session.scalar(select(Reminder.kind).where(Reminder.id == id_))
