"""Agents, groups and objections in the draft: taken from the words, shown on the card, waited for by nobody."""

import json

import pytest
from sqlalchemy import select

from anze.complaints import usecases as complaints
from anze.complaints.models import ComplaintForm, ComplaintStatus, Representative
from anze.errors import DomainError
from tests.helpers.complainant import STORY, Talk
from tests.helpers.gateway import Gateway


@pytest.fixture
async def talk(gateway: Gateway) -> Talk:
    return Talk(await gateway.visitor())


def card(view: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {row["label"]: row["value"] for row in view["rows"]}


def named(talk: Talk) -> list[tuple[int, str, str | None]]:
    with talk.services.db.read() as session:
        mine = select(Representative).where(Representative.complaint_id == talk.row().id)
        return [(one.no, one.name, one.phone) for one in session.scalars(mine.order_by(Representative.no))]


async def test_an_agent_files_before_the_authorisation_is_there(talk: Talk) -> None:
    opened = await talk.open("我叫周明，受周广才委托投诉，上次检测的人把罩子拆了没装回去")
    assert opened["asks"] == ["authorisation"]
    assert opened["missing"] == ["firm", "contact"], "nothing more is in the way of filing"
    assert card(opened) | {"代理人": "周明", "委托人": "周广才", "授权书": "待补"} == card(opened)
    await talk.answer("firm", "南京红星化工厂")
    await talk.answer("contact", "周明 13912345678")
    await talk.submit()
    row = talk.row()
    assert (row.status, row.agent_name, row.principal_name) == (ComplaintStatus.FILED, "周明", "周广才")
    file_id = await talk.caller.file("授权委托书.png")
    await talk.do(complaints.add_files, text="", files=[file_id])
    assert talk.row().agent_file_id == file_id


async def test_for_whom_is_asked_and_may_stay_open(talk: Talk) -> None:
    opened = await talk.open("帮我老板投诉，排查的人等了一天没来")
    assert opened["asks"] == ["principal", "authorisation"]
    assert card(opened)["委托人"] == "待补"
    answered = await talk.answer("principal", "他叫周广才")
    assert (answered["taken"], answered["asks"]) == (True, ["authorisation"])
    assert card(answered)["委托人"] == "周广才"
    other = Talk(await talk.caller.gateway.visitor())
    await other.open("帮我老板投诉，排查的人等了一天没来")
    skipped = await other.answer("principal", "不方便说", unknown=True)
    assert skipped["asks"] == ["authorisation"]


async def test_the_authorisation_is_known_by_its_name_or_the_words_beside_it(talk: Talk) -> None:
    photo, paper = await talk.caller.file("现场.png"), await talk.caller.file("1.png")
    await talk.open("帮我老板投诉，排查的人等了一天没来", files=[photo])
    assert talk.row().agent_file_id is None, "a photo of the place is none"
    added = await talk.do(complaints.add_to_story, text="这是委托书", files=[paper])
    assert talk.row().agent_file_id == paper
    assert card(added)["授权书"] == "已收到"


async def test_set_agent_and_set_group_over_an_open_draft_and_over_none(talk: Talk) -> None:
    none = await talk.do(complaints.set_agent, text="我受委托投诉")
    assert (none["taken"], none["rows"]) == (False, [])
    assert (await talk.do(complaints.set_group, text="我们十几个人"))["taken"] is False
    await talk.open()
    agent = await talk.do(complaints.set_agent, text="我是王强的代理人")
    assert (agent["taken"], agent["asks"]) == (True, ["authorisation"])
    group = await talk.do(complaints.set_group, text="我们十几个工人一起投诉")
    assert (group["taken"], group["asks"]) == (True, ["authorisation", "representatives"])
    assert talk.row().group_size == 10
    assert card(group)["共同投诉"] == "约 10 人"


async def test_a_group_has_at_most_five_representatives(talk: Talk) -> None:
    opened = await talk.open("我们12个工人一起投诉，培训没做还让签字，代表是王一13900000001、李二、张三、赵四")
    assert (opened["asks"], opened["refused"]) == ([], [])
    more = await talk.do(complaints.set_group, text="代表还有：孙五、周六、吴七")
    assert (more["refused"], more["most"]) == (["周六", "吴七"], 5)
    assert [name for _, name, _ in named(talk)] == ["王一", "李二", "张三", "赵四", "孙五"]
    again = await talk.do(complaints.set_group, text="李二 13900000002")
    assert again["refused"] == [], "a phone for one of the five is no sixth"
    assert named(talk)[:2] == [(1, "王一", "13900000001"), (2, "李二", "13900000002")]
    assert talk.row().group_size == 12
    assert card(again)["代表"].startswith("王一 13900000001、李二 13900000002")


async def test_a_group_that_nobody_counted(talk: Talk) -> None:
    opened = await talk.open("我们工人联名投诉，培训没做还让签字")
    assert opened["asks"] == ["group_size", "representatives"]
    assert card(opened)["共同投诉"] == "待补"
    assert (await talk.do(complaints.set_group, text="一共23个人"))["asks"] == ["representatives"]
    answered = await talk.answer("representatives", "王强13912345678、李四")
    assert (answered["taken"], answered["asks"]) == (True, [])


async def test_an_objection_is_marked_and_stays_one(talk: Talk) -> None:
    opened = await talk.open("我对评估结论有异议，用的是三年前的数据")
    assert (opened["form"], card(opened)["类型"]) == (ComplaintForm.OBJECTION, "异议")
    await talk.answer("story", "更正：用的是两年前的数据")
    assert talk.row().form == ComplaintForm.OBJECTION
    plain = Talk(await talk.caller.gateway.visitor())
    assert "类型" not in card(await plain.open())
    bare = Talk(await talk.caller.gateway.visitor())
    assert (await bare.open("我有异议"))["form"] == ComplaintForm.OBJECTION


async def test_no_name_enters_the_chain(talk: Talk) -> None:
    await talk.open("我叫周明，受周广才委托，我们12个工人一起投诉，代表是王一13900000001、李二")
    everything = " ".join(event.body for event in talk.events())
    for secret in ("周明", "周广才", "王一", "13900000001"):
        assert secret not in everything
    kinds = [event.kind for event in talk.events()]
    assert {"complaint.agent_named", "complaint.group_named", "complaint.represented"} <= set(kinds)
    (group,) = [event for event in talk.events() if event.kind == "complaint.group_named"]
    assert json.loads(group.body) == {"size": 12}


async def test_a_replay_adds_no_representative_twice(talk: Talk) -> None:
    await talk.open("我们12个工人一起投诉，培训没做还让签字")
    desk = await talk.turn("代表是王一、李二")
    first = await desk.write(complaints.set_group)
    assert await desk.write(complaints.set_group) == first
    assert len(named(talk)) == 2
    await talk.do(complaints.set_group, text="代表是王一、李二")
    assert len(named(talk)) == 2


async def test_staff_and_strangers_set_nothing(talk: Talk, demo_gateway: Gateway) -> None:
    await talk.open(STORY)
    stranger = Talk(await talk.caller.gateway.visitor())
    assert (await stranger.do(complaints.set_agent, text="我是王强的代理人"))["taken"] is False
    assert talk.row().agent_name is None
    officer = await demo_gateway.staff("supervisor")
    from anze.conversations.models import Conversation
    from anze.identity.models import Staff

    with demo_gateway.db.read() as session:
        officer.conversation_id = session.scalars(
            select(Conversation.id).join(Staff, Staff.id == Conversation.staff_id)
            .where(Staff.username == "supervisor").order_by(Conversation.created_at.desc()).limit(1)
        ).one()  # fmt: skip
    for use_case in (complaints.set_agent, complaints.set_group):
        with pytest.raises(DomainError, match="complaint_by_staff"):
            await Talk(officer).do(use_case, text="我是王强的代理人")


async def test_the_desk_shows_who_complains(demo_gateway: Gateway) -> None:
    talk = Talk(await demo_gateway.bound())
    await talk.open("我叫周明，受周广才委托，我们12个工人一起投诉，代表是王一13900000001、李二")
    number = (await talk.submit())["fields"]["number"]
    seen = (await (await demo_gateway.staff("intake")).get(f"/api/staff/complaints/{number}")).json()
    assert seen["agent"] == {"name": "周明", "principal": "周广才", "authorisation": None}
    assert seen["group_size"] == 12
    assert seen["representatives"] == [{"name": "王一", "phone": "13900000001"}, {"name": "李二", "phone": None}]
    assert (seen["form"], seen["follows"], seen["decision"]) == ("complaint", None, None)
    assert [way["way"] for way in seen["usual_remedies"] if not way["by_contract"]] == [
        "review", "mediation", "litigation",
    ]  # fmt: skip
    assert not any(way["checked"] for way in seen["usual_remedies"]), "the operator has not adapted them"
