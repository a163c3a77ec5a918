"""What an insured does with services in a talk, over the demo data on both engines."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from anze.audit.chain import verify
from anze.audit.models import AuditEvent
from anze.bookings import claims
from anze.bookings import usecases as bookings
from anze.bookings.models import BookingDraft, Service, ServiceStatus, ServiceStep, SlotClaim
from anze.bookings.slots import parse_slot
from anze.clock import Clock
from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.models import Right
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.providers.models import Provider, Qualification, Team, TeamLeave
from anze.reminders.models import Reminder
from anze.reports.models import Candidate
from anze.tasks.models import Task, TaskKind
from tests.bookings.conftest import Talk
from tests.conftest import NOW, Ticks
from tests.helpers.gateway import Gateway

WHOLE = "12月8号上午给城北厂区约个隐患排查，联系人老王13800000000"


def value(view: Any, label: str) -> str | None:
    return next((row["value"] for row in view["rows"] if row["label"] == label), None)


def steps_of(talk: Talk, service: Service) -> list[str]:
    of = select(ServiceStep.stage).where(ServiceStep.service_id == service.id).order_by(ServiceStep.id)
    return [str(stage) for stage in talk.rows(of)]


async def test_everything_in_one_sentence_leaves_only_the_confirmation(talk: Talk) -> None:
    view = await talk.open(WHOLE)
    assert (view["missing"], view["problem"], view["moving"]) == ([], None, None)
    assert value(view, "时间") == "2026-12-08（周二）上午 9:00–12:00"
    assert value(view, "地点") == "江苏省南京市六合区葛塘北路88号城北厂区"
    assert value(view, "联系人") == "老王 13800000000"
    (held,) = talk.claims(draft_id=talk.draft().id)
    assert held.held_until == NOW + claims.HOLD
    done = await talk.submit()
    assert done["kind"] == "booked"
    assert done["clauses"] == ["6.2"]
    service = talk.service(done["fields"]["number"])
    assert done["data"] == {
        "kind": "booking", "number": service.number, "item": "d", "status": "requested",
        "start": "2026-12-08T01:00:00+00:00", "end": "2026-12-08T04:00:00+00:00",
        "provider": done["fields"]["provider"],
    }  # fmt: skip
    assert (service.item, service.status, service.wish) == ("d", ServiceStatus.REQUESTED, "12月8号上午")
    assert (service.insured_confirmed_at, service.provider_confirmed_at) == (NOW, None)
    assert (service.contact_name, service.contact_phone) == ("老王", "13800000000")
    assert service.measures
    (claim,) = talk.claims(service_id=service.id)
    assert (claim.team_id, claim.held_until, claim.draft_id) == (service.team_id, None, None)
    assert steps_of(talk, service) == ["requested", "insured_confirmed"]
    assert await talk.view() == {}


async def test_only_what_is_missing_is_asked_and_any_answer_may_hold_more(talk: Talk) -> None:
    view = await talk.open("我想预约服务")
    assert view["missing"] == ["item", "time", "place"], "who is speaking, and the last contact, are known"
    view = await talk.say("item", "来给电工讲课，30个人，下周三下午")
    assert (view["taken"], view["missing"]) == (True, ["place"])
    assert (value(view, "培训对象"), value(view, "人数")) == ("特种作业人员", "30 人")
    assert value(view, "时间") == "2026-12-02（周三）下午 13:30–16:30"
    assert view["places"] == ["江苏省南京市浦口区园区中路173号", "江苏省南京市六合区葛塘北路88号城北厂区"]
    view = await talk.say("place", "城北厂区")
    assert view["missing"] == []


async def test_a_training_is_held_by_whom_the_audience_allows(talk: Talk) -> None:
    """5 a): of the province's teams only those of providers whose AQ 8011 is valid that day."""
    for audience, needs in (("电工", True), ("普通员工", False)):
        await talk.open(f"约个安全培训，给{audience}讲，下周三下午，在城北厂区")
        held = talk.claims(draft_id=talk.draft().id)
        with talk.db.read() as session:
            team = session.get_one(Team, held[0].team_id)
            day = held[0].day
            kinds = {q.kind for q in team.provider.qualifications if "a" in q.items and q.valid_from <= day
                     and (q.valid_to is None or day <= q.valid_to)}  # fmt: skip
        assert not needs or "AQ8011" in kinds
        assert kinds
        await talk.do(bookings.drop)
    with talk.db.write() as session:
        for row in session.scalars(select(Qualification).where(Qualification.kind == "AQ8011")):
            row.valid_to = NOW.date() - timedelta(days=1)
    view = await talk.open("约个安全培训，给电工讲，下周三下午，在城北厂区")
    assert (view["problem"], view["wish_only"], view["missing"]) == ("no_provider", True, [])
    done = await talk.submit()
    assert (done["kind"], done["why"]) == ("wished", "no_provider")


