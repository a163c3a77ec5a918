"""Queries over reminders: what is due, claimed in one statement; what waits for whom."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from anze.bookings.kinds import COMING
from anze.bookings.models import Service
from anze.channels.wechat.models import WeChatUser
from anze.clock import legal_date
from anze.complaints.models import Complaint
from anze.conversations.models import Channel, Conversation, Direction, Message
from anze.db import insert_of
from anze.hazards.models import Hazard, HazardStatus
from anze.identity.models import Right, RightKind
from anze.identity.speaker import Speaker
from anze.policies.models import Policy, PolicyInsured
from anze.reminders.models import Reminder, ReminderSetting, ReminderState

OPEN = (ReminderState.WAITING, ReminderState.CLAIMED)


def due_ids(now: datetime, limit: int) -> Select[tuple[int]]:
    """Waiting rows whose time has come, by their time. Reads the index up to `now`: future rows cost nothing."""
    return (
        select(Reminder.id)
        .where(Reminder.state == ReminderState.WAITING, Reminder.send_at <= now)
        .order_by(Reminder.send_at, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def abandoned_ids(real_now: datetime, limit: int) -> Select[tuple[int]]:
    """Rows that a worker claimed and did not finish within its lease."""
    return (
        select(Reminder.id)
        .where(Reminder.state == ReminderState.CLAIMED, Reminder.claimed_until < real_now)
        .order_by(Reminder.send_at, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def taking(which: Select[tuple[int]], owner: str, until: datetime) -> ReturningUpdate[tuple[int]]:
    """Claims what a query finds, in one statement, and gives the ids."""
    # No condition on the state out here: SQLite would walk every waiting row for it, however far in the future.
    chosen = which.cte("chosen")
    return (
        update(Reminder)
        .where(Reminder.id.in_(select(chosen.c.id)))
        .values(state=ReminderState.CLAIMED, claimed_by=owner, claimed_until=until)
        .returning(Reminder.id)
        .execution_options(synchronize_session=False)
    )


def claim(session: Session, which: Select[tuple[int]], owner: str, until: datetime) -> list[int]:
    """Take rows: of two workers at once each gets others (or waits, on SQLite)."""
    return sorted(session.scalars(taking(which, owner, until)))


def claimed(session: Session, ids: Collection[int], owner: str) -> list[Reminder]:
    """Those of the rows that are still this worker's (a cancelled one is not any more), held until the end."""
    return list(
        session.scalars(
            select(Reminder)
            .where(Reminder.id.in_(ids), Reminder.state == ReminderState.CLAIMED, Reminder.claimed_by == owner)
            .order_by(Reminder.send_at, Reminder.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def add_missing(session: Session, rows: list[dict[str, Any]]) -> list[Reminder]:
    """Insert rows whose key is not there yet; gives the new ones."""
    if not rows:
        return []
    insert = insert_of(session)
    ids = session.scalars(insert(Reminder).values(rows).on_conflict_do_nothing().returning(Reminder.id)).all()
    return list(session.scalars(select(Reminder).where(Reminder.id.in_(ids)).order_by(Reminder.id)))


def about(session: Session, kind: str, subject: str) -> list[Reminder]:
    """Every row of one kind about one matter, held until the transaction ends."""
    query = select(Reminder).where(Reminder.kind == kind, Reminder.subject == subject).order_by(Reminder.id)
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def void_open(session: Session, subject: str, kind: str | None, reason: str) -> int:
    """Waiting and claimed rows about a matter end here; gives how many."""
    query = update(Reminder).where(Reminder.subject == subject, Reminder.state.in_(OPEN))
    if kind is not None:
        query = query.where(Reminder.kind == kind)
    values = {"state": ReminderState.VOID, "void_reason": reason, "claimed_by": None, "claimed_until": None}
    done = session.execute(query.values(**values).execution_options(synchronize_session="fetch"))
    return int(done.rowcount)  # type: ignore[attr-defined]


def steps_said(session: Session, subjects: Collection[str]) -> dict[tuple[str, str, str, date], set[str]]:
    """What was said already about these matters: by recipient, kind, subject and date the steps."""
    found: dict[tuple[str, str, str, date], set[str]] = {}
    rows = session.execute(
        select(Reminder.recipient, Reminder.kind, Reminder.subject, Reminder.due_on, Reminder.step).where(
            Reminder.subject.in_(subjects), Reminder.state == ReminderState.SENT
        )
    )
    for recipient, kind, subject, due_on, step in rows:
        found.setdefault((recipient, kind, subject, due_on), set()).add(step)
    return found


def main_contacts(session: Session, insured_ids: Collection[int]) -> dict[int, list[int]]:
    """Persons who are main contact of each of these insureds now."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(Right.insured_id, Right.person_id)
        .where(Right.insured_id.in_(insured_ids), Right.kind == RightKind.MAIN_CONTACT, Right.ended_at.is_(None))
        .order_by(Right.id)
    )
    for insured_id, person_id in rows:
        found.setdefault(insured_id, []).append(person_id)
    return {insured_id: list(dict.fromkeys(persons)) for insured_id, persons in found.items()}


def insureds_of(session: Session, person_ids: Collection[int]) -> dict[int, set[int]]:
    """The insureds that each person acts for now: speaker.insureds_of_person for many at once."""
    named = select(Right.person_id, Right.insured_id).where(
        Right.person_id.in_(person_ids), Right.ended_at.is_(None), Right.insured_id.is_not(None)
    )
    through_applicant = (
        select(Right.person_id, PolicyInsured.insured_id)
        .join(Policy, Policy.applicant_id == Right.applicant_id)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .where(Right.person_id.in_(person_ids), Right.ended_at.is_(None))
    )
    found: dict[int, set[int]] = {}
    for person_id, insured_id in session.execute(named.union(through_applicant)):
        found.setdefault(person_id, set()).add(insured_id)
    return found


def settings_of(session: Session, person_ids: Collection[int]) -> dict[tuple[int, str], ReminderSetting]:
    rows = session.scalars(select(ReminderSetting).where(ReminderSetting.person_id.in_(person_ids)))
    return {(row.person_id, row.kind): row for row in rows}


def talks(session: Session, person_ids: Collection[int]) -> dict[int, tuple[Conversation, datetime]]:
    """Where each person is told: in WeChat while they follow the account, else in the web talk that they wrote in last;
    with when that was."""
    last_in = (
        select(func.max(Message.id))
        .where(Message.conversation_id == Conversation.id, Message.direction == Direction.IN)
        .correlate(Conversation)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Conversation, Message.at)
        .outerjoin(Message, Message.id == last_in)
        .outerjoin(WeChatUser, WeChatUser.conversation_id == Conversation.id)
        .where(
            Conversation.person_id.in_(person_ids),
            or_(Conversation.channel == Channel.WEB, WeChatUser.following.is_(True)),
        )
    )
    found: dict[int, tuple[bool, datetime, Conversation]] = {}
    for conversation, wrote_at in rows:
        in_wechat, seen = conversation.channel == Channel.WECHAT, wrote_at or conversation.created_at
        best = found.get(conversation.person_id)
        if best is None or (in_wechat, seen) > best[:2]:
            found[conversation.person_id] = (in_wechat, seen, conversation)
    return {person_id: (conversation, seen) for person_id, (_, seen, conversation) in found.items()}


def talk(session: Session, conversation_id: str) -> tuple[Conversation, datetime] | None:
    """One talk by its id, with when it was written in last."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    wrote_at = session.scalar(
        select(Message.at)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return conversation, wrote_at or conversation.created_at


def wishes(session: Session, speaker: Speaker, now: datetime) -> list[Reminder]:
    """One-off reminders that the speaker asked for and that are still to come, by their time."""
    query = select(Reminder).where(
        Reminder.kind == "custom",
        Reminder.recipient == recipient_of(speaker),
        Reminder.state.in_(OPEN),
        Reminder.send_at > now,
    )
    return list(session.scalars(query.order_by(Reminder.send_at, Reminder.id).limit(20)))


def recipient_of(speaker: Speaker) -> str:
    """How rows name the speaker; a visitor is its talk."""
    if speaker.person_id is not None:
        return f"person:{speaker.person_id}"
    return f"conversation:{speaker.conversation_id}"


def waiting_for(session: Session, kind: str, recipients: Iterable[str]) -> list[Reminder]:
    """Rows of a kind that still wait for any of these recipients."""
    query = select(Reminder).where(
        Reminder.kind == kind, Reminder.recipient.in_(list(recipients)), Reminder.state == ReminderState.WAITING
    )
    return list(session.scalars(query.order_by(Reminder.id).with_for_update()))


def matters(session: Session, speaker: Speaker, kinds: Collection[str], now: datetime) -> list[str]:
    """Keys of everything with a date to come that the speaker may see, of these kinds (service, hazard …)."""
    own = speaker.insured_ids
    keys: list[str] = []
    if "service" in kinds:
        coming = Service.insured_id.in_(own), Service.status.in_(COMING), Service.starts_at > now
        keys += [f"service:{i}" for i in session.scalars(select(Service.id).where(*coming).order_by(Service.starts_at))]
    if "hazard" in kinds:
        is_open = Hazard.insured_id.in_(own), Hazard.status == HazardStatus.OPEN, Hazard.agreed_on.is_not(None)
        keys += [f"hazard:{i}" for i in session.scalars(select(Hazard.id).where(*is_open).order_by(Hazard.agreed_on))]
    if "policy" in kinds:
        named = select(PolicyInsured.policy_id).where(PolicyInsured.insured_id.in_(own))
        running = Policy.id.in_(named), Policy.end_on >= legal_date(now), Policy.ended_early_on.is_(None)
        keys += [f"policy:{i}" for i in session.scalars(select(Policy.id).where(*running).order_by(Policy.end_on))]
    if "complaint" in kinds:
        keys += [f"complaint:{i}" for i in session.scalars(select(Complaint.id).where(_own_complaint(speaker)))]
    return keys


def by_number(session: Session, speaker: Speaker, number: str) -> str | None:
    """The key of a matter by its number, when the speaker may see it."""
    own = speaker.insured_ids
    named = select(PolicyInsured.policy_id).where(PolicyInsured.insured_id.in_(own))
    queries = {
        "service": select(Service.id).where(Service.number == number, Service.insured_id.in_(own)),
        "hazard": select(Hazard.id).where(Hazard.number == number, Hazard.insured_id.in_(own)),
        "policy": select(Policy.id).where(Policy.number == number, Policy.id.in_(named)),
        "complaint": select(Complaint.id).where(Complaint.number == number, _own_complaint(speaker)),
    }
    found = {kind: session.scalar(query) for kind, query in queries.items()}
    return next((f"{kind}:{id_}" for kind, id_ in found.items() if id_ is not None), None)


def _own_complaint(speaker: Speaker) -> Any:
    mine = [Complaint.conversation_id == speaker.conversation_id, Complaint.insured_id.in_(speaker.insured_ids)]
    if speaker.person_id is not None:
        mine.append(Complaint.person_id == speaker.person_id)
    return and_(or_(*mine), Complaint.number.is_not(None), Complaint.closed_at.is_(None))


def may_see(session: Session, speaker: Speaker, key: str) -> bool:
    """Whether a matter named by its key is the speaker's."""
    return key in matters(session, speaker, {key.partition(":")[0]}, _LONG_AGO)


_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
