"""What the service manager does over HTTP, within the branch tree, with the version that was looked at."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from anze.bookings.models import Service, ServiceStatus, ServiceStep
from anze.bookings.slots import parse_slot
from anze.clock import Clock
from anze.conversations.models import Button, Conversation, Message
from anze.identity.models import Branch, DeniedRead, Staff
from anze.policies.models import Policy
from anze.providers.models import Provider, Team
from anze.reminders.models import Reminder
from anze.reports.models import Candidate
from anze.surveys.models import Survey
from anze.tasks.models import Task
from tests.bookings.conftest import Talk
from tests.conftest import NOW
from tests.helpers.gateway import Caller, Gateway

WHOLE = "12月8号上午给城北厂区约个隐患排查，联系人老王13800000000"
LIST = "/api/staff/bookings"


@pytest.fixture
async def manager(demo_gateway: Gateway) -> Caller:
    return await demo_gateway.staff("service")


async def act(caller: Caller, number: str, what: str, **body: Any) -> Any:
    version = (await caller.get(f"{LIST}/{number}")).json()["version"]
    return await caller.post(f"{LIST}/{number}/{what}", {"version": version} | body)


async def slots(caller: Caller, number: str, when: str) -> Any:
    answer = await caller.get(f"{LIST}/{number}/slots", when=when)
    assert answer.status_code == 200, answer.text
    return answer.json()["offers"]


def in_scope(talk: Talk, username: str) -> set[str]:
    with talk.db.read() as session:
        path = session.scalars(
            select(Branch.path).join(Staff, Staff.branch_id == Branch.id).where(Staff.username == username)
        ).one()
        return {
            number
            for number, other in session.execute(
                select(Service.number, Branch.path)
                .join(Policy, Policy.id == Service.policy_id)
                .join(Branch, Branch.id == Policy.branch_id)
            )
            if other.startswith(path)
        }


@pytest.mark.parametrize("username", ["service", "supervisor", "intake", "auditor"])
async def test_the_list_holds_the_branch_tree_and_nothing_else(talk: Talk, username: str) -> None:
    caller = await talk.caller.gateway.staff(username)
    seen: set[str] = set()
    page = 1
    while items := (await caller.get(LIST, page=page, size=200, sort="number")).json()["items"]:
        seen |= {item["number"] for item in items}
        page += 1
    assert seen == in_scope(talk, username)


async def test_filters_sort_and_pages_agree(talk: Talk, manager: Caller) -> None:
    whole = (await manager.get(LIST, size=200, sort="requested_at", descending="true")).json()
    asked = [item["requested_at"] for item in whole["items"]]
    assert asked == sorted(asked, reverse=True)
    for status in ServiceStatus:
        answer = (await manager.get(LIST, size=200, status=status.value)).json()
        assert {item["status"] for item in answer["items"]} <= {status.value}
        assert answer["total"] == sum(item["status"] == status.value for item in whole["items"])
    waiting = (await manager.get(LIST, size=200, waiting="true")).json()["items"]
    assert waiting
    assert all(item["waiting"]["why"] for item in waiting)
    named = (await manager.get(LIST, q="安屿化工")).json()["items"]
    assert {item["insured"] for item in named} == {"南京安屿化工有限公司"}
    days = (await manager.get(LIST, **{"from": "2026-11-24", "to": "2026-11-30", "size": 200})).json()["items"]
    assert days
    assert all("2026-11-24" <= item["when"][:10] <= "2026-11-30" for item in days)


async def test_a_walk_over_every_number_gives_only_the_own_branches(talk: Talk, manager: Caller) -> None:
    own = in_scope(talk, "service")
    numbers = talk.rows(select(Service.number).order_by(Service.id))
    assert 0 < len(own) < len(numbers)
    foreign = [number for number in numbers if number not in own]
    for number in numbers[::4]:
        assert ((await manager.get(f"{LIST}/{number}")).status_code == 200) is (number in own), number
    before = [(row.id, row.version) for row in talk.rows(select(Service).where(Service.number.in_(foreign[:20])))]
    bodies: dict[str, dict[str, Any]] = {
        "propose": {"slot": "1.2026-12-08.am"}, "confirm": {}, "assign": {"team_id": 1}, "cancel": {"reason": "x"},
        "no_show": {"words": "x"}, "refused": {"words": "x"}, "complete": {"completed_on": "2026-11-23"},
    }  # fmt: skip
    for number in foreign[:20]:
        for what, body in bodies.items():
            answer = await manager.post(f"{LIST}/{number}/{what}", {"version": 1} | body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (number, what)
    after = [(row.id, row.version) for row in talk.rows(select(Service).where(Service.number.in_(foreign[:20])))]
    assert after == before
    assert talk.rows(select(DeniedRead))


@pytest.mark.parametrize(
    ("username", "reads"), [("intake", True), ("auditor", True), ("admin", True), ("provider", False)]
)
async def test_who_may_read_and_who_may_write(talk: Talk, username: str, reads: bool) -> None:
    service = await talk.book(WHOLE)
    caller = await talk.caller.gateway.staff(username)
    assert ((await caller.get(f"{LIST}/{service.number}")).status_code == 200) is reads
    answer = await caller.post(f"{LIST}/{service.number}/cancel", {"version": service.version, "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert talk.service(service.number).status == ServiceStatus.REQUESTED


async def test_a_proposed_time_is_pushed_with_buttons_and_waits_for_both(talk: Talk, manager: Caller) -> None:
    service = await talk.book(WHOLE)
    offer = next(o for o in await slots(manager, service.number, "12月10号下午") if "下午" in o["title"])
    done = await act(manager, service.number, "propose", slot=offer["slot"])
    assert done.status_code == 200, done.text
    row = talk.service(service.number)
    assert (row.status, row.insured_confirmed_at, row.provider_confirmed_at) == (ServiceStatus.REQUESTED, None, None)
    chosen = parse_slot(offer["slot"])
    assert chosen is not None
    assert row.starts_at == chosen.half.starts_at
    (claim,) = talk.claims(service_id=service.id)
    assert (claim.team_id, claim.day, claim.part) == (chosen.team_id, chosen.half.day, chosen.half.part.value)
    message = talk.rows(
        select(Message)
        .where(Message.conversation_id == talk.caller.conversation_id, Message.pushed.is_(True))
        .order_by(Message.id.desc())
        .limit(1)
    )[0]
    assert service.number in message.text
    buttons = talk.rows(select(Button).where(Button.message_id == message.id).order_by(Button.position))
    assert [(b.intent, b.entities) for b in buttons] == [
        ("booking_confirm", {"booking_no": service.number}), ("booking_decline", {"booking_no": service.number}),
    ]  # fmt: skip
    (conversation,) = talk.rows(select(Conversation).where(Conversation.id == talk.caller.conversation_id))
    assert conversation.state["slots"]["pending"]["subject"] == f"service:{service.id}"
    kinds = talk.rows(
        select(Reminder.kind).where(Reminder.subject == f"service:{service.id}", Reminder.state == "waiting")
    )
    assert set(kinds) >= {"booking_visit", "booking_confirm"}


async def test_an_old_version_changes_nothing(talk: Talk, manager: Caller) -> None:
    service = await talk.book(WHOLE)
    answer = await manager.post(f"{LIST}/{service.number}/cancel", {"version": service.version - 1, "reason": "停产"})
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_changed")
    assert talk.service(service.number).status == ServiceStatus.REQUESTED


async def test_a_taken_past_or_unqualified_half_day_is_refused(talk: Talk, other: Talk, manager: Caller) -> None:
    service = await talk.book(WHOLE)
    second = await other.book("12月9号上午查隐患")
    taken = f"{second.team_id}.2026-12-09.am"
    assert (await act(manager, service.number, "propose", slot=taken)).json()["code"] == "booking_slot_taken"
    past = await act(manager, service.number, "propose", slot=f"{service.team_id}.2026-11-20.am")
    assert past.json()["code"] == "booking_slot_past"
    assert (await act(manager, service.number, "propose", slot="x")).json()["code"] == "booking_slot_unknown"
    assert (await act(manager, service.number, "propose", slot="999.2026-12-09.am")).json()[
        "code"
    ] == "booking_team_unknown"
    row = talk.service(service.number)
    assert (row.version, row.starts_at) == (service.version, service.starts_at)
    assert [claim.part for claim in talk.claims(service_id=service.id)] == ["am"]


async def test_a_team_whose_provider_is_not_qualified_that_day_is_refused(talk: Talk, manager: Caller) -> None:
    service = await talk.book(WHOLE)
    with talk.db.read() as session:
        team = session.scalars(
            select(Team).join(Provider).where(Provider.short_name == "虞安").order_by(Team.no).limit(1)
        ).one()
    answer = await act(manager, service.number, "assign", team_id=team.id)
    assert answer.json()["code"] == "booking_team_not_qualified", "it does drills and trainings, no hazard checks"


async def test_confirmed_by_telephone_then_a_team_is_sent(talk: Talk, manager: Caller) -> None:
    service = await talk.book(WHOLE)
    assert (await act(manager, service.number, "confirm")).json()["status"] == "confirmed"
    assert (await act(manager, service.number, "confirm")).json()["code"] == "booking_not_open"
    stranger = await act(manager, service.number, "assign", team_id=service.team_id, people=["张三丰"])
    assert stranger.json()["code"] == "booking_people_unknown"
    sent = await act(manager, service.number, "assign", team_id=service.team_id)
    assert sent.json()["status"] == "dispatched"
    row = talk.service(service.number)
    assert len(row.people) == 2
    assert row.provider_confirmed_at == NOW, "the same provider need not confirm anew"
    whole = (await manager.get(f"{LIST}/{service.number}")).json()
    assert [stage["state"] for stage in whole["stages"]][:4] == ["done", "done", "now", "next"]


async def test_no_show_and_refusal_are_kept_in_the_words_said(talk: Talk, manager: Caller, clock: Clock) -> None:
    service = await talk.book(WHOLE)
    early = await act(manager, service.number, "no_show", words="门卫不让进")
    assert early.json()["code"] == "booking_not_open", "nobody has been there yet"
    clock.move_to(NOW + timedelta(days=15))
    assert (await act(manager, service.number, "no_show", words="门卫不让进")).json()["status"] == "no_show"
    (candidate,) = talk.rows(select(Candidate).where(Candidate.subject == f"service:{service.id}"))
    assert (candidate.kind, candidate.words, candidate.insured_id) == ("b", "门卫不让进", service.insured_id)
    second = await talk.book("下周三上午约个隐患排查，城北厂区")
    assert (await act(manager, second.number, "refused", words="今年不做了")).json()["status"] == "refused"
    assert talk.claims(service_id=second.id) == []
    assert len(talk.rows(select(Candidate).where(Candidate.subject == f"service:{second.id}"))) == 1


async def test_a_cancellation_and_a_move_by_staff_are_no_candidates(talk: Talk, manager: Caller) -> None:
    service = await talk.book(WHOLE)
    offer = (await slots(manager, service.number, "12月10号"))[0]
    await act(manager, service.number, "propose", slot=offer["slot"])
    done = await act(manager, service.number, "cancel", reason="机构人员生病")
    assert done.json()["status"] == "cancelled"
    assert talk.rows(select(Candidate).where(Candidate.subject == f"service:{service.id}")) == []
    assert talk.claims(service_id=service.id) == []
    assert "机构人员生病" in (await talk.caller.history())[-1]["text"]


async def test_done_followed_up_and_filed(talk: Talk, manager: Caller, clock: Clock) -> None:
    service = await talk.book(WHOLE)
    await act(manager, service.number, "confirm")
    filing = f"/api/staff/records/{service.number}/file"
    early = await manager.post(filing, {"version": talk.service(service.number).version})
    assert early.json()["code"] == "booking_not_completed"
    early = await act(manager, service.number, "complete", completed_on="2026-11-23")
    assert early.json()["code"] == "booking_not_started"
    clock.move_to(NOW + timedelta(days=15, hours=8))
    bad = await act(manager, service.number, "complete", completed_on="2026-12-07")
    assert bad.json()["code"] == "booking_completed_on"
    late = await act(manager, service.number, "complete", completed_on="2026-12-09")
    assert late.json()["code"] == "booking_completed_on", "not in the future either"
    assert (await act(manager, service.number, "complete", completed_on="2026-12-08")).status_code == 200
    (survey,) = talk.rows(select(Survey).where(Survey.service_id == service.id))
    assert str(survey.ask_on) == "2026-12-09"
    body = {"version": talk.service(service.number).version, "reason": "材料在补"}
    assert (await manager.post(filing, body)).json()["code"] == "booking_no_report"
    await act(manager, service.number, "complete", completed_on="2026-12-08", report_no="BG1")
    body["version"] = talk.service(service.number).version
    assert (await manager.post(filing, {"version": body["version"]})).json()["code"] == "archive_incomplete"
    assert (await manager.post(filing, body)).status_code == 200
    row = talk.service(service.number)
    assert (str(row.completed_on), row.report_no, str(row.archived_on)) == ("2026-12-08", "BG1", "2026-12-08")
    assert len(talk.rows(select(Survey).where(Survey.service_id == service.id))) == 1


async def test_a_joint_training_is_one_half_day_and_a_service_of_each(talk: Talk, other: Talk, manager: Caller) -> None:
    ids = [talk.insured_id(), other.insured_id("AZ2026000002")]
    body = {"insured_ids": ids, "item": "a", "audience": "workers", "slot": "1.2026-12-10.am"}
    refused = await manager.post(LIST, body | {"audience": None})
    assert refused.json()["code"] == "booking_needs_audience"
    done = await manager.post(LIST, body)
    assert done.status_code == 201, done.text
    main, child = [talk.service(number) for number in done.json()["numbers"]]
    assert (main.joint_with_id, child.joint_with_id) == (None, main.id)
    assert [c.service_id for c in talk.claims(team_id=1) if str(c.day) == "2026-12-10"] == [main.id]
    for own in (talk, other):
        assert "您看合适吗" in (await own.caller.history())[-1]["text"]
    taken = await manager.post(LIST, body | {"insured_ids": ids[:1]})
    assert taken.json()["code"] == "booking_slot_taken"
    moved = await talk.move(main.number, "改到12月11号上午")
    assert (moved["problem"], moved["wish_only"]) == ("joint", True), "one firm does not move what others come to"
    assert (await act(manager, main.number, "cancel", reason="生产忙")).status_code == 200
    assert talk.service(child.number).joint_with_id is None
    (claim,) = talk.claims(service_id=child.id)
    assert str(claim.day) == "2026-12-10", "the others keep the half day"


async def test_an_insured_of_another_branch_cannot_be_entered(talk: Talk, manager: Caller) -> None:
    own = in_scope(talk, "service")
    foreign = talk.rows(select(Service.insured_id).where(Service.number.not_in(own)).order_by(Service.id.desc()))
    mine = set(talk.rows(select(Service.insured_id).where(Service.number.in_(own))))
    insured_id = next(id_ for id_ in foreign if id_ not in mine)
    answer = await manager.post(LIST, {"insured_ids": [insured_id], "item": "d"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_wish_that_is_arranged_closes_its_task(talk: Talk, manager: Caller) -> None:
    await talk.open("约个应急演练，下周三上午，城北厂区")
    number = (await talk.submit())["fields"]["number"]
    service = talk.service(number)
    offer = await manager.get(f"{LIST}/{number}/slots")
    assert offer.json()["problem"] == "used_up", "said, and left to the manager"
    done = await act(manager, number, "propose", slot=offer.json()["offers"][0]["slot"])
    assert done.status_code == 200, done.text
    (task,) = talk.rows(select(Task).where(Task.subject == f"service:{service.id}"))
    assert task.done_by is not None
    steps = talk.rows(select(ServiceStep.stage).where(ServiceStep.service_id == service.id).order_by(ServiceStep.id))
    assert steps == ["requested", "proposed"]
