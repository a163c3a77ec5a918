"""Hand-overs of data (9.1): their schema, a plain count of the database, the same bytes again, who may, formulas."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from anze.audit import chain
from anze.audit.registry import seals
from anze.bookings.models import Service, ServiceStep
from anze.clock import SHANGHAI, Clock
from anze.db import Database
from anze.hazards.models import Hazard, HazardDate
from anze.identity.models import Branch, Person, Role, Staff
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured
from anze.providers.models import Provider
from anze.regulators import schema as schemas
from anze.settings import Settings
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, hire

ROOT = "/api/staff/handovers"
ASKED = {"province": "江苏省", "period": "2026-Q3"}
FIRST, LAST = "2026-07-01", "2026-09-30"
TABLES = ("policies", "services", "hazards")


async def made(caller: Caller, **body: Any) -> dict[str, Any]:
    answer = await caller.post(ROOT, ASKED | body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def files(caller: Caller, id_: int) -> dict[str, bytes]:
    names = ("handover.json", *(f"{table}.csv" for table in TABLES))
    return {name: (await caller.get(f"{ROOT}/{id_}/file", name=name)).content for name in names}


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def counted(database: Database, province: str, within: set[int] | None = None) -> dict[str, set[Any]]:
    """Walked row by row in Python: the keys of what a hand-over of the third quarter must hold."""
    with database.read() as session:
        insureds = {row.id: row for row in session.scalars(select(Insured)) if row.province == province}
        policies = {row.id: row for row in session.scalars(select(Policy)) if within is None or row.branch_id in within}
        in_force = set()
        for pair in session.scalars(select(PolicyInsured)):
            policy = policies.get(pair.policy_id)
            if policy is None or pair.insured_id not in insureds:
                continue
            last = policy.ended_early_on or policy.end_on
            if str(policy.start_on) <= LAST and str(last) >= FIRST and last >= policy.start_on:
                in_force.add((policy.number, insureds[pair.insured_id].name))
        services = {
            row.number
            for row in session.scalars(select(Service))
            if row.status == "completed" and row.policy_id in policies and row.insured_id in insureds
            and FIRST <= str(row.completed_on) <= LAST
        }  # fmt: skip
        hazards = {
            row.number
            for row in session.scalars(select(Hazard))
            if row.insured_id in insureds and (within is None or row.branch_id in within)
            and FIRST <= str(row.found_at.astimezone(SHANGHAI).date()) <= LAST
        }  # fmt: skip
    return {"policies": in_force, "services": services, "hazards": hazards}


def broken(of: dict[str, Any], value: Any, where: str = "$") -> Iterator[str]:
    """Another reading of the schema than the program's own."""
    names = {dict: "object", list: "array", str: "string", int: "integer", type(None): "null"}
    allowed = of["type"] if isinstance(of["type"], list) else [of["type"]]
    if names.get(type(value)) not in allowed:
        yield f"{where}: {type(value)}"
        return
    if isinstance(value, dict):
        if set(value) != set(of["properties"]) or set(of["required"]) != set(of["properties"]):
            yield f"{where}: {set(value) ^ set(of['properties'])}"
        for name in value:
            yield from broken(of["properties"][name], value[name], f"{where}.{name}")
    if isinstance(value, list):
        for item in value:
            yield from broken(of["items"], item, where)
    if isinstance(value, str) and value not in of.get("enum", [value]):
        yield f"{where}: {value}"


