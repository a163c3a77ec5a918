"""The demo shows complaints in every state of the desk, with the dates, events and tasks that the desk makes."""

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.models import AuditEvent
from anze.channels.models import OutboxMessage
from anze.clock import legal_date
from anze.complaints import (
    causes,
    deciding,
    escalating,
    extending,
    filing,
    handling,
    life,
    merging,
    notices,
    registering,
    staff_notices,
)
from anze.complaints import decision as decisions
from anze.complaints.handling_models import (
    About,
    Cause,
    Classification,
    Extension,
    ExtensionState,
    Improvement,
    Interest,
    Notice,
    NoticeChannel,
    Pause,
)
from anze.complaints.life import Step
from anze.complaints.models import Complaint, ComplaintForm, ComplaintStatus, Decision, Source
from anze.complaints.rules import Refusal
from anze.complaints.settling import settle
from anze.complaints.telling import told_at
from anze.conversations.models import Channel, Conversation, Message
from anze.db import Database
from anze.demo.load import load
from anze.demo.standing import case_of
from anze.demo.world import World
from anze.identity.models import Staff
from anze.identity.speaker import Speaker, speaker_of
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW
from tests.demo.test_demo import DAYS, at, known, world

DATES = ("due_on", "second_due_on", "provisional", "paused", "queue_on")
NO_DATES = {ComplaintStatus.DRAFT, ComplaintStatus.DROPPED}


def own(rows: World, model: type, case: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in rows.rows[model] if row["complaint_id"] == case["id"]]


@pytest.mark.parametrize("day", DAYS)
def test_the_columns_are_what_the_rules_derive_from_the_rows(day: str) -> None:
    made = world(at(day))
    for row in made.rows[Complaint]:
        kept = {name: row[name] for name in DATES}
        if row["status"] in NO_DATES:
            assert set(kept.values()) <= {None, False}, row["id"]
            continue
        case = case_of(made, row)
        settle(case, known().dates, at(day))
        assert {name: getattr(case, name) for name in DATES} == kept, row["number"]


def test_the_columns_are_what_the_rules_derive_from_the_database(demo_database: Database) -> None:
    with demo_database.read() as session:
        for case in session.scalars(select(Complaint).where(Complaint.status.not_in(NO_DATES))):
            kept = {name: getattr(case, name) for name in DATES}
            settle(case, known().dates, NOW)
            assert {name: getattr(case, name) for name in DATES} == kept, case.number
        session.rollback()


@pytest.mark.parametrize("day", ["2024-02-29", "2026-11-23", "2026-12-31"])
def test_nothing_is_left_to_be_swept(database: Database, day: str) -> None:
    """Whatever falls due by the clock has been done already: the first look of a running application finds nothing."""
    now, dates, calendar = at(day), known().dates, known().calendar
    with database.write() as session:
        load(session, now, known())
    with database.write() as session:
        before = len(session.scalars(select(OutboxMessage)).all())
        assert escalating.escalate(session, now, calendar) == 0
        assert len(session.scalars(select(OutboxMessage)).all()) == before
        assert extending.escalate(session, now, calendar) == 0
        assert notices.note_outbox(session, now, dates) == []
        assert filing.hand_over_stale(session, now, dates) == []


@pytest.mark.parametrize("day", DAYS)
def test_nothing_was_done_after_now_or_before_the_case_came_in(day: str) -> None:
    made = world(at(day))
    received = {row["id"]: row["received_at"] for row in made.rows[Complaint]}
    assert max(event.at for event in made.events) <= at(day)
    for model in (Classification, Pause, Notice, Interest, Cause):
        for row in made.rows[model]:
            assert received[row["complaint_id"]] < row["at"] <= at(day)
    for row in made.rows[Extension]:
        assert received[row["complaint_id"]] < row["asked_at"] < (row["answered_at"] or at(day))
    for task in made.rows[Task]:
        assert task["created_at"] <= (task["done_at"] or at(day)) <= at(day)
    for row in made.rows[Message]:
        assert row["at"] <= at(day)


