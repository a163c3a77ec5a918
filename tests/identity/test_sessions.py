"""Staff sessions: seen and ended by their owner, ended by time, by rest, and by what changes who somebody is."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from anze.conversations.turns import real_now
from anze.db import Database
from anze.identity.auth import SEEN_EVERY, STAFF_HOURS, sha256
from anze.identity.models import Role, SignIn, Staff
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, branch, hire

IDLE = timedelta(minutes=120)


async def _status(caller: Caller) -> int:
    return (await caller.get("/api/staff/sessions")).status_code


async def _list(caller: Caller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await caller.get("/api/staff/sessions")).json()["items"]
    return items


async def _delete(caller: Caller, path: str) -> int:
    return (await caller.gateway.client.delete(path, headers=caller.headers)).status_code


def _row(database: Database, caller: Caller) -> SignIn:
    with database.read() as session:
        return session.get_one(SignIn, sha256(caller.token))


def _set(database: Database, caller: Caller, **values: Any) -> None:
    with database.write() as session:
        session.execute(update(SignIn).where(SignIn.token_sha256 == sha256(caller.token)).values(**values))


async def test_own_sessions_are_seen_and_ended(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    hire(gateway.db, "bert")
    first, second, third = [await gateway.staff("anna", PASSWORD) for _ in range(3)]
    bert = await gateway.staff("bert", PASSWORD)
    seen = await _list(second)
    assert len(seen) == 3
    assert [one["current"] for one in seen].count(True) == 1
    assert all(set(one) >= {"id", "since", "seen_at", "ends_at", "agent", "proof", "carrier"} for one in seen)
    assert not {one["id"] for one in seen} & {one["id"] for one in await _list(bert)}
    assert await _delete(bert, f"/api/staff/sessions/{seen[0]['id']}") == 404, "another's"
    other = next(one["id"] for one in await _list(second) if sha256(third.token).startswith(one["id"]))
    assert await _delete(second, f"/api/staff/sessions/{other}") == 204
    assert [await _status(one) for one in (first, second, third, bert)] == [200, 200, 401, 200]
    assert await _delete(second, f"/api/staff/sessions/{other}") == 404, "ended already"
    assert await _delete(second, "/api/staff/sessions") == 204
    assert [await _status(one) for one in (first, second, bert)] == [401, 200, 200]
    assert await _delete(second, "/api/staff/session") == 204
    assert [await _status(one) for one in (second, bert)] == [401, 200]


async def test_the_browser_is_named_as_it_names_itself(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    agent = "Mozilla/5.0 (X11) " + "x" * 400
    answer = await gateway.client.post(
        "/api/staff/login", json={"username": "anna", "password": PASSWORD}, headers={"User-Agent": agent}
    )
    (one,) = await _list(Caller(gateway, answer.json()["token"], ""))
    assert one["agent"] == agent[:200]


async def test_a_session_ends_after_two_hours_of_rest(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    caller = await gateway.staff("anna", PASSWORD)
    row = _row(gateway.db, caller)
    assert row.idle_until is not None
    assert timedelta(0) <= real_now() + IDLE - row.idle_until < timedelta(seconds=20)
    _set(gateway.db, caller, idle_until=real_now() + timedelta(seconds=30))
    assert await _status(caller) == 200
    _set(gateway.db, caller, idle_until=real_now())
    assert await _status(caller) == 401


async def test_use_puts_the_end_off_and_is_noted_once_a_minute(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    caller = await gateway.staff("anna", PASSWORD)
    soon = real_now() + timedelta(minutes=5)
    _set(gateway.db, caller, idle_until=soon)
    assert await _status(caller) == 200
    assert _row(gateway.db, caller).idle_until == soon, "seen a moment ago: nothing is written"
    _set(gateway.db, caller, seen_at=real_now() - SEEN_EVERY)
    assert await _status(caller) == 200
    row = _row(gateway.db, caller)
    assert row.idle_until is not None
    assert row.idle_until > soon + timedelta(minutes=100)
    assert row.expires_at <= real_now() + timedelta(hours=STAFF_HOURS), "twelve hours stay twelve hours"


async def test_twelve_hours_end_it_however_much_it_is_used(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    caller = await gateway.staff("anna", PASSWORD)
    _set(gateway.db, caller, expires_at=real_now())
    assert await _status(caller) == 401


async def test_the_phone_page_may_lie_for_hours_without_a_line(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("provider")
    assert _row(demo_gateway.db, caller).idle_until is None
    _set(demo_gateway.db, caller, seen_at=real_now() - timedelta(hours=11))
    assert (await caller.get("/api/provider/orders")).status_code == 200
    assert _row(demo_gateway.db, caller).idle_until is None


async def test_a_visitor_rests_as_long_as_before(gateway: Gateway) -> None:
    visitor = await gateway.visitor()
    row = _row(gateway.db, visitor)
    assert (row.seen_at, row.idle_until, row.proof) == (None, None, None)
    assert (await visitor.get("/api/messages")).status_code == 200


@pytest.mark.parametrize("what", ["leave", "move", "role", "reset-password"])
async def test_what_changes_who_somebody_is_ends_the_sessions(gateway: Gateway, what: str) -> None:
    there = branch(gateway.db, "江苏省分公司", 1)
    hire(gateway.db, "root", Role.ADMIN)
    hire(gateway.db, "anna")
    admin = await gateway.staff("root", PASSWORD)
    anna = [await gateway.staff("anna", PASSWORD) for _ in range(2)]
    async with anna[0].events() as stream:
        await stream.next("state")
        answer = await admin.post(f"/api/staff/users/anna/{what}", {"branch_id": there, "role": "service"})
        assert answer.is_success, answer.text
        async with asyncio.timeout(5):
            await stream.ended.wait()
    assert [await _status(one) for one in (*anna, admin)] == [401, 401, 200]


async def test_somebody_who_left_is_out_however_it_was_written(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    caller = await gateway.staff("anna", PASSWORD)
    with gateway.db.write() as session:
        session.scalars(select(Staff)).one().left_at = gateway.services.clock.now()
    assert await _status(caller) == 401
