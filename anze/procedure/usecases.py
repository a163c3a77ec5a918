"""Staff note that an insured was told in another way, and see who was not told yet (6.4)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.conversations.uploads import uploaded_by
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.procedure import telling
from anze.procedure.kinds import Way
from anze.procedure.models import PolicyNotice

WRITES = frozenset({Role.INTAKE, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True)
class Told:
    """What somebody notes: of all insureds of a policy, or of one."""

    policy: str
    way: Way
    on: date
    words: str
    insured_id: int | None = None
    file_id: str | None = None


def note(session: Session, speaker: Speaker, told: Told, now: datetime) -> int:
    """Keep it; how many insureds it is of.

    Raises forbidden, procedure_policy, procedure_way (in the talk the program itself tells), procedure_day,
    procedure_file, procedure_told (409: all of them were told already); DeniedError.
    """
    if speaker.role not in WRITES:
        raise DomainError("forbidden", 403)
    if told.way is Way.CHAT:
        raise DomainError("procedure_way", 422)
    policy = _policy(session, speaker, told.policy)
    if not told.on <= legal_date(now):
        raise DomainError("procedure_day", 422)
    if told.file_id and uploaded_by(session, speaker, told.file_id) is None:
        raise DomainError("procedure_file", 422)
    known = set(session.scalars(select(PolicyNotice.insured_id).where(PolicyNotice.policy_id == policy.id)))
    wanted = [one.id for one in policy.insureds if told.insured_id in {None, one.id}]
    if not wanted:
        raise DomainError("procedure_policy", 422, number=told.policy)
    new = [id_ for id_ in wanted if id_ not in known]
    if not new:
        raise DomainError("procedure_told", 409)
    rows = [
        PolicyNotice(
            policy_id=policy.id, insured_id=id_, told_on=told.on, way=told.way.value, words=told.words,
            conversation_id=None, file_id=told.file_id, noted_at=now, noted_by=speaker.actor,
        )
        for id_ in new
    ]  # fmt: skip
    session.add_all(rows)
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("procedure_told", 409) from error
    for row in rows:
        telling.note(session, row, now)
    return len(rows)


def untold(session: Session, speaker: Speaker, today: date, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """{"items": [{"policy", "insured", "insured_id", "start_on"}…], "total", "page"}: in force and not told."""
    told = select(PolicyNotice.id).where(
        PolicyNotice.policy_id == PolicyInsured.policy_id, PolicyNotice.insured_id == PolicyInsured.insured_id
    )
    query = (
        select(Policy.number, Insured.name, Insured.id, Policy.start_on)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .join(Insured, Insured.id == PolicyInsured.insured_id)
        .where(
            Policy.branch_id.in_(branches_of(speaker)), Policy.start_on <= today, Policy.end_on >= today,
            (Policy.ended_early_on.is_(None)) | (Policy.ended_early_on >= today), ~told.exists(),
        )
    )  # fmt: skip
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(Policy.start_on, Policy.id, Insured.id).offset((page - 1) * size).limit(size))
    return {
        "items": [
            {"policy": number, "insured": name, "insured_id": id_, "start_on": start_on.isoformat()}
            for number, name, id_, start_on in rows.tuples()
        ],
        "total": total,
        "page": page,
    }


def _policy(session: Session, speaker: Speaker, number: str) -> Policy:
    policy = session.scalar(select(Policy).where(Policy.number == number.upper()))
    if policy is None:
        raise DomainError("procedure_policy", 422, number=number)
    if session.scalar(branches_of(speaker).where(Branch.id == policy.branch_id)) is None:
        raise DeniedError(speaker.actor, f"policy:{policy.id}")
    return policy
