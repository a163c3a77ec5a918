"""Each kind through the front door: brought, checked, agreed to, written, and the same again changes nothing."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from anze.audit import chain
from anze.audit.models import AuditEvent
from anze.audit.registry import seals
from anze.bookings.models import Service, ServiceStep
from anze.db import Database
from anze.identity.models import Branch, Role
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured, PolicyYear, PromisedService
from anze.providers.models import Provider, Qualification, Team
from anze.providers.usecases import expired
from anze.surveys.models import Survey
from tests.helpers.gateway import Gateway
from tests.helpers.rows import difference, snapshot
from tests.helpers.staffing import PASSWORD, hire
from tests.imports.desk import ROOT, Desk, outcome
from tests.imports.files import applicant, code, csv_of, insured, policy, service, xlsx_of

BOOKKEEPING = {"imports", "import_notes", "audit_events", "audit_head", "app_state", "sign_ins", "conversations"}


async def with_policies(desk: Desk, count: int = 2, **more: Any) -> None:
    """So many firms with a policy each."""
    await desk.imported("applicants", [applicant(n) for n in range(1, count + 1)])
    await desk.imported("insureds", [insured(n) for n in range(1, count + 1)])
    await desk.imported("policies", [policy(n, **more) for n in range(1, count + 1)])


def one(database: Database, model: Any, **by: Any) -> Any:
    with database.read() as session:
        return session.scalars(select(model).filter_by(**by)).one()


async def test_firms_and_policies_come_in_and_a_second_time_nothing_changes(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    rows: dict[str, list[Any]] = {
        "applicants": [applicant(1), applicant(2)],
        "insureds": [
            insured(1, employees="1,200人", revenue_wan=50000, nbs_industry="工业", report_year=2025),
            insured(2),
        ],
        "policies": [
            policy(1, insureds=f"{code(1)}、{code(2)}", end_on="2028-02-29", a=1),
            policy(2, renews="PX2026000003"),
            policy(3, applicant=code(2), insureds=code(2), start_on="2025-03-01", end_on="2026-02-28", state="有效"),
        ],
    }
    for kind, given in rows.items():
        view = await desk.imported(kind, given)
        assert outcome(view) == (len(given), 0, 0, 0), kind
    with demo_gateway.db.read() as session:
        first, second, third = session.scalars(
            select(Policy).where(Policy.number.startswith("PX2026")).order_by(Policy.number)
        )
        assert [row.uscc for row in first.insureds] == [code(1), code(2)]
        assert [(row.no, row.from_on, row.to_on) for row in first.years] == [
            (1, date(2026, 3, 1), date(2027, 2, 28)), (2, date(2027, 3, 1), date(2028, 2, 29)),
        ]  # fmt: skip
        assert first.premium_cents == 1280050
        assert first.branch.name == "南京分公司"
        promised = select(PromisedService.item, PromisedService.per_year).where(PromisedService.policy_id == first.id)
        assert sorted(session.execute(promised).tuples()) == [("a", 1), ("d", 2)]
        assert second.renews_id == third.id
        firm = session.scalars(select(Insured).where(Insured.uscc == code(1))).one()
        assert (firm.size_class, firm.sector) == ("large", "hazardous_chemicals")
        assert firm.size_basis == {"year": 2025, "employees": 1200, "revenue_wan": 50000, "nbs_industry": "工业"}
    before = snapshot(demo_gateway.db)
    for kind, given in rows.items():
        view = await desk.imported(kind, given)
        assert outcome(view) == (0, 0, len(given), 0), kind
    found = difference(before, snapshot(demo_gateway.db))
    assert {*found.added, *found.changed, *found.removed} <= BOOKKEEPING


async def test_an_xlsx_says_the_same_as_a_csv(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await with_policies(desk)
    rows = [policy(1, start_on=date(2026, 3, 1), end_on=date(2027, 2, 28), premium_cents=12800.5), policy(2)]
    view = await desk.imported("policies", xlsx_of("policies", rows, above=[["保单"]], empty=5))
    assert outcome(view) == (0, 0, 2, 0)


async def test_the_premium_of_a_group_is_kept_to_the_cent(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await with_policies(desk)
    view = await desk.imported("policies", [policy(1, premium_cents="35000000.01")])
    assert outcome(view) == (0, 1, 0, 0)
    assert one(demo_gateway.db, Policy, number="PX2026000001").premium_cents == 3_500_000_001


async def test_what_is_not_needed_stays_when_it_is_empty_and_goes_when_it_says_so(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await desk.imported("applicants", [applicant(1)])
    view = await desk.imported("applicants", [applicant(1, contact_name="", contact_phone="", name="新名")])
    assert outcome(view) == (0, 1, 0, 0)
    row = one(demo_gateway.db, Applicant, uscc=code(1))
    assert (row.name, row.contact_name, row.contact_phone) == ("新名", "张三", "13900000001")
    await desk.imported("applicants", [applicant(1, name="新名", contact_name="清空", contact_phone="清空")])
    row = one(demo_gateway.db, Applicant, uscc=code(1))
    assert (row.contact_name, row.contact_phone) == (None, None)


async def test_errors_are_told_cell_by_cell_and_nothing_is_written(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await desk.imported("applicants", [applicant(1)])
    await desk.imported("insureds", [insured(1)])
    before = snapshot(demo_gateway.db)
    rows = [
        policy(1),
        policy(2, branch="火星分公司", premium_cents="一万", start_on="2026-13-01"),
        policy(3, applicant=code(9), insureds=f"{code(1)}、{code(8)}"),
        policy(4, applicant=code(1), insureds=code(1), end_on="2026-01-01"),
        policy(5, applicant=code(1), insureds=code(1), state="提前终止"),
        policy(6, applicant=code(1), insureds=code(1), renews="PX2026000004"),
        policy(7, applicant=code(1), insureds=code(1), renews="NOSUCH"),
        policy(8, number=""),
    ]
    view = await desk.checked("policies", rows)
    assert outcome(view) == (1, 0, 0, 7)
    faults = [(row["line"], row["column"], row["found"], row["words"]) for row in await desk.notes(view["id"])]
    assert faults == [
        (3, "起保日期", "2026-13-01", "没有这一天"),
        (3, "保费（元）", "一万", "不是数字"),
        (4, "投保人统一社会信用代码", code(9), "系统里没有这个投保人"),
        (4, "被保险人统一社会信用代码", f"{code(1)}、{code(8)}", f"系统里没有这些被保险人：{code(8)}"),
        (5, "终保日期", "2026-01-01", "结束早于开始"),
        (6, "提前终止日期", "", "状态是提前终止，没有写日期"),
        (7, "续保的原保单号", "PX2026000004", "原保单那一行有错，这一行也没有导入"),
        (8, "续保的原保单号", "NOSUCH", "系统里和文件里都没有这张原保单"),
        (9, "保单号", "", "空着"),
    ]
    assert all(row["advice"] for row in await desk.notes(view["id"]))
    refused = await desk.confirm(view)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_faults")
    assert "7 行" in refused.json()["detail"]
    found = difference(before, snapshot(demo_gateway.db))
    assert {*found.added, *found.changed, *found.removed} <= BOOKKEEPING
    assert (await desk.confirm(view, partial=True)).status_code == 200
    await desk.work()
    done = await desk.one(view["id"])
    assert (done["state"], done["partial"], outcome(done)) == ("done", True, (1, 0, 0, 7))
    assert one(demo_gateway.db, Policy, number="PX2026000001").premium_cents == 1280050
    assert len(await desk.notes(view["id"])) == 9


async def test_a_key_that_stands_twice_refuses_both(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    view = await desk.checked("applicants", [applicant(1), applicant(2), applicant(1, name="另一个")])
    assert outcome(view) == (1, 0, 0, 2)
    (fault,) = await desk.notes(view["id"])
    assert (fault["line"], fault["words"]) == (4, "和第 2 行重复，两行都没有导入")


async def test_providers_their_qualifications_and_teams(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    firm = {
        "name": "某某安全技术有限公司",
        "short_name": "某某",
        "uscc": code(50),
        "legal_status": "企业法人",
        "province": "江苏省",
    }
    rows: dict[str, list[Any]] = {
        "providers": [firm],
        "qualifications": [
            {
                "provider": code(50),
                "kind": "安全评价",
                "items": "b,d",
                "valid_from": "2025-01-01",
                "valid_to": "2027-12-31",
            },
            {"provider": code(50), "kind": "AQ 8011", "items": "a", "valid_from": "2025-01-01"},
        ],
        "teams": [{"provider": code(50), "no": 1, "people": "王五、赵六", "items": "a、d", "weekends": "是"}],
        "certificates": [
            {
                "provider": code(50),
                "person": "王五",
                "kind": "注册安全工程师",
                "number": "AG1",
                "valid_from": "2024-01-01",
                "valid_to": "2026-10-31",
            },
            {"provider": code(50), "person": "赵六", "kind": "安全评价师", "number": "AG2", "valid_from": "2024-01-01"},
        ],
        "equipment": [{"provider": code(50), "name": "检测仪", "number": "SB1", "checked_until": "2027-01-31"}],
    }
    for kind, given in rows.items():
        assert outcome(await desk.imported(kind, given)) == (len(given), 0, 0, 0), kind
    row = one(demo_gateway.db, Provider, uscc=code(50))
    held = one(demo_gateway.db, Qualification, provider_id=row.id, kind="evaluation")
    assert (held.items, held.valid_from, held.valid_to) == ("bd", date(2025, 1, 1), date(2027, 12, 31))
    team = one(demo_gateway.db, Team, provider_id=row.id)
    assert (team.people, team.items, team.weekends) == (["王五", "赵六"], "ad", True)
    with demo_gateway.db.read() as session:
        assert expired(session, row.id, team.people, date(2026, 10, 31)) == []
        assert expired(session, row.id, [*team.people, "没登记的"], date(2026, 11, 1)) == ["王五"]
    for kind, given in rows.items():
        assert outcome(await desk.imported(kind, given)) == (0, 0, len(given), 0), kind
    rows["teams"][0] |= {"people": "王五", "ended_on": "2026-12-31"}
    assert outcome(await desk.imported("teams", rows["teams"])) == (0, 1, 0, 0)
    assert one(demo_gateway.db, Team, provider_id=row.id).ended_on == date(2026, 12, 31)
    with demo_gateway.db.read() as session:
        taken = session.scalars(select(Provider.name).where(Provider.id == 1)).one()
    view = await desk.checked("providers", [firm | {"uscc": code(51), "name": taken}, firm | {"uscc": code(52)}])
    assert outcome(view) == (0, 0, 0, 2)
    view = await desk.checked("teams", [{"provider": code(77), "no": 1, "people": "甲", "items": "a"}])
    assert [row["words"] for row in await desk.notes(view["id"])] == ["系统里没有这家服务机构"]


async def test_services_with_their_follow_ups_are_history_that_holds(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await with_policies(desk)
    unasked = {"followed_up_on": "", "mark": "", "opinion": "", "way": ""}
    rows = [
        service(1, provider=""),
        service(2, status="已取消", completed_on="", ended_reason="停产", **unasked),
        service(3, **unasked),
        service(4, requested_on="2026-11-01", service_on="2026-11-20", completed_on="2026-11-20", **unasked),
    ]  # fmt: skip
    assert outcome(await desk.imported("services", rows)) == (4, 0, 0, 0)
    with demo_gateway.db.read() as session:
        done, off, old, fresh = session.scalars(
            select(Service).where(Service.number.startswith("LS2026")).order_by(Service.number)
        )
        assert (done.status, done.completed_on, done.people) == ("completed", date(2026, 4, 10), ["王五", "赵六"])
        assert done.starts_at == datetime(2026, 4, 10, 1, tzinfo=UTC)
        assert (off.status, off.ended_reason) == ("cancelled", "停产")
        surveys = {row.service_id: row for row in session.scalars(select(Survey)) if row.service_id >= done.id}
        assert (surveys[done.id].status, surveys[done.id].mark, surveys[done.id].opinion) == ("done", 5, "讲得清楚")
        assert off.id not in surveys
        assert (surveys[old.id].status, surveys[old.id].due_on) == ("waiting", date(2026, 4, 24))
        assert surveys[fresh.id].due_on == date(2026, 12, 4)
        assert chain.verify(session) == []
        assert all(seal.holds for seal in seals(session))
    assert outcome(await desk.imported("services", rows)) == (0, 0, 4, 0)
    wrong = [
        service(5, number="FW20260102999"),
        service(6, completed_on="2026-12-31", followed_up_on="", mark="", opinion="", way=""),
        service(7, opinion=""),
        service(8, insured=code(2)),
        service(1, provider="", mark=3),
        service(9, followed_up_on="2026-04-01"),
    ]
    view = await desk.checked("services", wrong)
    assert outcome(view) == (0, 0, 0, 6)
    words = {row["line"]: row["words"] for row in await desk.notes(view["id"])}
    assert words == {
        2: "是本系统自己编的那种编号", 3: "晚于今天", 4: "回访日期、满意度、具体意见、回访方式没有写全",
        5: "这张保单没有写这个被保险人", 6: "已经有回访评分，不能用导入改", 7: "早于“完成日期”",
    }  # fmt: skip


async def test_a_service_that_was_handled_here_is_not_changed(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    with demo_gateway.db.read() as session:
        here = session.execute(
            select(Service, Policy.number, Insured.uscc)
            .join(Policy, Policy.id == Service.policy_id)
            .join(Insured, Insured.id == Service.insured_id)
            .where(Service.status == "completed", Service.id.in_(select(ServiceStep.service_id)))
            .limit(1)
        ).one()
    row = service(1, number=here[0].number, policy=here[1], insured=here[2], place="别处", requested_on="2026-01-02")
    view = await desk.checked("services", [row])
    assert "这次服务是在本系统里办的，不能用导入改" in [one["words"] for one in await desk.notes(view["id"])]


# ---- who ----


@pytest.mark.parametrize("username", ["intake", "service", "supervisor", "auditor", "provider"])
async def test_who_is_no_administrator_may_not(demo_gateway: Gateway, username: str) -> None:
    desk = await Desk.of(demo_gateway, username)
    assert (await desk.bring("applicants", csv_of("applicants", [applicant()]))).status_code == 403
    for path in ("", "/kinds", "/template", "/1", "/1/notes", "/1/report"):
        assert (await desk.caller.get(f"{ROOT}{path}")).status_code == 403, path
    assert (await desk.caller.post(f"{ROOT}/1/confirm", {"digest": "0" * 64})).status_code == 403


def _branch(database: Database, name: str) -> int:
    with database.read() as session:
        return session.scalars(select(Branch.id).where(Branch.name == name)).one()


async def test_rows_of_other_branches_are_refused_one_by_one(demo_gateway: Gateway) -> None:
    head = await Desk.of(demo_gateway)
    await with_policies(head, 2)
    hire(demo_gateway.db, "suzhou", Role.ADMIN, branch_id=_branch(demo_gateway.db, "苏州分公司"))
    desk = await Desk.of(demo_gateway, "suzhou", PASSWORD)
    rows = [
        policy(1, premium_cents="1"),
        policy(3, branch="苏州分公司", applicant=code(1), insureds=code(1)),
        policy(4, branch="南京分公司", applicant=code(1), insureds=code(1)),
        policy(5, branch="苏州分公司", applicant=code(1), insureds=code(1), renews="PX2026000001"),
    ]
    view = await desk.checked("policies", rows)
    assert outcome(view) == (1, 0, 0, 3)
    words = [(row["line"], row["words"]) for row in await desk.notes(view["id"])]
    assert words == [
        (2, "是您管辖以外的分支机构的保单"), (4, "不在您管辖的机构里"), (5, "原保单是您管辖以外的分支机构的"),
    ]  # fmt: skip
    view = await desk.checked("insureds", [insured(1, contact_phone="13700000009"), insured(2)])
    assert outcome(view) == (0, 0, 1, 1)
    view = await desk.checked("services", [service(1)])
    assert [row["words"] for row in await desk.notes(view["id"])] == ["是您管辖以外的分支机构的保单"]
    for kind in ("providers", "teams", "qualifications", "certificates", "equipment", "holidays"):
        assert (await desk.bring(kind, b"x")).status_code == 403, kind
    other = await head.caller.get(f"{ROOT}/{view['id']}")
    assert other.status_code == 200, "head office sees what its branches import"
    mine = (await desk.caller.get(ROOT)).json()["items"]
    assert {row["branch"] for row in mine} == {"苏州分公司"}
    assert (await desk.caller.get(f"{ROOT}/1")).status_code == 404


async def test_a_province_has_its_own_providers_only(demo_gateway: Gateway) -> None:
    hire(demo_gateway.db, "jiangsu", Role.ADMIN, branch_id=_branch(demo_gateway.db, "江苏省分公司"))
    desk = await Desk.of(demo_gateway, "jiangsu", PASSWORD)
    firm = {"name": "甲安全", "short_name": "甲", "uscc": code(50), "legal_status": "企业法人", "province": "江苏省"}
    view = await desk.checked("providers", [firm, firm | {"uscc": code(51), "name": "乙安全", "province": "湖南省"}])
    assert outcome(view) == (1, 0, 0, 1)
    with demo_gateway.db.read() as session:
        foreign = session.scalars(select(Provider).where(Provider.province == "湖南省").limit(1)).one()
    view = await desk.checked("teams", [{"provider": foreign.uscc, "no": 1, "people": "甲", "items": "a"}])
    assert outcome(view) == (0, 0, 0, 1)


async def test_who_is_no_administrator_any_more_when_it_is_written_writes_nothing(demo_gateway: Gateway) -> None:
    staff_id = hire(demo_gateway.db, "leaving", Role.ADMIN)
    desk = await Desk.of(demo_gateway, "leaving", PASSWORD)
    view = await desk.checked("applicants", [applicant(1)])
    assert (await desk.confirm(view)).status_code == 200
    with demo_gateway.db.write() as session:
        from anze.identity.models import Staff

        session.get_one(Staff, staff_id).role = Role.INTAKE
    await desk.work()
    chief = await Desk.of(demo_gateway)
    assert (await chief.one(view["id"]))["state"] == "failed"
    with demo_gateway.db.read() as session:
        assert session.scalar(select(Applicant.id).where(Applicant.uscc == code(1))) is None


# ---- what is told ----


async def test_one_event_with_digest_and_counts_and_nobodys_data(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    with demo_gateway.db.read() as session:
        before = session.scalar(select(func.max(AuditEvent.seq)))
    view = await desk.imported("applicants", [applicant(1), applicant(2)])
    with demo_gateway.db.read() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.seq > before))
        assert chain.verify(session) == []
    assert (event.kind, event.subject) == ("import.done", f"import:{view['id']}")
    assert view["file_sha256"] in event.body
    assert '"new":2' in event.body
    for secret in ("张三", "测试集团", code(1), "139000", "清单"):
        assert secret not in event.body


async def test_the_report_is_a_workbook_without_formulas(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    evil = "=cmd|'/c calc'!A0"
    view = await desk.imported("applicants", [applicant(1, name=evil), applicant(2, uscc=evil)], partial=True)
    assert one(demo_gateway.db, Applicant, uscc=code(1)).name == evil
    answer = await desk.caller.get(f"{ROOT}/{view['id']}/report")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["概况", "有错的格子", "跟着变的"]
    line = list(book["有错的格子"][2])
    assert [cell.value for cell in line][1:4] == ["3", "统一社会信用代码", evil]
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n", "inlineStr"}
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


async def test_templates_are_read_again(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    kinds = (await desk.caller.get(f"{ROOT}/kinds")).json()["items"]
    assert [kind["kind"] for kind in kinds] == [
        "applicants", "insureds", "policies", "providers", "qualifications", "teams", "certificates", "equipment",
        "services", "ledger", "holidays",
    ]  # fmt: skip
    for kind in kinds:
        csv = await desk.caller.get(f"{ROOT}/template", kind=kind["kind"], form="csv")
        assert csv.content.startswith(b"\xef\xbb\xbf"), "a mark, so that office programs read UTF-8"
        xlsx = await desk.caller.get(f"{ROOT}/template", kind=kind["kind"])
        book = load_workbook(io.BytesIO(xlsx.content))
        assert book.sheetnames == ["数据", "各列说明", "说明"]
        for content in (csv.content, xlsx.content):
            view = await desk.checked(kind["kind"], content)
            assert (view["state"], outcome(view)) == ("checked", (0, 0, 0, 0)), view
            assert (await desk.caller.post(f"{ROOT}/{view['id']}/drop")).json()["state"] == "dropped"
    assert (await desk.caller.get(f"{ROOT}/template", kind="x")).status_code == 422
    assert (await desk.bring("x", b"x")).status_code == 422


async def test_only_rows_changed_since_a_day_are_read(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    rows = [applicant(n, changed_on=day) for n, day in ((1, "2026-11-20"), (2, "2026-11-22 08:00:00"), (3, ""))]
    view = await desk.imported("applicants", rows, since="2026-11-22")
    assert (outcome(view), view["counts"]["older"], view["since"]) == ((2, 0, 0, 0), 1, "2026-11-22")
    view = await desk.checked("applicants", [applicant(1)], since="2026-11-22")
    assert (view["state"], "更新日期" in view["problem"]) == ("failed", True)


async def test_a_file_of_nonsense_is_refused_in_words(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    view = await desk.checked("applicants", "甲,乙\n1,2\n".encode())
    assert (view["state"], "没有找到表头" in view["problem"]) == ("refused", True)
    assert (await desk.confirm(view | {"digest": "0" * 64})).json()["code"] == "import_state"
    assert (await desk.bring("applicants", b"\x89PNG\r\n\x1a\n")).status_code == 415
    assert (await desk.bring("applicants", b"")).status_code == 422
    assert (await desk.caller.post(f"{ROOT}/999/drop")).status_code == 404


def years(database: Database, number: str) -> list[tuple[date, date]]:
    with database.read() as session:
        query = select(PolicyYear.from_on, PolicyYear.to_on).join(Policy).where(Policy.number == number)
        return list(session.execute(query.order_by(PolicyYear.no)).tuples())


def names(database: Database, number: str) -> set[str | None]:
    with database.read() as session:
        query = select(Insured.uscc).join(PolicyInsured).join(Policy).where(Policy.number == number)
        return set(session.scalars(query))


async def test_insureds_of_a_policy_come_and_go_but_not_with_their_history(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await with_policies(desk, 3)
    view = await desk.imported("policies", [policy(1, insureds=f"{code(1)}、{code(2)}", d=0, e=1)])
    assert (outcome(view), view["moved"]["insureds"]) == ((0, 1, 0, 0), 1)
    assert names(demo_gateway.db, "PX2026000001") == {code(1), code(2)}
    with demo_gateway.db.read() as session:
        query = select(PromisedService.item).join(Policy).where(Policy.number == "PX2026000001")
        assert list(session.scalars(query)) == ["e"]
    await desk.imported("services", [service(1)])
    view = await desk.checked("policies", [policy(1, insureds=code(2), d=0, e=1)])
    assert [row["words"] for row in await desk.notes(view["id"])] == [
        "去掉了一个被保险人，可这张保单下它已经有服务或投诉"
    ]
    await desk.imported("policies", [policy(1, insureds=code(1), d=0, e=1)])
    assert names(demo_gateway.db, "PX2026000001") == {code(1)}
