"""Why it came to a closed case (8.2), and causes that come again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.audit.chain import digest
from anze.clock import legal_date
from anze.complaints.handling import held, record
from anze.complaints.handling_models import Cause, Improvement
from anze.complaints.life import Step
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.providers.models import Provider


@dataclass(frozen=True)
class Causes:
    """`names`: code → 中文. `again` closed cases within `within` open an improvement."""

    names: dict[str, str]
    again: int
    within: timedelta


@cache
def causes() -> Causes:
    """The operator's list."""
    data = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return Causes(data["causes"], int(data["again"]), timedelta(days=int(data["within_days"])))


def name(
    session: Session, speaker: Speaker, number: str, version: int, *, cause: str, provider: str | None, note: str,
    now: datetime,
) -> list[str]:  # fmt: skip
    """归因: the cause of a closed case, with the provider whom it concerns. Raises cause_unknown, provider_unknown."""
    case = held(session, speaker, number, Step.CAUSE, version)
    if cause not in causes().names:
        raise DomainError("cause_unknown", 422)
    found = None
    if provider:
        found = session.scalar(select(Provider).where(Provider.short_name == provider))
        if found is None:
            raise DomainError("provider_unknown", 422)
    case.cause = Cause(
        complaint_id=case.id, cause=cause, provider_id=found.id if found else None, branch_id=case.branch_id,
        note=note or None, at=now, by=speaker.actor,
    )  # fmt: skip
    case.version += 1
    session.flush()
    record(session, case, Step.CAUSE, speaker.actor, now,
           {"cause": cause, "provider": found.id if found else None, "note_sha256": digest(note)})  # fmt: skip
    _improve(session, case.cause, now)
    return []


def _improve(session: Session, named: Cause, now: datetime) -> None:
    """A cause that came again opens one improvement, and no second one while that is open."""
    same = (
        Cause.cause == named.cause,
        Cause.branch_id == named.branch_id,
        Cause.provider_id.is_not_distinct_from(named.provider_id),
    )
    count = session.scalar(select(func.count()).select_from(Cause).where(*same, Cause.at > now - causes().within)) or 0
    open_one = session.scalar(
        select(Improvement).where(
            Improvement.cause == named.cause,
            Improvement.branch_id == named.branch_id,
            Improvement.provider_id.is_not_distinct_from(named.provider_id),
            Improvement.closed_at.is_(None),
        )
    )
    if count >= causes().again and open_one is None:
        session.add(
            Improvement(
                cause=named.cause, branch_id=named.branch_id, provider_id=named.provider_id, opened_on=legal_date(now)
            )
        )
        session.flush()
