"""Nobody sees another firm's things or opens its files; every id is walked."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from anze.conversations.models import Conversation, File, SharedFile
from anze.identity.models import Branch, DeniedRead, Right, Staff
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.status import usecases as status
from tests.conftest import NOW
from tests.helpers.firm import Firm, firm_of
from tests.helpers.gateway import PNG, Caller, Gateway


@pytest.fixture
async def firm(demo_gateway: Gateway) -> Firm:
    return await firm_of(demo_gateway)


async def see(firm: Firm, work: Any) -> dict[str, Any]:
    return await (await firm.turn("x")).read(work, firm.calendar, firm.services.dates)


async def shared(gateway: Gateway, uploader: Caller, insured_id: int, name: str) -> str:
    """A file of this caller that a firm may read."""
    file_id = await uploader.file(name)
    with gateway.db.write() as session:
        session.add(SharedFile(file_id=file_id, insured_id=insured_id, subject="service:1", title=name, shared_at=NOW))
    return file_id


async def elsewhere(gateway: Gateway) -> Caller:
    """A signed-in service manager of a branch that does not look after the two fixed customers."""
    with gateway.db.write() as session:
        known = session.scalars(select(Staff).where(Staff.username == "service")).one()
        path = session.get_one(Branch, known.branch_id).path
        other = session.scalars(select(Branch).where(Branch.level == "city", Branch.path != path)).first()
        assert other is not None
        assert not path.startswith(other.path)
        session.add(
            Staff(username="service-elsewhere", name="丁", role=known.role, branch_id=other.id, provider_id=None,
                  phone=None, password_hash=known.password_hash, demo=True)
        )  # fmt: skip
    return await gateway.staff("service-elsewhere")


async def test_files_are_listed_newest_first_and_open_for_those_who_may(demo_gateway: Gateway, firm: Firm) -> None:
    other = await firm_of(demo_gateway, "AZ2026000001", "13800000001")
    uploader = await demo_gateway.staff("provider-2")
    before = [(await see(one, status.files))["count"] for one in (firm, other)]
    mine = [await shared(demo_gateway, uploader, firm.insured_id, f"报告{no}.png") for no in range(3)]
    theirs = await shared(demo_gateway, uploader, other.insured_id, "别家.png")
    demo_gateway.rasa.plays["status_files"] = ["action_status_files"]
    answer = (await firm.caller.press("status_files"))["messages"][-1]
    newest = answer["files"][:3]
    assert {file["file_id"] for file in newest} == set(mine)
    assert {file["name"] for file in newest} == {f"报告{no}.png" for no in range(3)}
    assert f'"count": {before[0] + 3}' in answer["text"], "the fields of the response"
    for file in newest:
        opened = await firm.caller.get(f"/api/files/{file['file_id']}")
        assert (opened.status_code, opened.content) == (200, PNG)
    assert [(await see(one, status.files))["count"] for one in (firm, other)] == [before[0] + 3, before[1] + 1]
    assert (await other.caller.get(f"/api/files/{theirs}")).status_code == 200


async def test_every_file_walked_by_everybody(demo_gateway: Gateway, firm: Firm) -> None:
    """Readable are one's own talk's files and what was shared with a firm in one's scope; the rest is not there."""
    other = await firm_of(demo_gateway, "AZ2026000001", "13800000001")
    maker = await demo_gateway.staff("provider-2")
    ids = {
        "second's report": await shared(demo_gateway, maker, firm.insured_id, "一.png"),
        "first's report": await shared(demo_gateway, maker, other.insured_id, "二.png"),
        "not shared": await maker.file("三.png"),
        "second's own": await firm.caller.file("四.png"),
        "first's own": await other.caller.file("五.png"),
    }
    reports = {"second's report", "first's report"}
    readers: list[tuple[str, Caller, set[str]]] = [
        ("second", firm.caller, {"second's report", "second's own"}),
        ("first", other.caller, {"first's report", "first's own"}),
        ("first again", await demo_gateway.bound(), {"first's report"}),
        ("visitor", await demo_gateway.visitor(), set()),
        ("service of the branch", await demo_gateway.staff("service"), reports),
        ("intake of the province", await demo_gateway.staff("intake"), reports),
        ("supervisor", await demo_gateway.staff("supervisor"), reports),
        ("auditor", await demo_gateway.staff("auditor"), reports),
        ("service elsewhere", await elsewhere(demo_gateway), set()),
        ("the provider's person", maker, {"second's report", "first's report", "not shared"}),
        ("the same, signed in anew", await demo_gateway.staff("provider-2"), set()),
        ("another provider", await demo_gateway.staff("provider"), set()),
    ]
    refusals = 0
    for who, caller, may in readers:
        for name, file_id in ids.items():
            got = await caller.get(f"/api/files/{file_id}")
            assert got.status_code == (200 if name in may else 404), (who, name)
            refusals += name not in may
    with demo_gateway.db.read() as session:
        denied = session.scalars(select(DeniedRead.subject).where(DeniedRead.subject.startswith("file:"))).all()
        assert len(denied) == refusals
        assert {one.removeprefix("file:") for one in denied} == set(ids.values())
        assert {row.id for row in session.scalars(select(File))} >= set(ids.values())


