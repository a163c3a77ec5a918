"""Tellings that staff did themselves: a posted letter, an answered call, a signature; and who could not be reached."""

from datetime import datetime

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.clock import legal_date
from anze.complaints.dates import ComplaintDates
from anze.complaints.escalating import settled
from anze.complaints.handling import held, record, to_tell
from anze.complaints.handling_models import About, Notice, NoticeChannel
from anze.complaints.life import Step
from anze.complaints.models import Complaint, ComplaintStatus
from anze.complaints.settling import settle
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker

BY_HAND = frozenset({NoticeChannel.LETTER, NoticeChannel.CALL, NoticeChannel.SIGNATURE, NoticeChannel.EMAIL})
TRIES, TRIED_DAYS, TRIED_WAYS = 3, 2, 2
"""Cannot be reached: so many logged tries, on so many days, over so many ways."""


def tell_by_hand(
    session: Session, speaker: Speaker, number: str, version: int, *, about: About, no: int, channel: NoticeChannel,
    recipient: str, evidence: str, at: datetime | None, reached: bool, now: datetime, dates: ComplaintDates,
) -> list[str]:  # fmt: skip
    """告知, with its proof: the letter's number, what was said in the call, who signed. `reached` False: a try.

    `at`: when it was posted, said or signed; None: now. A decision that was told closes the case. Raises those of
    handling.held, notice_unknown (nothing of this kind is to be told), notice_channel, notice_time.
    """
    at = at or now
    case = held(session, speaker, number, Step.TELL, version)
    if (about, no) not in to_tell(case):
        raise DomainError("notice_unknown", 422)
    if channel not in BY_HAND:
        raise DomainError("notice_channel", 422)
    if not case.received_at <= at <= now or at < _done_at(case, about, no):
        raise DomainError("notice_time", 422)
    notice = Notice(
        complaint_id=case.id, about=about, about_no=no, channel=channel, recipient=recipient,
        text_sha256=digest(evidence), at=now, by=speaker.actor, sent_at=at if reached else None,
        failed_at=None if reached else at, evidence=evidence,
    )  # fmt: skip
    _keep(session, case, notice, speaker, now, dates, at)
    return []


def give_up(
    session: Session, speaker: Speaker, number: str, version: int, *, about: About, no: int, now: datetime,
    dates: ComplaintDates,
) -> list[str]:  # fmt: skip
    """无法联系: a supervisor confirms that three tries on two days over two ways reached nobody; that counts as told.

    Raises those of handling.held, forbidden, notice_unknown, notice_tries.
    """
    if speaker.role != Role.SUPERVISOR:
        raise DomainError("forbidden", 403)
    case = held(session, speaker, number, Step.TELL, version)
    if (about, no) not in to_tell(case):
        raise DomainError("notice_unknown", 422)
    tries = [one for one in case.notices if one.about == about and one.about_no == no and one.failed_at is not None]
    days = {legal_date(one.failed_at) for one in tries if one.failed_at}
    if len(tries) < TRIES or len(days) < TRIED_DAYS or len({one.channel for one in tries}) < TRIED_WAYS:
        raise DomainError("notice_tries", 409)
    if speaker.actor in {one.by for one in tries}:
        raise DomainError("notice_own_tries", 409)
    notice = Notice(
        complaint_id=case.id, about=about, about_no=no, channel=NoticeChannel.UNREACHABLE,
        recipient=case.contact_phone or "", text_sha256=digest(",".join(str(one.id) for one in tries)), at=now,
        by=speaker.actor, sent_at=now,
    )  # fmt: skip
    _keep(session, case, notice, speaker, now, dates, now)
    return []


def _done_at(case: Complaint, about: About, no: int) -> datetime:
    """When that was done of which the complainant is told: nobody is told before."""
    if about == About.CLASSIFICATION and case.classification is not None:
        return case.classification.at
    if about == About.DECISION and case.decision is not None:
        return case.decision.decided_at
    if about == About.EXTENSION:
        return next(one.answered_at or one.asked_at for one in case.extensions if one.no == no)
    return next(one.at for one in case.pauses if one.no == no)


def _keep(
    session: Session, case: Complaint, notice: Notice, speaker: Speaker, now: datetime, dates: ComplaintDates,
    at: datetime,
) -> None:  # fmt: skip
    case.notices.append(notice)
    session.flush()
    record(session, case, Step.TELL, speaker.actor, now, {
        "notice": notice.id, "about": notice.about, "no": notice.about_no, "channel": notice.channel,
        "at": at.isoformat(), "reached": notice.sent_at is not None,
        "evidence_sha256": digest(notice.evidence or ""),
    })  # fmt: skip
    if notice.about == About.DECISION and notice.sent_at is not None:
        decision_told(session, case, at, speaker.actor, now, notice.channel)
    settle(case, dates, now)
    session.flush()


def decision_told(session: Session, case: Complaint, at: datetime, actor: str, now: datetime, how: str) -> bool:
    """The clocks stop here: the complainant was told of the decision at `at`. False: there was none left to tell."""
    made = case.decision
    if made is None or case.status != ComplaintStatus.DECIDED:
        return False
    made.told_at = at
    case.status, case.closed_at = ComplaintStatus.TOLD, at
    settled(session, case, now, actor)
    body = {"number": case.number, "clause": "6.4 e)", "how": how, "outcome_sha256": digest(made.outcome)}
    append(session, at=now, kind="complaint.told", subject=f"complaint:{case.id}", actor=actor, body=body)
    return True
