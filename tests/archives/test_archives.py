"""Archives made complete step by step, filed, exported, and verified by the stand-alone script (6.3, 7.4, 附录B)."""

import asyncio
import io
import json
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from anze.archives import keeping
from anze.archives.models import ArchiveItem
from anze.audit import chain
from anze.audit.models import AuditEvent
from anze.audit.registry import seals
from anze.audit.retention import RetainedError
from anze.bookings.models import Service
from anze.demo import papers
from anze.errors import DomainError
from anze.fees.models import LedgerEntry
from anze.identity.models import Branch, DeniedRead, Role, Staff
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.surveys.models import Survey
from tests.helpers.gateway import Caller, Gateway

ROOT = "/api/staff/records"
SCRIPT = Path(__file__).parents[2] / "tools" / "verify_archive.py"
DONE = date(2026, 11, 20)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@dataclass
class Desk:
    gateway: Gateway
    caller: Caller
    number: str

    async def missing(self) -> list[str]:
        answer = await self.caller.get(f"{ROOT}/{self.number}")
        assert answer.status_code == 200, answer.text
        one = answer.json()
        assert one["complete"] is (one["missing"] == [])
        listed = (await self.caller.get(ROOT, state="complete" if one["complete"] else "incomplete", size=200)).json()
        assert self.number in {row["number"] for row in listed["items"]}, "the list says the same as the record"
        return [gap["words"] for gap in one["missing"]]

    async def keep(self, kind: str, *, code: str = "", words: str | None = None, expected: int = 201) -> dict[str, Any]:
        body: dict[str, Any] = {"kind": kind, "code": code, "words": words}
        if words is None:
            name, content = ("现场.png", None) if kind == "photo" else ("报告.pdf", PDF)
            body["file_id"] = await (self.caller.file(name, content) if content else self.caller.file(name))
        answer = await self.caller.post(f"{ROOT}/{self.number}/items", body)
        assert answer.status_code == expected, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def spend(self, cents: int = 50_000) -> None:
        with self.gateway.db.write() as session:
            service = session.scalars(select(Service).where(Service.number == self.number)).one()
            policy = session.get_one(Policy, service.policy_id)
            session.add(LedgerEntry(
                branch_id=policy.branch_id, policy_id=policy.id, booked_on=DONE, payee="某机构", amount_cents=cents,
                purpose="service", service_id=service.id, note="服务费", provider_id=service.provider_id,
                entered_at=self.gateway.services.clock.now(), entered_by="staff:1",
            ))  # fmt: skip

    def follow_up(self) -> None:
        with self.gateway.db.write() as session:
            service = session.scalars(select(Service).where(Service.number == self.number)).one()
            now = self.gateway.services.clock.now()
            session.add(Survey(
                service_id=service.id, status="done", due_on=DONE, ask_on=DONE, mark=5, opinion="讲得清楚", done_at=now,
                channel="phone",
            ))  # fmt: skip

    def set(self, **values: Any) -> None:
        with self.gateway.db.write() as session:
            session.execute(update(Service).where(Service.number == self.number).values(**values))

    async def file(self, reason: str | None = None) -> Any:
        version = (await self.caller.get(f"{ROOT}/{self.number}")).json()["version"]
        return await self.caller.post(f"{ROOT}/{self.number}/file", {"version": version, "reason": reason})


async def desk_of(gateway: Gateway, item: str) -> Desk:
    """A service of the demo's service manager, completed, of which nothing is there yet."""
    number = f"FW2026112099{'abcdefg'.index(item)}"
    with gateway.db.write() as session:
        branch = session.scalars(select(Branch).join(Staff).where(Staff.username == "service")).one()
        policy = session.scalars(
            select(Policy).where(Policy.branch_id == branch.id, Policy.start_on <= DONE, Policy.end_on >= DONE)
        ).first()
        assert policy is not None
        provider = session.scalars(select(Service.provider_id).where(Service.provider_id.is_not(None))).first()
        session.add(Service(
            number=number, policy_id=policy.id, insured_id=policy.insureds[0].id, provider_id=provider, item=item,
            status="completed", requested_at=datetime(2026, 11, 1, tzinfo=UTC), completed_on=DONE, place="厂区",
            people=["王五"], report_no="BG9", starts_at=datetime(2026, 11, 20, 1, tzinfo=UTC),
        ))  # fmt: skip
    return Desk(gateway, await gateway.staff("service"), number)