async def test_a_correction_replaces_and_the_old_half_day_is_free_again(talk: Talk) -> None:
    await talk.open("12月3号上午排查隐患，城北厂区")
    view = await talk.say("any", "不是3号是8号")
    assert (view["taken"], value(view, "时间")) == (True, "2026-12-08（周二）上午 9:00–12:00"), "the morning stays"
    assert [claim.day.isoformat() for claim in talk.claims(draft_id=talk.draft().id)] == ["2026-12-08"]
    view = await talk.say("any", "12月10号")
    assert view["missing"] == ["time"], "no correction: a whole day, two half days to choose from"
    assert {offer["title"][:10] for offer in view["offers"][:2]} == {"2026-12-10"}
    assert talk.claims(draft_id=talk.draft().id) == []
    view = await talk.say("any", "不是10号是8号")
    view = await talk.say("any", "下午")
    assert value(view, "时间") == "2026-12-08（周二）下午 13:30–16:30"
    view = await talk.say("any", "联系人换成李工13912345678")
    assert (view["taken"], value(view, "联系人")) == (True, "李工 13912345678")
    view = await talk.say("any", "哦")
    assert view["taken"] is False


async def test_a_place_is_kept_as_it_was_said_and_a_search_is_nobody(talk: Talk) -> None:
    view = await talk.open("找找隐患呗，12月3号上午，找老魏13951200033")
    assert value(view, "联系人") == "老魏 13951200033"
    view = await talk.say("place", "港区三号码头旁边那个新库")
    assert value(view, "地点") == "港区三号码头旁边那个新库"
    view = await talk.say("place", "在城西厂区，找小李13911112222")
    assert (value(view, "地点"), value(view, "联系人")) == ("城西厂区", "小李 13911112222")


async def test_a_time_with_two_readings_is_asked_back_with_the_words_kept(talk: Talk) -> None:
    view = await talk.open("周一查隐患，城北厂区")
    assert (view["missing"], view["unclear"]) == (["time"], "周一")
    assert talk.claims(draft_id=talk.draft().id) == []
    days = {offer["title"][:10] for offer in view["offers"]}
    assert "2026-11-30" in days, days
    view = await talk.choose(view["offers"][0]["slot"])
    assert (view["taken"], view["missing"], view["unclear"]) == (True, [], None)
    assert talk.draft().wish == "周一"


async def test_never_in_the_past_and_the_reason_is_told(talk: Talk) -> None:
    await talk.open("约个隐患排查，城北厂区")
    view = await talk.say("time", "昨天上午")
    assert (view["taken"], view["problem"], view["missing"]) == (False, "past", ["time"])
    view = await talk.say("time", "尽快")
    assert view["taken"] is True
    slots = [parse_slot(offer["slot"]) for offer in view["offers"]]
    assert all(slot is not None and slot.half.starts_at > NOW for slot in slots)
    assert slots[0] is not None
    assert slots[0].half.day == NOW.date(), "the next half day at the earliest, and it is offered"


