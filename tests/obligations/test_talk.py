"""What is done with a result: a file, a picture, reminders after a preview, subscriptions."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.audit import chain
from anze.bookings.models import Service
from anze.clock import Clock
from anze.errors import DomainError
from anze.identity.models import Staff
from anze.identity.speaker import Speaker
from anze.obligations import chart, reminding, subscribing, usecases
from anze.obligations.models import Subscription
from anze.obligations.query import Query
from anze.obligations.rhythm import Rhythm
from anze.obligations.undone import undone_of
from anze.policies.models import Policy, PolicyInsured
from anze.reminders.models import Reminder, ReminderState
from anze.serve.sweep import sweep
from anze.tasks.models import Task, TaskKind
from tests.helpers.firm import staff, write
from tests.helpers.gateway import Caller, Gateway

YEARLY, ARCHIVED = Query("yearly_check"), Query("archived")
MONDAYS = Rhythm(time(8), weekday=1)


@pytest.fixture
def service(demo_gateway: Gateway) -> Speaker:
    return staff(demo_gateway, "service")


def did[T](gateway: Gateway, work: Callable[..., T], speaker: Speaker, query: Query, *more: Any) -> T:
    services = gateway.services
    return write(gateway, lambda s: work(s, speaker, query, *more, services.clock.now(), services.calendar))


def duty_reminders(gateway: Gateway) -> list[Reminder]:
    with gateway.db.read() as session:
        return list(session.scalars(select(Reminder).where(Reminder.kind == reminding.KIND)))


def test_those_who_were_shown_are_reminded_once_a_day(demo_gateway: Gateway, service: Speaker) -> None:
    shown = did(demo_gateway, reminding.preview, service, YEARLY)
    assert shown["to"] == "insured"
    assert not duty_reminders(demo_gateway)
    for _ in range(2):
        done = did(demo_gateway, reminding.remind, service, YEARLY, shown["ids"])
        assert done == {"count": len(shown["ids"]), "left": 0}
    rows = duty_reminders(demo_gateway)
    assert {row.recipient for row in rows} == {f"insured:{id_}" for id_ in shown["ids"]}
    assert len(rows) == len(shown["ids"])
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []


def test_only_who_was_shown_and_is_in_the_own_branch(demo_gateway: Gateway, service: Speaker) -> None:
    everybody = did(demo_gateway, reminding.preview, staff(demo_gateway, "supervisor"), YEARLY)["ids"]
    own = did(demo_gateway, reminding.preview, service, YEARLY)["ids"]
    done = did(demo_gateway, reminding.remind, service, YEARLY, everybody)
    assert done == {"count": len(own), "left": len(everybody) - len(own)}
    assert did(demo_gateway, reminding.remind, service, YEARLY, [])["count"] == 0


def test_branches_get_a_task_with_their_count(demo_gateway: Gateway) -> None:
    supervisor = staff(demo_gateway, "supervisor")
    shown = did(demo_gateway, reminding.preview, supervisor, ARCHIVED)
    assert shown["to"] == "branch"
    did(demo_gateway, reminding.remind, supervisor, ARCHIVED, shown["ids"])
    with demo_gateway.db.read() as session:
        tasks = session.scalars(select(Task).where(Task.kind == TaskKind.DUTY, Task.done_at.is_(None))).all()
        found = usecases.run(
            session, supervisor, ARCHIVED, demo_gateway.services.clock.now(), demo_gateway.services.calendar.calendar()
        ).found
    assert {task.branch_id for task in tasks} == set(shown["ids"])
    assert sum(task.body["count"] for task in tasks) == found


@pytest.mark.parametrize("role", ["auditor", "intake", "admin"])
def test_not_everybody_reminds(demo_gateway: Gateway, role: str) -> None:
    with pytest.raises(DomainError) as refused:
        did(demo_gateway, reminding.preview, staff(demo_gateway, role), YEARLY)
    assert refused.value.code == "obligation_remind_role"


def test_nobody_to_remind_is_said(demo_gateway: Gateway, service: Speaker) -> None:
    with pytest.raises(DomainError) as refused:
        did(demo_gateway, reminding.preview, service, Query("contract_terms"))
    assert refused.value.code == "obligation_remind_none"


async def test_what_was_done_meanwhile_is_not_said(demo_gateway: Gateway, service: Speaker, clock: Clock) -> None:
    """Asked in the evening, done before the morning: the reminder ends without a word."""
    clock.move_to(clock.now() + timedelta(hours=11))
    (insured_id,) = did(demo_gateway, reminding.preview, service, YEARLY)["ids"][:1]
    did(demo_gateway, reminding.remind, service, YEARLY, [insured_id])
    assert undone(demo_gateway, insured_id)
    write(demo_gateway, lambda s: done_for(s, insured_id, clock))
    assert not undone(demo_gateway, insured_id)
    clock.move_to(clock.now() + timedelta(hours=14))
    await sweep(demo_gateway.services)
    assert {row.state for row in duty_reminders(demo_gateway)} == {ReminderState.VOID}


async def test_what_is_still_undone_is_said(demo_gateway: Gateway, service: Speaker, clock: Clock) -> None:
    shown = did(demo_gateway, reminding.preview, service, YEARLY)
    did(demo_gateway, reminding.remind, service, YEARLY, shown["ids"])
    await sweep(demo_gateway.services)
    sent = [row for row in duty_reminders(demo_gateway) if row.state == ReminderState.SENT]
    assert {row.body.get("via", row.recipient) for row in sent} == {f"insured:{id_}" for id_ in shown["ids"]}


def undone(gateway: Gateway, insured_id: int) -> bool:
    services = gateway.services
    with gateway.db.read() as session:
        found = undone_of(session, "yearly_check", insured_id, 3, services.clock.now(), services.calendar.calendar())
    return found is not None


def done_for(session: Session, insured_id: int, clock: Clock) -> None:
    """A hazard check under each policy in force."""
    today = clock.today()
    policies = select(Policy).join(PolicyInsured, PolicyInsured.policy_id == Policy.id).where(
        PolicyInsured.insured_id == insured_id, Policy.start_on <= today, Policy.end_on >= today
    )  # fmt: skip
    for policy in session.scalars(policies).all():
        session.add(Service(
            number=f"FW-TEST-{policy.id}", policy_id=policy.id, insured_id=insured_id, item="d", status="completed",
            requested_at=clock.now(), completed_on=today, report_no="R", place="厂区", people=["张工"],
        ))  # fmt: skip


def test_a_picture_escapes_what_it_shows() -> None:
    bars = [chart.Bar('<script>alert(1)</script>&"', 3, 5, "60.0%"), chart.Bar("南京", 0, 0)]
    picture = ElementTree.fromstring(chart.drawn("a<b", "c>d", bars))
    texts = [element.text for element in picture.iter() if element.tag.endswith("}text")]
    assert '<script>alert(1)</script>&"' in texts
    assert not [element for element in picture.iter() if element.tag.endswith("script")]


async def test_a_subscription_is_answered_when_it_is_due_and_once(demo_gateway: Gateway, clock: Clock) -> None:
    caller, supervisor = await demo_gateway.staff("supervisor"), staff(demo_gateway, "supervisor")
    for _ in range(2):
        write(demo_gateway, lambda s: subscribing.subscribe(s, supervisor, ARCHIVED, MONDAYS, clock.now()))
    with demo_gateway.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Subscription)) == 1
    await sweep(demo_gateway.services)
    assert not await told(caller)
    clock.move_to(clock.now() + timedelta(days=15))
    caller = await demo_gateway.staff("supervisor")
    for _ in range(3):
        await sweep(demo_gateway.services)
    (message,) = await told(caller)
    assert message["data"]["rule"] == "archived"
    assert message["text"].startswith("您订阅的（每周一 08:00）")
    write(demo_gateway, lambda s: subscribing.unsubscribe(s, supervisor, None, clock.now()))
    clock.move_to(clock.now() + timedelta(days=7))
    await sweep(demo_gateway.services)
    assert len(await told(caller)) == 1


async def told(caller: Caller) -> list[dict[str, Any]]:
    return [one for one in await caller.history() if one["text"].startswith("您订阅的")]


async def test_who_has_left_is_told_nothing_more(demo_gateway: Gateway, clock: Clock) -> None:
    supervisor = staff(demo_gateway, "supervisor")
    write(demo_gateway, lambda s: subscribing.subscribe(s, supervisor, ARCHIVED, MONDAYS, clock.now()))

    def leave(session: Session) -> None:
        session.scalars(select(Staff).where(Staff.username == "supervisor")).one().left_at = clock.now()

    write(demo_gateway, leave)
    clock.move_to(clock.now() + timedelta(days=8))
    await sweep(demo_gateway.services)
    with demo_gateway.db.read() as session:
        assert session.scalars(select(Subscription)).one().ended_at is not None


def test_nobody_ends_the_subscription_of_another(demo_gateway: Gateway, service: Speaker, clock: Clock) -> None:
    supervisor = staff(demo_gateway, "supervisor")
    row = write(demo_gateway, lambda s: subscribing.subscribe(s, supervisor, ARCHIVED, MONDAYS, clock.now()).id)
    assert write(demo_gateway, lambda s: subscribing.unsubscribe(s, service, row, clock.now())) == 0
    assert not write(demo_gateway, lambda s: subscribing.listed(s, service, clock.now()))
    assert len(write(demo_gateway, lambda s: subscribing.listed(s, supervisor, clock.now()))) == 1
