"""Two colleagues at one case in the same moment, over HTTP: one is first, the other is told; nothing is lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from anze.audit.chain import verify
from anze.audit.examine import examine
from anze.audit.models import AuditEvent
from anze.complaints.models import Complaint, Decision
from anze.identity.models import Role
from tests.complaints.test_decision import PARTS, case
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, hire

PATH = "/api/staff/complaints"
ROUNDS, SAME_STEP = 6, 50
PAUSE = {"body": "检测中心", "purpose": "检测", "commissioned_on": "2026-11-23", "expected_on": "2026-12-01"}
LOST = {
    "complaint_changed",
    "complaint_paused",
    "complaint_closed",
    "complaint_decided",
    "merge_closed",
    "extension_not_asked",
}


@pytest.fixture
async def boss(demo_gateway: Gateway) -> Caller:
    """An executive of the head office."""
    return await demo_gateway.staff("supervisor")


@pytest.fixture(autouse=True)
async def sound_afterwards(demo_gateway: Gateway) -> AsyncIterator[None]:
    """Whatever happened, the chain is whole and agrees with the rows."""
    yield
    with demo_gateway.db.read() as session:
        assert verify(session) == []
        assert examine(session, []).seals == []


async def registered(officer: Caller, *steps: tuple[str, dict[str, Any]]) -> tuple[str, int]:
    """A case at which these steps were taken; its number and version."""
    answer = await officer.post(PATH, {
        "source": "phone", "received_on": "2026-11-23", "story": "培训没来人，白等一天", "contact_phone": "13911110000",
    })  # fmt: skip
    assert answer.status_code == 201, answer.text
    for step, body in steps:
        shown = answer.json()
        answer = await officer.post(f"{PATH}/{shown['number']}/{step}", {"version": shown["version"]} | body)
        assert answer.status_code == 200, answer.text
    shown = answer.json()
    return str(shown["number"]), int(shown["version"])


async def at_once(*posts: tuple[Caller, str, dict[str, Any]]) -> list[httpx.Response]:
    """All at the same moment: exactly one is taken, the others hear that the case has changed."""
    answers = await asyncio.gather(*(caller.post(f"{PATH}/{path}", body) for caller, path, body in posts))
    codes = [answer.status_code for answer in answers]
    assert sorted(codes) == [200, *[409] * (len(posts) - 1)], [answer.text for answer in answers]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= LOST
    return list(answers)


def events(gateway: Gateway, number: str) -> Counter[str]:
    row = case(gateway, number)
    with gateway.db.read() as session:
        kinds = session.scalars(select(AuditEvent.kind).where(AuditEvent.subject == f"complaint:{row.id}"))
        return Counter(kind.removeprefix("complaint.") for kind in kinds)


async def test_the_same_step_fifty_times(demo_gateway: Gateway, officer: Caller, boss: Caller) -> None:
    number, version = await registered(officer, ("accept", {}))
    for _ in range(SAME_STEP):
        before, path = version, f"{number}/assign"
        answers = await at_once(
            (officer, path, {"version": version, "username": "supervisor"}),
            (boss, path, {"version": version, "username": "intake"}),
        )
        first = next(answer.json() for answer in answers if answer.status_code == 200)
        version, row = first["version"], case(demo_gateway, number)
        assert (version, row.version) == (before + 1, before + 1)
        assert first["handler"]["username"] == ("supervisor" if answers[0].status_code == 200 else "intake")
    assert events(demo_gateway, number)["assign"] == SAME_STEP


@pytest.mark.parametrize("other", ["withdraw", "pause"])
async def test_a_decision_and_another_step(demo_gateway: Gateway, officer: Caller, boss: Caller, other: str) -> None:
    body = {"withdraw": {"said": "不投诉了"}, "pause": PAUSE}[other]
    for _ in range(ROUNDS):
        number, version = await registered(officer, ("accept", {}))
        decided, _ = await at_once(
            (officer, f"{number}/decide", PARTS | {"version": version}),
            (boss, f"{number}/{other}", body | {"version": version}),
        )
        row, found = case(demo_gateway, number), events(demo_gateway, number)
        assert found["decided"] + found[other] == 1
        with demo_gateway.db.read() as session:
            made = session.scalar(select(func.count()).where(Decision.complaint_id == row.id))
        if decided.status_code == 200:
            assert (row.status, made, row.paused) == ("decided", 1, False)
        else:
            assert (row.status, made) == ("withdrawn" if other == "withdraw" else "handling", 0)


async def test_merged_both_ways(demo_gateway: Gateway, officer: Caller, boss: Caller) -> None:
    for _ in range(ROUNDS):
        (one, first), (other, second) = await registered(officer), await registered(officer)
        answers = await at_once(
            (officer, f"{one}/merge", {"version": first, "into": other}),
            (boss, f"{other}/merge", {"version": second, "into": one}),
        )
        gone, kept = (one, other) if answers[0].status_code == 200 else (other, one)
        merged, left = case(demo_gateway, gone), case(demo_gateway, kept)
        assert (merged.status, merged.merged_into_id) == ("merged", left.id)
        assert (left.status, left.merged_into_id) == ("filed", None)


async def test_an_extension_approved_twice(demo_gateway: Gateway, officer: Caller, boss: Caller) -> None:
    hire(demo_gateway.db, "second", Role.SUPERVISOR)
    second = await demo_gateway.staff("second", PASSWORD)
    steps = (("accept", {}), ("classify", {"reason": "要核对"}), ("extend", {"reason": "有一家在外地"}))
    for _ in range(ROUNDS):
        number, version = await registered(officer, *steps)
        answer = {"version": version, "approve": True, "words": "同意"}
        await at_once((boss, f"{number}/extension", answer), (second, f"{number}/extension", answer))
        assert events(demo_gateway, number)["answer_extension"] == 1
        with demo_gateway.db.read() as session:
            row = session.scalars(select(Complaint).where(Complaint.number == number)).one()
            assert [one.state for one in row.extensions] == ["approved"]
            assert sum(one.about == "extension" for one in row.notices) == 1