def test_the_messages_of_a_talk_are_in_the_order_of_time() -> None:
    talks: dict[str, list[datetime]] = defaultdict(list)
    cases = {row["conversation_id"] for row in world(NOW).rows[Complaint]}
    for row in sorted(world(NOW).rows[Message], key=lambda row: row["id"]):
        if row["conversation_id"] in cases:
            talks[row["conversation_id"]].append(row["at"])
    assert all(moments == sorted(moments) for moments in talks.values())


def _standing(case: dict[str, Any], made: World) -> Any:
    return known().dates.reasons(case_of(made, case), made.now)[0]


def _told(case: dict[str, Any], made: World, about: About) -> bool:
    found = case_of(made, case).notices
    return told_at(one.telling for one in found if one.about == about) is not None


def _extension(state: ExtensionState) -> Callable[[dict[str, Any], World], bool]:
    return lambda case, made: any(one["state"] == state for one in own(made, Extension, case))


STATES: dict[str, Callable[[dict[str, Any], World], bool]] = {
    "complex, told in time": lambda c, w: (
        bool(own(w, Classification, c)) and not (s := _standing(c, w).standard).refusals and not s.remedial
    ),
    "complex, too late": lambda c, w: bool(own(w, Classification, c)) and _standing(c, w).standard.remedial,
    "complex, not told": lambda c, w: (
        bool(own(w, Classification, c)) and Refusal.COMPLEX_INCOMPLETE in _standing(c, w).standard.refusals
    ),
    "extension asked": _extension(ExtensionState.ASKED),
    "extension refused": _extension(ExtensionState.REFUSED),
    "extension approved and told": lambda c, w: (
        _extension(ExtensionState.APPROVED)(c, w)
        and _told(c, w, About.EXTENSION)
        and _standing(c, w).standard.deadline.stage == "extended"
    ),
    "paused": lambda c, w: c["paused"] and (c["due_on"], c["second_due_on"], c["queue_on"]) == (None, None, None),
    "pause ended": lambda c, w: any(p["returned_on"] for p in own(w, Pause, c)) and not _standing(c, w).untold_pauses,
    "pause untold": lambda c, w: bool(_standing(c, w).untold_pauses) and not c["paused"],
    "stood aside, another handles": lambda c, w: bool(own(w, Interest, c)) and c["handler_id"] is not None,
    "late entry": lambda c, _: bool(c["late_reason"]) and legal_date(c["entered_at"]) > legal_date(c["received_at"]),
    "from a regulator": lambda c, _: bool(c["regulator_no"] and c["regulator_due_on"]),
    "the regulator's date leads": lambda c, _: c["queue_on"] is not None and c["queue_on"] == c["regulator_due_on"],
    "merged": lambda c, w: (
        c["status"] == "merged" and w.rows[Complaint][c["merged_into_id"] - 1]["insured_id"] == c["insured_id"]
    ),
    "review": lambda c, w: (
        c["form"] == ComplaintForm.REVIEW and w.rows[Complaint][c["follows_id"] - 1]["status"] == ComplaintStatus.TOLD
    ),
    "decided, unread, tried": lambda c, w: (
        c["status"] == ComplaintStatus.DECIDED and any(n["about"] == "decision" for n in own(w, Notice, c))
    ),
    "decision told by call": lambda c, w: (
        c["status"] == ComplaintStatus.TOLD
        and any((n["about"], n["channel"]) == ("decision", "call") and n["sent_at"] for n in own(w, Notice, c))
    ),
}


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", STATES)
def test_there_is_a_case_that_is(name: str, day: str) -> None:
    made = world(at(day))
    numbered = [row for row in made.rows[Complaint] if row["number"]]
    assert [row["number"] for row in numbered if STATES[name](row, made)]


def test_notices_of_every_channel_and_outcome() -> None:
    made = world(NOW)
    found = {
        (row["channel"], "failed" if row["failed_at"] else "told" if row["read_at"] or row["sent_at"] else "waits")
        for row in made.rows[Notice]
    }
    assert {channel for channel, _ in found} == set(NoticeChannel)
    assert {("page", "told"), ("page", "waits"), ("sms", "told"), ("sms", "failed"), ("call", "failed")} <= found
    assert {("letter", "told"), ("signature", "told"), ("email", "told")} <= found
    assert {row["about"] for row in made.rows[Notice]} == set(About)
    outbox = {row["id"]: row for row in made.rows[OutboxMessage]}
    for row in made.rows[Notice]:
        if row["channel"] == NoticeChannel.SMS:
            assert (outbox[row["outbox_id"]]["state"] == "failed") == (row["failed_at"] is not None)


