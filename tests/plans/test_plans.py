"""Service plans: drafted from what is known, completed, offered, answered, versions, documents as Annex A (6.1)."""

import io
from datetime import date
from typing import Any

import pytest
from docx import Document
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from anze.audit import chain
from anze.audit.registry import seals
from anze.identity.models import Branch, DeniedRead, Staff
from anze.plans.fields import plan_fields
from anze.plans.models import InsuredProfile, PlanAnswer, PlanVersion
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.standard.editions import load
from anze.tasks.models import Task, TaskKind
from tests.helpers.gateway import Caller, Gateway

ROOT = "/api/staff/plans"
TODAY = date(2026, 11, 23)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
BOUND = "AZ2026000001"


def of_branch(gateway: Gateway) -> str:
    """A policy in force of the demo's service manager, for one firm of which nothing is known yet."""
    with gateway.db.read() as session:
        home = session.scalars(select(Staff.branch_id).where(Staff.username == "service")).one()
        known = select(InsuredProfile.insured_id)
        count = select(func.count()).where(PolicyInsured.policy_id == Policy.id).scalar_subquery()
        query = select(Policy.number).where(
            Policy.branch_id == home, Policy.start_on <= TODAY, Policy.end_on > TODAY,
            Policy.ended_early_on.is_(None), count == 1, ~Policy.insureds.any(Insured.id.in_(known)),
        )  # fmt: skip
        return session.scalars(query.order_by(Policy.number.desc())).first() or ""