async def test_what_is_used_up_or_not_in_the_contract_becomes_a_wish_with_its_reason(talk: Talk) -> None:
    for item, why in (("应急演练", "used_up"), ("新设备推广", "not_in_contract")):
        view = await talk.open(f"约个{item}，下周三上午，城北厂区")
        assert (view["problem"], view["wish_only"], view["missing"]) == (why, True, [])
        done = await talk.submit()
        assert (done["kind"], done["why"]) == ("wished", why)
        assert done["fields"]["branch"] == "南京分公司"
        assert done["fields"]["hotline"]
        service = talk.service(done["fields"]["number"])
        assert (service.status, service.starts_at, service.wish) == (ServiceStatus.REQUESTED, None, "下周三上午")
        (task,) = talk.rows(select(Task).where(Task.subject == f"service:{service.id}"))
        assert (task.kind, task.body["why"], task.done_at) == (TaskKind.BOOKING_WISH, why, None)
        assert talk.claims(service_id=service.id) == []


async def test_without_a_policy_that_day_it_is_a_wish_too(talk: Talk) -> None:
    view = await talk.open("明年5月20号上午查隐患，城北厂区")
    assert (view["problem"], view["missing"], view["wish_only"]) == ("no_policy", [], True)
    assert view["offers"], "days that the policy still covers are offered beside it"
    assert (await talk.submit())["why"] == "no_policy"


async def test_nobody_free_and_nothing_suits_go_to_a_colleague(talk: Talk) -> None:
    view = await talk.open("下周三上午查隐患，城北厂区")
    view = await talk.say("staff", "都不合适")
    assert (view["missing"], view["wish_only"], view["problem"]) == ([], True, "asked")
    assert talk.claims(draft_id=talk.draft().id) == [], "what was held is free again"
    assert (await talk.submit())["why"] == "asked"
    with talk.db.write() as session:
        for team in session.scalars(select(Team)):
            session.add(TeamLeave(team_id=team.id, from_on=NOW.date(), to_on=NOW.date() + timedelta(days=300)))
    view = await talk.open("下周三上午查隐患，城北厂区")
    assert view["problem"] in {"no_slot", "no_provider"}
    assert (await talk.submit())["kind"] == "wished"


async def test_booked_ones_count_and_cancelled_ones_do_not(talk: Talk) -> None:
    booked = await talk.book(WHOLE)
    view = await talk.open("再约一次隐患排查，12月9号上午，城北厂区")
    assert view["problem"] == "used_up"
    await talk.do(bookings.drop)
    await talk.do(bookings.cancel, talk.services.calendar, booked.number, text="不来了")
    view = await talk.open("约隐患排查，12月9号上午，城北厂区")
    assert (view["problem"], view["missing"]) == (None, [])


async def test_what_somebody_else_holds_is_not_offered_and_a_lapsed_hold_may_be_taken(
    talk: Talk, other: Talk, ticks: Ticks
) -> None:
    with talk.db.write() as session:
        keep = select(Team.id).join(Provider).where(Provider.province == "江苏省").order_by(Team.id).limit(1)
        only = session.scalars(keep).one()
        for team in session.scalars(select(Team).where(Team.id != only)):
            team.ended_on = NOW.date()
    await talk.open(WHOLE)
    view = await other.open("12月8号上午查隐患")
    assert view["missing"] == ["time"]
    assert "2026-12-08（周二）上午 9:00–12:00" not in {offer["title"] for offer in view["offers"]}
    ticks.advance(14 * 60)
    await talk.say("any", "联系人换成李工13912345678")
    ticks.advance(14 * 60)
    assert (await other.say("any", "12月8号上午"))["missing"] == ["time"], "an answer begins the hold anew"
    ticks.advance(2 * 60)
    assert (await other.say("any", "12月8号上午"))["missing"] == []
    assert (await other.submit())["kind"] == "booked"
    gone = await talk.submit()
    assert gone["kind"] == "gone"
    view = await talk.view()
    assert view["missing"] == ["time"]
    assert view["offers"]
    assert value(view, "联系人") == "李工 13912345678", "everything else is still there"
    slot = view["offers"][0]["slot"]
    await talk.choose(slot)
    assert (await talk.submit())["kind"] == "booked"