def test_whoever_could_not_be_reached_was_tried_as_the_desk_demands() -> None:
    tries: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in world(NOW).rows[Notice]:
        if row["failed_at"]:
            tries[row["complaint_id"], row["about"]].append(row)
    assert any(
        len(rows) >= staff_notices.TRIES
        and len({legal_date(row["failed_at"]) for row in rows}) >= staff_notices.TRIED_DAYS
        and len({row["channel"] for row in rows}) >= staff_notices.TRIED_WAYS
        for rows in tries.values()
    )


def test_what_a_colleague_wrote_down_lies_in_talks_of_the_desk() -> None:
    rows = world(NOW).rows
    channels = {row["id"]: row["channel"] for row in rows[Conversation]}
    by_hand = [row for row in rows[Complaint] if row["source"] != Source.CHAT]
    assert {row["source"] for row in by_hand} == registering.BY_HAND
    assert {channels[row["conversation_id"]] for row in by_hand} == {Channel.DESK}
    assert all(row["entered_at"] == row["filed_at"] for row in by_hand)
    assert not [row for row in rows[Complaint] if row not in by_hand and channels[row["conversation_id"]] == "desk"]


def test_an_accepted_case_has_a_handler_who_may_have_it() -> None:
    rows = world(NOW).rows
    staff, cases = {row["id"]: row for row in rows[Staff]}, rows[Complaint]
    held = [row for row in cases if row["accepted_at"]]
    assert {row["status"] for row in held} >= {"handling", "decided", "told"}
    for row in held:
        assert staff[row["handler_id"]]["role"] in life.HANDLERS
        assert (row["id"], row["handler_id"]) not in {(i["complaint_id"], i["staff_id"]) for i in rows[Interest]}


def test_causes_come_again_and_open_improvements() -> None:
    rows = world(NOW).rows
    cases = {row["id"]: row for row in rows[Complaint]}
    closed = [row for row in cases.values() if row["status"] in {"told", "withdrawn"}]
    assert len(closed) * 0.6 < len(rows[Cause]) < len(closed)
    assert {cases[row["complaint_id"]]["status"] for row in rows[Cause]} == {"told", "withdrawn"}
    assert {row["cause"] for row in rows[Cause]} <= causes.causes().names.keys()
    assert {bool(row["closed_at"]) for row in rows[Improvement]} == {True, False}
    for row in rows[Improvement]:
        assert bool(row["measure"]) == bool(row["closed_at"])
        same = [
            one
            for one in rows[Cause]
            if (one["cause"], one["branch_id"]) == (row["cause"], row["branch_id"])
            and timedelta(0) <= row["opened_on"] - legal_date(one["at"]) < causes.causes().within
        ]
        assert len(same) >= causes.causes().again


@pytest.mark.parametrize("kind", [TaskKind.EXTENSION, TaskKind.COMPLAINT_DUE, TaskKind.DECISION_UNREAD])
@pytest.mark.parametrize("day", DAYS)
def test_tasks_of_the_desk_wait(kind: TaskKind, day: str) -> None:
    assert [row for row in world(at(day)).rows[Task] if row["kind"] == kind and row["done_at"] is None]


def test_events_have_the_fields_that_the_use_cases_record(demo_database: Database) -> None:
    """One case led through every step by the use cases themselves: kind by kind the same fields as in the demo."""
    with demo_database.write() as session:
        before = session.scalars(select(AuditEvent.seq).order_by(AuditEvent.seq.desc()).limit(1)).one()
        demo = _fields(session, 0, before)
        _walk(session)
        session.flush()
        walked = _fields(session, before, before + 10_000)
        session.rollback()
    steps = {f"complaint.{step.value}" for step in set(Step) - {Step.DECIDE}}
    made = steps | {f"complaint.{name}" for name in ("decided", "told", "notice", "registered", "stated")}
    assert made <= walked.keys()
    assert made <= demo.keys()
    for kind in sorted(made):
        assert demo[kind] == walked[kind], kind


