"""Insureds are told how complaints are handled: once, at work, in their own talk; or on paper with proof (6.4)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from anze.audit.registry import seals
from anze.clock import SHANGHAI
from anze.conversations.main_contacts import talks_of
from anze.conversations.models import Conversation
from anze.identity.models import Staff
from anze.management.models import ComplaintChannel
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.procedure import telling
from anze.procedure.models import PolicyNotice
from anze.serve import sweep
from tests.fees.test_duties import Books, noon
from tests.helpers.gateway import Caller, Gateway
from tests.obligations.world import TODAY

ROOT = "/api/staff/procedure-notices"
NUMBER, PHONE = "AZ2026000001", "13800000001"


def forget(gateway: Gateway, number: str = NUMBER) -> int:
    """A policy like a given one, just begun, of which nobody was told; its id."""
    with gateway.db.write() as session:
        old = session.scalars(select(Policy).where(Policy.number == number)).one()
        today = gateway.services.clock.today()
        new = Policy(
            number=f"{number}-X", applicant_id=old.applicant_id, branch_id=old.branch_id, start_on=today,
            end_on=today + timedelta(days=300), ended_early_on=None, renews_id=None, premium_cents=1,
        )  # fmt: skip
        new.insureds = [old.insureds[0]]
        session.add(new)
        session.flush()
        return new.id


async def told(gateway: Gateway, caller: Caller) -> list[str]:
    await sweep.STEPS["procedure"](gateway.services)
    return [item["text"] for item in await caller.history() if "投诉说明" in item["text"]]


async def test_a_bound_contact_is_told_once_with_the_channels_and_the_days(demo_gateway: Gateway) -> None:
    firm = await demo_gateway.bound(NUMBER, PHONE)
    assert await told(demo_gateway, firm) == [], "the demo's firms were told with the policy"
    policy_id = forget(demo_gateway)
    with demo_gateway.db.read() as session:
        policy = session.get_one(Policy, policy_id)
        channel = session.scalars(
            select(ComplaintChannel.value).where(ComplaintChannel.branch_id == policy.branch_id)
        ).first()
    (words,) = await told(demo_gateway, firm)
    for said in (f"{NUMBER}-X", channel, "15 个工作日", "30 个工作日", "调解、仲裁"):
        assert said in words
    assert len(await told(demo_gateway, firm)) == 1, "never twice"
    with demo_gateway.db.read() as session:
        row = session.scalars(select(PolicyNotice).where(PolicyNotice.policy_id == policy_id)).one()
        assert (row.way, row.words, str(row.told_on)) == ("chat", words, "2026-11-23")
        assert all(seal.holds for seal in seals(session))


@pytest.mark.parametrize(("day", "hour"), [(23, 7), (23, 22), (22, 10)])
async def test_nobody_is_told_at_night_or_on_a_day_of_rest(demo_gateway: Gateway, day: int, hour: int) -> None:
    await demo_gateway.bound(NUMBER, PHONE)
    forget(demo_gateway)
    calendar = demo_gateway.services.calendar.calendar()
    at = datetime(2026, 11, day, hour, 30, tzinfo=SHANGHAI)
    with demo_gateway.db.read() as session:
        assert telling.untold(session, at, calendar) == []
        assert telling.untold(session, datetime(2026, 11, 24, 10, tzinfo=SHANGHAI), calendar)


async def test_whoever_is_in_the_middle_of_something_is_told_afterwards(demo_gateway: Gateway) -> None:
    firm = await demo_gateway.bound(NUMBER, PHONE)
    policy_id = forget(demo_gateway)

    def in_a_form(loop: str | None) -> None:
        with demo_gateway.db.write() as session:
            insured_id = session.get_one(Policy, policy_id).insureds[0].id
            for talk in talks_of(session, insured_id):
                row = session.get_one(Conversation, talk)
                row.state = row.state | {"loop": loop}

    in_a_form("complaint_form")
    assert await told(demo_gateway, firm) == []
    in_a_form(None)
    assert len(await told(demo_gateway, firm)) == 1


async def test_forms_that_were_left_open_keep_nobody_else_waiting(
    demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_MOST", 1)
    first, second = forget(demo_gateway), forget(demo_gateway, "AZ2026000002")
    await demo_gateway.bound(NUMBER, PHONE)
    firm = await demo_gateway.bound("AZ2026000002", "13800000002")
    with demo_gateway.db.write() as session:
        for talk in talks_of(session, session.get_one(Policy, first).insureds[0].id):
            row = session.get_one(Conversation, talk)
            row.state = row.state | {"loop": "booking_form"}
    for _ in range(12):  # some of the demo's own were forgotten too
        await told(demo_gateway, firm)
    assert len(await told(demo_gateway, firm)) == 1
    with demo_gateway.db.read() as session:
        assert session.scalars(
            select(PolicyNotice.policy_id).where(PolicyNotice.policy_id.in_([first, second]))
        ).all() == [second]


async def test_another_firm_is_not_told_of_it(demo_gateway: Gateway) -> None:
    other = await demo_gateway.bound("AZ2026000002", "13800000002")
    forget(demo_gateway)
    assert await told(demo_gateway, other) == []


async def test_staff_note_it_with_what_proves_it(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    policy_id = forget(demo_gateway)
    listed = (await caller.get(ROOT, size=200)).json()
    assert f"{NUMBER}-X" in {row["policy"] for row in listed["items"]}
    file = await caller.file()
    body: dict[str, Any] = {
        "policy": f"{NUMBER.lower()}-x", "way": "paper", "on": "2026-11-23", "words": "说明书一份，签收人李主任",
        "file_id": file,
    }  # fmt: skip
    for wrong, code in (
        ({"way": "chat"}, "procedure_way"), ({"on": "2026-11-24"}, "procedure_day"),
        ({"policy": "NICHTDA"}, "procedure_policy"), ({"file_id": "0" * 32}, "procedure_file"),
        ({"insured": 999_999}, "procedure_policy"),
    ):  # fmt: skip
        answer = await caller.post(ROOT, body | wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, code), wrong
    assert (await caller.post(ROOT, body)).json() == {"noted": 1}
    assert (await caller.post(ROOT, body)).json()["code"] == "procedure_told"
    assert (await (await demo_gateway.staff("auditor")).post(ROOT, body)).status_code == 403
    with demo_gateway.db.read() as session:
        row = session.scalars(select(PolicyNotice).where(PolicyNotice.policy_id == policy_id)).one()
        assert (row.way, row.file_id) == ("paper", file)
    with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
        session.execute(update(PolicyNotice).values(words="x"))
    with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
        session.execute(delete(PolicyNotice))


async def test_another_branch_is_refused(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    with demo_gateway.db.read() as session:
        home = session.scalars(select(Staff.branch_id).where(Staff.username == "service")).one()
        number = session.scalars(select(Policy.number).where(Policy.branch_id != home)).first()
        own = set(session.scalars(
            select(Insured.id).join(PolicyInsured).join(Policy).where(Policy.branch_id == home)
        ))  # fmt: skip
    answer = await caller.post(ROOT, {"policy": number, "way": "phone", "on": "2026-11-23", "words": "x"})
    assert answer.status_code == 404
    assert {row["insured_id"] for row in (await caller.get(ROOT, size=200)).json()["items"]} <= own


def test_the_duty_goes_by_each_insured(database: Any) -> None:
    with database.write() as session:
        books = Books(session)
        assert books.statuses("procedure_told") not in (["met"], [])
        session.add(PolicyNotice(
            policy_id=books.policy.id, insured_id=books.firm.id, told_on=TODAY, way="paper", words="说明书",
            noted_at=noon(TODAY), noted_by="staff:1",
        ))  # fmt: skip
        assert books.statuses("procedure_told") == ["met"]
        assert books.statuses("procedure_told", TODAY - timedelta(days=1)) != ["met"]
