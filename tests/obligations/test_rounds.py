"""Reminders that a duty brings by itself: from a line of the knowledge to a task of each branch, and its end."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from anze.bookings.models import Service, ServiceStatus
from anze.clock import SHANGHAI
from anze.identity.branches import branches_of
from anze.obligations import rounds, usecases
from anze.obligations.query import Query
from anze.obligations.relations import RELATIONS
from anze.obligations.undone import PROGRAM
from anze.policies.models import Policy
from anze.serve.sweep import sweep
from anze.standard.editions import load
from anze.tasks.desk import open_tasks
from anze.tasks.models import Task, TaskKind
from tests.helpers.firm import staff
from tests.helpers.gateway import Gateway
from tests.obligations import question_set


@pytest.mark.parametrize(
    ("standing", "now", "name"),
    [
        ("weekly", "2026-11-23 07:59", None),
        ("weekly", "2026-11-23 08:00", "2026-W48"),
        ("weekly", "2026-11-29 23:59", "2026-W48"),
        ("weekly", "2027-01-01 12:00", "2026-W53"),  # Friday of a week of the year before
        ("monthly", "2026-11-02 07:59", None),  # 1 November is a Sunday
        ("monthly", "2026-11-02 08:00", "2026-11"),
        ("monthly", "2026-10-07 12:00", None),  # the holiday of the National Day
        ("monthly", "2026-10-08 08:00", "2026-10"),
        ("weekly", "2026-02-18 12:00", None),  # the Spring Festival: nobody works from Monday to Sunday
    ],
)  # fmt: skip
def test_a_round_is_due_from_the_first_working_morning(standing: str, now: str, name: str | None) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert rounds.period(standing, at, question_set.calendar()) == name  # type: ignore[arg-type]


def open_rounds(gateway: Gateway) -> dict[tuple[str, int], Task]:
    with gateway.db.read() as session:
        rows = session.scalars(select(Task).where(Task.kind == TaskKind.DUTY_ROUND, Task.done_at.is_(None)))
        return {(row.body["rule"], row.branch_id): row for row in rows}


def pressing(gateway: Gateway, key: str) -> dict[int, int]:
    """Branch → rows of the list that are late, near or without proof, counted one by one."""
    services = gateway.services
    found: dict[int, int] = {}
    with gateway.db.read() as session:
        for row in usecases.every_row(
            session, PROGRAM, Query(key).narrowed(parts=("overdue", "due_soon", "unproven")), services.clock.now(),
            services.calendar.calendar(),
        ):  # fmt: skip
            if not row["reference"]:
                found[row["branch_id"]] = found.get(row["branch_id"], 0) + 1
    return found


async def all_rounds(gateway: Gateway) -> None:
    """Sweep until no round is left to make."""
    services = gateway.services
    connected = {key for key, check in load().check.items() if check.subject in RELATIONS}
    while True:
        await sweep(services)
        with gateway.db.read() as session:
            if not connected & set(rounds.due(session, services.clock.now(), services.calendar.calendar())):
                return


async def test_every_branch_with_something_pressing_has_one_task(demo_gateway: Gateway) -> None:
    await all_rounds(demo_gateway)
    tasks = open_rounds(demo_gateway)
    for key, check in load().check.items():
        if check.standing is None or check.subject not in RELATIONS:
            assert not any(rule == key for rule, _ in tasks)
        elif check.due is not None:
            told = {branch: sum(task.body["counts"].values()) for (rule, branch), task in tasks.items() if rule == key}
            assert told == pressing(demo_gateway, key), key
    assert tasks
    before = {task.id for task in tasks.values()}
    await sweep(demo_gateway.services)
    assert {task.id for task in open_rounds(demo_gateway).values()} == before


async def test_a_task_follows_its_numbers_and_ends_with_them(demo_gateway: Gateway) -> None:
    services, began = demo_gateway.services, demo_gateway.services.clock.now()
    await all_rounds(demo_gateway)
    late = {branch: task for (rule, branch), task in open_rounds(demo_gateway).items() if rule == "archived"}
    assert len(late) > 1
    branch, task = next(iter(late.items()))
    with demo_gateway.db.write() as session:
        own = select(Policy.id).where(Policy.branch_id == branch)
        session.execute(update(Service).where(Service.policy_id.in_(own)).values(status=ServiceStatus.CANCELLED))
    services.clock.move_to(services.clock.now() + timedelta(days=7))
    await all_rounds(demo_gateway)
    with demo_gateway.db.read() as session:
        ended = session.get_one(Task, task.id)
        assert (ended.done_at, ended.done_by) == (services.clock.now(), "program")
        again = session.scalar(
            select(func.count()).where(Task.subject.startswith("round:archived:"), Task.created_at >= began)
        )
    still = {branch: task for (rule, branch), task in open_rounds(demo_gateway).items() if rule == "archived"}
    assert {one: sum(row.body["counts"].values()) for one, row in still.items()} == pressing(demo_gateway, "archived")
    kept = {one: row.id for one, row in still.items() if one in late}
    assert kept == {one: late[one].id for one in kept}, "one open task for a duty and branch, not one a week"
    assert again == len(late.keys() | still.keys())


def test_two_at_once_make_one_round(demo_gateway: Gateway) -> None:
    now = demo_gateway.services.clock.now()
    found = {1: {"overdue": 2}}
    for _ in range(2):
        with demo_gateway.db.write() as session:
            rounds.note(session, "archived", "2026-W48", found, now)
    assert len(open_rounds(demo_gateway)) == 1


async def test_the_branch_sees_it_and_no_other(demo_gateway: Gateway) -> None:
    await all_rounds(demo_gateway)
    manager = staff(demo_gateway, "service")
    with demo_gateway.db.read() as session:
        mine = set(session.scalars(branches_of(manager)))
        seen = open_tasks(session, manager, kind=TaskKind.DUTY_ROUND, size=1000)["items"]
    every = open_rounds(demo_gateway)
    assert len(seen) == sum(branch in mine for _, branch in every) > 0
    assert len(seen) < len(every)
