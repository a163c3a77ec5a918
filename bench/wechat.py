"""Inbound WeChat messages at a steady rate: how soon each is acknowledged, and whether each is answered exactly once.

    .venv/bin/python -m bench.wechat [--rate 100] [--seconds 60] [--database postgresql://…]

The whole stack (`anze serve`, its Rasa, the demo database) with the simulated platform beside it on the same machine.
Messages come in an open loop: one that is answered slowly holds no other one up. Then it waits until all are answered.
"""

import argparse
import asyncio
import json
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import func, select

from anze.channels.models import OutboxMessage
from anze.conversations.models import Channel, Conversation, Direction, Message, TurnStatus
from anze.db import Database, make_engine
from tests.helpers.stack import Stack, free_port
from tools.wechat_simulator import Platform, build

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PER_FOLLOWER = 2
"""Their answers, of up to two messages each, are fewer than five: more may not be pushed"""
TEXTS = ("投诉要几天答复", "隐患排查多久做一次", "你好", "我要投诉")
_ANSWERED_SECONDS = 1800


def simulator(platform: Platform, port: int) -> uvicorn.Server:
    server = uvicorn.Server(uvicorn.Config(build(platform), port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    return server


async def load(platform: Platform, rate: int, seconds: int) -> tuple[list[float], Counter[str]]:
    """Seconds until each was acknowledged; what the acknowledgements were."""
    times: list[float] = []
    kinds: Counter[str] = Counter()
    count = rate * seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:

        async def one(number: int) -> None:
            openid = f"oBench{number % (count // PER_FOLLOWER)}"
            query, body = platform.signed(platform.xml(openid, "text", Content=TEXTS[number % len(TEXTS)]))
            began = time.perf_counter()
            try:
                answer = await client.post(platform.webhook, params=query, content=body)
            except httpx.HTTPError as error:
                kinds[type(error).__name__] += 1
                return
            times.append(time.perf_counter() - began)
            passive = answer.status_code == httpx.codes.OK and answer.content != b"success"
            kinds["passive" if passive else str(answer.status_code)] += 1

        began, tasks = time.perf_counter(), []
        for number in range(count):
            await asyncio.sleep(max(began + number / rate - time.perf_counter(), 0))
            tasks.append(asyncio.create_task(one(number)))
        await asyncio.gather(*tasks)
    return times, kinds


def stored(database: Database) -> dict[str, int]:
    """What the database holds of the messages."""
    with database.read() as session:
        ours = select(Message).join(Conversation, Conversation.id == Message.conversation_id).where(
            Conversation.channel == Channel.WECHAT, Message.client_id.like("wx:%")
        )  # fmt: skip
        asked = ours.subquery()
        out = select(Message.turn_id).where(Message.direction == Direction.OUT, Message.interim.is_(False))
        answered = out.where(Message.turn_id.in_(select(asked.c.turn_id))).subquery()
        counts = select(func.count()).select_from(answered).group_by(answered.c.turn_id)
        return {
            "stored": session.scalar(select(func.count()).select_from(asked)) or 0,
            "done": session.scalar(select(func.count()).where(asked.c.status == TurnStatus.DONE)) or 0,
            "answered": len(session.scalars(counts).all()),
        } | {
            f"outbox_{state}": number
            for state, number in session.execute(
                select(OutboxMessage.state, func.count())
                .where(OutboxMessage.channel == "wechat")
                .group_by(OutboxMessage.state)
            ).tuples()
        }  # fmt: skip


def run(rate: int, seconds: int, url: str | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        platform, port = Platform("", "bench123", "wxbench", "secret", AES_KEY), free_port()
        base = f"http://127.0.0.1:{port}"
        server = simulator(platform, port)
        more = {
            "WECHAT_TOKEN": platform.token, "WECHAT_APPID": platform.appid, "WECHAT_SECRET": platform.secret,
            "WECHAT_AES_KEY": AES_KEY, "WECHAT_API_BASE": base, **({"DATABASE_URL": url} if url else {}),
        }  # fmt: skip
        stack = Stack(Path(folder), "2026-11-23T10:00+08:00", more)
        stack.start()
        platform.webhook = f"{stack.url}/channels/wechat"
        database = Database(make_engine(url.replace("postgresql://", "postgresql+psycopg://") if url else
                                        stack.settings.database))  # fmt: skip
        try:
            times, kinds = asyncio.run(load(platform, rate, seconds))
            ended = time.perf_counter()
            found = stored(database)
            while (found["done"] < rate * seconds or found.get("outbox_queued") or found.get("outbox_claimed")) and (
                time.perf_counter() - ended < _ANSWERED_SECONDS
            ):
                time.sleep(2)
                found = stored(database)
        finally:
            database.dispose()
            stack.end()
            server.should_exit = True
    times.sort()
    pushed = sum(len(texts) for texts in platform.pushed.values())
    return {
        "sent": rate * seconds, "acknowledged": len(times), "kinds": dict(kinds),
        "p50_ms": round(times[len(times) // 2] * 1000), "p99_ms": round(times[int(len(times) * 0.99)] * 1000),
        "worst_ms": round(times[-1] * 1000), "all_answered_after_s": round(time.perf_counter() - ended),
        "pushed": pushed, **found,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--database")
    given = parser.parse_args()
    print(json.dumps(run(given.rate, given.seconds, given.database), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
