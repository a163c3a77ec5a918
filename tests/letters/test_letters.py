"""Letters of real cases over HTTP: what they say, who may have them, and that every version stays."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from anze.audit.chain import digest, verify
from anze.audit.models import AuditEvent
from anze.clock import Clock
from anze.complaints import decision as decisions
from anze.complaints import usecases as complaints
from anze.complaints.dates import ComplaintDates
from anze.complaints.models import Complaint, ComplaintStatus
from anze.conversations.models import SharedFile
from anze.identity.models import Branch, DeniedRead, Staff
from anze.letters.content import COLUMNS, FIELDS, content_of
from anze.letters.models import ComplaintLetter, LetterKind
from anze.standard.editions import editions, load
from anze.status import usecases as status
from tests.conftest import NOW
from tests.helpers.complainant import Talk
from tests.helpers.gateway import PNG, Caller, Gateway
from tests.helpers.rows import difference, snapshot
from tests.letters.samples import body, changed, squeezed, word_lines

PARTS = {
    "findings": "查了派单记录，约定当天没有人到场。\n门岗登记里也没有。",
    "basis": "参照 AQ 9010.1（征求意见稿，2025年7月）6.2、6.4 e)，服务合同第三条。",
    "reasons": "服务机构漏排了人员，没有通知您。",
    "outcome": "十个工作日内重新安排排查，并向您书面道歉。",
}


def base(number: str) -> str:
    return f"/api/staff/complaints/{number}/letters"


async def decide(officer: Caller, number: str, **parts: Any) -> None:
    seen = (await officer.get(f"/api/staff/complaints/{number}")).json()
    answer = await officer.post(f"/api/staff/complaints/{number}/decide", {"version": seen["version"]} | PARTS | parts)
    assert answer.status_code == 200, answer.text


async def issue(officer: Caller, number: str, kind: str = "decision") -> dict[str, Any]:
    answer = await officer.post(f"{base(number)}/{kind}")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def scan(officer: Caller, number: str, file_id: str, kind: str = "decision") -> httpx.Response:
    return await officer.post(f"{base(number)}/{kind}/scan", {"file_id": file_id})


async def both(officer: Caller, number: str, kind: str) -> tuple[str, str]:
    """What the PDF and the Word file say, without blanks."""
    pdf = await officer.get(f"{base(number)}/{kind}/file")
    word = await officer.get(f"{base(number)}/{kind}/file", form="docx")
    assert (pdf.status_code, word.status_code) == (200, 200)
    assert pdf.headers["content-type"] == "application/pdf"
    assert word.headers["content-type"].endswith("wordprocessingml.document")
    return body(pdf.content, "南京分公司"), squeezed("".join(word_lines(word.content)))


def case(gateway: Gateway, number: str) -> Complaint:
    with gateway.db.read() as session:
        return session.scalars(select(Complaint).where(Complaint.number == number)).one()


def events(gateway: Gateway, number: str) -> list[tuple[str, dict[str, Any]]]:
    with gateway.db.read() as session:
        found = select(AuditEvent).where(
            AuditEvent.subject == f"complaint:{case(gateway, number).id}", AuditEvent.kind.contains("letter")
        )
        return [(event.kind, json.loads(event.body)) for event in session.scalars(found.order_by(AuditEvent.seq))]


async def test_the_acknowledgement_says_both_dates_and_how_they_are_counted(number: str, officer: Caller) -> None:
    made = await issue(officer, number, "acknowledgement")
    assert (made["kind"], made["version"], made["origin"], made["counts"]) == ("acknowledgement", 1, "issued", True)
    pdf, word = await both(officer, number, "acknowledgement")
    told = (await officer.get(f"/api/staff/complaints/{number}")).json()
    for said in (pdf, word):
        assert "受理告知书" in said
        assert f"编号：{number}" in said
        assert "2026-11-23（周一）收到" in said
        assert told["due_on"] in said
        assert told["second_due_on"] in said
        assert "期限：15个工作日（参照AQ9010.1（征求意见稿，2025年7月）6.4a)）" in said
        assert "期限：15天，节假日也算（按《银行业保险业消费投诉处理管理办法》（令2020年第3号））" in said
        assert "算进去的：第1–4天11月24日至11月27日；" in said
        assert "没有算的：" in said
        for line in told["explanation"]:
            assert squeezed(line) in said
        branch = told["branch"]
        assert f"承办单位：{branch}，联系电话：" in said
        assert f"{branch}（盖章）2026年11月23日" in said
        assert "2026-12-08" in said


async def test_while_there_is_only_a_draft_no_letter_calls_it_law(number: str, officer: Caller) -> None:
    await decide(officer, number)
    for kind in ("acknowledgement", "decision"):
        await issue(officer, number, kind)
        for said in await both(officer, number, kind):
            assert "参照AQ9010.1（征求意见稿，2025年7月）" in said
            assert "按AQ9010.1" not in said
            assert "依照AQ9010.1" not in said
            rest = said.replace("参照AQ9010.1（征求意见稿，2025年7月）", "").replace(
                "规则版本：AQ9010.1/2025-07-draft", ""
            )
            assert "AQ9010.1" not in rest, "every mention is 参照"


async def test_what_the_operator_marks_in_force_is_cited_as_such(talk: Talk, number: str, officer: Caller) -> None:
    await decide(officer, number)
    known = load()
    law = known.complaint.standard.model_copy(update={"name": "AQ 9010.1—2027", "in_force": True})
    final = replace(known, complaint=known.complaint.model_copy(update={"standard": law}))
    dates = ComplaintDates(talk.services.calendar, replace(editions(), by_key={known.edition.key: final}))
    with talk.services.db.read() as session:
        row = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        for kind, clause in ((LetterKind.ACKNOWLEDGEMENT, "6.4 a)"), (LetterKind.DECISION, "6.4 e)")):
            said = content_of(session, row, kind, NOW, dates)
            assert set(said.fields) == set(FIELDS[kind])
            assert {group: tuple(rows[0]) for group, rows in said.rows.items()} == COLUMNS[kind]
            assert f"按AQ 9010.1—2027 {clause}" in str(said.fields) + str(said.rows)


async def test_the_decision_letter_has_the_five_parts_the_ways_and_the_clauses(number: str, officer: Caller) -> None:
    await decide(officer, number)
    await issue(officer, number)
    pdf, word = await both(officer, number, "decision")
    for said in (pdf, word):
        for head in ("一、核实情况", "二、依据", "三、理由", "四、处理决定", "五、救济途径"):
            assert head in said
        for part in PARTS.values():
            assert squeezed(part) in said
        for name in ("申请核查", "调解", "诉讼", "找谁", "电话", "什么时候之前", "带什么"):
            assert name in said
        assert "仲裁委员会" not in said
        assert "附：引用的条文" in said
        assert "6.4e)" in said
        assert "（盖章）" in said
    view = (await officer.get(f"/api/staff/complaints/{number}")).json()
    for way in view["decision"]["remedies"]:
        for name in ("where", "phone", "until", "bring"):
            assert squeezed(way[name]) in word


async def test_the_day_until_which_a_review_can_be_asked_is_named_once_it_is_known(
    talk: Talk, number: str, officer: Caller
) -> None:
    await decide(officer, number)
    await issue(officer, number)
    assert "2026-12-23" not in (await both(officer, number, "decision"))[1]
    await talk.do(decisions.decision_of, talk.services.dates, number, text="看完整答复")
    await issue(officer, number)
    for said in await both(officer, number, "decision"):
        assert "2026-12-23" in said


async def test_an_arbitration_clause_of_the_contract_is_named(number: str, officer: Caller) -> None:
    await decide(officer, number, remedies=[{"way": "review"}, {"way": "arbitration", "clause": "第十二条"}])
    await issue(officer, number)
    for said in await both(officer, number, "decision"):
        assert "（合同条款：第十二条）" in said
        assert "人民法院" not in said


async def test_a_grievance_outside_the_standard_has_one_date_and_no_clause_of_it(
    demo_gateway: Gateway, officer: Caller
) -> None:
    talk = Talk(await demo_gateway.bound())
    await talk.open("理赔款拖了两个月还没有到账，打电话没人理")
    number = str((await talk.submit())["fields"]["number"])
    assert case(demo_gateway, number).kind == "other"
    await issue(officer, number, "acknowledgement")
    for said in await both(officer, number, "acknowledgement"):
        assert "AQ9010.1" not in said.replace("规则版本：AQ9010.1/2025-07-draft", "")
        assert said.count("最迟答复日") == 1
    await decide(officer, number, basis="保险合同第八条。")
    await issue(officer, number)
    for said in await both(officer, number, "decision"):
        assert "按《银行业保险业消费投诉处理管理办法》（令2020年第3号）" in said
        assert "AQ9010.1" not in said
        assert "引用的条文" not in said


async def test_no_decision_no_letter_and_none_for_what_was_withdrawn(talk: Talk, number: str, officer: Caller) -> None:
    answer = await officer.post(f"{base(number)}/decision")
    assert (answer.status_code, answer.json()["code"]) == (409, "letter_no_decision")
    assert "还没有作出处理决定" in answer.json()["detail"]
    assert (await officer.post(f"{base(number)}/invoice")).status_code == 422
    await talk.do(complaints.withdraw, number, text="不投诉了")
    assert case(talk.caller.gateway, number).status == ComplaintStatus.WITHDRAWN
    answer = await officer.post(f"{base(number)}/acknowledgement")
    assert (answer.status_code, answer.json()["code"]) == (409, "letter_closed")
    assert (await officer.get(base(number))).json() == {"items": [], "total": 0}
    assert (await officer.get(f"{base(number)}/decision/file")).status_code == 404


async def test_a_letter_is_kept_shared_and_in_the_chain(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    made = await issue(officer, number)
    pdf = (await officer.get(f"{base(number)}/decision/file")).content
    word = (await officer.get(f"{base(number)}/decision/file", form="docx")).content
    assert made["sha256"] == digest(pdf)
    assert made["word"]["sha256"] == digest(word)
    assert made["issued_by"].startswith("江苏")
    assert made["issued_at"] == "2026-11-23T10:00:00+08:00"
    assert gateway.services.files.path(made["sha256"]).read_bytes() == pdf
    ((kind, event),) = events(gateway, number)
    assert kind == "complaint.letter_issued"
    assert event["sha256"] == made["sha256"]
    assert event["docx_sha256"] == made["word"]["sha256"]
    assert (event["number"], event["kind"], event["version"]) == (number, "decision", 1)
    assert event["file_id"] == made["file_id"]
    with gateway.db.read() as session:
        assert verify(session) == []
        shared = session.get_one(SharedFile, (made["file_id"], case(gateway, number).insured_id))
        assert shared.title == f"处理决定告知书 {number}（第1版）"
    (listed,) = (await officer.get(base(number))).json()["items"]
    assert listed == made


async def test_issued_again_is_a_new_version_and_the_old_one_stays(number: str, officer: Caller, clock: Clock) -> None:
    await decide(officer, number)
    first = await issue(officer, number)
    again = await issue(officer, number)
    assert (again["version"], again["sha256"]) == (2, first["sha256"]), "the same content has the same bytes"
    clock.move_to(NOW + timedelta(days=2))
    third = await issue(officer, number)
    assert third["sha256"] != first["sha256"]
    await issue(officer, number, "acknowledgement")
    items = (await officer.get(base(number))).json()["items"]
    assert [(item["kind"], item["version"], item["counts"]) for item in items] == [
        ("acknowledgement", 1, True), ("decision", 3, True), ("decision", 2, False), ("decision", 1, False),
    ]  # fmt: skip
    old = await officer.get(f"{base(number)}/decision/file", version=1)
    assert digest(old.content) == first["sha256"]
    assert "2026年11月23日" in body(old.content)
    assert digest((await officer.get(f"{base(number)}/decision/file")).content) == third["sha256"]
    assert (await officer.get(f"{base(number)}/decision/file", version=4)).status_code == 404
    assert [kind for kind, _ in events(officer.gateway, number)] == ["complaint.letter_issued"] * 4


async def test_at_once_by_two_officers_gives_two_versions(number: str, officer: Caller) -> None:
    await decide(officer, number)
    other = await officer.gateway.staff("supervisor")
    made = await asyncio.gather(*(issue(one, number) for one in (officer, other, officer)))
    assert sorted(one["version"] for one in made) == [1, 2, 3]
    with officer.gateway.db.read() as session:
        assert verify(session) == []


async def test_a_case_that_changed_while_the_letter_was_made_is_not_issued(
    talk: Talk, number: str, officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anze.letters import issuing

    real = issuing.make

    def meanwhile(*args: Any) -> Any:
        with talk.services.db.write() as session:
            row = session.scalars(select(Complaint).where(Complaint.number == number)).one()
            row.branch_id = 1
        return real(*args)

    monkeypatch.setattr(issuing, "make", meanwhile)
    answer = await (await officer.gateway.staff("supervisor")).post(f"{base(number)}/acknowledgement")
    assert (answer.status_code, answer.json()["code"]) == (409, "complaint_changed")
    assert events(talk.caller.gateway, number) == []


async def test_the_sealed_scan_counts_from_then_on(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    file_id = await officer.file("盖章.png")
    early = await scan(officer, number, file_id)
    assert (early.status_code, early.json()["code"]) == (409, "letter_not_issued")
    first = await issue(officer, number)
    made = (await scan(officer, number, file_id)).json()
    assert (made["version"], made["origin"], made["counts"], made["word"]) == (2, "scan", True, None)
    assert made["sha256"] == digest(PNG)
    assert (await scan(officer, number, file_id)).json() == made, "twice is once"
    assert (await officer.get(f"{base(number)}/decision/file")).content == PNG
    assert (await officer.get(f"{base(number)}/decision/file", form="docx")).status_code == 200
    later = await issue(officer, number)
    assert (later["version"], later["counts"]) == (3, False)
    assert (await officer.get(f"{base(number)}/decision/file")).content == PNG, "the sealed one counts"
    assert digest((await officer.get(f"{base(number)}/decision/file", version=1)).content) == first["sha256"]
    newer = await officer.file("再盖章.pdf", (await officer.get(f"{base(number)}/decision/file", version=3)).content)
    assert (await scan(officer, number, newer)).json()["version"] == 4
    kinds = [(kind, event["version"]) for kind, event in events(gateway, number)]
    assert kinds == [
        ("complaint.letter_issued", 1), ("complaint.letter_scanned", 2),
        ("complaint.letter_issued", 3), ("complaint.letter_scanned", 4),
    ]  # fmt: skip
    assert events(gateway, number)[1][1]["sha256"] == digest(PNG)
    with gateway.db.read() as session:
        titles = session.scalars(select(SharedFile.title).where(SharedFile.file_id.in_([file_id, newer]))).all()
    assert sorted(titles) == [
        f"处理决定告知书 {number}（第2版，盖章扫描件）", f"处理决定告知书 {number}（第4版，盖章扫描件）",
    ]  # fmt: skip


async def test_what_is_no_scan(talk: Talk, number: str, officer: Caller) -> None:
    await decide(officer, number)
    made = await issue(officer, number)
    await issue(officer, number, "acknowledgement")
    used = await officer.file("盖章.png")
    assert (await scan(officer, number, used)).status_code == 201
    word = await officer.upload("说明.docx", changed(lambda _: None).content)
    supervisor = await officer.gateway.staff("supervisor")
    for caller, file_id, kind, code in (
        (officer, "nothing", "decision", "letter_scan_unknown"),
        (officer, await talk.caller.file(), "decision", "letter_scan_unknown"),
        (supervisor, await officer.file("别人传的.png"), "decision", "letter_scan_unknown"),
        (officer, used, "acknowledgement", "letter_scan_unknown"),
        (officer, made["file_id"], "decision", "letter_scan_unknown"),
        (officer, made["word"]["file_id"], "decision", "letter_scan_unknown"),
        (officer, word.json()["file_id"], "decision", "letter_scan_kind"),
    ):
        answer = await scan(caller, number, file_id, kind)
        assert (answer.status_code, answer.json()["code"]) == (422, code), file_id
    assert len((await officer.get(base(number))).json()["items"]) == 3


async def test_the_complainant_finds_it_in_the_talk_and_among_the_files(
    talk: Talk, number: str, officer: Caller
) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    gateway.rasa.plays["complaint_decision"] = ["action_complaint_decision"]
    before = (await talk.caller.press("complaint_decision", complaint_no=number))["messages"][-1]
    assert before["files"] == []
    made = await issue(officer, number)
    said = (await talk.caller.press("complaint_decision", complaint_no=number))["messages"][-1]
    assert [file["file_id"] for file in said["files"]] == [made["file_id"]]
    assert said["files"][0]["name"] == f"处理决定告知书 {number}（第1版）.pdf"
    assert said["data"]["kind"] == "decision_card"
    got = await talk.caller.get(f"/api/files/{made['file_id']}")
    assert digest(got.content) == made["sha256"]
    args = (talk.services.calendar, talk.services.dates)
    assert made["file_id"] in (await talk.do(status.files, *args))["files"]
    scanned = (await scan(officer, number, await officer.file("盖章.png"))).json()
    said = (await talk.caller.press("complaint_decision", complaint_no=number))["messages"][-1]
    assert [file["file_id"] for file in said["files"]] == [scanned["file_id"]]
    assert (await talk.caller.get(f"/api/files/{scanned['file_id']}")).content == PNG
    assert (await talk.do(status.files, *args))["files"][0] in {made["file_id"], scanned["file_id"]}
    assert made["word"]["file_id"] not in (await talk.do(status.files, *args))["files"]


async def test_a_visitor_reads_the_letter_of_the_own_case_and_of_one_opened_by_a_code(
    demo_gateway: Gateway,
) -> None:
    from anze.identity import usecases as identity

    visitor = Talk(await demo_gateway.visitor())
    number = await visitor.file()
    supervisor = await demo_gateway.staff("supervisor")
    made = await issue(supervisor, number, "acknowledgement")
    assert (await visitor.caller.get(f"/api/files/{made['file_id']}")).status_code == 200
    stranger = Talk(await demo_gateway.visitor())
    path = f"/api/files/{made['file_id']}"
    assert (await stranger.caller.get(path)).status_code == 404
    sent = await stranger.do(identity.challenge_complaint, stranger.services.codes, number, text=number)
    assert (await stranger.caller.get(path)).status_code == 404
    code = sent["demo_code"]
    await stranger.do(identity.confirm_complaint, stranger.services.codes, code, text=code)
    assert (await stranger.caller.get(path)).status_code == 200
    with demo_gateway.db.read() as session:
        assert session.scalars(select(SharedFile).where(SharedFile.file_id == made["file_id"])).all() == []


async def elsewhere(gateway: Gateway) -> Caller:
    """An intake officer of another province."""
    with gateway.db.write() as session:
        home = session.scalars(select(Branch).join(Staff).where(Staff.username == "intake")).one()
        away = session.scalars(
            select(Branch).where(Branch.level == "province", Branch.id != home.id).order_by(Branch.id).limit(1)
        ).one()
        like = session.scalars(select(Staff).where(Staff.username == "intake")).one()
        session.add(
            Staff(username="away", name="乙", role="intake", branch_id=away.id, provider_id=None, phone=None,
                  password_hash=like.password_hash, demo=True)
        )  # fmt: skip
    return await gateway.staff("away")


async def test_every_route_walked_by_everybody(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    made = await issue(officer, number)
    away = await elsewhere(gateway)
    callers = {
        "visitor": await gateway.visitor(), "the complainant": talk.caller, "provider": await gateway.staff("provider"),
        "auditor": await gateway.staff("auditor"), "service": await gateway.staff("service"),
        "admin": await gateway.staff("admin"), "away": away,
    }  # fmt: skip
    reads = {"visitor": 403, "the complainant": 403, "provider": 403, "auditor": 200, "service": 200, "admin": 200,
             "away": 404}  # fmt: skip
    before = snapshot(gateway.db)
    for who, caller in callers.items():
        for path in ("", "/decision/file", "/decision/file?version=1", "/decision/file?form=docx"):
            got = await gateway.client.get(base(number) + path, headers=caller.headers)
            assert got.status_code == reads[who], (who, path)
        for path, given in (("/decision", {}), ("/acknowledgement", {}), ("/decision/scan", {"file_id": "x"})):
            answer = await caller.post(base(number) + path, given)
            assert answer.status_code == (404 if who == "away" else 403), (who, path)
    missing = await away.get(base("TS20991231999"))
    assert missing.json() == (await away.get(base(number))).json()
    changes = difference(before, snapshot(gateway.db))
    assert set(changes.added) == {"denied_reads"}
    assert changes.changed == {}
    with gateway.db.read() as session:
        tried = session.scalars(select(DeniedRead.subject)).all()
    denied = [subject for subject in tried if subject.startswith("complaint:")]
    assert denied == [f"complaint:{number}"] * 8
    assert (await gateway.client.get(base(number))).status_code == 401
    other = await gateway.bound("AZ2026000002", "13800000002")
    for file_id in (made["file_id"], made["word"]["file_id"]):
        for caller in (other, callers["visitor"], away, callers["provider"]):
            assert (await caller.get(f"/api/files/{file_id}")).status_code == 404
    for name in ("service", "auditor", "admin"):
        assert (await callers[name].get(f"/api/files/{made['file_id']}")).status_code == 200, name


async def test_hostile_words_of_a_case_are_only_words(talk: Talk, number: str, officer: Caller) -> None:
    hostile = "{{branch}} }}{{ <w:p/> &lt; ]]> 😀 𠮷 \u202e\u0007" + "长" * 2000
    await decide(officer, number, findings=hostile, outcome="{{number}}" * 200)
    await issue(officer, number)
    pdf, word = await both(officer, number, "decision")
    assert squeezed("{{branch}} }}{{ <w:p/> &lt; ]]> 😀 𠮷 \u202e" + "长" * 2000) in word
    assert "{{number}}" * 200 in word
    assert "{{number}}" * 200 in pdf
    assert pdf.count("长") == 2000
    assert "〔U+1F600〕〔U+20BB7〕" in pdf


async def test_the_operators_template_is_used_and_a_broken_one_issues_nothing(
    number: str, officer: Caller, tmp_path: Path
) -> None:
    own = tmp_path / "letters" / "acknowledgement.docx"
    own.parent.mkdir()
    own.write_bytes(b"PK not a document")
    before = snapshot(officer.gateway.db)
    answer = await officer.post(f"{base(number)}/acknowledgement")
    assert (answer.status_code, answer.json()["code"]) == (409, "letter_template")
    assert "letters/acknowledgement.docx" in answer.json()["detail"]
    assert str(tmp_path) not in answer.text
    typo = changed(lambda word: word.add_paragraph("{{phone}}"), LetterKind.ACKNOWLEDGEMENT)
    own.write_bytes(typo.content)
    assert "{{phone}}" in (await officer.post(f"{base(number)}/acknowledgement")).json()["detail"]
    assert difference(before, snapshot(officer.gateway.db)).added == {}
    good = changed(lambda word: word.add_paragraph("请保存 {{number}}。"), LetterKind.ACKNOWLEDGEMENT)
    own.write_bytes(good.content)
    await issue(officer, number, "acknowledgement")
    for said in await both(officer, number, "acknowledgement"):
        assert f"请保存{number}。" in said
    ((_, event),) = events(officer.gateway, number)
    assert event["template_sha256"] == digest(good.content)


async def test_no_version_can_be_changed_removed_or_replaced(number: str, officer: Caller) -> None:
    await issue(officer, number, "acknowledgement")
    db = officer.gateway.db
    for statement in (
        "UPDATE complaint_letters SET version = 2",
        "UPDATE complaint_letters SET file_id = word_id",
        "DELETE FROM complaint_letters",
        "INSERT OR REPLACE INTO complaint_letters SELECT id, complaint_id, kind, 9, origin, word_id, NULL, issued_at, "
        "issued_by FROM complaint_letters",
    ):
        if "REPLACE" in statement and db.engine.dialect.name != "sqlite":
            continue
        with pytest.raises(DBAPIError, match="never"), db.write() as session:
            session.execute(text(statement))
    with db.read() as session:
        (row,) = session.scalars(select(ComplaintLetter)).all()
        assert (row.version, row.origin) == (1, "issued")


async def test_every_case_of_the_demo_gets_its_letters(demo_gateway: Gateway) -> None:
    supervisor = await demo_gateway.staff("supervisor")
    with demo_gateway.db.read() as session:
        rows = session.scalars(select(Complaint).where(Complaint.number.is_not(None))).all()
        cases = [(str(row.number), row.status, row.decision is not None) for row in rows]
    made = 0
    for number, state, decided in cases:
        answer = await supervisor.post(f"{base(number)}/acknowledgement")
        assert answer.status_code == (409 if state == ComplaintStatus.WITHDRAWN else 201), (number, answer.text)
        answer = await supervisor.post(f"{base(number)}/decision")
        assert answer.status_code == (201 if decided else 409), (number, answer.text)
        made += decided
    assert made > 15
