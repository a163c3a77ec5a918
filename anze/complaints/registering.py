"""A complaint that came by telephone, letter, visit, mail or from a regulator, written down by a colleague.

It counts from the day on which it came in, not from the day on which it was written down.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.bookings.usecases import meant_service
from anze.clock import SHANGHAI, iso, legal_date
from anze.complaints import store, words
from anze.complaints.dates import ComplaintDates
from anze.complaints.life import HANDLERS
from anze.complaints.models import (
    Complaint,
    ComplaintForm,
    ComplaintStatus,
    Evidence,
    Source,
    Statement,
    StatementKind,
)
from anze.complaints.settling import settle
from anze.conversations.models import Channel, Conversation, Direction, File, Message, TurnStatus
from anze.conversations.normalise import normalise
from anze.conversations.opening import open_conversation
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.models import Staff
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy, PolicyInsured

BY_HAND = frozenset({Source.PHONE, Source.LETTER, Source.VISIT, Source.EMAIL, Source.REGULATOR})
OLDEST = timedelta(days=3653)
"""Ten years either way are no mistake of the keyboard."""
_NOON = time(12)
"""Of a day that has passed only the day is known."""


@dataclass(frozen=True)
class Slip:
    """What a colleague writes down. `received_on`: the day it came in. `reason`: why it is entered on a later day."""

    source: Source
    received_on: date
    story: str
    wish: str = ""
    policy_no: str = ""
    insured: str = ""
    firm: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    standing_right: str = ""
    reason: str = ""
    regulator_no: str = ""
    regulator_due_on: date | None = None
    file_ids: list[str] = field(default_factory=list)


def register(session: Session, speaker: Speaker, slip: Slip, now: datetime, dates: ComplaintDates) -> Complaint:
    """Write it down with its number and dates. Nobody is told by it; accepting it tells the complainant.

    Raises DomainError forbidden, source_unknown, received_future, received_long_ago, late_entry_reason,
    regulator_number, regulator_due, story_missing, contact_missing, policy_unknown (also out of the speaker's
    branches), insured_unknown, file_unknown.
    """
    if speaker.role not in HANDLERS or speaker.staff_id is None:
        raise DomainError("forbidden", 403)
    _complete(slip, legal_date(now))
    policy, insured = _policy(session, speaker, slip)
    branch_id = policy.branch_id if policy else session.get_one(Staff, speaker.staff_id).branch_id
    plain = normalise(slip.story)
    talk = open_conversation(session, Channel.DESK, now)
    talk.branch_id = branch_id
    received = now if slip.received_on == legal_date(now) else datetime.combine(slip.received_on, _NOON, SHANGHAI)
    case = Complaint(
        number=f"TS{legal_date(now):%Y%m%d}{store.next_serial(session, legal_date(now)):03d}",
        status=ComplaintStatus.FILED,
        kind=words.kind_of(plain),
        form=words.form_of(plain) if words.form_of(plain) == ComplaintForm.OBJECTION else ComplaintForm.COMPLAINT,
        edition=dates.edition(received),
        received_at=received.astimezone(now.tzinfo),
        filed_at=now,
        entered_at=now,
        conversation_id=talk.id,
        insured_id=insured.id if insured else None,
        policy_id=policy.id if policy else None,
        branch_id=branch_id,
        firm=slip.firm or None,
        contact_name=slip.contact_name or None,
        contact_phone=slip.contact_phone or None,
        standing_right=slip.standing_right or None,
        source=slip.source,
        late_reason=slip.reason or None,
        regulator_no=slip.regulator_no or None,
        regulator_due_on=slip.regulator_due_on,
    )
    session.add(case)
    session.flush()
    if insured is not None:
        service = meant_service(session, insured.id, plain, slip.received_on)
        case.service_id = service.id if service else None
    _words(session, speaker, case, talk, slip, now)
    _files(session, speaker, case, slip, now)
    told = settle(case, dates, now)
    append(session, at=now, kind="complaint.registered", subject=f"complaint:{case.id}", actor=speaker.actor, body={
        "number": case.number, "source": case.source, "received_on": slip.received_on.isoformat(),
        "entered_on": legal_date(now).isoformat(), "late": slip.received_on < legal_date(now),
        "regulator_due_on": iso(slip.regulator_due_on),
        "reason_sha256": digest(slip.reason), "files": slip.file_ids,
    } | told.record())  # fmt: skip
    session.flush()
    return case


def _complete(slip: Slip, today: date) -> None:
    due = slip.regulator_due_on
    checks = (
        (slip.source in BY_HAND, "source_unknown"),
        (slip.received_on <= today, "received_future"),
        (slip.received_on > today - OLDEST, "received_long_ago"),
        (slip.received_on == today or bool(slip.reason), "late_entry_reason"),
        (slip.source != Source.REGULATOR or bool(slip.regulator_no), "regulator_number"),
        (due is None or slip.received_on <= due < today + OLDEST, "regulator_due"),
        (words.says_something(normalise(slip.story)), "story_missing"),
        (bool(slip.contact_phone or slip.contact_name), "contact_missing"),
    )
    if code := next((code for holds, code in checks if not holds), None):
        raise DomainError(code, 422)


def _policy(session: Session, speaker: Speaker, slip: Slip) -> tuple[Policy | None, Insured | None]:
    """The policy within the speaker's branches, and its insured: the only one, or the one that is named."""
    if not slip.policy_no:
        return None, None
    policy, insureds = insureds_of(session, speaker, slip.policy_no)
    if policy is None:
        raise DomainError("policy_unknown", 422)
    named = [one for one in insureds if not slip.insured or one.name == slip.insured]
    if len(named) != 1:
        raise DomainError("insured_unknown", 422)
    return policy, named[0]


