"""Who complained before is found while a complaint is written down: by firm, telephone, policy, and by the words."""

from typing import Any

import pytest
from sqlalchemy import select

from anze.complaints.duplicates import alike
from anze.identity.models import Branch, Role
from tests.helpers.complainant import STORY, Talk
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, hire

LIKELY = "/api/staff/complaints/likely"


@pytest.fixture
async def number(demo_gateway: Gateway) -> str:
    """An open case of AZ2026000001."""
    talk = Talk(await demo_gateway.bound())
    await talk.open()
    return str((await talk.submit())["fields"]["number"])


async def likely(caller: Caller, **given: str) -> dict[str, dict[str, Any]]:
    answer = await caller.post(LIKELY, given)
    assert answer.status_code == 200, answer.text
    return {one["number"]: one for one in answer.json()["items"]}


async def test_each_of_what_is_filled_in_finds_it(demo_gateway: Gateway, number: str) -> None:
    officer = await demo_gateway.staff("intake")
    case = (await officer.get(f"/api/staff/complaints/{number}")).json()
    assert not (await likely(officer)).get(number)
    by_policy = await likely(officer, policy_no="az2026000001")
    assert by_policy[number]["mergeable"] is True
    assert by_policy[number]["alike"] == 0
    assert (await likely(officer, phone=case["contact"]["phone"], story=STORY))[number]["mergeable"] is True
    by_firm = await likely(officer, firm=case["firm"][2:8])
    assert by_firm[number]["mergeable"] is False, "a firm that was typed is not yet the insured"
    assert number not in await likely(officer, firm=case["firm"][:3])
    by_words = await likely(officer, story=f"{STORY}，又打来问")
    assert by_words[number]["mergeable"] is False
    assert by_words[number]["alike"] > 80
    assert next(iter(by_words)) == number, "the most alike first"
    assert number not in await likely(officer, story="讲课的人说得太快，工人都没听懂，希望重新讲一遍")


async def test_the_insureds_of_the_policy_are_named_and_only_within_the_branches(
    demo_gateway: Gateway, number: str
) -> None:
    officer = await demo_gateway.staff("intake")
    found = (await officer.post(LIKELY, {"policy_no": "AZ2026000001"})).json()
    case = (await officer.get(f"/api/staff/complaints/{number}")).json()
    assert found["insureds"] == [case["firm"]]
    with demo_gateway.db.read() as session:
        hunan = session.scalars(select(Branch.id).where(Branch.name == "湖南省分公司")).one()
    hire(demo_gateway.db, "elsewhere", Role.INTAKE, branch_id=hunan)
    other = await demo_gateway.staff("elsewhere", PASSWORD)
    hidden = (await other.post(LIKELY, {"policy_no": "AZ2026000001", "story": STORY, "firm": case["firm"]})).json()
    assert hidden["insureds"] == []
    assert number not in [one["number"] for one in hidden["items"]]
    auditor = await demo_gateway.staff("auditor")
    assert (await auditor.post(LIKELY, {})).status_code == 403


async def test_what_it_calls_mergeable_can_be_merged(demo_gateway: Gateway, number: str) -> None:
    officer = await demo_gateway.staff("intake")
    slip = {"source": "phone", "received_on": "2026-11-23", "story": STORY, "contact_name": "周工",
            "policy_no": "AZ2026000001"}  # fmt: skip
    assert (await likely(officer, policy_no="AZ2026000001", story=STORY))[number]["mergeable"] is True
    made = (await officer.post("/api/staff/complaints", slip)).json()
    merged = await officer.post(
        f"/api/staff/complaints/{made['number']}/merge", {"version": made["version"], "into": number}
    )
    assert merged.status_code == 200, merged.text


def test_texts_too_short_to_tell_are_not_alike() -> None:
    assert alike("", "没人来") == 0
    assert alike("来", "来") == 0
    assert alike(STORY, STORY) == 100
