"""Users are managed by administrators: within their own branches, never themselves, and everything is on record."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from anze.audit.chain import verify
from anze.audit.models import AuditEvent
from anze.db import Database
from anze.identity import passwords
from anze.identity.models import DeniedRead, Role, Staff
from anze.providers.models import Provider
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, branch, cheap_hash, hire

USERS = "/api/staff/users"
NEW = "门前大桥下游过一群鸭"


@dataclass
class Tree:
    """总公司 ─ 江苏 ─ 南京, and 山东 beside 江苏; one administrator in Jiangsu."""

    gateway: Gateway
    jiangsu: int
    nanjing: int
    shandong: int
    admin: Caller
    admin_id: int

    @property
    def db(self) -> Database:
        return self.gateway.db

    async def add(self, username: str = "anna", **more: Any) -> Any:
        body = {"username": username, "name": "安娜", "role": "intake", "branch_id": self.nanjing} | more
        return await self.admin.post(USERS, body)

    async def login(self, username: str, password: str) -> Any:
        return await self.gateway.client.post("/api/staff/login", json={"username": username, "password": password})

    def events(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        with self.db.read() as session:
            assert verify(session) == []
            rows = session.scalars(select(AuditEvent).where(AuditEvent.kind.startswith("staff.")))
            return [(row.kind, row.subject, row.actor, json.loads(row.body)) for row in rows]

    def row(self, username: str) -> Staff | None:
        with self.db.read() as session:
            return session.scalar(select(Staff).where(Staff.username == username))


@pytest.fixture
async def tree(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setattr(passwords, "hashed", cheap_hash)
    jiangsu, shandong = branch(gateway.db, "江苏省分公司", 1), branch(gateway.db, "山东省分公司", 1)
    nanjing = branch(gateway.db, "南京市分公司", jiangsu)
    admin_id = hire(gateway.db, "admin.js", Role.ADMIN, branch_id=jiangsu)
    return Tree(gateway, jiangsu, nanjing, shandong, await gateway.staff("admin.js", PASSWORD), admin_id)


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"] if answer.content and answer.is_error else ""


async def test_a_new_user_gets_a_password_once_and_changes_it(tree: Tree) -> None:
    answer = await tree.add(phone="13900000001")
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["username"], body["must_change"], body["branch"]["name"]) == ("anna", True, "南京市分公司")
    first = await tree.login("anna", body["password"])
    assert first.json()["must_change"] is True
    anna = Caller(tree.gateway, first.json()["token"], "")
    assert _code(await anna.post("/api/staff/password", {"old": body["password"], "new": NEW})) == (204, "")
    assert (await anna.get("/api/staff/complaints")).status_code == 200
    listed = (await tree.admin.get(USERS)).json()
    assert body["password"] not in json.dumps(listed)
    row = tree.row("anna")
    assert row is not None
    assert tree.events()[0] == (
        "staff.added", f"staff:{row.id}", f"staff:{tree.admin_id}", {"role": "intake", "branch_id": tree.nanjing},
    )  # fmt: skip
    with tree.db.read() as session:
        chain = "".join(f"{row.subject}{row.actor}{row.body}" for row in session.scalars(select(AuditEvent)))
    assert not any(personal in chain for personal in ("anna", "安娜", "13900000001", body["password"]))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"username": "a"}, (422, "user_name")),
        ({"username": "安娜"}, (422, "user_name")),
        ({"username": "an na"}, (422, "user_name")),
        ({"username": "admin.js"}, (409, "user_exists")),
        ({"username": "ADMIN.JS"}, (409, "user_exists")),
        ({"role": "boss"}, (422, "bad_request")),
        ({"role": "provider"}, (422, "user_provider")),
        ({"role": "intake", "provider_id": 1}, (422, "user_provider")),
        ({"role": "provider", "provider_id": 99}, (422, "user_provider")),
        ({"branch_id": 99}, (404, "not_found")),
        ({"branch_id": 2**40}, (422, "bad_request")),
        ({"name": "x" * 61}, (422, "bad_request")),
    ],
    ids=str,
)
async def test_a_user_who_cannot_be(tree: Tree, more: dict[str, Any], code: tuple[int, str]) -> None:
    with tree.db.write() as session:
        session.add(Provider(id=1, name="甲", short_name="甲", uscc="1", legal_status="x", province="江苏"))
    assert _code(await tree.add(**more)) == code
    assert tree.events() == []


async def test_of_two_that_add_one_name_at_once_one_does(tree: Tree) -> None:
    answers = await asyncio.gather(*(tree.add("twin") for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]


async def test_a_providers_person(tree: Tree) -> None:
    with tree.db.write() as session:
        session.add(Provider(id=1, name="甲", short_name="甲", uscc="1", legal_status="x", province="江苏"))
    assert (await tree.add("wang", role="provider", provider_id=1)).status_code == 201
    assert _code(await tree.admin.post(f"{USERS}/wang/role", {"role": "service"})) == (204, "")
    row = tree.row("wang")
    assert row is not None
    assert (row.role, row.provider_id) == ("service", None)


async def test_a_reset_puts_a_new_one_time_password_in_place(tree: Tree) -> None:
    staff_id = hire(tree.db, "anna", branch_id=tree.nanjing)
    anna = await tree.gateway.staff("anna", PASSWORD)
    answer = await tree.admin.post(f"{USERS}/anna/reset-password")
    assert answer.status_code == 200, answer.text
    assert (await anna.get("/api/staff/sessions")).status_code == 401
    assert (await tree.login("anna", PASSWORD)).status_code == 401
    assert (await tree.login("anna", answer.json()["password"])).json()["must_change"] is True
    assert tree.events() == [("staff.reset", f"staff:{staff_id}", f"staff:{tree.admin_id}", {})]


async def test_moving_giving_a_role_and_leaving(tree: Tree) -> None:
    staff_id = hire(tree.db, "anna", branch_id=tree.nanjing)
    for what, body in (("move", {"branch_id": tree.jiangsu}), ("role", {"role": "supervisor"}), ("leave", {})):
        assert _code(await tree.admin.post(f"{USERS}/anna/{what}", body)) == (204, "")
    row = tree.row("anna")
    assert row is not None
    assert (row.branch_id, row.role, row.left_at) == (tree.jiangsu, "supervisor", tree.gateway.services.clock.now())
    assert [(kind, body) for kind, _, _, body in tree.events()] == [
        ("staff.moved", {"from": tree.nanjing, "to": tree.jiangsu}),
        ("staff.role", {"from": "intake", "to": "supervisor"}),
        ("staff.left", {}),
    ]
    assert {subject for _, subject, _, _ in tree.events()} == {f"staff:{staff_id}"}
    for what in ("reset-password", "move", "role", "leave"):
        refused = await tree.admin.post(f"{USERS}/anna/{what}", {"branch_id": tree.nanjing, "role": "intake"})
        assert _code(refused) == (409, "user_left")
    assert (await tree.login("anna", PASSWORD)).status_code == 401


async def test_what_changes_nothing_ends_nothing(tree: Tree) -> None:
    hire(tree.db, "anna", branch_id=tree.nanjing)
    anna = await tree.gateway.staff("anna", PASSWORD)
    await tree.admin.post(f"{USERS}/anna/move", {"branch_id": tree.nanjing})
    await tree.admin.post(f"{USERS}/anna/role", {"role": "intake"})
    assert (await anna.get("/api/staff/sessions")).status_code == 200
    assert tree.events() == []


async def test_nobody_manages_the_own_account(tree: Tree) -> None:
    before = tree.row("admin.js")
    for what in ("reset-password", "move", "role", "leave"):
        answer = await tree.admin.post(f"{USERS}/admin.js/{what}", {"branch_id": tree.nanjing, "role": "supervisor"})
        assert _code(answer) == (403, "user_self"), what
    after = tree.row("admin.js")
    assert before is not None
    assert after is not None
    assert (after.role, after.branch_id, after.left_at) == (before.role, before.branch_id, None)
    assert tree.events() == []


async def test_other_branches_are_out_of_reach_and_trying_is_on_record(tree: Tree) -> None:
    above = hire(tree.db, "boss", Role.SUPERVISOR)
    beside = hire(tree.db, "bert", branch_id=tree.shandong)
    hire(tree.db, "anna", branch_id=tree.nanjing)
    tried = []
    for username, staff_id in (("boss", above), ("bert", beside)):
        for what in ("reset-password", "move", "role", "leave"):
            answer = await tree.admin.post(f"{USERS}/{username}/{what}", {"branch_id": tree.nanjing, "role": "intake"})
            missing = await tree.admin.post(f"{USERS}/ghost/{what}", {"branch_id": tree.nanjing, "role": "intake"})
            assert _code(answer) == (404, "not_found") == _code(missing)
            assert answer.json() == missing.json()
            tried.append(f"staff:{staff_id}")
    for branch_id in (1, tree.shandong):
        assert _code(await tree.add("carl", branch_id=branch_id)) == (404, "not_found")
        assert _code(await tree.admin.post(f"{USERS}/anna/move", {"branch_id": branch_id})) == (404, "not_found")
        tried += [f"branch:{branch_id}"] * 2
    with tree.db.read() as session:
        rows = list(session.scalars(select(DeniedRead).order_by(DeniedRead.id)))
    assert [row.subject for row in rows] == tried
    assert {row.actor for row in rows} == {f"staff:{tree.admin_id}"}
    assert tree.row("carl") is None
    assert tree.events() == []


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMIN, Role.PROVIDER}])
async def test_nobody_else_manages_users(tree: Tree, role: Role) -> None:
    hire(tree.db, "other", role, branch_id=tree.jiangsu)
    hire(tree.db, "anna", branch_id=tree.nanjing)
    other = await tree.gateway.staff("other", PASSWORD)
    for path in (USERS, "/api/staff/branches"):
        assert _code(await other.get(path)) == (403, "forbidden")
    body = {"username": "x.y", "name": "x", "role": "admin", "branch_id": tree.jiangsu}
    assert _code(await other.post(USERS, body)) == (403, "forbidden")
    for what in ("reset-password", "move", "role", "leave"):
        assert _code(await other.post(f"{USERS}/anna/{what}", body)) == (403, "forbidden")
    assert tree.events() == []


async def test_the_list_is_of_the_own_branches(tree: Tree) -> None:
    hire(tree.db, "boss", Role.SUPERVISOR)
    hire(tree.db, "bert", branch_id=tree.shandong)
    hire(tree.db, "anna", Role.SERVICE, branch_id=tree.nanjing)
    hire(tree.db, "gone", branch_id=tree.nanjing, left_at=tree.gateway.services.clock.now())

    async def named(**wanted: Any) -> list[str]:
        answer = (await tree.admin.get(USERS, **wanted)).json()
        assert answer["total"] >= len(answer["items"])
        return [item["username"] for item in answer["items"]]

    assert await named() == ["admin.js", "anna"]
    assert await named(gone=True) == ["gone"]
    assert await named(role="service") == ["anna"]
    assert await named(branch_id=tree.jiangsu) == ["admin.js"]
    assert await named(branch_id=tree.shandong) == []
    assert await named(q="ann") == ["anna"]
    assert await named(q="%") == []
    assert await named(size=1, page=2) == ["anna"]
    seen = (await tree.admin.get("/api/staff/branches")).json()
    assert [item["id"] for item in seen["items"]] == [tree.jiangsu, tree.nanjing]


async def test_a_demo_login_keeps_its_password_and_may_be_moved(demo_gateway: Gateway) -> None:
    admin = await demo_gateway.staff("admin")
    assert _code(await admin.post(f"{USERS}/intake/reset-password")) == (409, "password_demo")
    assert _code(await admin.post(f"{USERS}/intake/role", {"role": "service"})) == (204, "")
    assert (await demo_gateway.staff("intake")).token
