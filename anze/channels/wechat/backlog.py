"""More messages than are answered at a time: each is on the disk before it is acknowledged, and is taken up in order.

To store what a message means takes some twenty statements, to queue it takes part in one: a crowd is acknowledged
within the second, and its answers are pushed as they come.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.channels.hub import Hub
from anze.channels.rasa import MessageOut
from anze.channels.wechat import arriving
from anze.channels.wechat.account import Account
from anze.channels.wechat.arriving import Arrived
from anze.channels.wechat.envelope import Incoming
from anze.channels.wechat.media import Media
from anze.channels.wechat.models import WeChatArrival
from anze.clock import Clock
from anze.conversations import pushing, running
from anze.conversations.turns import TurnRunner
from anze.db import Database, insert_of

log = logging.getLogger(__name__)

_AT_ONCE, _TAKEN = 200, 20
_PAUSE = 0.05
_TICK, _AGAIN = timedelta(microseconds=1), timedelta(minutes=1)


@dataclass
class Backlog:
    """One per process."""

    db: Database
    account: Account
    turns: TurnRunner
    hub: Hub
    clock: Clock
    media: Media
    real_now: Callable[[], datetime]
    _pending: list[tuple[dict[str, Any], asyncio.Future[bool]]] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None
    _working: asyncio.Task[None] | None = None
    _last: datetime | None = None

    @property
    def busy(self) -> bool:
        """Whether something waits: what comes now must not overtake it."""
        return self._working is not None and not self._working.done()

    async def put(self, message: Incoming) -> bool:
        """Queue it; False when it was there already. Many at once share one transaction."""
        at = self.real_now()
        if self._last is not None and at <= self._last:
            at = self._last + _TICK  # the order of arrival
        self._last = at
        row = {
            "key": message.key, "openid": message.openid, "at": at, "queued_at": at, "said_at": self.clock.now(),
            "fields": json.dumps(message.fields, ensure_ascii=False), "deliveries": 1,
        }  # fmt: skip
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append((row, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await done

    async def resume(self) -> None:
        """Go on with what waits, if nobody is at it here."""
        if not self.busy and await self.db.in_read(lambda s: bool(_waiting(s, self.real_now(), 1))):
            self._start()

    async def close(self) -> None:
        """What waits stays on the disk."""
        tasks = [task for task in (self._working, self._writing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self) -> None:
        while self._pending:
            taken, self._pending = self._pending[:_AT_ONCE], self._pending[_AT_ONCE:]
            rows = {row["key"]: row for row, _ in taken}
            try:
                made = await self.db.in_write(lambda s, rows=rows: _insert(s, list(rows.values())))  # type: ignore[misc]
            except BaseException as error:
                for _, done in taken:
                    if not done.done():
                        done.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
                if not isinstance(error, Exception):
                    raise
                continue
            for row, done in taken:
                if not done.done():
                    done.set_result(row["key"] in made)
                made.discard(row["key"])  # a repeat in the same batch is no second one
            self._start()

    def _start(self) -> None:
        if not self.busy:
            self._working = asyncio.create_task(self._work())

    async def _work(self) -> None:
        """Take up what waits no faster than it is answered."""
        while keys := await self.db.in_read(lambda s: _waiting(s, self.real_now(), _TAKEN)):
            for key in keys:
                while self.turns.crowded:
                    await asyncio.sleep(_PAUSE)
                await self._one(key)

    async def _one(self, key: str) -> None:
        try:
            found = await self.db.in_write(lambda s: self._take_up(s, key))
            if found is not None:
                await self._go_on(found)
        except Exception as error:  # it is tried again; the others must not wait for it
            log.error("a queued WeChat message failed: %s", type(error).__name__)
            later = self.real_now() + _AGAIN
            await self.db.in_write(lambda s: _put_back(s, key, later))

    def _take_up(self, session: Session, key: str) -> Arrived | None:
        found = arriving.take_up(session, key, self.account)
        if found is None or found.conversation_id is None:
            return None
        now = self.clock.now()
        if found.message_id is not None:
            self._answer_is_pushed(session, key)
        elif found.reply is not None:
            out = MessageOut(text=found.reply, response="utter_fallback_wechat")
            pushing.push(session, found.conversation_id, out, now)
        return found

    def _answer_is_pushed(self, session: Session, key: str) -> None:
        """It was acknowledged without one, so that no passive reply will take it along."""
        message_id = session.get_one(WeChatArrival, key).message_id
        if message_id is not None:
            running.say_interim(session, message_id, self.clock.now())

    async def _go_on(self, found: Arrived) -> None:
        talk = str(found.conversation_id)
        if found.fetching:
            await self.media.fetch(found.key)
            await self.db.in_write(lambda s: self._answer_is_pushed(s, found.key))
        self.turns.start(talk)
        self.hub.wake(talk)


def _insert(session: Session, rows: list[dict[str, Any]]) -> set[str]:
    """The keys of those that were not there."""
    statement = insert_of(session)(WeChatArrival).values(rows).on_conflict_do_nothing().returning(WeChatArrival.key)
    return set(session.scalars(statement))


def _waiting(session: Session, now: datetime, most: int) -> list[str]:
    query = select(WeChatArrival.key).where(WeChatArrival.queued_at <= now)
    return list(session.scalars(query.order_by(WeChatArrival.queued_at).limit(most)))


def _put_back(session: Session, key: str, until: datetime) -> None:
    session.execute(
        update(WeChatArrival)
        .where(WeChatArrival.key == key, WeChatArrival.queued_at.is_not(None))
        .values(queued_at=until)
        .execution_options(synchronize_session=False)
    )
