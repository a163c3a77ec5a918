"""What holds of every step's call: how long it keeps others from writing, and which texts it does not take."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from anze.complaints import desk
from tests.complaints.test_decision import PARTS
from tests.helpers.gateway import Caller, Gateway

REGISTERED = {"source": "phone", "received_on": "2026-11-23", "story": "培训没来人，白等一天", "contact_name": "王强"}


@pytest.fixture
def not_kept_waiting(demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every case that is shown: whether somebody else could write to it meanwhile."""
    shown: list[bool] = []
    show = desk.case

    def write(number: str) -> None:
        with demo_gateway.db.write() as session:
            session.execute(text("UPDATE complaints SET firm = firm WHERE number = :number"), {"number": number})

    def case(session: Any, speaker: Any, number: str, *rest: Any) -> dict[str, Any]:
        writer = threading.Thread(target=write, args=(number,), daemon=True)
        writer.start()
        writer.join(timeout=1)
        shown.append(not writer.is_alive())
        return show(session, speaker, number, *rest)

    monkeypatch.setattr(desk, "case", case)
    return shown


async def test_others_can_write_while_the_case_is_shown(
    officer: Caller, number: str, not_kept_waiting: list[bool]
) -> None:
    path = f"/api/staff/complaints/{number}"
    seen = (await officer.get(path)).json()
    accepted = await officer.post(f"{path}/accept", {"version": seen["version"]})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["status"] == "handling"
    assert accepted.json()["version"] > seen["version"]
    decided = await officer.post(f"{path}/decide", PARTS | {"version": accepted.json()["version"]})
    assert decided.status_code == 200, decided.text
    registered = await officer.post("/api/staff/complaints", REGISTERED)
    assert registered.status_code == 201, registered.text
    assert not_kept_waiting == [True] * 4


@pytest.mark.parametrize(
    "name",
    ["story", "wish", "policy_no", "insured", "firm", "contact_name", "standing_right", "reason", "regulator_no"],
)
async def test_a_text_that_no_column_can_keep_is_refused(officer: Caller, name: str) -> None:
    answer = await officer.post("/api/staff/complaints", REGISTERED | {name: "甲\x00乙"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["code"] == "bad_request"
