"""Queries over what may have to be reported. Staff of the branch only."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from anze.db import insert_of
from anze.identity.branches import branches_of
from anze.identity.speaker import Speaker
from anze.reports.models import Candidate, CandidateKind, CandidateState


def visible(speaker: Speaker) -> ColumnElement[bool]:
    """The condition on candidates that holds for what this speaker may see: staff within the branch tree."""
    return Candidate.branch_id.in_(branches_of(speaker))


def add(
    session: Session,
    kind: CandidateKind,
    subject: str,
    *,
    insured_id: int,
    branch_id: int,
    words: str,
    at: datetime,
    by: str,
) -> int | None:
    """The id of a new row; None when there is one of this kind about this subject. Of two at once one adds it."""
    insert = insert_of(session)
    statement = insert(Candidate).values(
        kind=kind.value,
        subject=subject,
        insured_id=insured_id,
        branch_id=branch_id,
        words=words,
        found_at=at,
        found_by=by,
        state=CandidateState.OPEN.value,
    )
    added = statement.on_conflict_do_nothing(index_elements=[Candidate.kind, Candidate.subject])
    return session.scalar(added.returning(Candidate.id))


def locked(session: Session, speaker: Speaker, id_: int) -> Candidate | None:
    """One candidate, held until the transaction ends."""
    found = select(Candidate).where(visible(speaker), Candidate.id == id_)
    return session.scalar(found.with_for_update().execution_options(populate_existing=True))


def exists(session: Session, id_: int) -> bool:
    """Whether there is such a row at all, to be able to tell a denied read from a mistyped number."""
    return session.scalar(select(Candidate.id).where(Candidate.id == id_)) is not None