async def test_an_offer_that_was_taken_meanwhile_is_said_to_be_gone(talk: Talk, other: Talk) -> None:
    view = await talk.open("下周查隐患，城北厂区")
    slot = view["offers"][0]["slot"]
    await other.open("下周查隐患")
    assert (await other.choose(slot))["taken"] is True
    view = await talk.choose(slot)
    assert (view["taken"], view["problem"]) == (False, "slot_gone")
    assert slot not in {offer["slot"] for offer in view["offers"]}
    for bad in ("", "1.2026-12-08.xx", "99999.2026-12-08.am", "1.2020-01-01.am"):
        assert (await talk.choose(bad))["problem"] == "slot_gone"


async def test_a_move_keeps_the_number_and_takes_back_what_the_provider_confirmed(talk: Talk) -> None:
    service = await talk.book(WHOLE)
    with talk.db.write() as session:
        row = session.get_one(Service, service.id)
        row.provider_confirmed_at, row.people, row.status = NOW, ["李一"], ServiceStatus.DISPATCHED
    view = await talk.move(service.number, "改到下午")
    assert (view["moving"], view["missing"]) == (service.number, [])
    assert value(view, "原来的时间") == "2026-12-08（周二）上午 9:00–12:00"
    assert [claim.part for claim in talk.claims(service_id=service.id)] == ["am"], "the old time stays until then"
    done = await talk.submit()
    assert (done["kind"], done["fields"]["number"]) == ("moved", service.number)
    moved = talk.service(service.number)
    assert moved.starts_at == service.starts_at + timedelta(hours=4, minutes=30)  # type: ignore[operator]
    assert (moved.status, moved.provider_confirmed_at, moved.people) == (ServiceStatus.REQUESTED, None, [])
    assert [claim.part for claim in talk.claims(service_id=service.id)] == ["pm"]
    assert steps_of(talk, service)[-2:] == ["moved", "insured_confirmed"]
    (step,) = talk.rows(select(ServiceStep).where(ServiceStep.service_id == service.id, ServiceStep.stage == "moved"))
    assert (step.body["from"][-2:], step.body["to"][-2:]) == ("am", "pm")
    assert talk.rows(select(Candidate).where(Candidate.kind == "b")) == []


async def test_a_move_of_nothing_or_of_what_has_begun_is_refused(talk: Talk, other: Talk, clock: Clock) -> None:
    service = await talk.book(WHOLE)
    assert (await other.move(service.number, "改到下午"))["refused"] == "not_found"
    assert (await talk.move("FW20990101001", "改到下午"))["refused"] == "not_found"
    clock.move_to(NOW + timedelta(days=15))
    assert (await talk.move(service.number, "改到周五"))["refused"] == "begun"
    cancelled = await talk.do(bookings.cancel, talk.services.calendar, service.number)
    assert cancelled["cancelled"] is False


async def test_a_cancellation_frees_the_half_day_and_voids_what_was_planned(talk: Talk) -> None:
    service = await talk.book(WHOLE)
    planned = select(Reminder).where(Reminder.subject == f"service:{service.id}", Reminder.state == "waiting")
    assert {row.kind for row in talk.rows(planned)} == {"booking_visit"}
    done = await talk.do(bookings.cancel, talk.services.calendar, service.number, text="那天停产")
    assert done["cancelled"] is True
    assert done["fields"]["when"] == "2026-12-08（周二）上午 9:00–12:00"
    row = talk.service(service.number)
    assert (row.status, row.ended_reason) == (ServiceStatus.CANCELLED, "那天停产")
    assert talk.claims(service_id=service.id) == []
    assert talk.rows(planned) == []
    assert talk.rows(select(Candidate).where(Candidate.subject == f"service:{service.id}")) == []
    again = await talk.do(bookings.cancel, talk.services.calendar, service.number)
    assert again["cancelled"] is False


