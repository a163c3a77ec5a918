"""The gateway with an account, and the simulated platform, which speak to each other over real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from anze.channels.models import OutboxMessage
from anze.channels.wechat.models import WeChatUser
from anze.clock import Clock
from anze.db import Database
from anze.serve import ways_out
from tests.helpers import gateway as gateways
from tests.helpers.gateway import Gateway
from tools.wechat_simulator import Delivered, Platform, build

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPENID = "oPerson1"
TEMPLATE = "tmpl-1:thing1,time2"


@dataclass
class WeChat:
    """`say` is a follower's phone; `gateway` the application."""

    gateway: Gateway
    platform: Platform
    client: httpx.AsyncClient
    webhook: str

    async def say(self, text: str, openid: str = OPENID) -> Delivered:
        return await self.send("text", openid, Content=text)

    async def send(self, kind: str, openid: str = OPENID, **values: Any) -> Delivered:
        return await self.platform.deliver(self.client, self.platform.xml(openid, kind, **values))

    async def event(self, name: str, key: str = "", openid: str = OPENID, **values: Any) -> Delivered:
        return await self.send("event", openid, Event=name, EventKey=key, **values)

    async def deliver(self) -> None:
        """Send what waits in the outbox."""
        await ways_out.deliver(self.gateway.services)

    def user(self, openid: str = OPENID) -> WeChatUser:
        with self.gateway.db.read() as session:
            return session.scalars(select(WeChatUser).where(WeChatUser.openid == openid)).one()

    def outbox(self) -> list[OutboxMessage]:
        with self.gateway.db.read() as session:
            return list(
                session.scalars(select(OutboxMessage).where(OutboxMessage.subject.like("message:%")).order_by("id"))
            )


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve([listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def opened(database: Database, clock: Clock, data: Path, **settings: Any) -> AsyncIterator[WeChat]:
    """Both sides. `settings` go over those of a verified account in secure mode."""
    platform = Platform("", "token123", "wxtest", "secret-of-tests", AES_KEY)
    async with _served(build(platform)) as base:
        given = {
            "wechat_token": platform.token, "wechat_appid": platform.appid, "wechat_secret": platform.secret,
            "wechat_aes_key": AES_KEY, "wechat_api_base": base, "wechat_open_base": base, "wechat_mp_base": base,
        } | settings  # fmt: skip
        if given["wechat_aes_key"] is None:
            platform.aes_key = None
        async with (
            gateways.opened(database, clock, data, **given) as gateway,
            _served(gateway.app) as url,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            platform.webhook = f"{url}/channels/wechat"
            yield WeChat(gateway, platform, client, platform.webhook)


@pytest.fixture
async def wechat(database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[WeChat]:
    """A verified account over a database that holds the head office and nothing else."""
    gateways.head_office(database)
    async with opened(database, clock, tmp_path) as found:
        yield found


@pytest.fixture
async def demo_wechat(demo_database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[WeChat]:
    async with opened(demo_database, clock, tmp_path, wechat_template=TEMPLATE) as found:
        yield found
