"""Takes rows of the outbox, sends them with no transaction open, and writes down what became of each.

A worker that dies in between leaves its claim; after the lease the row is sent again under the same key. A row that
a channel refuses for good is untold, and the next channel gets one of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from sqlalchemy.orm import Session

from anze.channels.models import OutboxChannel, OutboxMessage, OutboxState
from anze.channels.outbox import backoff, phone_task, store, web
from anze.channels.outbox.adapter import Adapter, Outcome, Parcel, Refusal, Refused
from anze.clock import Clock
from anze.conversations.turns import real_now
from anze.db import Database, insert_missing

log = logging.getLogger(__name__)

type Wanted = Callable[[Session, OutboxMessage, datetime], bool]
"""Whether a message is still meant to go out, read when it is about to."""


@dataclass(frozen=True)
class Wait:
    """Not now, and not as a failed try: in so long again."""

    wait: timedelta


type Load = Callable[[Session, OutboxMessage, datetime], Parcel | Refused | Wait]
"""How a channel prepares a row for its adapter, when a row is more than a text for a number."""
type Sent = Callable[[Session, OutboxMessage, datetime], None]
"""What follows when the channel took a row."""

_INSIDE = {OutboxChannel.WEB: web.put, OutboxChannel.PHONE_TASK: phone_task.put}
"""Channels that are rows of our own database."""
AT_ONCE = 8


@dataclass(frozen=True)
class Deliverer:
    """`outside`: the adapters of channels that leave the house; a channel without one is not touched.

    `wanted` by the first part of a row's subject (reminder, challenge). `lease` by the real clock, longer than a send
    may take.
    """

    db: Database
    clock: Clock
    outside: Mapping[str, Adapter]
    wanted: Mapping[str, Wanted]
    loads: Mapping[str, Load] = field(default_factory=dict)
    sent: Mapping[str, Sent] = field(default_factory=dict)
    owner: str = field(default_factory=lambda: uuid4().hex)
    lease: timedelta = timedelta(seconds=120)
    batch: int = 40
    real_now: Callable[[], datetime] = real_now

    async def run(self, wake: Callable[[str], None]) -> int:
        """Deliver what is due; gives how many rows were worked off."""
        done = 0
        while ids := await self.claim():
            limit = asyncio.Semaphore(AT_ONCE)
            results = await asyncio.gather(*(self._one(id_, limit) for id_ in ids), return_exceptions=True)
            for id_, result in zip(ids, results, strict=True):
                if isinstance(result, Exception):  # it is tried again when its lease is over
                    log.error("outbox row %d failed: %s", id_, type(result).__name__)
                elif isinstance(result, str):
                    wake(result)
            done += len(ids)
        return done

    async def claim(self) -> list[int]:
        """Take the next rows of the channels that there is a way for. Asked first without writing."""
        channels = [*self.outside, *_INSIDE]
        now, real = self.clock.now(), self.real_now()
        if not await self.db.in_read(lambda s: store.any_due(s, channels, now=now, real_now=real)):
            return []
        return await self.db.in_write(
            lambda s: store.claim(s, channels, self.owner, real + self.lease, now=now, real_now=real, limit=self.batch)
        )

    async def _one(self, id_: int, limit: asyncio.Semaphore) -> str | None:
        """Deliver one row; gives the talk in which it was said, if it was said in one."""
        async with limit:
            prepared = await self.db.in_write(partial(self._prepare, id_=id_))
            if prepared is None or isinstance(prepared, str):
                return prepared
            channel, parcel = prepared
            await self.mark(id_, await self.outside[channel].send(parcel))
            return None

    def _prepare(self, session: Session, id_: int) -> tuple[str, Parcel] | str | None:
        """The channel and what is to be sent by it; None (or the talk that was told) when that was all."""
        row = store.claimed(session, id_, self.owner)
        if row is None:
            return None
        now = self.clock.now()
        wanted = self.wanted.get(row.subject.partition(":")[0])
        if wanted is not None and not wanted(session, row, now):
            _release(row, OutboxState.VOID)
            return None
        row.tries += 1
        inside = _INSIDE.get(OutboxChannel(row.channel))
        if inside is None:
            return self._loaded(session, row, now)
        if not inside(session, row, now):
            fail(session, row, "no_recipient", now)
            return None
        _release(row, OutboxState.DELIVERED)
        row.sent_at = row.delivered_at = now
        return row.recipient if row.channel == OutboxChannel.WEB else None

    def _loaded(self, session: Session, row: OutboxMessage, now: datetime) -> tuple[str, Parcel] | None:
        load = self.loads.get(row.channel)
        if load is None:
            return row.channel, Parcel(row.id, store.key_for(row), row.recipient, row.text, dict(row.body))
        found = load(session, row, now)
        if isinstance(found, Parcel):
            return row.channel, found
        if isinstance(found, Wait):
            row.tries -= 1
            _release(row, OutboxState.QUEUED)
            row.claimed_until = self.real_now() + found.wait
        else:
            fail(session, row, found.code, now)
        return None

    async def mark(self, id_: int, outcome: Outcome) -> None:
        """Write down what the channel answered."""
        await self.db.in_write(partial(self._mark, id_=id_, outcome=outcome))

    def _mark(self, session: Session, id_: int, outcome: Outcome) -> None:
        row = store.claimed(session, id_, self.owner)
        if row is None:
            return
        now, real = self.clock.now(), self.real_now()
        if not isinstance(outcome, Refused):
            _release(row, OutboxState.SENT)
            row.sent_at, row.external_id, row.error = now, outcome.external_id, None
            if (follow := self.sent.get(row.channel)) is not None:
                follow(session, row, now)
            return
        if outcome.kind is Refusal.SETTINGS:
            log.error("channel %s refuses our settings: %s", row.channel, outcome.code)
        if backoff.is_final(outcome, row.tries, now - row.due_at):
            fail(session, row, outcome.code, now)
            return
        _release(row, OutboxState.QUEUED)
        row.error = f"{outcome.kind}:{outcome.code}"
        row.claimed_until = real + backoff.wait(outcome, row.tries)


def _release(row: OutboxMessage, state: OutboxState) -> None:
    row.state, row.claimed_by, row.claimed_until = state, None, None


def fail(session: Session, row: OutboxMessage, code: str, now: datetime) -> None:
    """The message did not reach its recipient: untold. The next channel gets it; the last one is a call by staff."""
    _release(row, OutboxState.FAILED)
    row.error, row.delivered_at = code, None
    following, *rest = row.fallback or _last_resort(row)
    if not following:
        return
    body = row.body | ({"phone": row.recipient} if row.channel == OutboxChannel.SMS else {})
    insert_missing(
        session,
        OutboxMessage,
        channel=following["channel"],
        subject=row.subject,
        step=row.step,
        recipient=following["recipient"],
        text=row.text,
        body=body,
        due_at=now,
        fallback=rest,
        replaces_id=row.id,
    )


def _last_resort(row: OutboxMessage) -> list[dict[str, str]]:
    """A call, for whatever somebody would otherwise never hear; a code that did not come is asked for again."""
    if row.channel == OutboxChannel.PHONE_TASK or row.step == "code" or row.body.get("optional"):
        return [{}]
    return [{"channel": OutboxChannel.PHONE_TASK, "recipient": f"branch:{row.body.get('branch_id') or ''}"}]
