"""How fast due reminders are said in talks, and what future ones cost. SQLite in a temporary folder.

    .venv/bin/python -m bench.reminders [--due 10000] [--future 1000000]

Prints reminders a second (all due at once, each to a talk of its own), and the time of a sweep that finds 100 due rows
among 1 000 and among so many future ones, with their ratio.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select

from anze.clock import Clock
from anze.conversations.models import Message
from anze.db import Database, make_engine
from anze.migrate import upgrade
from anze.reminders.models import Reminder, ReminderState
from tests.helpers.many import PIECE, fill, reminder
from tests.helpers.reminding import World, shanghai

NOW = shanghai("2026-11-23 10:00")
SMALL = 1000
ROUNDS, PER_ROUND = 21, 100


def world_in(folder: Path) -> World:
    database = Database(make_engine(f"sqlite:///{folder / 'bench.db'}"))
    upgrade(database.engine)
    return World(database, Clock(NOW, lambda: 0.0))


def add_future(world: World, count: int) -> None:
    """Rows of the days and months to come."""
    with world.db.write() as session:
        for start in range(0, count, PIECE):
            session.execute(
                insert(Reminder),
                [
                    reminder(f"service:{10_000_000 + i}", "insured:1", NOW + timedelta(minutes=30 + i % 500_000))
                    for i in range(start, min(start + PIECE, count))
                ],
            )


async def rate(folder: Path, due: int) -> float:
    """Reminders said a second, all of them due at once."""
    world = world_in(folder)
    fill(world, due, lambda _: NOW)
    began = time.perf_counter()
    told = await world.sweep()
    seconds = time.perf_counter() - began
    with world.db.read() as session:
        pushed = session.scalars(select(Message.conversation_id).where(Message.pushed.is_(True))).all()
    if len(pushed) != due or len(told) != due or len(set(pushed)) != due:
        raise RuntimeError(f"{len(pushed)} said in {len(set(pushed))} talks instead of {due}")
    world.db.dispose()
    return due / seconds


async def one_sweep(world: World, number: int) -> float:
    """Milliseconds of a sweep that finds some due rows (of services that are not there: they end at once)."""
    with world.db.write() as session:
        rows = [reminder(f"service:{i}", f"branch:{i}", NOW - timedelta(days=1)) for i in range(1, PER_ROUND + 1)]
        session.execute(insert(Reminder), [row | {"step": f"T-{number}"} for row in rows])
    began = time.perf_counter()
    await world.sweep()
    taken = (time.perf_counter() - began) * 1000
    with world.db.write() as session:
        session.execute(delete(Reminder).where(Reminder.state != ReminderState.WAITING))
    return taken


async def costs(small: World, large: World) -> tuple[float, float]:
    """Medians of both; measured in turn, so that whatever else the machine does falls on both."""
    taken = [(await one_sweep(small, number), await one_sweep(large, number)) for number in range(ROUNDS)]
    few, many = zip(*taken, strict=True)
    return statistics.median(few), statistics.median(many)


async def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--due", type=int, default=10_000)
    arguments.add_argument("--future", type=int, default=1_000_000)
    args = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"{args.due} due reminders: {await rate(Path(folder), args.due):.0f} a second")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        small, large = world_in(Path(one)), world_in(Path(other))
        add_future(small, SMALL)
        add_future(large, args.future)
        few, many = await costs(small, large)
        print(
            f"a sweep among {SMALL} future rows {few:.1f} ms, among {args.future} {many:.1f} ms: {many / few:.2f} times"
        )
        for world in (small, large):
            world.db.dispose()


if __name__ == "__main__":
    asyncio.run(main())