def insureds_of(session: Session, speaker: Speaker, policy_no: str) -> tuple[Policy | None, list[Insured]]:
    """A policy of the speaker's branches with its insureds; None for any other."""
    policy = session.scalar(
        select(Policy).where(Policy.number == policy_no.upper(), Policy.branch_id.in_(branches_of(speaker)))
    )
    if policy is None:
        return None, []
    own = select(Insured).join(PolicyInsured).where(PolicyInsured.policy_id == policy.id).order_by(Insured.id)
    return policy, list(session.scalars(own))


def _words(
    session: Session, speaker: Speaker, case: Complaint, talk: Conversation, slip: Slip, now: datetime
) -> None:  # fmt: skip
    for kind, text in ((StatementKind.STORY, slip.story), (StatementKind.WISH, slip.wish)):
        if not text:
            continue
        message = Message(
            conversation_id=talk.id, direction=Direction.IN, sender="user", turn_id=uuid4().hex,
            status=TurnStatus.DONE, text=text, payload={}, topic="complaint", at=now,
        )  # fmt: skip
        session.add(message)
        session.flush()
        case.statements.append(Statement(kind=kind, text=text, message_id=message.id, at=case.received_at))
        session.flush()
        append(session, at=now, kind="complaint.stated", subject=f"complaint:{case.id}", actor=speaker.actor,
               body={"kind": kind.value, "text_sha256": digest(text)})  # fmt: skip


def _files(session: Session, speaker: Speaker, case: Complaint, slip: Slip, now: datetime) -> None:
    """Scans that this colleague uploaded."""
    if not slip.file_ids:
        return
    own = (
        select(File.id)
        .join(Conversation, Conversation.id == File.conversation_id)
        .where(File.id.in_(slip.file_ids), Conversation.staff_id == speaker.staff_id)
    )
    if set(session.scalars(own)) != set(slip.file_ids):
        raise DomainError("file_unknown", 422)
    for file_id in dict.fromkeys(slip.file_ids):
        session.add(Evidence(complaint_id=case.id, file_id=file_id, added_at=now))
    session.flush()