async def test_a_hand_over_keeps_its_schema_and_counts_what_the_database_has(demo_gateway: Gateway) -> None:
    chief = await demo_gateway.staff("supervisor")
    found = await made(chief)
    content = await files(chief, found["id"])
    document = json.loads(content["handover.json"])
    shipped = Settings().knowledge / "handover" / "handover-1.schema.json"
    schema = json.loads(shipped.read_text(encoding="utf-8"))
    assert list(broken(schema, document)) == []
    assert list(schemas.faults(schema, document)) == []
    expected = counted(demo_gateway.db, "江苏省")
    assert all(expected.values()), "the demo has some of each"
    assert {(row["policy"], row["insured"]) for row in document["policies"]} == expected["policies"]
    assert {row["service"] for row in document["services"]} == expected["services"]
    assert {row["hazard"] for row in document["hazards"]} == expected["hazards"]
    for table in TABLES:
        lines = rows(content[f"{table}.csv"])
        assert list(lines[0]) == list(schema["properties"][table]["items"]["properties"])
        assert lines == [
            {name: "" if value is None else str(value) for name, value in row.items()} for row in document[table]
        ]
        assert found["counts"][table] == document["counts"][table] == len(lines) == len(expected[table])
    digests = {one["name"]: one["sha256"] for one in found["files"]}
    assert digests == {name: chain.digest(one) for name, one in content.items()}
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        assert [seal for seal in seals(session) if not seal.holds] == []


async def test_no_person_is_in_it(demo_gateway: Gateway) -> None:
    chief = await demo_gateway.staff("supervisor")
    whole = b"".join((await files(chief, (await made(chief))["id"])).values()).decode("utf-8")
    with demo_gateway.db.read() as session:
        names: set[str | None] = set(session.scalars(select(Person.phone)))
        for column in (Insured.contact_phone, Applicant.contact_phone, Service.contact_phone, Staff.phone):
            names |= set(session.scalars(select(column)))
        for people in session.scalars(select(Service.people)):
            names |= set(people)
        assert len(names) > 20
        firms = "".join(session.scalars(select(Insured.name))) + "".join(session.scalars(select(Provider.name)))
    assert [name for name in names if name and name in whole and name not in firms] == []


def test_the_check_of_the_schema_can_fail() -> None:
    of = schemas.schema(Settings().knowledge)
    policy = {
        "policy": "P1", "insured": "甲", "uscc": None, "sector": "mine", "industry": "采矿", "size": "large",
        "city": "南京市", "start_on": "2026-01-01", "end_on": "2026-12-31", "ended_early_on": None, "premium_cents": 1,
    }  # fmt: skip
    document = {
        "form": "handover-1", "branch": "总公司", "province": "江苏省", "period": "2026-Q3", "first_on": FIRST,
        "last_on": LAST, "data_at": "2026-11-23T10:00:00+08:00", "policies": [policy], "services": [], "hazards": [],
        "counts": {"policies": 1, "services": 0, "hazards": 0},
    }  # fmt: skip
    assert list(schemas.faults(of, document)) == []
    for change in (
        {"contact_phone": "138"}, {"sector": "farm"}, {"premium_cents": -1}, {"premium_cents": True},
        {"premium_cents": 1.5}, {"end_on": "31.12.2026"}, {"insured": None},
    ):  # fmt: skip
        assert list(schemas.faults(of, document | {"policies": [policy | change]})), change
    for change in ({"period": "2026-Q5"}, {"form": "handover-2"}, {"counts": {}}, {"data_at": "now"}):
        assert list(schemas.faults(of, document | change)), change
    assert list(schemas.faults(of, {name: value for name, value in document.items() if name != "hazards"}))


