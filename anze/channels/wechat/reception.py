"""The five-second rule: what comes is stored and acknowledged; the answer goes along when it is ready in time.

Where more come than are answered at a time, the others are queued and acknowledged at once (`backlog.py`).
The platform closes after 5 seconds and delivers the same message again, three times in all. An answer that takes
longer goes by a customer-service message; accounts without the right to these hold the first two deliveries, and say
on the third how to get the answer.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete
from sqlalchemy.orm import Session

from anze.channels.hub import Hub
from anze.channels.wechat import arriving
from anze.channels.wechat.account import Account
from anze.channels.wechat.arriving import Arrived
from anze.channels.wechat.backlog import Backlog
from anze.channels.wechat.envelope import Incoming
from anze.channels.wechat.giving import Giving
from anze.channels.wechat.media import Media
from anze.channels.wechat.models import WeChatArrival, WeChatNonce, WeChatTicket, WeChatUser
from anze.clock import Clock
from anze.conversations import running
from anze.conversations.turns import SLOTS, TurnRunner
from anze.db import Database
from anze.texts import text as say

PASSIVE_SECONDS = 4.0
"""From the arrival; the platform waits for 5."""
HELD_SECONDS = 5.2
LAST_DELIVERY = 3
_KEPT, _NONCES_KEPT = timedelta(days=7), timedelta(minutes=15)
_TIDIED_EVERY = timedelta(hours=1)


@dataclass
class Reception:
    """One per process."""

    db: Database
    account: Account
    turns: TurnRunner
    hub: Hub
    clock: Clock
    giving: Giving
    media: Media
    backlog: Backlog
    real_now: Callable[[], datetime]
    passive_seconds: float = PASSIVE_SECONDS
    _inside: int = 0
    _tidied: datetime | None = None
    _fetching: set[asyncio.Task[None]] = field(default_factory=set)

    async def take(self, message: Incoming) -> str | None:
        """Store a message or event; the text of the passive reply, None to acknowledge without one."""
        clock = asyncio.get_running_loop().time
        until = clock() + self.passive_seconds
        self._inside += 1
        try:
            if self.account.may_push and (self._inside > SLOTS or self.turns.crowded or self.backlog.busy):
                return await self._queued(message)
            found = await self.db.in_write(
                lambda s: arriving.arrive(s, message, self.account, self.clock.now(), self.real_now())
            )
            if found.reply is not None or found.queued or found.conversation_id is None:
                return found.reply
            self.turns.start(found.conversation_id)
            if found.fetching:
                found = await self._with_media(found, until - clock())
            if found.message_id is None:
                return await self._nothing_asked(message, found)
            return await self._answered(found, until - clock())
        finally:
            self._inside -= 1

    async def _queued(self, message: Incoming) -> str | None:
        """Acknowledge it at once, on the disk. Of a repeat whose answer was given along: the same."""
        if await self.backlog.put(message):
            return None
        return await self.db.in_read(lambda s: s.get_one(WeChatArrival, message.key).reply)

    async def fetch(self, key: str) -> None:
        """Fetch a picture or video and have it answered."""
        talk = await self.media.fetch(key)
        if talk is not None:
            self.turns.start(talk)
            self.hub.wake(talk)

    async def tidy(self) -> None:
        """Arrivals, nonces and tickets that nobody can ask for any more. Once an hour: it writes."""
        now = self.real_now()
        if self._tidied is not None and now - self._tidied < _TIDIED_EVERY:
            return
        self._tidied = now

        def work(session: Session) -> None:
            session.execute(delete(WeChatNonce).where(WeChatNonce.at < now - _NONCES_KEPT))
            session.execute(delete(WeChatTicket).where(WeChatTicket.good_until < now))
            session.execute(
                delete(WeChatArrival).where(
                    WeChatArrival.at < now - _KEPT, WeChatArrival.media_id.is_(None), WeChatArrival.queued_at.is_(None)
                )
            )

        await self.db.in_write(work)

    async def close(self) -> None:
        """What is being fetched or waits is left to whoever starts next."""
        await self.backlog.close()
        for task in self._fetching:
            task.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)

    async def _with_media(self, found: Arrived, seconds: float) -> Arrived:
        task = asyncio.create_task(self.fetch(found.key))
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), max(seconds, 0))
        return await self.db.in_read(partial(_again, found=found))

    async def _answered(self, found: Arrived, seconds: float) -> str | None:
        answer = await self.turns.answer(str(found.conversation_id), int(found.message_id or 0), max(seconds, 0))
        return await self._passive(found.key) if answer is not None else await self._late(found)

    async def _late(self, found: Arrived) -> str | None:
        """The answer is not there in time."""
        if self.account.may_push:
            word = partial(running.say_interim, message_id=int(found.message_id or 0), now=self.clock.now())
            return await self._passive(found.key) if await self.db.in_write(word) is None else None
        if found.deliveries < LAST_DELIVERY:
            await asyncio.sleep(HELD_SECONDS - self.passive_seconds)  # the platform closes, and delivers it again
            return None
        return say("wechat.later")

    async def _nothing_asked(self, message: Incoming, found: Arrived) -> str | None:
        if message.event == "unsubscribe":
            return None
        given = await self._passive(found.key)
        if given is None and message.kind == "text":
            return say("wechat.nothing_waits") if not await self._unanswered(found) else say("wechat.still_later")
        return given

    async def _unanswered(self, found: Arrived) -> bool:
        waiting = await self.db.in_read(running.unanswered)
        return found.conversation_id in waiting

    async def _passive(self, key: str) -> str | None:
        return await self.db.in_write(lambda s: self.giving.passive(s, key, self.clock.now()))


def _again(session: Session, found: Arrived) -> Arrived:
    row = session.get_one(WeChatArrival, found.key)
    user = session.get(WeChatUser, row.openid)
    return arriving.known(row, user.conversation_id if user else None)