def _fields(session: Session, after: int, until: int) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    query = select(AuditEvent).where(AuditEvent.seq > after, AuditEvent.seq <= until)
    for event in session.scalars(query.where(AuditEvent.kind.startswith("complaint."))):
        found[event.kind].add(tuple(sorted(json.loads(event.body))))
    return found


def _walk(session: Session) -> None:
    """Two filed cases of the demo in talks, and two that are registered, with every step of the table."""
    dates, calendar, now = known().dates, known().calendar, NOW
    intake, superior = _speaker(session, "intake"), _speaker(session, "supervisor")

    def version(number: str) -> int:
        return session.scalars(select(Complaint.version).where(Complaint.number == number)).one()

    def slip(source: Source, story: str) -> str:
        told = registering.Slip(source, legal_date(now), story, contact_name="甲", contact_phone="13800160999")
        return str(registering.register(session, intake, told, now, dates).number)

    under_way = select(Complaint).join(Conversation, Conversation.id == Complaint.conversation_id)
    case = session.scalars(
        under_way.where(
            Complaint.status == ComplaintStatus.FILED, Complaint.kind == "service", Conversation.channel == "web",
            Complaint.branch_id == 3, Complaint.person_id.is_(None),
        )
    ).first()  # fmt: skip
    assert case is not None
    number, talk = str(case.number), case.conversation_id
    handling.accept(session, intake, number, version(number), now, dates)
    handling.classify(session, intake, number, version(number), "要核对", now, dates)
    what = {"about": About.CLASSIFICATION, "no": 1, "channel": NoticeChannel.CALL, "recipient": "甲"}
    staff_notices.tell_by_hand(
        session, intake, number, version(number), **what, evidence="本人接听", at=now, reached=True, now=now,
        dates=dates,
    )  # fmt: skip
    extending.ask(session, intake, number, version(number), reason="要时间", substitute=None, now=now, dates=dates,
                  calendar=calendar)  # fmt: skip
    extending.answer(session, superior, number, version(number), approve=True, words="同意", now=now, dates=dates)
    handling.pause(
        session, intake, number, version(number), body="检测中心", purpose="检测", commissioned_on=legal_date(now),
        expected_on=legal_date(now) + timedelta(days=9), now=now, dates=dates,
    )  # fmt: skip
    handling.resume(session, intake, number, version(number), returned_on=legal_date(now), result="合格", now=now,
                    dates=dates)  # fmt: skip
    parts = deciding.Parts("查了派单记录", "服务合同", "没有到场", "两周内补做")
    deciding.decide(session, intake, number, parts, now, dates, version=version(number))
    session.flush()
    last = session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).one()
    notices.mark_read(session, talk, last, now, dates)
    decisions.mark_read(session, talk, last, now)
    causes.name(session, intake, number, version(number), cause="no_show", provider=None, note="", now=now)
    one, other, third = (slip(Source.PHONE, f"第{no}次约好的人没有来，也没有电话") for no in (1, 2, 3))
    merging.merge(session, intake, other, version(other), one, now, dates)
    handling.withdraw(session, intake, third, version(third), "算了", now, dates)
    handling.stand_aside(session, superior, one, version(one), "有亲属", now, dates)
    handling.assign(session, _speaker(session, "intake-1"), one, version(one), "intake", now, dates)


def _speaker(session: Session, username: str) -> Speaker:
    member = session.scalars(select(Staff).where(Staff.username == username)).one()
    talk = Conversation(
        id=f"desk{member.id:028d}", channel=Channel.STAFF, staff_id=member.id, branch_id=member.branch_id, state={},
        created_at=NOW,
    )  # fmt: skip
    session.add(talk)
    session.flush()
    return speaker_of(session, talk)


def test_a_decided_case_has_its_decision() -> None:
    rows = world(NOW).rows
    decided = {row["complaint_id"] for row in rows[Decision]}
    assert decided == {row["id"] for row in rows[Complaint] if row["status"] in {"decided", "told"}}
