"""A password given by somebody else is changed before anything else; what it may be, and what its change ends."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from anze.audit.chain import verify
from anze.audit.models import AuditEvent
from anze.conversations.turns import real_now
from anze.identity import passwords, staff
from anze.identity.auth import Way
from anze.identity.models import GuessLock, Role, Staff
from anze.identity.rules import SHORTEST, password_refusal
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, cheap_hash, hire

_HOUR = timedelta(hours=1)
NEW = "门前大桥下游过一群鸭"
OTHER = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hashed", cheap_hash)


async def _login(gateway: Gateway, username: str, password: str) -> dict[str, Any]:
    answer = await gateway.client.post("/api/staff/login", json={"username": username, "password": password})
    return answer.json() | {"status": answer.status_code}


async def _caller(gateway: Gateway, username: str, password: str = PASSWORD) -> Caller:
    return Caller(gateway, (await _login(gateway, username, password))["token"], "")


async def _change(caller: Caller, old: str, new: str) -> tuple[int, str]:
    answer = await caller.post("/api/staff/password", {"old": old, "new": new})
    return answer.status_code, answer.json()["code"] if answer.content else ""


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("a" * (SHORTEST - 1), "password_short"),
        ("Anna.Schmidt", "password_is_name"),
        ("1q2w3e4r5t", "password_common"),
        ("WoAiNi1314520", "password_common"),
        ("abababababab", "password_common"),
        ("the old secret", "password_is_old"),
        (NEW, None),
        ("the old secret!", None),
    ],
)
def test_what_a_password_may_be(new: str, code: str | None) -> None:
    given = password_refusal(new, old="the old secret", username="anna.schmidt", common=passwords.common())
    assert given == code


@given(st.text(min_size=SHORTEST, max_size=200))
def test_any_long_one_that_is_neither_known_nor_one_sided_may_be_one(new: str) -> None:
    plain = new.casefold()
    good = plain not in passwords.common() and len(set(plain)) >= 4 and plain != "anna"
    assert (password_refusal(new, old="", username="anna", common=passwords.common()) is None) is good


def test_every_common_one_could_have_been_chosen() -> None:
    assert len(passwords.common()) > 200
    assert all(len(one) >= SHORTEST for one in passwords.common())


def test_a_one_time_password_may_be_read_aloud_and_is_not_guessed() -> None:
    many = {passwords.one_time() for _ in range(500)}
    assert len(many) == 500
    assert not {c for one in many for c in one} & set("0o1il")
    assert all([len(group) for group in one.split("-")] == [4, 4, 4, 4] for one in many)


async def test_the_first_sign_in_changes_the_password(gateway: Gateway) -> None:
    staff_id = hire(gateway.db, "anna", must_change=True)
    first, second = await _caller(gateway, "anna"), await _caller(gateway, "anna")
    assert (await first.get("/api/staff/complaints")).json()["code"] == "password_must_change"
    assert await _change(first, PASSWORD, NEW) == (204, "")
    assert (await first.get("/api/staff/complaints")).status_code == 200
    assert (await second.get("/api/staff/complaints")).status_code == 401, "every other session has ended"
    assert (await _login(gateway, "anna", PASSWORD))["code"] == "login_failed"
    assert set(await _login(gateway, "anna", NEW)) == {"status", "token", "role", "branch"}
    with gateway.db.read() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.kind == "staff.password_changed"))
        assert (event.subject, event.actor, event.body) == (f"staff:{staff_id}", f"staff:{staff_id}", "{}")
        assert verify(session) == []


async def test_a_refused_change_changes_nothing(gateway: Gateway) -> None:
    hire(gateway.db, "anna.schmidt", must_change=True)
    caller = await _caller(gateway, "anna.schmidt")
    for new, code in (("short", "password_short"), ("anna.schmidt", "password_is_name"), (PASSWORD, "password_is_old"),
                      ("password1234", "password_common")):  # fmt: skip
        assert await _change(caller, PASSWORD, new) == (422, code)
    assert await _change(caller, "x" * 201, NEW) == (422, "bad_request")
    assert (await caller.get("/api/staff/complaints")).json()["code"] == "password_must_change"
    assert (await _login(gateway, "anna.schmidt", PASSWORD))["status"] == 200


async def test_guesses_at_the_old_password_lock_the_change_and_the_door(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    caller = await _caller(gateway, "anna")
    seen = [await _change(caller, f"wrong {number}", NEW) for number in range(6)]
    assert seen == [(422, "password_wrong")] * 4 + [(429, "login_locked")] * 2
    assert await _change(caller, PASSWORD, NEW) == (429, "login_locked")
    assert (await _login(gateway, "anna", PASSWORD))["code"] == "login_locked"
    with gateway.db.write() as session:
        for lock in session.scalars(select(GuessLock)):
            lock.locked_until = real_now()
    assert await _change(caller, PASSWORD, NEW) == (204, "")


async def test_guesses_at_the_door_lock_the_change(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    caller = await _caller(gateway, "anna")
    for _ in range(5):
        await _login(gateway, "anna", "wrong")
    assert await _change(caller, PASSWORD, NEW) == (429, "login_locked")


async def test_of_two_changes_at_once_one_counts(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    callers = [await _caller(gateway, "anna") for _ in range(2)]
    done = await asyncio.gather(_change(callers[0], PASSWORD, NEW), _change(callers[1], PASSWORD, OTHER))
    assert sorted(done)[0] == (204, "")
    assert sorted(done)[1][1] in {"password_wrong", "unauthorised"}
    opened = [(await _login(gateway, "anna", password))["status"] for password in (NEW, OTHER)]
    assert sorted(opened) == [200, 401]


async def test_a_password_that_was_right_when_it_was_compared_opens_nothing_after_the_change(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    with gateway.db.read() as session:
        compared = staff.Checked(staff.stored_hash(session, "anna"), right=True)
    assert await _change(await _caller(gateway, "anna"), PASSWORD, NEW) == (204, "")
    now = gateway.services.clock.now()
    with gateway.db.write() as session:
        refused = staff.login(session, "anna", compared, Way(_HOUR), demo=False, now=now, real_now=real_now())
    assert getattr(refused, "code", None) == "login_failed"


async def test_a_demo_login_is_everybodys(demo_gateway: Gateway) -> None:
    with demo_gateway.db.write() as session:
        session.scalars(select(Staff).where(Staff.username == "intake")).one().must_change = True
    caller = await demo_gateway.staff("intake")
    assert (await caller.get("/api/staff/complaints")).status_code == 200
    assert await _change(caller, "demo-anze", NEW) == (409, "password_demo")
    assert (await demo_gateway.staff("intake")).token


async def test_a_real_login_on_the_demo_database_is_real(demo_gateway: Gateway) -> None:
    hire(demo_gateway.db, "anna", Role.SUPERVISOR, must_change=True)
    assert (await _login(demo_gateway, "anna", PASSWORD))["must_change"] is True
