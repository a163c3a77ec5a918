"""Whatever happens in whatever order, what is said equals a simple simulation that walks minute by minute of its own.

Shares no code with anze.reminders: the steps and hours are written out here, working days come from another library.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from anze.bookings.models import Service, ServiceStatus
from anze.clock import SHANGHAI, Clock
from anze.db import Database, make_engine
from anze.migrate import upgrade
from anze.reminders import usecases
from tests.helpers.databases import SQLiteFactory
from tests.helpers.daywalk import worked
from tests.helpers.reminding import World

START = datetime(2026, 11, 16, 10, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def workday(start: date, n: int) -> date:
    """The n-th working day from a day, walked."""
    day, step = start, DAY if n > 0 else -DAY
    while n:
        day += step
        n -= (1 if worked(day) else 0) * (1 if step > timedelta() else -1)
    return day


@dataclass
class Simulation:
    """One visit of one person: when which step is said. Kept as plain facts, no rows."""

    now: datetime = START
    day: date | None = None
    gone: bool = False
    """Cancelled"""
    wanted: bool = True
    planned: dict[date, dict[str, datetime]] = field(default_factory=dict)
    done: set[tuple[date, str]] = field(default_factory=set)
    """Said, or past when it was looked at"""
    said: list[tuple[datetime, date]] = field(default_factory=list)

    def plan(self, day: date) -> None:
        """A visit at 13:30 of a day; steps that have passed by now are not planned."""
        self.day, self.gone = day, False
        times = {
            "T-3": datetime.combine(workday(day, -3), time(9), SHANGHAI),
            "T-1": datetime.combine(workday(day, -1), time(9), SHANGHAI),
            "T": datetime.combine(day, time(8), SHANGHAI),
        }
        known = self.planned.setdefault(day, {})
        for step, at in times.items():
            if at > self.now and (day, step) not in self.done:
                known[step] = at
        for other in self.planned:
            if other != day:
                self.planned[other] = {}

    def cancel(self, *, void: bool) -> None:
        self.gone = True
        if void and self.day is not None:
            self.planned[self.day] = {}

    def sweep(self) -> None:
        """Urgent steps from 8 to 21 any day, the others from 9 to 17:30 of working days."""
        if self.day is None:
            return
        steps = self.planned.get(self.day, {})
        clock = self.now.time()
        ordinary = worked(self.now.date()) and time(9) <= clock < time(17, 30)
        open_now = {"T-3": ordinary, "T-1": ordinary, "T": time(8) <= clock < time(21)}
        due = [step for step, at in steps.items() if at <= self.now and open_now[step]]
        for step in due:
            del steps[step]
            self.done.add((self.day, step))
        begins = datetime.combine(self.day, time(13, 30), SHANGHAI)
        order = ["T-3", "T-1", "T"]
        later_said = any((self.day, step) in self.heard for step in order)
        if not due or self.gone or not self.wanted or self.now >= begins:
            return
        latest = max(due, key=order.index)
        if later_said and max(order.index(step) for day, step in self.heard if day == self.day) > order.index(latest):
            return
        self.heard.add((self.day, latest))
        self.said.append((self.now, self.day))

    heard: set[tuple[date, str]] = field(default_factory=set)


EVENTS = {
    "plan": (20, range(1, 10)),
    "again": (8, (0,)),
    "cancel": (10, (0, 1)),
    "wanted": (8, (1, 1, 0)),
    "next": (44, (-30, 0, 0, 0, 45, 45, 600, 900, 1500)),
    "hours": (10, range(1, 60)),
}
"""How often, and with which values. `next`: the clock goes to so many minutes after the next step that the simulation
has planned."""
HISTORIES, LENGTH = 50, 25


def history(seed: int) -> list[tuple[str, int]]:
    rng = Random(seed)
    names = rng.choices(list(EVENTS), [weight for weight, _ in EVENTS.values()], k=LENGTH)
    return [("plan", 6), *((name, rng.choice(EVENTS[name][1])) for name in names)]


def test_what_is_said_is_what_a_simple_simulation_says(tmp_path: Path) -> None:
    """SQLite only: the rules are the same on every engine, and many histories are walked, each in its own copy."""
    files = SQLiteFactory(tmp_path)
    template = files.empty()
    engine = make_engine(template)
    upgrade(engine)
    engine.dispose()
    said = 0
    for seed in range(HISTORIES):
        url = files.copy(template)
        database = Database(make_engine(url))
        try:
            said += asyncio.run(_walk(database, history(seed), seed))
        finally:
            database.dispose()
            files.drop(url)
    assert said > HISTORIES, "histories in which nothing is said show nothing"


async def _walk(database: Database, events: list[tuple[str, int]], seed: int) -> int:
    """Gives how often something was said."""
    world = World(database, Clock(START.astimezone(UTC), lambda: 0.0))
    firm = world.firm()
    service = world.service(firm, (START + 300 * DAY).astimezone(UTC))
    key = f"service:{service}"
    expected = Simulation()
    heard: list[tuple[datetime, date]] = []
    for name, value in events:
        _apply(world, firm.conversation_id, firm.insured, service, key, expected, name, value)
        await world.sweep()
        expected.sweep()
        said = world.said(firm.conversation_id)
        assert len(said) in {len(heard), len(heard) + 1}, "two at one moment"
        if len(said) > len(heard):
            assert expected.day is not None
            assert expected.day.isoformat() in said[-1]
            heard.append((expected.now, expected.day))
        assert heard == expected.said, (seed, name, value)
    return len(heard)


def _apply(world: World, talk: str, insured: str, service: int, key: str, expected: Simulation, name: str,
           value: int) -> None:  # fmt: skip
    match name:
        case "plan" | "again":
            day = (expected.now + value * DAY).date() if name == "plan" else expected.day
            if day is None or datetime.combine(day, time(13, 30), SHANGHAI) <= expected.now:
                return
            begins = datetime.combine(day, time(13, 30), SHANGHAI).astimezone(UTC)
            world.change(Service, service, starts_at=begins, status=ServiceStatus.DISPATCHED)
            world.plan("booking_visit", key, day, insured)
            expected.plan(day)
        case "cancel":
            world.change(Service, service, status=ServiceStatus.CANCELLED)
            if value:
                world.void(key)
            expected.cancel(void=bool(value))
        case "wanted":
            world.use(usecases.switch, talk, "", "booking_visit", bool(value))
            expected.wanted = bool(value)
        case "next":
            coming = [at for steps in expected.planned.values() for at in steps.values() if at > expected.now]
            if not coming:
                return
            expected.now = max(expected.now, min(coming) + timedelta(minutes=value))
            world.clock.move_to(expected.now.astimezone(UTC))
        case _:
            expected.now += timedelta(hours=value)
            world.clock.move_to(expected.now.astimezone(UTC))


def test_the_simulation_walks_days_right() -> None:
    assert workday(date(2026, 12, 1), -3) == date(2026, 11, 26)
    assert workday(date(2026, 11, 27), 1) == date(2026, 11, 30)