async def test_confirm_and_decline_of_what_was_proposed(talk: Talk) -> None:
    service = await talk.book(WHOLE)
    for declined in (False, True):
        with talk.db.write() as session:
            row = session.get_one(Service, service.id)
            row.insured_confirmed_at, row.provider_confirmed_at = None, NOW
        if declined:
            done = await talk.do(bookings.decline, service.number, text="那天停电")
            assert done["declined"] is True
            row = talk.service(service.number)
            assert (row.starts_at, row.team_id, row.status) == (None, None, ServiceStatus.REQUESTED)
            assert talk.claims(service_id=service.id) == []
            (task,) = talk.rows(select(Task).where(Task.subject == f"service:{service.id}"))
            assert (task.body["why"], task.body["words"]) == ("declined", "那天停电")
            view = await talk.move(service.number, "12月10号上午")
            assert view["missing"] == []
            assert (await talk.submit())["kind"] == "moved"
            (task,) = talk.rows(select(Task).where(Task.subject == f"service:{service.id}"))
            assert task.done_at is not None, "nothing is left to arrange"
        else:
            done = await talk.do(bookings.confirm, talk.services.calendar, service.number)
            assert done["confirmed"] is True
            assert talk.service(service.number).status == ServiceStatus.CONFIRMED
            count = len(steps_of(talk, service))
            await talk.do(bookings.confirm, talk.services.calendar, service.number)
            assert len(steps_of(talk, service)) == count, "twice is once"


async def test_what_is_coming_and_how_far_it_is(talk: Talk) -> None:
    service = await talk.book(WHOLE)
    coming = await (await talk.turn("嗯")).read(bookings.coming)
    assert [one["number"] for one in coming][-1] == service.number
    assert [one["item"] for one in coming] == ["b", "d"]
    found = await (await talk.turn("嗯")).read(bookings.stages, service.number)
    (one,) = found["services"]
    assert one["fields"]["stage"] == "已申请，等双方确认"
    assert one["fields"]["next"] == "等服务机构确认。"
    assert one["table"]["rows"][0] == ["申请", "2026-11-23", "周岚"]
    assert one["table"]["rows"][1] == ["确认", "—", "—"]
    every = await (await talk.turn("嗯")).read(bookings.stages, None)
    assert len(every["services"]) == len(every["table"]["rows"]) == 4


async def test_another_firm_sees_and_changes_nothing(talk: Talk, other: Talk) -> None:
    service = await talk.book(WHOLE)
    before = talk.service(service.number)
    numbers = [service.number, *talk.rows(select(Service.number).where(Service.insured_id == talk.insured_id()))]
    for number in numbers:
        assert (await (await other.turn("嗯")).read(bookings.stages, number))["services"] == []
        assert (await other.do(bookings.cancel, other.services.calendar, number))["cancelled"] is False
        assert (await other.do(bookings.confirm, other.services.calendar, number))["confirmed"] is False
        assert (await other.do(bookings.decline, number))["declined"] is False
    after = talk.service(service.number)
    assert (before.version, before.status) == (after.version, after.status)
    assert service.number not in {one["number"] for one in await (await other.turn("嗯")).read(bookings.coming)}


async def test_a_visitor_keeps_the_words_until_bound(demo_gateway: Gateway) -> None:
    visitor = Talk(await demo_gateway.visitor())
    view = await visitor.open(WHOLE)
    assert (view["bind"], view["missing"], view["places"], view["contacts"]) == (True, [], [], [])
    assert (await visitor.submit())["kind"] == "unfinished"
    assert (await visitor.caller.bind("AZ2026000001", "13800000001")).status_code == 200
    view = await visitor.view()
    assert (view.get("bind"), view["missing"]) == (None, [])
    assert (await visitor.submit())["kind"] == "booked"


