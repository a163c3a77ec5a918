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
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select

from anze.bookings.models import Service, ServiceStatus
from anze.clock import Clock
from anze.conversations.models import Channel, Conversation, Direction, Message
from anze.db import Database, make_engine
from anze.identity.models import Person, Right, RightKind
from anze.migrate import upgrade
from anze.policies.models import Insured, Policy
from anze.reminders.models import Reminder, ReminderState
from tests.helpers.reminding import World, shanghai

NOW = shanghai("2026-11-23 10:00")
VISIT = shanghai("2026-11-26 09:00")
PIECE = 5000
SMALL = 1000
ROUNDS, PER_ROUND = 21, 100


def world_in(folder: Path) -> World:
    database = Database(make_engine(f"sqlite:///{folder / 'bench.db'}"))
    upgrade(database.engine)
    return World(database, Clock(NOW, lambda: 0.0))


def fill(world: World, count: int) -> None:
    """So many firms, each with a main contact, a talk, a visit, and a reminder of it that is due."""
    common = {"sector": "other", "industry": "化工", "size_class": "small", "province": "江苏", "city": "南京",
              "address": "化工路1号"}  # fmt: skip
    ids = range(1, count + 1)
    rows = {
        Insured: [{"id": i, "name": f"第{i}厂", **common} for i in ids],
        Policy: [
            {"id": i, "number": f"AZ{i:010d}", "applicant_id": 1, "branch_id": 1, "start_on": date(2026, 1, 1),
             "end_on": date(2027, 6, 30), "premium_cents": 1}
            for i in ids
        ],
        Person: [{"id": i, "name": "王", "phone": f"139{i:08d}", "created_at": NOW} for i in ids],
        Right: [
            {"person_id": i, "insured_id": i, "kind": RightKind.MAIN_CONTACT, "proof": "code", "granted_at": NOW,
             "granted_by": "bench"}
            for i in ids
        ],
        Conversation: [
            {"id": f"c{i}", "channel": Channel.WEB, "person_id": i, "branch_id": 1,
             "state": {"slots": {}, "loop": None}, "created_at": NOW}
            for i in ids
        ],
        Message: [
            {"conversation_id": f"c{i}", "direction": Direction.IN, "sender": "user", "text": "你好", "payload": {},
             "at": NOW}
            for i in ids
        ],
        Service: [
            {"id": i, "number": f"FW{i:011d}", "policy_id": i, "insured_id": i, "item": "d",
             "status": ServiceStatus.DISPATCHED, "requested_at": NOW, "starts_at": VISIT, "place": "厂区", "people": []}
            for i in ids
        ],
        Reminder: [reminder(f"service:{i}", f"insured:{i}", NOW) for i in ids],
    }  # fmt: skip
    with world.db.write() as session:
        for model, values in rows.items():
            for start in range(0, count, PIECE):
                session.execute(insert(model), values[start : start + PIECE])


def reminder(subject: str, recipient: str, send_at: object) -> dict[str, object]:
    return {"kind": "booking_visit", "subject": subject, "step": "T-3", "recipient": recipient,
            "due_on": date(2026, 11, 26), "send_at": send_at, "state": ReminderState.WAITING, "body": {}}  # fmt: skip


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
    fill(world, due)
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
