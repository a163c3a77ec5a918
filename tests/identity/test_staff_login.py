"""Staff sign in: five wrong guesses lock any name, had or not; no demo password opens a real database."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from anze.conversations.turns import real_now
from anze.identity import passwords
from anze.identity.models import GuessLock, Staff
from tests.helpers.gateway import Gateway
from tests.helpers.rows import difference, snapshot
from tests.helpers.staffing import hire


async def _login(gateway: Gateway, username: str, password: str) -> tuple[int, str]:
    answer = await gateway.client.post("/api/staff/login", json={"username": username, "password": password})
    return answer.status_code, answer.json().get("code", "in")


async def test_signing_in(gateway: Gateway) -> None:
    hire(gateway.db, "anna", password="right")
    answer = await gateway.client.post("/api/staff/login", json={"username": "anna", "password": "right"})
    assert (answer.status_code, set(answer.json())) == (200, {"token", "role", "branch"})
    with gateway.db.write() as session:
        session.execute(update(Staff).values(left_at=gateway.services.clock.now()))
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await gateway.client.get("/api/messages", headers=headers)).status_code == 401
    assert await _login(gateway, "anna", "right") == (401, "login_failed")


async def test_a_demo_login_works_on_the_demo_database_only(gateway: Gateway) -> None:
    hire(gateway.db, "demo", password="right", demo=True)
    assert await _login(gateway, "demo", "right") == (401, "login_failed")


async def test_demo_logins(demo_gateway: Gateway) -> None:
    for username in ("intake", "service", "supervisor", "auditor", "admin", "provider"):
        assert await _login(demo_gateway, username, "demo-anze") == (200, "in")


async def test_five_wrong_passwords_lock_a_name_whether_or_not_it_exists(gateway: Gateway) -> None:
    hire(gateway.db, "anna", password="right")
    seen, written = {}, {}
    for username in ("anna", "nobody"):
        before = snapshot(gateway.db)
        seen[username] = [await _login(gateway, username, "wrong") for _ in range(6)]
        changes = difference(before, snapshot(gateway.db))
        written[username] = {table: len(rows) for table, rows in (changes.added | changes.changed).items()}
    assert seen["anna"] == seen["nobody"] == [(401, "login_failed")] * 4 + [(429, "login_locked")] * 2
    assert written["anna"] == written["nobody"]
    assert await _login(gateway, "anna", "right") == (429, "login_locked")
    with gateway.db.write() as session:
        session.execute(update(GuessLock).values(locked_until=real_now() - timedelta(seconds=1)))
    assert await _login(gateway, "anna", "right") == (200, "in")


async def test_an_unknown_name_costs_a_check_of_a_password_too(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda stored, _: bool(checked.append(stored)))
    await _login(gateway, "nobody", "x")
    (stored,) = checked
    real = PasswordHasher().hash("x")
    assert stored.split("$")[:4] == real.split("$")[:4], "the same parameters, so the same time"
