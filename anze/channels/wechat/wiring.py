"""The parts of the WeChat channel, put together. An installation without an account has none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import httpx
from sqlalchemy.orm import Session

from anze.channels.hub import Hub
from anze.channels.models import OutboxMessage
from anze.channels.wechat.account import Account
from anze.channels.wechat.adapter import WeChatAdapter
from anze.channels.wechat.backlog import Backlog
from anze.channels.wechat.giving import Giving, note_part
from anze.channels.wechat.media import Media
from anze.channels.wechat.platform import Platform, ask_token, make_client
from anze.channels.wechat.reception import Reception
from anze.channels.wechat.tokens import Tokens
from anze.clock import Clock
from anze.complaints.dates import ComplaintDates
from anze.conversations import marking
from anze.conversations.files import FileStore
from anze.conversations.models import Message
from anze.conversations.turns import TurnRunner, real_now
from anze.db import Database


@dataclass(frozen=True)
class WeChat:
    """`client` speaks to the platform and is closed with the rest."""

    account: Account
    client: httpx.AsyncClient
    platform: Platform
    giving: Giving
    reception: Reception
    adapter: WeChatAdapter

    async def close(self) -> None:
        await self.reception.close()
        await self.client.aclose()


def platform_of(account: Account, db: Database, client: httpx.AsyncClient) -> Platform:
    return Platform(account, client, Tokens(db, account.appid, partial(ask_token, client, account), real_now))


def build(
    account: Account, *, db: Database, turns: TurnRunner, hub: Hub, clock: Clock, files: FileStore,
    dates: ComplaintDates, now: Callable[[], datetime] = real_now,
) -> WeChat:  # fmt: skip
    """`now`: the machine's clock."""
    client = make_client()
    platform = platform_of(account, db, client)
    giving = Giving(account, partial(_given, dates=dates), now)
    media = Media(db, platform, files, account, clock, now)
    backlog = Backlog(db, account, turns, hub, clock, media, now)
    reception = Reception(db, account, turns, hub, clock, giving, media, backlog, now)

    async def note(id_: int, sent: bool) -> None:
        await db.in_write(lambda session: note_part(session, id_, sent=sent))

    return WeChat(account, client, platform, giving, reception, WeChatAdapter(platform, note))


def _given(session: Session, row: OutboxMessage, now: datetime, dates: ComplaintDates) -> None:
    """The platform took it: what it tells of is told from now (告知), as on a page that showed it."""
    message = session.get(Message, row.body.get("message_id") or 0)
    if message is not None:
        marking.shown(session, message.conversation_id, message.id, now, dates)