async def test_a_training(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "a")
    amount, rest = "表B.1 a) 第3项缺实际支出金额", ["表B.1 a) 第2项缺培训课件", "表B.1 a) 第2项缺现场照片"]
    sign = "表B.1 a) 第2项缺参训人员描述（签到表）"
    whole = [
        "表B.1 a) 第1项缺宣传培训资料", "表B.1 a) 第2项缺服务记录里的服务措施、服务过程、回访情况", *rest, sign, amount,
    ]  # fmt: skip
    assert await desk.missing() == whole
    await desk.keep("material")
    assert await desk.missing() == whole[1:]
    desk.set(measures="讲三级安全教育", process="上午讲，下午考")
    assert (await desk.missing())[0] == "表B.1 a) 第2项缺服务记录里的回访情况"
    desk.follow_up()
    assert await desk.missing() == [*rest, sign, amount]
    await desk.keep("courseware")
    await desk.keep("photo")
    assert await desk.missing() == [sign, amount]
    await desk.keep("sign_in", words="其他从业人员 35 人，二车间和三车间")
    assert await desk.missing() == [amount]
    desk.spend()
    assert await desk.missing() == []
    await filed_and_verified(desk, files=3)


@pytest.mark.parametrize("item", ["b", "d"])
async def test_b_and_d_report_and_photo(demo_gateway: Gateway, item: str) -> None:
    desk = await desk_of(demo_gateway, item)
    steps = [f"表B.1 {item}) 第1项缺服务报告", f"表B.1 {item}) 第1项缺现场照片", f"表B.1 {item}) 第2项缺实际支出金额"]
    assert await desk.missing() == steps
    await desk.keep("report")
    assert await desk.missing() == steps[1:]
    await desk.keep("photo")
    assert await desk.missing() == steps[2:]
    desk.spend()
    assert await desk.missing() == []
    await filed_and_verified(desk, files=2)


async def test_c_standardisation(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "c")
    assert await desk.missing() == ["表B.1 c) 第1项缺服务报告", "表B.1 c) 第2项缺实际支出金额"]
    await desk.keep("report")
    await desk.keep("amount", words="本次没有另外支出，包含在年度服务费里")
    assert await desk.missing() == []
    await filed_and_verified(desk, files=1)


@pytest.mark.parametrize(("kind", "code"), [("report", "e1"), ("report", "e2"), ("record", "e3")])
async def test_e_needs_one_of_its_three(demo_gateway: Gateway, kind: str, code: str) -> None:
    desk = await desk_of(demo_gateway, "e")
    assert await desk.missing() == ["表B.1 e) 第1项缺服务报告", "表B.1 e) 第4项缺实际支出金额"]
    desk.spend()
    desk.set(measures="演练", process="桌面推演")
    desk.follow_up()
    assert await desk.missing() == ["表B.1 e) 第1项缺服务报告"], "our own record is no list of supplies"
    if kind == "report":
        refused = await desk.keep(kind, expected=422)
        assert refused["code"] == "archive_code", "which of the lines, a person has to say"
    await desk.keep(kind, code=code, words="灭火器 20 具、急救箱 4 个" if kind == "record" else None)
    assert await desk.missing() == []
    await filed_and_verified(desk, files=1 if kind == "report" else 0)


async def test_f_technology(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "f")
    record, amount = "表B.1 f) 第1项缺服务记录里的服务措施、服务过程、回访情况", "表B.1 f) 第2项缺实际支出金额"
    assert await desk.missing() == [record, amount]
    await desk.keep("record", words="装了 12 台气体报警器，王五调试")
    assert await desk.missing() == [amount]
    desk.spend()
    desk.spend(-50_000)
    assert await desk.missing() == [amount], "what was taken back is not spent"
    desk.spend()
    assert await desk.missing() == []
    await filed_and_verified(desk, files=0)


async def test_g_falls_back_to_the_record_of_6_3(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "g")
    assert await desk.missing() == ["6.3缺服务记录里的服务措施、服务过程、回访情况"]
    desk.set(measures="咨询", process="电话咨询两次")
    assert await desk.missing() == ["6.3缺服务记录里的回访情况"]
    desk.follow_up()
    assert await desk.missing() == []
    await filed_and_verified(desk, files=0)