async def test_the_same_instant_is_the_same_hand_over(demo_gateway: Gateway, clock: Clock) -> None:
    chief = await demo_gateway.staff("supervisor")
    at = {"data_at": "2026-11-20T08:00:00+08:00"}
    answers = await asyncio.gather(*(chief.post(ROOT, ASKED | at) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    again = await chief.post(ROOT, ASKED | {"data_at": "2026-11-20T00:00:00Z"})
    assert (again.status_code, again.json()) == (200, answers[0].json()), "the same instant in another zone"
    other = await made(chief, data_at="2026-11-20T08:00:01+08:00")
    assert other["id"] != again.json()["id"]


async def test_what_comes_later_changes_no_byte(demo_gateway: Gateway, clock: Clock) -> None:
    gateway = demo_gateway
    chief = await gateway.staff("supervisor")
    found = await made(chief)
    kept = {one["name"]: one["sha256"] for one in found["files"]}
    clock.move_to(clock.now() + timedelta(hours=1))
    with gateway.db.write() as session:
        hazard = session.scalars(
            select(Hazard).where(
                Hazard.closed_at.is_(None), Hazard.number.in_(counted(gateway.db, "江苏省")["hazards"])
            )
        ).first()
        assert hazard is not None
        hazard.closed_at = hazard.rectified_at = clock.now()
        service = session.scalars(
            select(Service)
            .join(Insured, Insured.id == Service.insured_id)
            .where(Service.status == "confirmed", Insured.province == "江苏省")
        ).first()
        assert service is not None
        service.status, service.completed_on = "completed", datetime(2026, 9, 1, tzinfo=UTC).date()
        session.add(ServiceStep(
            service_id=service.id, stage="completed", at=clock.now(), actor="staff:1", who="甲", body={},
        ))  # fmt: skip
        session.add(HazardDate(
            hazard_id=hazard.id, no=99, due_on=datetime(2026, 12, 30, tzinfo=UTC).date(), state="agreed",
            proposed_at=clock.now(), proposed_by="staff:1", proposed_side="insurer", agreed_at=clock.now(),
            agreed_by="person:1",
        ))  # fmt: skip
    again = (await chief.get(f"{ROOT}/{found['id']}/again")).json()
    assert again["same"] is True
    assert {name: pair["now"] for name, pair in again["files"].items()} == kept
    later = await made(chief)
    assert later["counts"]["services"] == found["counts"]["services"] + 1
    assert {one["name"]: one["sha256"] for one in later["files"]}["hazards.csv"] != kept["hazards.csv"]
    with gateway.db.write() as session:
        session.execute(update(Insured).where(Insured.province == "江苏省").values(industry="改过"))
    assert (await chief.get(f"{ROOT}/{found['id']}/again")).json()["same"] is False, "a correction is told"
    assert chain.digest((await files(chief, found["id"]))["policies.csv"]) == kept["policies.csv"], (
        "what was kept stays"
    )


async def test_nothing_in_a_file_is_a_formula(demo_gateway: Gateway) -> None:
    nasty = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", '"=1"', "甲,\n乙"]
    with demo_gateway.db.write() as session:
        firms = session.scalars(select(Insured).where(Insured.province == "江苏省").limit(len(nasty))).all()
        for firm, name in zip(firms, nasty, strict=True):
            firm.name, firm.industry = name, name
    chief = await demo_gateway.staff("supervisor")
    content = await files(chief, (await made(chief))["id"])
    document = json.loads(content["handover.json"])
    said = {row["insured"] for row in document["policies"]}
    assert len(said & set(nasty)) >= 5, "JSON has the very words"
    for table in TABLES:
        for row in csv.reader(io.StringIO(content[f"{table}.csv"].decode("utf-8-sig"), newline="")):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


async def hired(gateway: Gateway, name: str, role: Role, branch: str) -> tuple[Caller, int]:
    with gateway.db.read() as session:
        id_ = session.scalars(select(Branch.id).where(Branch.short_name == branch)).one()
    hire(gateway.db, name, role, branch_id=id_)
    return await gateway.staff(name, PASSWORD), id_


async def test_a_province_hands_over_its_own(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    hunan, id_ = await hired(gateway, "hunan", Role.SERVICE, "湖南")
    jiangsu, other = await hired(gateway, "jiangsu", Role.SERVICE, "江苏")
    found = await made(hunan, province="湖南省")
    with gateway.db.read() as session:
        tree = set(session.scalars(select(Branch.id).where(Branch.path.startswith(session.get_one(Branch, id_).path))))
    expected = {name: len(keys) for name, keys in counted(gateway.db, "湖南省", tree).items()}
    assert found["counts"] == expected
    for body, answer in (
        ({"branch": other}, (404, "not_found")), ({"branch": other, "province": "湖南省"}, (404, "not_found")),
        ({"province": "江苏省"}, (422, "handover_province")), ({"branch": 10**6}, (404, "not_found")),
    ):  # fmt: skip
        given = await hunan.post(ROOT, ASKED | body)
        assert (given.status_code, given.json()["code"]) == answer, body
    for path in ("", "/file", "/again"):
        assert (await jiangsu.get(f"{ROOT}/{found['id']}{path}")).status_code == 404
    assert (await jiangsu.post(f"{ROOT}/{found['id']}/sent", {
        "authority": 1, "way": "platform", "on": "2026-11-23", "document_no": "1",
    })).status_code == 404  # fmt: skip
    assert found["id"] not in {one["id"] for one in (await jiangsu.get(ROOT)).json()["items"]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"period": "2026-Q4"}, (422, "handover_data_at")), ({"period": "2026-11"}, (422, "handover_data_at")),
        ({"period": "2026-13"}, (422, "handover_period")), ({"period": "Q3"}, (422, "handover_period")),
        ({"period": ""}, (422, "handover_period")), ({"province": "火星省"}, (422, "handover_nobody")),
        ({"data_at": "2026-11-24T00:00:00Z"}, (422, "handover_data_at")),
        ({"data_at": "2026-09-30T10:00:00+08:00"}, (422, "handover_data_at")),
        ({"data_at": "2026-11-20T08:00:00"}, (422, "bad_request")), ({"province": ""}, (422, "bad_request")),
        ({"branch": 0}, (422, "bad_request")), ({"province": "江\x00苏"}, (422, "bad_request")),
    ],
)  # fmt: skip
async def test_nonsense_is_refused(demo_gateway: Gateway, body: dict[str, Any], expected: tuple[int, str]) -> None:
    chief = await demo_gateway.staff("supervisor")
    answer = await chief.post(ROOT, ASKED | body)
    assert (answer.status_code, answer.json()["code"]) == expected


