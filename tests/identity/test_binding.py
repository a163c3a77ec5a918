"""Who may act for whom: a code to the phone on file, colleagues, requests, and how it ends."""

import asyncio
from typing import Any

import httpx
from sqlalchemy import func, select

from anze.audit.models import AuditEvent
from anze.channels.models import OutboxMessage, OutboxState
from anze.clock import Clock
from anze.complaints.models import Complaint
from anze.conversations.models import Conversation
from anze.db import Database
from anze.identity.codes import Codes
from anze.identity.models import Challenge, GuessLock, Person, Right, RightKind, RightRequest
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.tasks.models import Task
from tests.conftest import Ticks
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.rows import difference, snapshot

FIRST, SECOND = ("AZ2026000001", "13800000001"), ("AZ2026000002", "13800000002")


def _one(database: Database, statement: Any) -> Any:
    with database.read() as session:
        return session.scalars(statement).one()


async def _code(caller: Caller, policy_no: str, phone: str) -> str:
    answer = await caller.post("/api/sessions/bind", {"policy_no": policy_no, "phone": phone})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["demo_code"])


async def _confirm(caller: Caller, code: str) -> httpx.Response:
    return await caller.post("/api/sessions/bind/confirm", {"code": code})


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_the_right_pair_binds_by_the_code_sent_to_the_phone(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.visitor()
    code = await _code(caller, *FIRST)
    sms = _one(demo_gateway.db, select(OutboxMessage).where(OutboxMessage.step == "code"))
    assert (sms.recipient, sms.state, code in sms.text) == (FIRST[1], OutboxState.QUEUED, True)
    bound = await _confirm(caller, code)
    assert bound.status_code == 200
    assert set(bound.json()) == {"insured", "policies"}
    assert FIRST[0] in bound.json()["policies"]
    me = await caller.me()
    assert (me["bound"], me["acting_for"]["name"]) == (True, bound.json()["insured"])
    assert me["person"]["phone_masked"] == "138****0001"
    assert FIRST[1] not in str(me)
    again = await _confirm(caller, code)
    assert (again.status_code, again.json()["code"]) == (422, "code_expired"), "a code opens once"


async def test_case_width_and_spaces_of_what_is_typed_do_not_matter(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.visitor()
    assert (await caller.bind(" ａｚ2026000001 ", " １３８00000001")).status_code == 200


async def test_a_wrong_pair_looks_and_costs_like_a_right_one(demo_gateway: Gateway) -> None:
    answers, written = [], []
    pairs = [FIRST, ("AZ2026000001", "13800000002"), ("AZ9999999999", "13800000001"), ("AZ9999999999", "13911112222"),
             ("x", "y")]  # fmt: skip
    for policy_no, phone in pairs:
        caller = await demo_gateway.visitor()
        before = snapshot(demo_gateway.db)
        answers.append(await caller.post("/api/sessions/bind", {"policy_no": policy_no, "phone": phone}))
        added = difference(before, snapshot(demo_gateway.db)).added
        written.append({table: len(rows) for table, rows in added.items()})
    assert {(a.status_code, frozenset(a.json())) for a in answers} == {(202, frozenset({"demo_code"}))}
    assert all(rows == written[0] for rows in written)
    with demo_gateway.db.read() as session:
        sent = session.scalars(select(OutboxMessage).where(OutboxMessage.step == "code")).all()
    assert [(m.recipient, m.state) for m in sent if m.state == OutboxState.QUEUED] == [(FIRST[1], "queued")]
    assert {m.text for m in sent if m.state == OutboxState.VOID} == {""}

    refusals = []
    for policy_no, phone in pairs[:2]:
        caller = await demo_gateway.visitor()
        code = await _code(caller, policy_no, phone)
        refusals.append((await _confirm(caller, _wrong(code))).json())
    assert refusals[0] == refusals[1]
    caller = await demo_gateway.visitor()
    right_code_of_nothing = await _confirm(caller, await _code(caller, *pairs[3]))
    assert (right_code_of_nothing.status_code, right_code_of_nothing.json()["code"]) == (422, "code_wrong")
    assert (await caller.me())["bound"] is False


async def test_five_wrong_codes_lock_the_pair_for_fifteen_minutes_whoever_asks(
    demo_gateway: Gateway, ticks: Ticks
) -> None:
    one, other = await demo_gateway.visitor(), await demo_gateway.visitor()
    code_one, code_other = await _code(one, *FIRST), await _code(other, *FIRST)
    left = []
    for number in range(4):
        answer = await _confirm((one, other)[number % 2], _wrong((code_one, code_other)[number % 2]))
        assert (answer.status_code, answer.json()["code"]) == (422, "code_wrong")
        left.append(answer.json()["detail"])
    assert ["4" in left[0], "1" in left[3]] == [True, True]
    fifth = await _confirm(one, _wrong(code_one))
    assert (fifth.status_code, fifth.json()["code"]) == (429, "code_locked")
    assert "15" in fifth.json()["detail"]
    for caller, code in ((one, code_one), (other, code_other)):
        assert (await _confirm(caller, code)).json()["code"] == "code_locked"
    third = await demo_gateway.visitor()
    asked = await third.post("/api/sessions/bind", {"policy_no": FIRST[0], "phone": FIRST[1]})
    assert asked.json()["code"] == "code_locked"
    assert (await third.bind(*SECOND)).status_code == 200, "another pair is free"

    ticks.advance(15 * 60 - 1)
    assert (await third.post("/api/sessions/bind", {"policy_no": FIRST[0], "phone": FIRST[1]})).status_code == 429
    ticks.advance(1)
    assert (await one.bind(*FIRST)).status_code == 200


async def test_a_pair_that_does_not_exist_locks_just_so(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.visitor()
    code = await _code(caller, "AZ9999999999", "13911112222")
    answers = [await _confirm(caller, code) for _ in range(6)]
    assert [a.status_code for a in answers] == [422] * 4 + [429] * 2


async def test_a_code_lives_ten_minutes(demo_gateway: Gateway, ticks: Ticks) -> None:
    one, other = await demo_gateway.visitor(), await demo_gateway.visitor()
    late, in_time = await _code(one, *FIRST), await _code(other, *SECOND)
    ticks.advance(599)
    assert (await _confirm(other, in_time)).status_code == 200
    ticks.advance(1)
    assert (await _confirm(one, late)).json()["code"] == "code_expired"


async def test_only_the_newest_code_counts_and_only_five_are_sent(demo_gateway: Gateway, ticks: Ticks) -> None:
    caller = await demo_gateway.visitor()
    codes = [await _code(caller, *FIRST) for _ in range(5)]
    sixth = await caller.post("/api/sessions/bind", {"policy_no": FIRST[0], "phone": FIRST[1]})
    assert (sixth.status_code, sixth.json()["code"]) == (429, "rate_limited")
    if codes[0] != codes[4]:
        assert (await _confirm(caller, codes[0])).json()["code"] == "code_wrong"
    assert (await _confirm(caller, codes[4])).status_code == 200
    ticks.advance(15 * 60)
    await _code(caller, *FIRST)


async def test_a_code_is_of_no_use_in_another_conversation(demo_gateway: Gateway) -> None:
    caller, thief = await demo_gateway.visitor(), await demo_gateway.visitor()
    code = await _code(caller, *FIRST)
    assert (await _confirm(thief, code)).json()["code"] == "code_expired"
    await _code(thief, *SECOND)
    assert (await _confirm(thief, code)).status_code in {422, 429}
    assert (await thief.me())["bound"] is False


async def test_a_pair_asked_for_by_many_at_once(demo_gateway: Gateway) -> None:
    callers = [await demo_gateway.visitor() for _ in range(5)]
    body = {"policy_no": SECOND[0], "phone": SECOND[1]}
    answers = await asyncio.gather(*(caller.post("/api/sessions/bind", body) for caller in callers))
    assert [a.status_code for a in answers] == [202] * 5
    confirmed = await asyncio.gather(
        *(_confirm(c, a.json()["demo_code"]) for c, a in zip(callers, answers, strict=True))
    )
    assert [a.status_code for a in confirmed] == [200] * 5
    with demo_gateway.db.read() as session:
        assert session.scalar(select(func.count()).where(Person.phone == SECOND[1])) == 1
        person_id = session.scalar(select(Person.id).where(Person.phone == SECOND[1]))
        assert session.scalar(select(func.count()).where(Right.person_id == person_id)) == 1


async def test_no_demo_code_and_no_demo_login_on_a_real_database(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    answer = await caller.post("/api/sessions/bind", {"policy_no": "A1", "phone": "13800000001"})
    assert (answer.status_code, answer.json()) == (202, {})
    assert "demo" not in (await caller.me())


def _group(database: Database) -> tuple[str, str, set[int]]:
    """A policy of several insureds whose applicant is reached by another phone than they."""
    with database.read() as session:
        for policy in session.scalars(select(Policy).order_by(Policy.id)):
            phones = {insured.contact_phone for insured in policy.insureds}
            if len(policy.insureds) > 1 and policy.applicant.contact_phone not in phones:
                everyone = session.scalars(
                    select(PolicyInsured.insured_id)
                    .join(Policy, Policy.id == PolicyInsured.policy_id)
                    .where(Policy.applicant_id == policy.applicant_id)
                )
                return policy.number, str(policy.applicant.contact_phone), set(everyone)
    raise AssertionError("no group policy")


async def test_an_applicant_sees_all_insureds_and_chooses_among_them(demo_gateway: Gateway) -> None:
    number, phone, everyone = _group(demo_gateway.db)
    caller = await demo_gateway.visitor()
    assert (await caller.bind(number, phone)).status_code == 200
    me = await caller.me()
    assert {firm["id"] for firm in me["insureds"]} == everyone
    assert me["acting_for"] is None
    chosen = await caller.post("/api/sessions/acting-for", {"insured_id": max(everyone)})
    assert chosen.json()["acting_for"]["id"] == max(everyone)
    foreign = await caller.post("/api/sessions/acting-for", {"insured_id": 1})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")


async def test_one_phone_for_an_applicant_and_its_firm_opens_the_whole_group(demo_gateway: Gateway) -> None:
    number, phone, everyone = _group(demo_gateway.db)
    with demo_gateway.db.write() as session:
        session.get_one(Insured, min(everyone)).contact_phone = phone
    caller = await demo_gateway.visitor()
    await caller.bind(number, phone)
    me = await caller.me()
    assert {firm["id"] for firm in me["insureds"]} == everyone
    assert me["acting_for"]["id"] == min(everyone)


async def test_the_contact_of_one_firm_of_a_group_sees_that_one(demo_gateway: Gateway) -> None:
    number, _, everyone = _group(demo_gateway.db)
    with demo_gateway.db.write() as session:
        session.get_one(Insured, max(everyone)).contact_phone = "13955550001"
    caller = await demo_gateway.visitor()
    await caller.bind(number, "13955550001")
    assert [firm["id"] for firm in (await caller.me())["insureds"]] == [max(everyone)]


async def test_an_invitation_lets_in_one_colleague_once(demo_gateway: Gateway, ticks: Ticks) -> None:
    main, colleague, second = await demo_gateway.bound(), await demo_gateway.visitor(), await demo_gateway.visitor()
    token = await main.invite()
    joined = await colleague.join(token)
    assert joined.status_code == 200
    assert (await colleague.me())["acting_for"]["name"] == joined.json()["insured"]
    assert (await second.join(token)).json()["code"] == "invitation_void"
    late = await main.invite()
    ticks.advance(24 * 3600)
    assert (await second.join(late)).json()["code"] == "invitation_void"
    assert (await second.join("x")).json()["code"] == "invitation_void"
    with demo_gateway.db.read() as session:
        person = session.scalars(select(Person).where(Person.phone == "13900000009")).one()
        right = session.scalars(select(Right).where(Right.person_id == person.id)).one()
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject == f"person:{person.id}")).all()
    assert (right.kind, right.proof) == (RightKind.COLLEAGUE, "invite")
    assert [event.kind for event in events] == ["identity.granted"]
    assert "13900000009" not in events[0].body
    colleague_invites = await colleague.press("identity_invite")
    assert colleague_invites["messages"][0]["topic"] == "identity"
    assert "#join=" not in str(colleague_invites), "only the main contact invites"


async def test_naming_anothers_phone_makes_nobody_that_person(demo_gateway: Gateway) -> None:
    victim = await demo_gateway.bound(*SECOND)
    main, intruder = await demo_gateway.bound(*FIRST), await demo_gateway.visitor()
    own = (await main.me())["acting_for"]["id"]
    assert (await intruder.join(await main.invite(), SECOND[1])).status_code == 200
    assert [firm["id"] for firm in (await intruder.me())["insureds"]] == [own]

    squatter = await demo_gateway.visitor()
    number, phone, everyone = _group(demo_gateway.db)
    assert (await squatter.join(await main.invite(), phone)).status_code == 200
    owner = await demo_gateway.visitor()
    assert (await owner.bind(number, phone)).status_code == 200
    assert {firm["id"] for firm in (await owner.me())["insureds"]} == everyone
    assert [firm["id"] for firm in (await squatter.me())["insureds"]] == [own]
    assert (await victim.me())["acting_for"]["id"] != own


async def test_a_colleague_signs_in_elsewhere_with_a_code_to_the_own_phone(demo_gateway: Gateway) -> None:
    main, colleague, elsewhere = await demo_gateway.bound(), await demo_gateway.visitor(), await demo_gateway.visitor()
    await colleague.join(await main.invite())
    assert (await elsewhere.bind(FIRST[0], "13900000009")).status_code == 200
    assert (await elsewhere.me())["acting_for"] == (await main.me())["acting_for"]
    code = await _code(elsewhere, FIRST[0], "13900000009")

    right_id = _one(demo_gateway.db, select(Right.id).join(Person).where(Person.phone == "13900000009").limit(1))
    demo_gateway.rasa.plays["identity_remove"] = ["action_identity_remove"]
    await main.press("identity_remove", right_id=str(right_id))
    for gone in (colleague, elsewhere):
        me = await gone.me()
        assert (me["bound"], me["insureds"]) == (False, [])
    assert (await _confirm(elsewhere, code)).json()["code"] == "code_expired", "the right ended after the code was sent"


async def test_only_the_main_contact_removes_and_only_the_own(demo_gateway: Gateway) -> None:
    main, colleague, stranger = (
        await demo_gateway.bound(),
        await demo_gateway.visitor(),
        await demo_gateway.bound(*SECOND),
    )
    await colleague.join(await main.invite())
    right = select(Right.id).join(Person).where(Person.phone == "13900000009")
    main_right = select(Right.id).join(Person).where(Person.phone == FIRST[1])
    demo_gateway.rasa.plays["identity_remove"] = ["action_identity_remove"]
    for caller, wanted in ((stranger, right), (colleague, main_right), (main, main_right)):
        answer = await caller.press("identity_remove", right_id=str(_one(demo_gateway.db, wanted)))
        assert answer["messages"][0]["topic"] == "fallback"
    assert (await colleague.me())["bound"] is True
    assert (await main.me())["bound"] is True


async def _request(caller: Caller, **fields: Any) -> httpx.Response:
    body = {"policy_no": FIRST[0], "name": "小赵", "phone": "13900000010", "reason": "换了负责人"} | fields
    return await caller.post("/api/sessions/bind/request", body)


async def test_the_main_contact_accepts_or_refuses_a_colleague(demo_gateway: Gateway) -> None:
    main = await demo_gateway.bound()
    demo_gateway.rasa.plays["identity_decide"] = ["action_identity_decide"]
    for word, let_in in (("同意", True), ("不同意", False)):
        asking = await demo_gateway.visitor()
        async with main.events() as events:
            await events.next("state")
            assert (await _request(asking)).status_code == 202
            asked = (await events.next("message"))["data"]
        assert "139****0010" in asked["text"]
        token = next(b["payload"] for b in asked["buttons"] if b["title"] == word)
        async with asking.events() as events:
            await events.next("state")
            await main.say(token)
            assert (await events.next("message"))["data"]["topic"] == "identity"
        assert (await asking.me())["bound"] is let_in
    unknown = await _request(await demo_gateway.visitor(), policy_no="AZ9999999999")
    assert (unknown.status_code, unknown.json()) == (202, {})


async def test_a_request_with_a_photo_is_decided_by_staff_of_that_branch(demo_gateway: Gateway) -> None:
    asking = await demo_gateway.visitor()
    file_id = await asking.file("营业执照.png")
    stranger = await demo_gateway.visitor()
    assert (await _request(stranger, file_id=file_id)).json()["code"] == "file_unknown"
    assert (await _request(asking, file_id=file_id)).status_code == 202
    request = _one(demo_gateway.db, select(RightRequest).where(RightRequest.file_id == file_id))
    notice = _one(demo_gateway.db, select(OutboxMessage).where(OutboxMessage.step == "notice"))
    assert (notice.recipient, notice.state) == (FIRST[1], OutboxState.QUEUED)
    with demo_gateway.db.read() as session:
        policy = session.scalars(select(Policy).where(Policy.number == FIRST[0])).one()
        task = session.scalars(select(Task).where(Task.subject == f"right_request:{request.id}")).one()
    assert (task.branch_id, task.done_at) == (policy.branch_id, None)

    officer, auditor, head = [await demo_gateway.staff(name) for name in ("service", "auditor", "supervisor")]
    elsewhere = await demo_gateway.staff(_outside(demo_gateway.db, policy.branch_id))
    path = f"/api/staff/right-requests/{request.id}"
    decision = {"accept": True, "reason": "电话核实过"}
    assert request.id in [item["id"] for item in (await officer.get("/api/staff/right-requests")).json()["items"]]
    assert request.id not in [item["id"] for item in (await elsewhere.get("/api/staff/right-requests")).json()["items"]]
    assert (await elsewhere.post(f"{path}/decide", decision)).status_code == 404
    assert (await elsewhere.get(f"{path}/photo")).status_code == 404
    assert (await auditor.post(f"{path}/decide", decision)).status_code == 403
    assert (await officer.post(f"{path}/decide", {"accept": True, "reason": " "})).status_code == 422
    photo = await officer.get(f"{path}/photo")
    assert (photo.status_code, photo.headers["content-type"]) == (200, "image/png")

    accepted = await officer.post(f"{path}/decide", decision)
    assert accepted.status_code == 200
    assert (await asking.me())["bound"] is True
    twice = await head.post(f"{path}/decide", decision)
    assert twice.status_code in {404, 409}
    with demo_gateway.db.read() as session:
        assert session.get_one(Task, task.id).done_at is not None


def _outside(database: Database, branch_id: int) -> str:
    """A service manager of another province."""
    from anze.identity.models import Branch, Staff

    with database.read() as session:
        here = session.get_one(Branch, branch_id)
        return str(
            session.scalars(
                select(Staff.username)
                .join(Branch, Branch.id == Staff.branch_id)
                .where(Staff.role == "service", Branch.province != here.province)
                .limit(1)
            ).one()
        )


async def test_what_was_begun_before_binding_goes_on_as_the_firms(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.visitor()
    demo_gateway.rasa.plays["complaint_file"] = ["action_complaint_open"]
    await caller.press("complaint_file")
    await caller.bind(*FIRST)
    draft = _one(demo_gateway.db, select(Complaint).where(Complaint.conversation_id == caller.conversation_id))
    with demo_gateway.db.read() as session:
        insured = session.scalars(select(Insured).where(Insured.contact_phone == FIRST[1])).one()
        policy = session.scalars(select(Policy).where(Policy.number == FIRST[0])).one()
        conversation = session.get_one(Conversation, caller.conversation_id)
    assert (draft.insured_id, draft.policy_id, draft.branch_id) == (insured.id, policy.id, policy.branch_id)
    assert (draft.contact_phone, draft.contact_name) == (FIRST[1], insured.contact_name)
    assert draft.person_id == conversation.person_id
    assert conversation.branch_id == policy.branch_id


async def test_leaving(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.bound()
    demo_gateway.rasa.plays["identity_unbind_confirm"] = ["action_identity_unbind_confirm"]
    await caller.press("identity_unbind_confirm")
    assert (await caller.me())["bound"] is False
    assert (await caller.bind(*FIRST)).status_code == 200
    assert (await demo_gateway.client.delete("/api/sessions", headers=caller.headers)).status_code == 204
    assert (await caller.get("/api/sessions/me")).status_code == 401


async def test_staff_bind_to_no_firm(demo_gateway: Gateway) -> None:
    officer = await demo_gateway.staff("service")
    for path, body in [
        ("/api/sessions/bind", {"policy_no": FIRST[0], "phone": FIRST[1]}),
        ("/api/sessions/bind/confirm", {"code": "000000"}),
        ("/api/sessions/bind/join", {"token": "x", "name": "甲", "phone": "13900000000"}),
        ("/api/sessions/bind/request", {"policy_no": FIRST[0], "name": "甲", "phone": "13900000000"}),
    ]:
        assert (await officer.post(path, body)).status_code == 403


def test_codes_and_locks_hold_no_plain_secret(demo_database: Database, clock: Clock) -> None:
    from anze.conversations.models import Channel
    from anze.conversations.opening import open_conversation
    from anze.identity import usecases

    with demo_database.write() as session:
        conversation = open_conversation(session, Channel.WEB, clock.now())
        sent = usecases.challenge_bind(session, conversation.id, Codes(demo=True), *FIRST, clock.now())
        rows = [*session.scalars(select(Challenge)), *session.scalars(select(GuessLock))]
        columns = [str(v) for row in rows for k, v in vars(row).items() if k != "subject"]
    assert sent["demo_code"] not in columns
    assert not any(FIRST[0] in column for column in columns)
