"""A provider's own orders over HTTP: every step, twice over a bad line, and nobody else's."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from anze.bookings.models import Service, ServiceStatus, ServiceStep
from anze.clock import Clock
from anze.conversations.models import SharedFile
from anze.identity.models import Staff
from anze.surveys.models import Survey
from anze.tasks.models import Task
from tests.bookings.conftest import Talk
from tests.conftest import NOW
from tests.helpers.gateway import Caller

WHOLE = "12月8号上午给城北厂区约个隐患排查，联系人老王13800000000"
LIST = "/api/provider/orders"
DAY = timedelta(days=15)


async def person_of(talk: Talk, service: Service) -> Caller:
    """Somebody of the provider that was booked."""
    (username,) = talk.rows(select(Staff.username).where(Staff.provider_id == service.provider_id))
    return await talk.caller.gateway.staff(username)


async def step(caller: Caller, number: str, what: str, client_id: str = "", **body: Any) -> Any:
    return await caller.post(f"{LIST}/{number}/{what}", {"client_id": client_id or f"c-{what}"} | body)


def stages(talk: Talk, service: Service) -> list[str]:
    of = select(ServiceStep.stage).where(ServiceStep.service_id == service.id).order_by(ServiceStep.id)
    return [str(stage) for stage in talk.rows(of)]


async def test_an_order_from_acceptance_to_report(talk: Talk, clock: Clock) -> None:
    service = await talk.book(WHOLE)
    number = service.number
    person = await person_of(talk, service)
    order = (await person.get(f"{LIST}/{number}")).json()
    assert (order["insured"], order["contact"]["phone"]) == ("南京安屿化工有限公司", "13800000000")
    people = next(team["people"] for team in order["teams"] if team["coming"])
    assert (await step(person, number, "accept", people=["张三丰"])).json()["code"] == "booking_people_unknown"
    accepted = await step(person, number, "accept", people=people)
    assert (accepted.json()["status"], accepted.json()["people"]) == ("dispatched", people)
    assert people[0] in (await talk.caller.history())[-1]["text"]
    assert (await step(person, number, "check_in")).json()["code"] == "booking_not_today"
    clock.move_to(NOW + DAY)
    person = await person_of(talk, service)
    assert (await step(person, number, "check_in")).json()["code"] == "booking_rules_not_seen"
    assert (await step(person, number, "finish", process="查完了", completed_on="2026-12-08")).json()[
        "code"
    ] == "booking_not_started"
    assert (await step(person, number, "rules_seen")).status_code == 200
    assert (await step(person, number, "check_in")).json()["status"] == "ongoing"
    clock.move_to(NOW + DAY + timedelta(hours=3))
    late = await step(person, number, "finish", process="查完了", completed_on="2026-12-09")
    assert late.json()["code"] == "booking_completed_on"
    finished = await step(person, number, "finish", process="查了储罐区和配电间", completed_on="2026-12-08")
    assert finished.json()["status"] == "completed"
    file_id = await person.file("报告.png")
    reported = await step(person, number, "report", file_id=file_id)
    assert reported.status_code == 200, reported.text
    row = talk.service(number)
    assert (row.process, row.report_no) == ("查了储罐区和配电间", f"BG{number[2:]}")
    (shared,) = talk.rows(select(SharedFile).where(SharedFile.file_id == file_id))
    assert (shared.insured_id, shared.subject) == (service.insured_id, f"service:{service.id}")
    assert len(talk.rows(select(Survey).where(Survey.service_id == service.id))) == 1
    assert stages(talk, service) == [
        "requested", "insured_confirmed", "provider_confirmed", "dispatched", "rules_seen", "started", "completed",
        "reported",
    ]  # fmt: skip


async def test_a_step_sent_twice_is_taken_once(talk: Talk, clock: Clock) -> None:
    service = await talk.book(WHOLE)
    person = await person_of(talk, service)
    order = (await person.get(f"{LIST}/{service.number}")).json()
    people = next(team["people"] for team in order["teams"] if team["coming"])
    for _ in range(2):
        assert (await step(person, service.number, "accept", people=people)).status_code == 200
    clock.move_to(NOW + DAY)
    for what, body in (("rules_seen", {}), ("check_in", {}),
                       ("finish", {"process": "做完了", "completed_on": "2026-12-08"})):  # fmt: skip
        first, second = [await step(person, service.number, what, **body) for _ in range(2)]
        assert (first.status_code, second.status_code, first.json()) == (200, 200, second.json()), what
    file_id = await person.file("报告.png")
    for _ in range(2):
        assert (await step(person, service.number, "report", file_id=file_id)).status_code == 200
    told = [message["text"] for message in await talk.caller.history()]
    assert len(stages(talk, service)) == 8
    assert len(told) == len(set(told)), "nothing is said twice"


async def test_both_sides_before_anybody_begins(talk: Talk, clock: Clock) -> None:
    service = await talk.book(WHOLE)
    person = await person_of(talk, service)
    clock.move_to(NOW + DAY - timedelta(hours=2))
    await step(person, service.number, "rules_seen")
    assert (await step(person, service.number, "check_in")).json()["code"] == "booking_not_confirmed"
    with talk.db.write() as session:
        session.get_one(Service, service.id).insured_confirmed_at = None
    accepted = await step(person, service.number, "accept")
    assert accepted.json()["status"] == "requested", "the insured has not confirmed this time"
    assert (await step(person, service.number, "check_in")).json()["code"] == "booking_not_confirmed"


async def test_a_declined_order_is_free_again_and_waits_for_the_manager(talk: Talk) -> None:
    service = await talk.book(WHOLE)
    person = await person_of(talk, service)
    for _ in range(2):
        done = await step(person, service.number, "decline", reason="那天人都派出去了")
        assert (done.status_code, done.json()["declined"]) == (200, True)
    row = talk.service(service.number)
    assert (row.status, row.starts_at, row.provider_id, row.team_id) == (ServiceStatus.REQUESTED, None, None, None)
    assert talk.claims(service_id=service.id) == []
    (task,) = talk.rows(select(Task).where(Task.subject == f"service:{service.id}"))
    assert (task.body["why"], task.body["words"]) == ("provider_declined", "那天人都派出去了")
    assert (await person.get(f"{LIST}/{service.number}")).status_code == 404
    assert "另找时间" in (await talk.caller.history())[-1]["text"]
    assert "那天人都派出去了" not in (await talk.caller.history())[-1]["text"]


async def test_a_walk_over_every_number_gives_only_the_own_orders(talk: Talk) -> None:
    person = await talk.caller.gateway.staff("provider")
    (provider_id,) = talk.rows(select(Staff.provider_id).where(Staff.username == "provider"))
    rows = talk.rows(select(Service).order_by(Service.id))
    own = {row.number for row in rows if row.provider_id == provider_id}
    assert 10 < len(own) < len(rows)
    for row in rows[::3]:
        found = await person.get(f"{LIST}/{row.number}")
        assert (found.status_code == 200) is (row.number in own), row.number
    foreign = [row for row in rows if row.number not in own and row.status == ServiceStatus.CONFIRMED][:6]
    bodies: dict[str, dict[str, Any]] = {
        "accept": {}, "decline": {"reason": "x"}, "rules_seen": {}, "check_in": {},
        "finish": {"process": "x", "completed_on": "2026-11-23"}, "report": {"file_id": await person.file()},
    }  # fmt: skip
    for row in foreign:
        for what, body in bodies.items():
            answer = await step(person, row.number, what, **body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (row.number, what)
        assert talk.service(row.number).version == row.version
    listed: set[str] = set()
    for page in range(1, 10):
        answer = (await person.get(LIST, which="all", page=page, size=50)).json()
        listed |= {item["number"] for item in answer["items"]}
        if len(listed) == answer["total"]:
            break
    assert listed == {row.number for row in rows if row.number in own and row.starts_at}


async def test_an_order_shows_no_money_no_policy_and_no_complaint(talk: Talk) -> None:
    person = await talk.caller.gateway.staff("provider")
    for item in (await person.get(LIST, which="all", size=200)).json()["items"][:20]:
        order = (await person.get(f"{LIST}/{item['number']}")).json()
        text = str(order)
        assert not {"policy", "premium", "branch", "promised", "left", "wish", "conversation"} & set(order)
        assert "AZ20" not in text
        assert "TS20" not in text


async def test_lists_by_what_is_to_be_done(talk: Talk) -> None:
    person = await talk.caller.gateway.staff("provider")
    open_ = (await person.get(LIST)).json()["items"]
    starts = [item["starts_at"] for item in open_]
    assert starts == sorted(starts)
    assert {item["status"] for item in open_} == {"requested", "confirmed", "dispatched", "ongoing"}
    today = (await person.get(LIST, which="today")).json()["items"]
    assert {"dispatched", "ongoing"} <= {item["status"] for item in today}
    assert all(item["when"].startswith("2026-11-23") for item in today)
    done = (await person.get(LIST, which="done", size=200)).json()["items"]
    assert {item["status"] for item in done} == {"completed", "cancelled", "no_show", "refused"}


async def test_nobody_else_comes_through_this_door(talk: Talk) -> None:
    for caller in (talk.caller, await talk.caller.gateway.visitor(), await talk.caller.gateway.staff("service")):
        assert (await caller.get(LIST)).status_code == 403
        assert (await step(caller, "FW20261123001", "accept")).status_code == 403