async def filed_and_verified(desk: Desk, *, files: int) -> None:
    done = await desk.file()
    assert done.status_code == 200, done.text
    one = (await desk.caller.get(f"{ROOT}/{desk.number}")).json()
    assert one["archived_on"] == "2026-11-23"
    assert one["keep_until"] >= "2031-11-23", "five years from the later of filing and the policy's end (AMB-21)"
    answer = await desk.caller.get(f"{ROOT}/{desk.number}/export")
    assert answer.status_code == 200
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    manifest = answer.headers["x-manifest-sha256"]
    target = desk.gateway.services.settings.data / "export.zip"
    target.write_bytes(answer.content)
    assert verified(target, manifest) == (0, "没有改动，文件齐全。")
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        listed = json.loads(archive.read("manifest.json"))
        index = archive.read("index.html").decode()
    assert {"index.html", "index.csv", "records.json", "manifest.json"} <= set(names)
    assert sum(name.startswith(desk.number) for name in names) == files
    assert all(one["sha256"] == one.get("kept_sha256", one["sha256"]) for one in listed["files"])
    assert desk.number in index
    assert "还缺" not in index
    with desk.gateway.db.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.kind == "archive.exported")).all()
        assert json.loads(events[-1].body)["manifest_sha256"] == manifest
        assert chain.verify(session) == []
        assert all(seal.holds for seal in seals(session) if seal.what.startswith("archive"))
    for name in names:
        if name != "manifest.json":
            assert verified(changed(target, name))[0] == 1, name
            assert verified(changed(target, name, remove=True)) == (1, f"缺少: {name}")
    assert verified(changed(target, "偷放的.txt", add=True)) == (1, "清单里没有: 偷放的.txt")
    forged = changed(target, "manifest.json")
    assert verified(forged, manifest)[0] == 1


def verified(path: Path, manifest: str | None = None) -> tuple[int, str]:
    """What the stand-alone script says, run by a Python that knows nothing of the program."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(path), *([manifest] if manifest else [])]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    return done.returncode, done.stdout.strip()


def changed(path: Path, name: str, *, remove: bool = False, add: bool = False) -> Path:
    """A copy in which one file is otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for one in source.namelist():
            content = source.read(one)
            if one == name:
                if remove:
                    continue
                content = bytes([*content[:-1], content[-1] ^ 1]) if one != "manifest.json" else content + b" "
            target.writestr(one, content)
        if add:
            target.writestr(name, b"x")
    copy = path.with_suffix(".changed.zip")
    copy.write_bytes(out.getvalue())
    return copy


def test_the_script_is_short_and_stands_alone() -> None:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert not [line for line in lines if line.startswith(("import anze", "from anze"))]


async def test_an_incomplete_archive_is_filed_only_with_a_reason_and_locked_then(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "d")
    one = await desk.keep("report")
    refused = (await desk.file()).json()
    assert refused["code"] == "archive_incomplete"
    assert "第1项缺现场照片" in refused["detail"]
    item = one["items"][0]["id"]
    withdrawal = f"{ROOT}/{desk.number}/items/{item}/withdraw"
    assert (await desk.caller.post(withdrawal, {"reason": "传错了"})).status_code == 204
    assert (await desk.caller.post(withdrawal, {"reason": "传错了"})).json()["code"] == "archive_withdrawn"
    assert "表B.1 d) 第1项缺服务报告" in await desk.missing()
    shown = (await desk.caller.get(f"{ROOT}/{desk.number}")).json()["items"][0]
    assert shown["withdrawn"] == "传错了", "it stays, with why it does not count"
    second = (await desk.keep("report"))["items"][1]["id"]
    assert (await desk.file("企业停产，照片补不了")).status_code == 200
    locked = await desk.caller.post(f"{ROOT}/{desk.number}/items/{second}/withdraw", {"reason": "反悔"})
    assert (locked.status_code, locked.json()["code"]) == (409, "archive_locked")
    assert (await desk.keep("photo"))["missing"][0]["kind"] == "amount", "what comes later is kept too"
    for statement in ("UPDATE archive_items SET words = 'x'", "DELETE FROM archive_items"):
        with pytest.raises(DBAPIError), desk.gateway.db.write() as session:
            session.execute(text(statement))
    with pytest.raises(RetainedError), desk.gateway.db.write() as session:
        session.execute(delete(ArchiveItem))


async def test_what_is_being_filed_cannot_be_withdrawn_beside_it(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "d")
    item = (await desk.keep("report"))["items"][0]["id"]
    now = demo_gateway.services.clock.now()
    supervisor = Speaker("test", staff_id=1, role=Role.SUPERVISOR, branch_path="/")
    said: list[str] = []

    def withdrawn() -> None:
        try:
            with demo_gateway.db.write() as session:
                keeping.withdraw(session, supervisor, desk.number, item, "传错了", now)
            said.append("withdrawn")
        except DomainError as error:
            said.append(error.code)

    beside = threading.Thread(target=withdrawn)
    with demo_gateway.db.write() as session:
        keeping.file(session, supervisor, desk.number, 1, "企业停产，照片补不了", now)
        beside.start()
        await asyncio.to_thread(beside.join, 0.5)
        assert said == [], "it waits until the archive is filed"
    await asyncio.to_thread(beside.join)
    assert said == ["archive_locked"]


