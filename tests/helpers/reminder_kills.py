"""Workers that say and send reminders, each a process of its own that is killed, and the judge of what arrived.

The application's clock stands where it is put. Leases and back-offs run twenty times as fast as the machine's, so that
what a killed worker left lying is taken up in a moment; the gateway's 10 % refusals and 10 % late answers are real.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.outbox.adapter import Outcome, Parcel
from anze.channels.outbox.deliver import Deliverer
from anze.channels.outbox.sms import SmsAdapter
from anze.clock import Clock
from anze.conversations import pushing
from anze.conversations.models import Message
from anze.conversations.turns import real_now
from anze.db import Database, make_engine
from anze.migrate import upgrade
from anze.reminders.models import Reminder, ReminderState
from anze.reminders.sweep import Sweep
from anze.tasks.models import Task, TaskKind
from tests.helpers.fake_sms import KEY, Answer, FakeSms, serving
from tests.helpers.many import fill, phone, talk
from tests.helpers.reminding import World, shanghai

BEGIN = shanghai("2026-11-23 10:00")
SPEED = 20
TIMEOUT, LATE = 0.3, 0.7
"""Seconds that a worker waits for the gateway, and that the gateway takes when it is late."""
STEPS = ("claimed", "saying", "said", "outbox_claimed", "outbox_sent", "outbox_marked")
"""Reminders: claimed, in the middle of the transaction that says them, said. Outbox: claimed, sent, marked."""


def gateway(number: str, attempt: int) -> Answer:
    """By the number: 5 % refused for good, 5 % refused at first, 10 % taken but answered too late."""
    chance = random.Random(number).random()
    if chance < 0.05:
        return 422, {"code": "no_such_number"}, 0.0
    if chance < 0.10:
        return (503, {}, 0.0) if attempt == 1 else (202, {}, 0.0)
    return 202, {}, LATE if chance < 0.20 else 0.0


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(step: str, after: int) -> None:
    """This process kills itself right after the n-th time that the step was done."""
    left = [after]

    def counted() -> None:
        left[0] -= 1
        if left[0] <= 0:
            _die()

    def wrapped(owner: Any, name: str) -> None:
        true = getattr(owner, name)

        async def done(*args: Any, **kwargs: Any) -> Any:
            result = await true(*args, **kwargs)
            if result or "claim" not in name:
                counted()
            return result

        setattr(owner, name, done)

    if step == "saying":
        true = pushing.push

        def push(*args: Any, **kwargs: Any) -> Any:
            result = true(*args, **kwargs)
            counted()
            return result

        pushing.push = push
        return
    owner, name = {
        "claimed": (Sweep, "claim"),
        "said": (Sweep, "say"),
        "outbox_claimed": (Deliverer, "claim"),
        "outbox_sent": (SmsAdapter, "send"),
        "outbox_marked": (Deliverer, "mark"),
    }[step]
    wrapped(owner, name)


def work(url: str, sms_url: str, zero: datetime, now: datetime, die: str | None = None, after: int = 1) -> None:
    """A worker's life: say and send, over and over, until it is killed."""
    if die is not None:
        _dying(die, after)
    asyncio.run(_work(World(Database(make_engine(url)), Clock(now, lambda: 0.0)), sms_url, zero))


async def _work(world: World, sms_url: str, zero: datetime) -> None:
    def fast() -> datetime:
        return zero + (real_now() - zero) * SPEED

    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
        sweep = world.sweeper(batch=5, lease=timedelta(seconds=10), real_now=fast)
        sms = _Within(SmsAdapter(sms_url, KEY, client))
        deliverer = world.deliverer({"sms": sms}, batch=10, lease=timedelta(seconds=30), real_now=fast)
        while True:
            await asyncio.gather(sweep.run(lambda _: None), deliverer.run(lambda _: None))
            await asyncio.sleep(0.01)


class _Within:
    """The adapter as it is at the moment of sending, patched or not."""

    def __init__(self, sms: SmsAdapter) -> None:
        self._sms = sms

    async def send(self, parcel: Parcel) -> Outcome:
        return await self._sms.send(parcel)


@dataclass(frozen=True)
class Verdict:
    """What the recipients saw: of so many reminders `lost` nowhere, `doubled` more than once."""

    reminders: int
    kills: int
    lost: list[str]
    doubled: list[str]
    messages: int
    sms: int
    calls: int
    repeats: int
    """Requests that the gateway knew already: sent again by whoever came after"""