async def test_a_person_of_several_firms_chooses(talk: Talk) -> None:
    with talk.db.write() as session:
        person_id = session.get_one(Conversation, talk.caller.conversation_id).person_id
        second = session.scalars(
            select(PolicyInsured.insured_id).join(Policy).where(Policy.number == "AZ2026000002")
        ).one()
        session.add(Right(person_id=person_id, insured_id=second, kind="agent", proof="staff", granted_at=NOW,
                          granted_by="staff:1"))  # fmt: skip
        session.get_one(Conversation, talk.caller.conversation_id).acting_for_id = None
        name = session.get_one(Insured, second).name
    view = await talk.open("12月8号上午查隐患")
    assert view["missing"][0] == "firm"
    assert len(view["firms"]) == 2
    assert view["firms"][1] == name
    view = await talk.say("firm", name)
    assert (view["taken"], view["missing"]) == (True, [])
    done = await talk.submit()
    assert talk.service(done["fields"]["number"]).insured_id == second


async def test_dropped_means_gone_and_the_next_one_begins_anew(talk: Talk) -> None:
    await talk.open(WHOLE)
    assert (await talk.do(bookings.drop))["dropped"] is True
    assert await talk.view() == {}
    assert talk.rows(select(SlotClaim).where(SlotClaim.service_id.is_(None))) == []
    view = await talk.open("约服务")
    assert view["resumed"] is False
    assert "item" in view["missing"]
    view = await talk.open("隐患排查")
    assert view["resumed"] is True
    assert len(talk.rows(select(BookingDraft).where(BookingDraft.done_at.is_(None)))) == 1


async def test_the_last_one_of_the_contract_is_given_once(talk: Talk, other: Talk) -> None:
    """Two of one firm at once, each with a half day of its own: the contract is held while it is counted."""
    colleague = Talk(await talk.caller.gateway.bound())
    first = await talk.open("12月8号上午查隐患，城北厂区")
    second = await colleague.open("12月9号上午查隐患，城北厂区")
    assert (first["missing"], second["missing"]) == ([], [])
    assert (await talk.submit())["kind"] == "booked"
    done = await colleague.submit()
    assert (done["kind"], done["why"]) == ("wished", "used_up")


async def test_every_step_is_in_the_chain_and_no_words_of_a_person(talk: Talk) -> None:
    service = await talk.book(WHOLE)
    await talk.move(service.number, "改到下午")
    await talk.submit()
    await talk.do(bookings.cancel, talk.services.calendar, service.number, text="老王说那天停产")
    with talk.db.read() as session:
        assert verify(session) == []
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject == f"service:{service.id}")).all()
    assert [event.kind for event in events] == [f"service.{stage}" for stage in steps_of(talk, service)]
    bodies = "".join(event.body for event in events)
    assert "老王" not in bodies
    assert "1380000" not in bodies


async def test_staff_do_not_book_in_a_talk(demo_gateway: Gateway) -> None:
    officer = await demo_gateway.staff("service")
    answer = await officer.get("/api/messages")
    assert answer.status_code == 200
    with demo_gateway.db.read() as session:
        mine = select(Conversation.id).where(Conversation.channel == "staff").order_by(Conversation.created_at.desc())
        officer.conversation_id = session.scalars(mine.limit(1)).one()
    talk = Talk(officer)
    with pytest.raises(DomainError, match="booking_by_staff"):
        await talk.open(WHOLE)
    assert await (await talk.turn("嗯")).read(bookings.coming) == []
    assert (await talk.do(bookings.start_move, talk.services.calendar, "FW20261116002"))["refused"] == "not_found"
