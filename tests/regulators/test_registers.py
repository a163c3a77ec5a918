"""Authorities, three-party mechanisms and evaluations over HTTP, each within its branch tree (9.1, 9.3)."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from anze.audit import chain
from anze.audit.registry import seals
from anze.identity.models import Branch, Role
from anze.regulators.models import EvaluationRequest, Mechanism
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, hire

ROOT = "/api/staff"
AUTHORITY = {
    "kind": "emergency", "level": "county", "province": "江苏省", "city": "南京市", "county": "六合区",
    "name": "六合区应急管理局", "contact": "综合科 025-0",
}  # fmt: skip
MECHANISM: dict[str, Any] = {
    "province": "江苏省", "city": "南京市", "name": "江北三方机制", "agreement": "协议一号", "set_up_on": "2026-05-01",
    "members": [
        {"side": "insurer", "name": "南京分公司"}, {"side": "provider", "name": "某机构"},
        {"side": "authority", "name": "六合区应急管理局"},
    ],
}  # fmt: skip


async def code(caller: Caller, path: str, body: dict[str, Any]) -> tuple[int, str]:
    answer = await caller.post(f"{ROOT}/{path}", body)
    return answer.status_code, answer.json().get("code", "")


async def at(gateway: Gateway, branch: str, role: Role = Role.SERVICE) -> Caller:
    with gateway.db.read() as session:
        id_ = session.scalars(select(Branch.id).where(Branch.short_name == branch)).one()
    hire(gateway.db, f"at-{id_}", role, branch_id=id_)
    return await gateway.staff(f"at-{id_}", PASSWORD)


async def own_authority(caller: Caller) -> int:
    items = (await caller.get(f"{ROOT}/authorities", size=200)).json()["items"]
    return int(items[0]["id"])


def broken(gateway: Gateway, statement: str) -> set[str]:
    with gateway.db.read() as session:
        session.execute(text(statement))
        return {seal.what for seal in seals(session) if not seal.holds}


async def test_an_authority_holds_for_the_branch_and_all_below(demo_gateway: Gateway) -> None:
    nanjing, changsha = await demo_gateway.staff("service"), await at(demo_gateway, "长沙")
    head = await at(demo_gateway, "总公司")
    kept = (await nanjing.post(f"{ROOT}/authorities", AUTHORITY)).json()
    assert kept["branch"] == "南京分公司"
    everywhere = (await head.post(f"{ROOT}/authorities", AUTHORITY | {"name": "部里"})).json()
    seen = {
        name: {one["id"] for one in (await caller.get(f"{ROOT}/authorities", size=200)).json()["items"]}
        for name, caller in (("nanjing", nanjing), ("changsha", changsha), ("head", head))
    }
    assert kept["id"] in seen["nanjing"] & seen["head"]
    assert kept["id"] not in seen["changsha"]
    assert all(everywhere["id"] in ids for ids in seen.values()), "head office's are for all"
    assert await code(nanjing, f"authorities/{everywhere['id']}/end", {}) == (404, "not_found"), "used, not kept"
    assert await code(changsha, f"authorities/{kept['id']}/end", {}) == (404, "not_found")
    assert (await nanjing.post(f"{ROOT}/authorities/{kept['id']}/end")).json()["ended_on"] == "2026-11-23"
    assert await code(nanjing, f"authorities/{kept['id']}/end", {}) == (409, "authority_ended")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"county": None}, (422, "authority_level")), ({"level": "province"}, (422, "authority_level")),
        ({"level": "city"}, (422, "authority_level")), ({"level": "village"}, (422, "bad_request")),
        ({"name": "  "}, (422, "bad_request")), ({"name": "x" * 121}, (422, "bad_request")),
        ({"contact": "x" * 201}, (422, "bad_request")), ({"branch": 10**6}, (404, "not_found")),
        ({"branch": 1}, (404, "not_found")),
    ],
)  # fmt: skip
async def test_an_authority_that_cannot_be(
    demo_gateway: Gateway, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert await code(await demo_gateway.staff("service"), "authorities", AUTHORITY | changed) == expected


async def test_an_authority_is_kept_once(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    answers = await asyncio.gather(*(caller.post(f"{ROOT}/authorities", AUTHORITY) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_a_mechanism_with_its_meetings_and_documents(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    one = (await caller.post(f"{ROOT}/mechanisms", MECHANISM)).json()
    path = f"mechanisms/{one['id']}"
    meeting = {"kind": "meeting", "on": "2026-11-01", "title": "会商", "words": "通报了两家", "file_id": None}
    assert await code(caller, f"{path}/records", meeting | {"on": "2026-04-30"}) == (422, "regulator_day")
    assert await code(caller, f"{path}/records", meeting | {"on": "2026-11-24"}) == (422, "regulator_day")
    assert await code(caller, f"{path}/records", meeting | {"file_id": "f" * 32}) == (422, "regulator_file")
    document = {
        "kind": "document",
        "on": "2026-04-20",
        "title": "协议",
        "words": "正文",
        "file_id": await caller.file(),
    }
    assert (await caller.post(f"{ROOT}/{path}/records", meeting)).status_code == 201
    kept = (await caller.post(f"{ROOT}/{path}/records", document)).json()["records"]
    assert [record["title"] for record in kept] == ["会商", "协议"]
    file = await caller.get(f"{ROOT}/{path}/records/{kept[1]['id']}/file")
    assert (file.status_code, file.headers["content-type"]) == (200, "image/png")
    assert (await caller.get(f"{ROOT}/{path}/records/{kept[0]['id']}/file")).status_code == 404
    assert await code(caller, f"{path}/end", {"on": "2026-11-24"}) == (422, "regulator_day")
    answers = await asyncio.gather(*(caller.post(f"{ROOT}/{path}/end", {"on": "2026-11-20"}) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        assert [seal for seal in seals(session) if not seal.holds] == []
    assert "mechanism" in broken(demo_gateway, f"UPDATE mechanisms SET name = 'x' WHERE id = {one['id']}")
    with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
        session.execute(text("UPDATE mechanism_records SET words = 'x'"))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"members": MECHANISM["members"][:2]}, (422, "mechanism_parties")), ({"members": []}, (422, "bad_request")),
        ({"members": MECHANISM["members"][1:]}, (422, "mechanism_parties")),
        ({"province": "湖南省"}, (422, "mechanism_place")), ({"city": "苏州市"}, (422, "mechanism_place")),
        ({"city": None}, (422, "mechanism_place")), ({"set_up_on": "2026-11-24"}, (422, "regulator_day")),
        ({"branch": 1}, (404, "not_found")),
        ({"members": [{"side": "friend", "name": "甲"}]}, (422, "bad_request")),
    ],
)  # fmt: skip
async def test_a_mechanism_that_cannot_be(
    demo_gateway: Gateway, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert await code(await demo_gateway.staff("service"), "mechanisms", MECHANISM | changed) == expected


async def test_an_evaluation_is_received_and_answered_once(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    body = {
        "authority": await own_authority(caller), "number": "宁应急〔2026〕99号", "received_on": "2026-11-10",
        "due_on": "2026-11-20", "asked": "请报送三季度台账",
    }  # fmt: skip
    assert await code(caller, "evaluations", body | {"due_on": "2026-11-09"}) == (422, "evaluation_due")
    assert await code(caller, "evaluations", body | {"received_on": "2026-11-24"}) == (422, "regulator_day")
    one = (await caller.post(f"{ROOT}/evaluations", body)).json()
    assert (one["late"], one["answered_on"]) == (True, None)
    waiting = (await caller.get(f"{ROOT}/evaluations", open=True)).json()["items"]
    assert one["id"] in {row["id"] for row in waiting}
    path = f"evaluations/{one['id']}"
    file = await caller.file("台账.png")
    said = {"on": "2026-11-23", "answer": "已提交", "files": [file, file]}
    assert await code(caller, f"{path}/answer", said | {"on": "2026-11-09"}) == (422, "regulator_day")
    assert await code(caller, f"{path}/answer", said | {"files": ["f" * 32]}) == (422, "regulator_file")
    answers = await asyncio.gather(*(caller.post(f"{ROOT}/{path}/answer", said) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    view = (await caller.get(f"{ROOT}/{path}")).json()
    assert (view["answer"], [one["name"] for one in view["files"]]) == ("已提交", ["台账.png"])
    assert (await caller.get(f"{ROOT}/{path}/files/{file}")).status_code == 200
    with demo_gateway.db.read() as session:
        assert [seal for seal in seals(session) if not seal.holds] == []
    assert "evaluation" in broken(demo_gateway, f"UPDATE evaluation_requests SET asked = 'x' WHERE id = {one['id']}")
    assert "evaluation_answer" in broken(
        demo_gateway, f"UPDATE evaluation_requests SET answer = 'x' WHERE id = {one['id']}"
    )
    with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
        session.execute(text("DELETE FROM evaluation_files"))


async def test_what_is_another_trees_is_not_there(demo_gateway: Gateway) -> None:
    nanjing = await demo_gateway.staff("service")
    with demo_gateway.db.read() as session:
        hunan = select(Branch.id).where(Branch.province == "湖南省")
        mechanism = session.scalars(select(Mechanism.id).where(Mechanism.branch_id.in_(hunan))).first()
        request = session.scalars(select(EvaluationRequest.id).where(EvaluationRequest.branch_id.in_(hunan))).first()
    meeting = {"kind": "meeting", "on": "2026-11-01", "title": "会商", "words": "x"}
    for path, body in (
        (f"mechanisms/{mechanism}/records", meeting), (f"mechanisms/{mechanism}/end", {"on": "2026-11-01"}),
        (f"evaluations/{request}/answer", {"on": "2026-11-01", "answer": "x"}),
    ):  # fmt: skip
        assert await code(nanjing, path, body) == (404, "not_found")
    seen = (await nanjing.get(f"{ROOT}/mechanisms")).json()["items"]
    assert {one["province"] for one in seen} == {"江苏省"}


@pytest.mark.parametrize("username", ["intake", "auditor", "provider"])
async def test_who_may_not_write(demo_gateway: Gateway, username: str) -> None:
    caller = await demo_gateway.staff(username)
    for path, body in (
        ("authorities", AUTHORITY), ("mechanisms", MECHANISM),
        ("evaluations", {"authority": 1, "number": "1", "received_on": "2026-11-01", "asked": "x"}),
    ):  # fmt: skip
        assert await code(caller, path, body) == (403, "forbidden")