async def test_what_cannot_be_kept_is_refused_in_words(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "d")
    post = desk.caller.post
    items = f"{ROOT}/{desk.number}/items"
    pdf = await desk.caller.file("a.pdf", PDF)
    for body, code in (
        ({"kind": "photo", "file_id": pdf}, "archive_file"),
        ({"kind": "photo"}, "archive_file"),
        ({"kind": "report", "words": "写了"}, "archive_file"),
        ({"kind": "amount"}, "archive_words"),
        ({"kind": "report", "file_id": "0" * 32}, "archive_file"),
        ({"kind": "report", "file_id": pdf, "code": "a1"}, "archive_code"),
    ):
        answer = await post(items, body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), body
    other = await demo_gateway.staff("supervisor")
    assert (await other.post(items, {"kind": "report", "file_id": pdf})).json()["code"] == "archive_file"
    assert (await (await demo_gateway.staff("auditor")).post(items, {"kind": "report"})).status_code == 403
    assert (await (await demo_gateway.staff("intake")).post(items, {"kind": "amount", "words": "x"})).status_code == 403


async def test_another_branch_sees_nothing_and_is_on_record(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    with demo_gateway.db.read() as session:
        own = session.scalars(select(Staff.branch_id).where(Staff.username == "service")).one()
        number = session.scalars(
            select(Service.number).join(Policy).where(Policy.branch_id != own, Service.status == "completed",
                                                      Service.completed_on.is_not(None))
        ).first()  # fmt: skip
    for path in ("", "/export"):
        assert (await caller.get(f"{ROOT}/{number}{path}")).status_code == 404
    assert (await caller.post(f"{ROOT}/{number}/items", {"kind": "amount", "words": "x"})).status_code == 404
    with demo_gateway.db.read() as session:
        assert len(session.scalars(select(DeniedRead)).all()) == 3


async def test_folders_are_opened_once_and_by_the_first_thing_kept(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    before = (await caller.get("/api/staff/archives", size=200)).json()
    without = [row for row in before["items"] if row["made_on"] is None]
    assert len(without) == min(before["missing"], 200)
    assert before["missing"] > 0
    first = without[-1]["insured_id"]
    assert (await caller.post(f"/api/staff/archives/{first}")).json() == {"opened": True}
    assert (await caller.post(f"/api/staff/archives/{first}")).json() == {"opened": False}
    after = (await caller.get("/api/staff/archives", size=200)).json()
    assert after["missing"] == before["missing"] - 1


async def test_the_whole_folder_is_one_export(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "d")
    await desk.keep("report")
    insured = (await desk.caller.get(f"{ROOT}/{desk.number}")).json()["insured_id"]
    lost = await desk.caller.get(f"/api/staff/archives/{insured}/export")
    assert (lost.status_code, lost.json()["code"]) == (409, "archive_lost"), "the demo's papers are not laid out here"
    for sample in sorted(Path(papers.__file__).with_name("files").iterdir()):
        demo_gateway.services.files.keep(sample.read_bytes(), "application/octet-stream")
    answer = await desk.caller.get(f"/api/staff/archives/{insured}/export")
    target = demo_gateway.services.settings.data / "folder.zip"
    target.write_bytes(answer.content)
    assert verified(target, answer.headers["x-manifest-sha256"])[0] == 0
    with zipfile.ZipFile(target) as archive:
        records = json.loads(archive.read("records.json"))
    assert desk.number in {one["number"] for one in records}
    assert {one["insured_id"] for one in records} == {insured}


async def test_every_record_of_the_demo_says_the_same_in_sql_and_in_words(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    page, seen = 1, 0
    while items := (await caller.get(ROOT, page=page, size=100)).json()["items"]:
        for row in items[::7]:
            one = (await caller.get(f"{ROOT}/{row['number']}")).json()
            assert row["complete"] is (one["missing"] == []), row["number"]
            assert row["due_on"] == one["due_on"]
            seen += 1
        page += 1
    assert seen > 20


def test_names_of_files_lead_nowhere_else() -> None:
    from anze.archives.export import safe

    for name in ("../../etc/passwd", "C:\\x\\y.pdf", "a\x00b.pdf", "...", "", "长" * 300 + ".pdf", "con/…/..", " . "):
        found = safe(name)
        assert found not in {"", ".", ".."}
        assert not set(found) & set('/\\:*?"<>|\x00')
        assert len(found) <= 80
    assert safe("长" * 300 + ".pdf").endswith(".pdf")


async def test_due_days_are_those_of_the_calendar(demo_gateway: Gateway) -> None:
    desk = await desk_of(demo_gateway, "d")
    calendar = demo_gateway.services.calendar.calendar()
    one = (await desk.caller.get(f"{ROOT}/{desk.number}")).json()
    day, left = DONE, 20
    while left:
        day += timedelta(days=1)
        left -= calendar.is_workday(day)
    assert one["due_on"] == day.isoformat()
