"""Queries over cooperation with authorities, within the speaker's branch tree."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from anze.conversations.models import File
from anze.conversations.uploads import uploaded_by
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role, Staff
from anze.identity.speaker import Speaker
from anze.regulators.models import (
    Authority,
    DataSubmission,
    EvaluationRequest,
    Mechanism,
    RegulatorReport,
)

type Kept = Mechanism | EvaluationRequest | DataSubmission


def branch_for(session: Session, speaker: Speaker, branch_id: int | None, *, lock: bool = False) -> Branch:
    """The branch that is meant, the own one without an id. Raises not_found; DeniedError out of the tree."""
    wanted = branch_id or session.get_one(Staff, speaker.staff_id).branch_id
    branch = session.get(Branch, wanted, with_for_update=lock or None, populate_existing=lock)
    if branch is None:
        raise DomainError("not_found", 404)
    within(session, speaker, wanted, f"branch:{wanted}")
    return branch


def within(session: Session, speaker: Speaker, branch_id: int, subject: str) -> None:
    """Raises DeniedError for a branch outside the speaker's tree."""
    if session.scalar(branches_of(speaker).where(Branch.id == branch_id)) is None:
        raise DeniedError(speaker.actor, subject)


def visible_authorities(speaker: Speaker) -> ColumnElement[bool]:
    """Those kept by branches of the tree, and by the branches above it."""
    if speaker.staff_id is None or speaker.role == Role.PROVIDER:
        return Authority.branch_id.in_(())
    above = [int(part) for part in (speaker.branch_path or "").split("/") if part]
    return or_(Authority.branch_id.in_(branches_of(speaker)), Authority.branch_id.in_(above))


def authority(session: Session, speaker: Speaker, id_: int) -> Authority:
    """One that may be written to. Raises not_found; DeniedError when it is another tree's."""
    row = session.scalar(select(Authority).where(Authority.id == id_, visible_authorities(speaker)))
    if row is not None:
        return row
    if session.get(Authority, id_) is None:
        raise DomainError("not_found", 404)
    raise DeniedError(speaker.actor, f"authority:{id_}")


def found[T: Kept](session: Session, speaker: Speaker, kind: type[T], id_: int, *, lock: bool = False) -> T:
    """One row of a kind. Raises not_found; DeniedError when it is another tree's."""
    row = session.get(kind, id_, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise DomainError("not_found", 404)
    within(session, speaker, row.branch_id, f"{kind.__tablename__}:{id_}")
    return row


def reports_of(session: Session, candidate_id: int) -> list[RegulatorReport]:
    """Every draft about a candidate, the newest first."""
    query = select(RegulatorReport).where(RegulatorReport.candidate_id == candidate_id)
    loaded = query.options(joinedload(RegulatorReport.authority))
    return list(session.scalars(loaded.order_by(RegulatorReport.version.desc())))


def newest_states(session: Session, candidate_ids: Sequence[int]) -> dict[int, str]:
    """The state of the newest draft of each candidate that has one."""
    query = select(RegulatorReport.candidate_id, RegulatorReport.state).order_by(RegulatorReport.version)
    return dict(session.execute(query.where(RegulatorReport.candidate_id.in_(candidate_ids))).tuples().all())


def uploaded(session: Session, speaker: Speaker, file_id: str) -> File:
    """A file that this colleague has uploaded. Raises regulator_file."""
    row = uploaded_by(session, speaker, file_id)
    if row is None:
        raise DomainError("regulator_file", 422)
    return row
