"""The access token: one for all workers, asked for once (stable_token: asking again does not void it)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from anze.channels.outbox.adapter import Refused
from anze.channels.wechat.models import WeChatToken
from anze.db import Database, insert_missing

EARLY = timedelta(minutes=5)
"""So long before its end a new one is asked for"""
_LEASE = timedelta(seconds=15)
_POLL, _POLLS = 0.1, 100


@dataclass(frozen=True)
class Fresh:
    """What the platform gave: the token and for how many seconds it is good."""

    token: str
    seconds: int


type Ask = Callable[[], Awaitable[Fresh | Refused]]


@dataclass
class Tokens:
    """`ask` asks the platform. `good` and `drop` may be called by many at once."""

    db: Database
    appid: str
    ask: Ask
    now: Callable[[], datetime]
    owner: str = field(default_factory=lambda: uuid4().hex)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def good(self) -> str | Refused:
        """A token that is good for some minutes."""
        async with self._turn:
            for _ in range(_POLLS):
                known = await self.db.in_read(self._known)
                if known is not None:
                    return known
                if await self.db.in_write(self._claim):
                    return await self._renewed()
                await asyncio.sleep(_POLL)  # another worker is asking
            return await self._renewed()

    async def drop(self, token: str) -> None:
        """The platform does not know this one any more; a newer one stays."""
        await self.db.in_write(lambda s: s.execute(
            update(WeChatToken).where(WeChatToken.appid == self.appid, WeChatToken.token == token)
            .values(good_until=None)
        ))  # fmt: skip

    async def _renewed(self) -> str | Refused:
        found = await self.ask()
        if isinstance(found, Refused):
            await self.db.in_write(lambda s: self._keep(s, {}))
            return found
        until = self.now() + timedelta(seconds=found.seconds)
        await self.db.in_write(lambda s: self._keep(s, {"token": found.token, "good_until": until}))
        return found.token

    def _known(self, session: Session) -> str | None:
        row = session.get(WeChatToken, self.appid)
        if row is None or row.good_until is None or row.good_until - EARLY <= self.now():
            return None
        return row.token

    def _claim(self, session: Session) -> bool:
        """Whether it is ours to ask: nobody else is asking, and nobody has got a new one meanwhile."""
        insert_missing(session, WeChatToken, appid=self.appid, token="")
        now = self.now()
        stale = or_(WeChatToken.good_until.is_(None), WeChatToken.good_until <= now + EARLY)
        free = or_(WeChatToken.asked_until.is_(None), WeChatToken.asked_until <= now)
        taken = session.execute(
            update(WeChatToken)
            .where(WeChatToken.appid == self.appid, stale, free)
            .values(asked_by=self.owner, asked_until=now + _LEASE)
            .returning(WeChatToken.appid)
            .execution_options(synchronize_session=False)
        )
        return taken.first() is not None

    def _keep(self, session: Session, values: dict[str, object]) -> None:
        """Only while the asking is still ours: the slower of two must not store the older token."""
        session.execute(
            update(WeChatToken)
            .where(WeChatToken.appid == self.appid, WeChatToken.asked_by == self.owner)
            .values(asked_by=None, asked_until=None, **values)
            .execution_options(synchronize_session=False)
        )