async def begun(caller: Caller, *numbers: str) -> dict[str, Any]:
    answer = await caller.post(ROOT, {"policies": list(numbers)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def filled(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The draft with everything said."""
    forms = plan_fields().forms
    items = [
        item | {
            "provider": item["provider"] or "某技术公司", "flow": "预约、上门、报告", "schedule": "2027年3月和9月",
            "fields": {field.key: f"{field.title}写好了" for field in forms[item["form"]].fields},
        }
        for item in one["body"]["items"]
    ]  # fmt: skip
    return {"edition": one["edition"], "items": items, "goals": "全年无死亡事故", "safeguards": "专人负责"} | more


async def ready(caller: Caller, *numbers: str) -> dict[str, Any]:
    one = await begun(caller, *numbers)
    answer = await caller.post(f"{ROOT}/{one['id']}/edit", filled(one))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(autouse=True)
def played(demo_gateway: Gateway) -> None:
    demo_gateway.rasa.plays["booking_plan_confirm"] = ["action_booking_plan_confirm"]


async def offered(caller: Caller, *numbers: str) -> dict[str, Any]:
    one = await ready(caller, *numbers)
    answer = await caller.post(f"{ROOT}/{one['id']}/offer", {"edition": one["edition"]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_draft_knows_the_contract_and_names_what_is_missing(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    number = of_branch(demo_gateway)
    one = await begun(caller, number)
    assert (one["state"], one["version"], one["policies"]) == ("draft", 1, [number])
    with demo_gateway.db.read() as session:
        promised = dict(
            session.execute(
                text("SELECT item, per_year FROM promised_services p JOIN policies q ON q.id = p.policy_id "
                     "WHERE q.number = :number AND per_year > 0"), {"number": number},
            ).all()
        )  # fmt: skip
        firm = session.scalars(select(Insured).join(PolicyInsured).join(Policy).where(Policy.number == number)).one()
    assert promised
    items = {item["item"]: item["times"] for item in one["body"]["items"]}
    assert promised.items() <= {item: int(times[2:-1]) for item, times in items.items()}.items()
    missing = {(gap["of"], gap["title"]) for gap in one["missing"]}
    assert {(firm.name, field.title) for field in plan_fields().profile} <= missing
    assert ("", "预期目标") in missing
    refused = await caller.post(f"{ROOT}/{one['id']}/offer", {"edition": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_gaps")
    first = next(gap for gap in one["missing"] if gap["element"])
    assert f"{first['of']}{first['title']}" in refused.json()["detail"]


async def test_a_profile_is_kept_for_the_next_plan_and_shortens_the_list(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    one = await ready(caller, of_branch(demo_gateway))
    insured = one["insureds"][0]["id"]
    said = {field.key: f"{field.title}的情况" for field in plan_fields().profile}
    part = dict(list(said.items())[:3])
    assert (await caller.post(f"/api/staff/insureds/{insured}/profile", {"said": part})).json() == {"version": 1}
    after = (await caller.get(f"{ROOT}/{one['id']}")).json()
    assert len(after["missing"]) == len(one["missing"]) - 3
    assert after["profiled"] is False
    await caller.post(f"/api/staff/insureds/{insured}/profile", {"said": said})
    whole = (await caller.get(f"{ROOT}/{one['id']}")).json()
    assert (whole["missing"], whole["profiled"], whole["whole"]) == ([], True, True)
    wrong = await caller.post(f"/api/staff/insureds/{insured}/profile", {"said": {"nonsense": "x"}})
    assert wrong.json()["code"] == "plan_field"
    again = await begun(caller, one["policies"][0])
    assert again["insureds"][0]["profile"] == said


async def test_two_who_change_a_draft_do_not_overwrite_each_other(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    one = await begun(caller, of_branch(demo_gateway))
    path = f"{ROOT}/{one['id']}/edit"
    assert (await caller.post(path, filled(one))).status_code == 200
    late = await caller.post(path, filled(one, goals="别的目标"))
    assert (late.status_code, late.json()["code"]) == (409, "plan_changed")
    wrong = filled(one | {"edition": 2})
    wrong["items"][0] |= {"item": "a", "form": "drill"}
    assert (await caller.post(path, wrong)).json()["code"] == "plan_item"


async def test_the_documents_have_every_heading_of_annex_a_in_order_and_no_placeholder(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    one = await ready(caller, of_branch(demo_gateway))
    firm = one["insureds"][0]
    path = f"{ROOT}/{one['id']}/file"
    word = Document(io.BytesIO((await caller.get(path, version=1, form="docx")).content))
    lines = words(word)
    assert lines.count("经营业务特点：待补充") == 1, "a missing profile is named, not left out"
    said = {field.key: f"{field.title}的情况" for field in plan_fields().profile}
    await caller.post(f"/api/staff/insureds/{firm['id']}/profile", {"said": said})
    one = (await caller.post(f"{ROOT}/{one['id']}/offer", {"edition": one["edition"]})).json()
    word = Document(io.BytesIO((await caller.get(path, version=1, form="docx")).content))
    lines = words(word)
    whole = "\n".join(lines)
    template = [
        passage.text for passage in load().passages
        if passage.clause.startswith("附录A 图A") and passage.part in {
            "cover_title", "cover_field", "section", "subsection", "opening", "column",
        }
    ]  # fmt: skip
    at = -1
    for heading in template:
        at = next(place for place, line in enumerate(lines) if place > at and line.startswith(heading.rstrip("：")))
    assert "待补充" not in whole
    assert "{{" not in whole
    values = [
        firm["name"], one["policies"][0], one["branch"], *said.values(), "全年无死亡事故", "专人负责", "2027年3月和9月",
        *(f"{field.title}写好了" for item in one["body"]["items"]
          for field in plan_fields().forms[item["form"]].fields),
        *(item["times"] for item in one["body"]["items"]),
    ]  # fmt: skip
    assert [value for value in values if value not in whole] == []
    pdf = (await caller.get(path, version=1, form="pdf")).content
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") >= 2, "the cover is a page of its own"


def words(word: Any) -> list[str]:
    """Paragraphs and cells in the order in which they stand."""
    found = []
    for element in word.element.body.iter():
        if element.tag.endswith("}p"):
            found.append("".join(node.text or "" for node in element.iter() if node.tag.endswith("}t")))
    return [line for line in found if line.strip()]


async def test_an_insured_agrees_and_the_plan_is_confirmed(demo_gateway: Gateway) -> None:
    caller, firm = await demo_gateway.staff("service"), await demo_gateway.bound(BOUND)
    one = await offered(caller, BOUND)
    assert one["state"] == "offered"
    push = (await firm.history())[-1]
    assert one["number"] in push["text"]
    assert "经营业务特点" in push["text"], "what the insured could still add"
    assert [button["title"] for button in push["buttons"]] == ["同意这个方案", "有地方想改"]
    await firm.press("booking_plan_confirm", plan_no=one["number"])
    after = (await caller.get(f"{ROOT}/{one['id']}")).json()
    assert (after["state"], after["confirmed_on"]) == ("confirmed", "2026-11-23")
    (answer,) = after["versions"][0]["answers"]
    assert (answer["answer"], answer["how"]) == ("agreed", "chat")
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        assert all(seal.holds for seal in seals(session))


async def test_what_they_want_otherwise_is_kept_in_their_words_and_leads_to_the_next_version(
    demo_gateway: Gateway,
) -> None:
    caller, firm = await demo_gateway.staff("service"), await demo_gateway.bound(BOUND)
    one = await offered(caller, BOUND)
    demo_gateway.rasa.plays["booking_plan_change"] = ["action_booking_plan_wished"]
    await firm.press("booking_plan_change", plan_no=one["number"])
    after = (await caller.get(f"{ROOT}/{one['id']}")).json()
    assert after["state"] == "wanted"
    assert after["versions"][0]["answers"][0]["words"] == "按", "the words of the turn (tests/conversations has others)"
    with demo_gateway.db.read() as session:
        about = Task.kind == TaskKind.PLAN_WISH, Task.subject.startswith(f"plan:{one['id']}:")
        task = session.scalars(select(Task).where(*about)).one()
        assert task.body["number"] == one["number"]
    nxt = (await caller.post(f"{ROOT}/{one['id']}/versions")).json()
    assert (nxt["version"], nxt["state"]) == (2, "draft")
    assert (await caller.post(f"{ROOT}/{one['id']}/versions")).json()["code"] == "plan_draft_open"
    done = await caller.post(f"{ROOT}/{one['id']}/offer", {"edition": 1})
    assert [version["state"] for version in done.json()["versions"]] == ["offered", "replaced"]
    first = await caller.get(f"{ROOT}/{one['id']}/file", version=1)
    second = await caller.get(f"{ROOT}/{one['id']}/file", version=2)
    assert first.content != second.content, "each version keeps its own paper"
    edit = await caller.post(f"{ROOT}/{one['id']}/edit", filled(done.json()))
    assert edit.json()["code"] == "plan_not_draft"


async def test_several_insureds_must_all_agree(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    one = await offered(caller, BOUND, "AZ2026000002")
    assert len(one["insureds"]) >= 2
    file = await caller.file("签字.pdf", PDF)
    states = []
    for insured in one["insureds"]:
        body = {"insured": insured["id"], "on": "2026-11-23", "file_id": file}
        answer = await caller.post(f"{ROOT}/{one['id']}/paper", body)
        assert answer.status_code == 200, answer.text
        states.append(answer.json()["state"])
        assert (await caller.post(f"{ROOT}/{one['id']}/paper", body)).json()["code"] in {
            "plan_answered", "plan_not_offered",
        }  # fmt: skip
    assert states == ["offered"] * (len(states) - 1) + ["confirmed"]


async def test_paper_that_cannot_be_is_refused(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    one = await offered(caller, BOUND)
    file = await caller.file("签字.pdf", PDF)
    insured = one["insureds"][0]["id"]
    for body, code in (
        ({"insured": insured, "on": "2026-11-22", "file_id": file}, "plan_day"),
        ({"insured": insured, "on": "2026-11-24", "file_id": file}, "plan_day"),
        ({"insured": 1_000_000, "on": "2026-11-23", "file_id": file}, "plan_party"),
        ({"insured": insured, "on": "2026-11-23", "file_id": "0" * 32}, "plan_file"),
    ):
        answer = await caller.post(f"{ROOT}/{one['id']}/paper", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), body


async def test_nobody_else_confirms(demo_gateway: Gateway) -> None:
    caller, other = await demo_gateway.staff("service"), await demo_gateway.bound("AZ2026000002", "13800000002")
    one = await offered(caller, BOUND)
    await other.press("booking_plan_confirm", plan_no=one["number"])
    assert (await caller.get(f"{ROOT}/{one['id']}")).json()["state"] == "offered"
    visitor = await demo_gateway.visitor()
    await visitor.press("booking_plan_confirm", plan_no=one["number"])
    assert (await caller.get(f"{ROOT}/{one['id']}")).json()["state"] == "offered"
    for name, code in (("auditor", 403), ("intake", 403)):
        refused = await (await demo_gateway.staff(name)).post(f"{ROOT}/{one['id']}/versions")
        assert refused.status_code == code, name


async def test_another_branch_sees_nothing_and_is_on_record(demo_gateway: Gateway) -> None:
    head, caller = await demo_gateway.staff("supervisor"), await demo_gateway.staff("service")
    with demo_gateway.db.read() as session:
        home = session.scalars(select(Branch).join(Staff).where(Staff.username == "service")).one()
        number = session.scalars(
            select(Policy.number).where(Policy.branch_id != home.id, Policy.end_on > TODAY, Policy.start_on <= TODAY)
        ).first()
    one = await begun(head, str(number))
    for path in ("", "/file"):
        assert (await caller.get(f"{ROOT}/{one['id']}{path}")).status_code == 404
    assert (await caller.post(ROOT, {"policies": [number]})).status_code == 404
    assert one["number"] not in {row["number"] for row in (await caller.get(ROOT, size=200)).json()["items"]}
    profile = await caller.post(f"/api/staff/insureds/{one['insureds'][0]['id']}/profile", {"said": {"scale": "x"}})
    assert profile.status_code == 404
    with demo_gateway.db.read() as session:
        assert len(session.scalars(select(DeniedRead)).all()) == 4


async def test_answers_are_never_changed(demo_gateway: Gateway) -> None:
    caller, firm = await demo_gateway.staff("service"), await demo_gateway.bound(BOUND)
    one = await offered(caller, BOUND)
    await firm.press("booking_plan_confirm", plan_no=one["number"])
    with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
        session.execute(update(PlanAnswer).values(answer="wanted"))
    with demo_gateway.db.write() as session:
        session.execute(update(PlanVersion).where(PlanVersion.plan_id == one["id"]).values(body={"items": []}))
    with demo_gateway.db.read() as session:
        broken = [seal.subject for seal in seals(session) if not seal.holds]
        assert broken == [f"plan:{one['id']}:1"]


async def test_what_cannot_be_planned_is_refused_in_words(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    assert (await caller.post(ROOT, {"policies": ["NICHTDA"]})).json()["code"] == "plan_policy"
    assert (await caller.post(ROOT, {"policies": []})).status_code == 422
    with demo_gateway.db.read() as session:
        home = session.scalars(select(Staff.branch_id).where(Staff.username == "service")).one()
        over = session.scalars(select(Policy.number).where(Policy.branch_id == home, Policy.end_on < TODAY)).first()
    assert (await caller.post(ROOT, {"policies": [over]})).json()["code"] == "plan_over"
