"""Pictures and videos are fetched from the platform in the background, and are then files of the talk like any other.

Whatever dies in between, the arrival still names what is to be fetched; the platform keeps it for three days.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from anze.channels.outbox.adapter import Refusal, Refused
from anze.channels.rasa import MessageOut
from anze.channels.wechat.account import Account
from anze.channels.wechat.models import WeChatArrival, WeChatUser, held
from anze.channels.wechat.passing_on import client_id
from anze.channels.wechat.platform import Platform
from anze.clock import SHANGHAI, Clock
from anze.conversations import inbound, pushing, uploads
from anze.conversations.files import FileStore, Stored
from anze.db import Database
from anze.errors import DomainError
from anze.texts import text as say

_LEASE, _MOST_TRIES = timedelta(seconds=60), 6
_BATCH = 20


@dataclass(frozen=True)
class Media:
    """`fetch` may be called for one arrival by several at once: a row says who does it."""

    db: Database
    platform: Platform
    files: FileStore
    account: Account
    clock: Clock
    real_now: Callable[[], datetime]

    async def fetch(self, key: str) -> str | None:
        """Fetch what an arrival names and say it in the talk; the talk, when something was said in it."""
        media_id = await self.db.in_write(lambda s: self._claim(s, key))
        if media_id is None:
            return None
        content = await self.platform.media(media_id, self.files.limit)
        if isinstance(content, Refused):
            if content.kind is Refusal.PERMANENT:
                code = "too_large" if content.code == "too_large" else "gone"
                return await self.db.in_write(lambda s: self._lost(s, key, code))
            return await self.db.in_write(lambda s: self._later(s, key))
        name = self.clock.now().astimezone(SHANGHAI).strftime("%Y%m%d-%H%M%S")
        try:
            stored = await asyncio.to_thread(self.files.put, content, name)
        except DomainError:
            return await self.db.in_write(lambda s: self._lost(s, key, "kind"))
        return await self.db.in_write(lambda s: self._keep(s, key, stored, name))

    async def waiting(self) -> list[str]:
        """Arrivals whose picture or video nobody is fetching."""
        now = self.real_now()
        free = or_(WeChatArrival.media_rests_until.is_(None), WeChatArrival.media_rests_until <= now)
        query = select(WeChatArrival.key).where(WeChatArrival.media_id.is_not(None), free).limit(_BATCH)
        return await self.db.in_read(lambda s: list(s.scalars(query)))

    def _claim(self, session: Session, key: str) -> str | None:
        row, now = held(session, key), self.real_now()
        if row.media_id is None or (row.media_rests_until is not None and row.media_rests_until > now):
            return None
        row.media_rests_until, row.media_tries = now + _LEASE, row.media_tries + 1
        return row.media_id

    def _keep(self, session: Session, key: str, stored: Stored, name: str) -> str | None:
        row = held(session, key)
        if row.media_id is None:
            return None
        talk, now = self._talk(session, row), self.clock.now()
        file = uploads.add_file(session, talk, stored, f"{name}.{stored.mime.rpartition('/')[2]}", now)
        row.message_id = inbound.receive(session, talk, "", client_id(key), [file.id], now).id
        row.media_id = None
        return talk

    def _later(self, session: Session, key: str) -> str | None:
        row = held(session, key)
        if row.media_tries >= _MOST_TRIES:
            return self._lost(session, key, "gone")
        row.media_rests_until = self.real_now() + timedelta(seconds=5 * 2**row.media_tries)
        return None

    def _lost(self, session: Session, key: str, why: str) -> str | None:
        """It cannot be had: the person is asked for it again, and not left in the belief that it came."""
        row = held(session, key)
        if row.media_id is None:
            return None
        row.media_id, talk = None, self._talk(session, row)
        text = say(f"wechat.media_{why}", limit=self.files.limit // (1024 * 1024), url=self.account.enter_url)
        pushing.push(session, talk, MessageOut(text=text, response="utter_fallback_media"), self.clock.now())
        return talk

    def _talk(self, session: Session, row: WeChatArrival) -> str:
        return session.get_one(WeChatUser, row.openid).conversation_id