async def test_a_right_that_ended_ends_at_once(demo_gateway: Gateway, firm: Firm) -> None:
    file_id = await shared(demo_gateway, await demo_gateway.staff("provider-2"), firm.insured_id, "一.png")
    assert (await firm.caller.get(f"/api/files/{file_id}")).status_code == 200
    with demo_gateway.db.write() as session:
        person = session.get_one(Conversation, firm.caller.conversation_id).person_id
        for right in session.scalars(select(Right).where(Right.person_id == person)):
            right.ended_at, right.ended_by = NOW, "staff:1"
    assert (await firm.caller.get(f"/api/files/{file_id}")).status_code == 404
    assert (await see(firm, status.files))["count"] == 0
    assert (await see(firm, status.due))["count"] == 0
    assert (await see(firm, status.policies))["count"] == 0


async def test_of_several_firms_the_chosen_one_and_never_one_that_is_not_ones_own(
    demo_gateway: Gateway, firm: Firm
) -> None:
    turn = (await firm.turn("x")).turn
    with demo_gateway.db.read() as session:
        group = session.scalars(select(Policy).where(Policy.number == "AZ2026000003")).one()
        members = {one.id: one.name for one in group.insureds}
        stranger = session.scalars(
            select(Insured).where(Insured.id.not_in(members)).order_by(Insured.id).limit(1)
        ).one()

        def names(acting_for: int | None) -> set[str]:
            speaker = Speaker(
                turn.conversation_id, person_id=1, acting_for_id=acting_for, insured_ids=frozenset(members)
            )
            asked = replace(turn, speaker=speaker)
            said = status.mine(session, asked, firm.calendar, firm.services.dates)["fields"]["firm"]
            return set(said.split("、")) - {""}

        assert names(None) == set(members.values())
        for id_, name in members.items():
            assert names(id_) == {name}
        assert names(stranger.id) == set(), "a choice is no right"


async def test_numbers_of_other_firms_never_show(demo_gateway: Gateway, firm: Firm) -> None:
    """Whatever a firm is shown names its own policies, services and firms only."""
    with demo_gateway.db.read() as session:
        own = set(session.scalars(select(PolicyInsured.policy_id).where(PolicyInsured.insured_id == firm.insured_id)))
        foreign = set(session.scalars(select(Policy.number).where(Policy.id.not_in(own))))
        foreign |= set(session.scalars(select(Insured.name).where(Insured.id != firm.insured_id)))
    assert len(foreign) > 800
    shown = str([await see(firm, work) for work in (status.mine, status.due, status.policies, status.files)])
    assert "AZ2026000002" in shown
    assert [name for name in foreign if name in shown] == []
    visitor = Firm(await demo_gateway.visitor())
    assert [(await see(visitor, work))["count"] for work in (status.due, status.policies, status.files)] == [0, 0, 0]