async def test_who_may(demo_gateway: Gateway) -> None:
    city = await demo_gateway.staff("service")
    answer = await city.post(ROOT, ASKED)
    assert (answer.status_code, answer.json()["code"]) == (422, "handover_branch")
    for username in ("intake", "auditor", "provider"):
        assert (await (await demo_gateway.staff(username)).post(ROOT, ASKED)).status_code == 403


async def test_sent_and_receipted(demo_gateway: Gateway) -> None:
    chief = await demo_gateway.staff("supervisor")
    found = await made(chief)
    items = (await chief.get("/api/staff/authorities", size=200)).json()["items"]
    own = next(one["id"] for one in items if one["province"] == "江苏省" and one["level"] == "province")
    far = next(one["id"] for one in items if one["province"] == "湖南省")
    path = f"{ROOT}/{found['id']}"
    receipt = {"on": "2026-11-23", "number": "HZ7", "file_id": await chief.file()}
    early = await chief.post(f"{path}/receipt", receipt)
    assert (early.status_code, early.json()["code"]) == (409, "delivery_not_sent")
    body = {"authority": own, "way": "platform", "on": "2026-11-23", "document_no": "PT-1"}
    assert (await chief.post(f"{path}/sent", body | {"authority": far})).json()["code"] == "authority_place"
    answers = await asyncio.gather(*(chief.post(f"{path}/sent", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    view = (await chief.post(f"{path}/receipt", receipt)).json()
    assert (view["sent_on"], view["receipt_no"], view["document_no"]) == ("2026-11-23", "HZ7", "PT-1")
    assert (await chief.get(f"{path}/file", name="receipt")).status_code == 200
    assert (await chief.get(f"{path}/file", name="other.csv")).status_code == 404
    with demo_gateway.db.read() as session:
        assert all(seal.holds for seal in seals(session))
        for change, what in (
            ("data_submissions SET document_no = 'x'", "regulator_sent"),
            ("data_submissions SET province = '湖南省'", "handover"),
            ("data_submissions SET receipt_no = 'x'", "regulator_receipt"),
        ):  # fmt: skip
            session.execute(text(f"UPDATE {change}"))
            assert what in {seal.what for seal in seals(session) if not seal.holds}, change
