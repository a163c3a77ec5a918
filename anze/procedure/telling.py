"""Insureds are told in the talks of their main contacts, once for each policy, when people are at work (6.4)."""

from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.calendar.rules import WorkCalendar
from anze.channels.rasa import MessageOut
from anze.clock import SHANGHAI, legal_date
from anze.conversations.main_contacts import talks_of
from anze.conversations.models import Channel, Conversation
from anze.conversations.pushing import busy, push
from anze.identity.models import Right, RightKind
from anze.policies.models import Policy, PolicyInsured
from anze.procedure.kinds import Way
from anze.procedure.models import PolicyNotice
from anze.procedure.words import words_of
from anze.reminders.policy import load_policy

_MOST = 20


def untold(session: Session, now: datetime, calendar: WorkCalendar) -> list[tuple[int, int]]:
    """(policy, insured) pairs to tell now: in force, not told, with somebody in a talk; none out of hours. Reads."""
    local, today = now.astimezone(SHANGHAI), legal_date(now)
    hours = load_policy().hours.ordinary
    if (hours.working_days and not calendar.is_workday(today)) or not hours.begin <= local.time() < hours.end:
        return []
    told = select(PolicyNotice.id).where(
        PolicyNotice.policy_id == PolicyInsured.policy_id, PolicyNotice.insured_id == PolicyInsured.insured_id
    )
    # The few who have a talk come first: the many policies are not walked every few seconds.
    here = (
        select(Right.insured_id)
        .join(Conversation, Conversation.person_id == Right.person_id)
        .where(
            Right.kind == RightKind.MAIN_CONTACT, Right.ended_at.is_(None), Conversation.channel != Channel.STAFF,
            (Conversation.acting_for_id == Right.insured_id) | Conversation.acting_for_id.is_(None),
        )
    )  # fmt: skip
    query = (
        select(PolicyInsured.policy_id, PolicyInsured.insured_id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .where(
            Policy.start_on <= today, Policy.end_on >= today,
            (Policy.ended_early_on.is_(None)) | (Policy.ended_early_on >= today), ~told.exists(),
            PolicyInsured.insured_id.in_(here),
        )
        .order_by(PolicyInsured.policy_id, PolicyInsured.insured_id)
    )  # fmt: skip
    # Whoever left a form open keeps nobody else waiting.
    free = (pair for pair in session.execute(query).tuples() if _is_free(session, pair[1]))
    return list(islice(free, _MOST))


def _is_free(session: Session, insured_id: int) -> bool:
    """Whether a main contact has a talk in which no form is open; without a lock, so `tell` looks again."""
    states = session.scalars(select(Conversation.state).where(Conversation.id.in_(talks_of(session, insured_id))))
    return any(not state.get("loop") for state in states)


def tell(session: Session, pairs: list[tuple[int, int]], now: datetime) -> list[str]:
    """Say it where nobody is in the middle of something, and keep that it was said. Gives the talks."""
    spoken: list[str] = []
    for policy_id, insured_id in pairs:
        talks = [talk for talk in talks_of(session, insured_id) if not busy(session, talk)]
        policy = session.get_one(Policy, policy_id, with_for_update=True)
        known = PolicyNotice.policy_id == policy_id, PolicyNotice.insured_id == insured_id
        if not talks or session.scalar(select(PolicyNotice.id).where(*known)) is not None:
            continue
        words = words_of(session, policy, legal_date(now))
        for talk in talks:
            push(session, talk, MessageOut(text=words, response="utter_complaint_procedure"), now)
        row = PolicyNotice(
            policy_id=policy_id, insured_id=insured_id, told_on=legal_date(now), way=Way.CHAT.value, words=words,
            conversation_id=talks[0], file_id=None, noted_at=now, noted_by="system",
        )  # fmt: skip
        session.add(row)
        session.flush()
        note(session, row, now)
        spoken += talks
    return list(dict.fromkeys(spoken))


def note(session: Session, row: PolicyNotice, now: datetime) -> None:
    """Put it into the chain."""
    body = {"policy": row.policy_id, "insured": row.insured_id, "on": row.told_on.isoformat(), "way": row.way,
            "words_sha256": digest(row.words)}  # fmt: skip
    append(session, at=now, kind="procedure.told", subject=f"policy_notice:{row.id}", actor=row.noted_by, body=body)
