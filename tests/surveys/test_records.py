"""Follow-ups for staff over HTTP: both parts or refused, within the branch tree, and never for a provider (6.3)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from anze.bookings.models import Service
from anze.clock import Clock
from anze.identity.models import Branch, DeniedRead, Staff
from anze.policies.models import Policy
from anze.serve.sweep import sweep
from anze.surveys import usecases as surveys
from anze.surveys.desk import Filter
from anze.surveys.models import Survey
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW
from tests.helpers.firm import Firm
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.rows import difference, snapshot
from tests.surveys.conftest import ASKED, standing, survey_of

LIST = "/api/staff/surveys"
WHOLE = {"channel": "phone", "mark": 4, "opinion": "希望下次早点通知", "answered_by": "陈主任"}
Complete = Callable[[date], str]


@pytest.fixture
async def manager(demo_gateway: Gateway) -> Caller:
    return await demo_gateway.staff("service")


async def record(caller: Caller, number: str = ASKED, **more: Any) -> Any:
    return await caller.post(f"{LIST}/{number}/record", WHOLE | more)


@pytest.mark.parametrize(
    ("more", "named", "not_named"),
    [
        ({"mark": None}, ["满意度"], ["具体意见"]),
        ({"opinion": " \n"}, ["具体意见"], ["满意度，"]),
        ({"mark": None, "opinion": ""}, ["满意度、具体意见"], []),
    ],
)
async def test_what_is_missing_is_named_and_nothing_is_kept(
    demo_gateway: Gateway, manager: Caller, more: dict[str, Any], named: list[str], not_named: list[str]
) -> None:
    before = snapshot(demo_gateway.db)
    answer = await record(manager, **more)
    assert (answer.status_code, answer.json()["code"]) == (422, "survey_incomplete")
    said = answer.json()["detail"].split("还缺")[1]
    assert all(words in said for words in named)
    assert not any(words in said for words in not_named)
    assert difference(before, snapshot(demo_gateway.db)).changed == {}


@pytest.mark.parametrize(
    "wrong", [{"mark": 0}, {"mark": 6}, {"channel": "web"}, {"answered_by": " "}, {"opinion": "\x00"}]
)
async def test_what_cannot_be_is_refused(demo_gateway: Gateway, manager: Caller, wrong: dict[str, Any]) -> None:
    answer = await record(manager, **wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
    assert standing(demo_gateway, ASKED)[0] == "asked"


@pytest.mark.parametrize("channel", ["phone", "site"])
async def test_an_answer_by_telephone_or_on_site(demo_gateway: Gateway, manager: Caller, channel: str) -> None:
    answer = await record(manager, channel=channel)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["status"], view["mark"], view["opinion"]) == ("done", 4, "希望下次早点通知")
    assert (view["channel"], view["answered_by"], view["overdue"]) == (channel, "陈主任", False)
    with demo_gateway.db.read() as session:
        member = session.scalars(select(Staff).where(Staff.username == "service")).one()
        assert view["recorded_by"] == f"{member.branch.short_name} {member.name}"
    again = await record(manager, mark=1)
    assert (again.status_code, again.json()["code"]) == (409, "survey_done")
    assert standing(demo_gateway, ASKED) == ("done", 4, "希望下次早点通知", NOW)


async def test_words_of_the_talk_stay_in_front(demo_gateway: Gateway, manager: Caller, firm: Firm) -> None:
    await firm.do(surveys.rate, text="讲得太快，跟不上")
    await record(manager, mark=3, opinion="补一份讲义就好")
    assert standing(demo_gateway, ASKED)[:3] == ("done", 3, "讲得太快，跟不上\n补一份讲义就好")


async def test_nobody_answers_and_a_colleague_is_to_call(
    demo_gateway: Gateway, completed: Complete, clock: Clock
) -> None:
    """Completed on 23 November, due on 7 December: three working days before it somebody has to call (T-3)."""
    number = completed(date(2026, 11, 23))
    row = survey_of(demo_gateway, number)

    def task() -> Task | None:
        with demo_gateway.db.read() as session:
            about = Task.subject.startswith(f"survey:{row.id}:")
            found = select(Task).where(Task.kind == TaskKind.SURVEY_CALL, about)
            return session.scalars(found).one_or_none()

    for moment, there in (("2026-12-01T15:00+08:00", False), ("2026-12-02T15:00+08:00", True)):
        clock.move_to(NOW.fromisoformat(moment))
        await sweep(demo_gateway.services)
        await sweep(demo_gateway.services)
        assert (task() is not None) == there, moment
    answer = await record(await demo_gateway.staff("service"), number)
    assert answer.json()["status"] == "done"
    made = task()
    assert made is not None
    assert made.done_at == clock.now()


async def test_the_provider_has_no_way_in_and_sees_no_answer(demo_gateway: Gateway, manager: Caller) -> None:
    await record(manager, opinion="来的人一直在看手机")
    provider = await demo_gateway.staff("provider-2")
    with demo_gateway.db.read() as session:
        assert session.scalars(select(Service.provider_id).where(Service.number == ASKED)).one()
    for path in (LIST, f"{LIST}/{ASKED}"):
        assert (await provider.get(path)).status_code == 403
    before = snapshot(demo_gateway.db)
    assert (await record(provider)).status_code == 403
    assert difference(before, snapshot(demo_gateway.db)).changed == {}
    order = await provider.get(f"/api/provider/orders/{ASKED}")
    listed = await provider.get("/api/provider/orders")
    assert order.status_code == 200, "its own order"
    for seen in (order.text, listed.text):
        assert "来的人一直在看手机" not in seen
        assert '"mark"' not in seen
        assert '"opinion"' not in seen


async def test_an_auditor_reads_and_others_outside_do_not_even_that(demo_gateway: Gateway, firm: Firm) -> None:
    auditor = await demo_gateway.staff("auditor")
    assert (await auditor.get(f"{LIST}/{ASKED}")).status_code == 200
    assert (await record(auditor)).status_code == 403
    for caller in (firm.caller, await demo_gateway.visitor()):
        assert (await caller.get(LIST)).status_code == 403
        assert (await caller.get(f"{LIST}/{ASKED}")).status_code == 403
        assert (await record(caller)).status_code == 403
    assert standing(demo_gateway, ASKED)[0] == "asked"


async def everything(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    page = 1
    while True:
        answer = (await caller.get(LIST, size=200, page=page, **query)).json()
        items += answer["items"]
        if not answer["items"]:
            assert answer["total"] == len(items)
            return items
        page += 1


async def test_every_follow_up_walked_by_staff_of_one_branch(demo_gateway: Gateway, manager: Caller) -> None:
    with demo_gateway.db.read() as session:
        path = session.scalars(
            select(Branch.path).join(Staff, Staff.branch_id == Branch.id).where(Staff.username == "service")
        ).one()
        rows = session.execute(
            select(Service.number, Branch.path)
            .join(Survey, Survey.service_id == Service.id)
            .join(Policy, Policy.id == Service.policy_id)
            .join(Branch, Branch.id == Policy.branch_id)
        ).all()
    inside = {number for number, other in rows if other.startswith(path)}
    outside = sorted({number for number, _ in rows} - inside)
    assert min(len(inside), len(outside)) > 10
    assert {one["service"] for one in await everything(manager)} == inside
    for number in outside[:60]:
        assert (await manager.get(f"{LIST}/{number}")).status_code == 404
        assert (await record(manager, number)).status_code == 404
    assert (await manager.get(f"{LIST}/FW20991231001")).status_code == 404
    with demo_gateway.db.read() as session:
        denied = session.scalars(select(DeniedRead.subject).where(DeniedRead.subject.startswith("survey:"))).all()
    assert sorted(denied) == sorted([f"survey:{number}" for number in outside[:60]] * 2)


async def test_filters_hold_what_they_say_and_late_ones_come_first(
    demo_gateway: Gateway, firm: Firm, clock: Clock
) -> None:
    await firm.do(surveys.rate, text="1分")
    clock.move_to(NOW + timedelta(days=1))
    supervisor = await demo_gateway.staff("supervisor")
    whole = await everything(supervisor)
    order = [(one["status"] == "done", one["due_on"]) for one in whole]
    assert order == sorted(order)
    checks: dict[Filter, Callable[[dict[str, Any]], bool]] = {
        Filter.DUE: lambda one: one["status"] != "done",
        Filter.OVERDUE: lambda one: one["status"] != "done" and one["due_on"] < "2026-11-24",
        Filter.MARKED: lambda one: one["status"] == "marked",
        Filter.DONE: lambda one: one["status"] == "done",
        Filter.LOW: lambda one: one["low"],
    }
    assert set(checks) == set(Filter)
    for which, holds in checks.items():
        found = {one["service"] for one in await everything(supervisor, which=which.value)}
        assert found == {one["service"] for one in whole if holds(one)}, which
        assert found, which
    (mine,) = [one for one in whole if one["service"] == ASKED]
    assert (mine["status"], mine["overdue"], mine["low"]) == ("marked", True, True)
    assert all(one["overdue"] for one in whole if holds_late(one))
    assert [one["service"] for one in await everything(supervisor, q=ASKED.lower())] == [ASKED]
    assert await everything(supervisor, q="%") == []


def holds_late(one: dict[str, Any]) -> bool:
    return bool(one["status"] != "done" and one["due_on"] < "2026-11-24")