class Trial:
    """A database of reminders in a folder, a gateway, and workers over them."""

    def __init__(self, folder: Path, sms: FakeSms, count: int, per_life: int) -> None:
        self.url = f"sqlite:///{folder / 'trial.db'}"
        self._sms, self._count, self._per_life = sms, count, per_life
        self._zero = real_now()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.helpers.reminder_kills"])
        database = Database(make_engine(self.url))
        upgrade(database.engine)
        world = World(database, Clock(BEGIN, lambda: 0.0))
        # Every other firm is told in its talk, the others by SMS; each life has some more that are due.
        fill(world, count, lambda i: BEGIN + timedelta(seconds=i // per_life), lambda i: i % 2 == 0)
        world.db.dispose()

    def start(self, life: int, die: str | None = None, after: int = 1) -> Any:
        """A worker at the moment of this life."""
        now = BEGIN + timedelta(seconds=life)
        process = self._context.Process(target=work, args=(self.url, self._sms.url, self._zero, now, die, after))
        process.start()
        return process

    def kill_at(self, step: str, after: int, life: int) -> None:
        """A worker that kills itself at a step."""
        process = self.start(life, step, after)
        process.join(30)
        assert process.exitcode == -signal.SIGKILL, f"{step} was not reached: {process.exitcode}"

    def finish(self, seconds: float = 300) -> None:
        """Let a worker do what is left."""
        process = self.start(self._count // self._per_life + 1)
        deadline = time.monotonic() + seconds
        try:
            while self._left():
                assert process.is_alive(), "the last worker died by itself"
                assert time.monotonic() < deadline, f"{self._left()} left after {seconds:.0f} s"
                time.sleep(0.2)
        finally:
            process.kill()
            process.join()

    def _left(self) -> int:
        database = Database(make_engine(self.url))
        with database.read() as session:
            open_ = Reminder.state.in_([ReminderState.WAITING, ReminderState.CLAIMED])
            going = OutboxMessage.state.in_([OutboxState.QUEUED, OutboxState.CLAIMED])
            left = session.scalar(select(func.count()).select_from(Reminder).where(open_)) or 0
            left += session.scalar(select(func.count()).select_from(OutboxMessage).where(going)) or 0
        database.dispose()
        return left

    def verdict(self, kills: int) -> Verdict:
        """Judged by the talks, the telephones and the branch's list, not by the rows' own states."""
        database = Database(make_engine(self.url))
        with database.read() as session:
            talks = Counter(session.scalars(select(Message.conversation_id).where(Message.pushed.is_(True))))
            tasks = session.scalars(select(Task).where(Task.kind == TaskKind.PHONE_CALL)).all()
        database.dispose()
        phones = Counter(number for number, _ in self._sms.seen)
        calls = Counter(str(task.body["phone"]) for task in tasks)
        told = {
            name: (talks[talk(i)] if i % 2 == 0 else phones[phone(i)] + calls[phone(i)])
            for i in range(1, self._count + 1)
            for name in [talk(i) if i % 2 == 0 else phone(i)]
        }
        return Verdict(
            reminders=self._count,
            kills=kills,
            lost=[name for name, times in told.items() if times == 0],
            doubled=[name for name, times in told.items() if times > 1],
            messages=sum(talks.values()),
            sms=len(self._sms.seen),
            calls=len(tasks),
            repeats=sum(count - 1 for count in Counter(one["id"] for one in self._sms.requests).values()),
        )


def random_kills(folder: Path, kills: int, seed: int, per_life: int = 10) -> Verdict:
    """Two workers side by side, one of them killed at a random instant and replaced, over and over."""
    rng = random.Random(seed)
    with serving(FakeSms(behave=gateway)) as sms:
        trial = Trial(folder, sms, kills * per_life, per_life)
        workers = [trial.start(0), trial.start(0)]
        try:
            for life in range(1, kills + 1):
                time.sleep(rng.uniform(0.03, 0.25))
                victim = rng.randrange(2)
                workers[victim].kill()
                workers[victim].join()
                workers[victim] = trial.start(life)
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
        trial.finish()
        return trial.verdict(kills + len(workers))


def kills_at_each_step(folder: Path) -> Verdict:
    """A worker dies at each step, twice: at the first and at the fourth time that it gets there."""
    with serving(FakeSms(behave=gateway)) as sms:
        trial = Trial(folder, sms, 240, 20)
        deaths = [(step, after) for step in STEPS for after in (1, 4)]
        for life, (step, after) in enumerate(deaths, 1):
            trial.kill_at(step, after, life)
        trial.finish()
        return trial.verdict(len(deaths))
