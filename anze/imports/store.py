"""Queries over imports. Those for a person take the speaker and give nothing of other branches."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session, joinedload

from anze.identity.branches import branches_of
from anze.identity.speaker import Speaker
from anze.imports import bulk
from anze.imports.models import Import, ImportNote, ImportState
from anze.imports.spool import Fault
from anze.imports.world import Move

OPEN = (ImportState.WAITING, ImportState.CHECKING, ImportState.CHECKED, ImportState.CONFIRMED, ImportState.WRITING)
DUE = (ImportState.WAITING, ImportState.CONFIRMED)
UNDER_WAY = (ImportState.CHECKING, ImportState.WRITING)


def visible(speaker: Speaker) -> Select[tuple[Import]]:
    query = select(Import).where(Import.branch_id.in_(branches_of(speaker)))
    return query.options(joinedload(Import.branch))


def one(session: Session, speaker: Speaker, id_: int, *, held: bool = False) -> Import | None:
    query = visible(speaker).where(Import.id == id_).execution_options(populate_existing=True)
    return session.scalar(query.with_for_update(of=Import) if held else query)


def exists(session: Session, id_: int) -> bool:
    return session.scalar(select(Import.id).where(Import.id == id_)) is not None


def page(session: Session, speaker: Speaker, page_: int, size: int) -> tuple[list[Import], int]:
    query = visible(speaker)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Import.id.desc()).offset((page_ - 1) * size).limit(size)
    return list(session.scalars(ordered)), total


def _due(real_now: datetime) -> ColumnElement[bool]:
    return or_(Import.state.in_(DUE), and_(Import.state.in_(UNDER_WAY), Import.claimed_until < real_now))


def is_due(session: Session, real_now: datetime) -> bool:
    return session.scalar(select(Import.id).where(_due(real_now)).limit(1)) is not None


def next_due(session: Session, real_now: datetime) -> Import | None:
    """The oldest one that waits, or that somebody left lying; held until the transaction ends."""
    query = select(Import).where(_due(real_now)).order_by(Import.id).limit(1)
    return session.scalar(query.with_for_update(skip_locked=True, of=Import))


def mine(session: Session, id_: int, owner: str) -> Import | None:
    """An import that this worker still has, held until the transaction ends."""
    query = select(Import).where(Import.id == id_, Import.claimed_by == owner)
    return session.scalar(query.with_for_update(of=Import).execution_options(populate_existing=True))


def tell(
    session: Session, import_id: int, faults: Iterable[Fault], moves: Iterable[Move], names: dict[str, str]
) -> None:
    """The lines of the report in place of those before."""
    session.execute(delete(ImportNote).where(ImportNote.import_id == import_id))
    rows: list[dict[str, Any]] = [
        {"import_id": import_id, "part": "faults", "no": no, "sheet": fault.sheet[:100], "line": fault.line,
         "column": fault.column[:60], "found": fault.found, "words": fault.wrong, "advice": fault.write}
        for no, fault in enumerate(faults, 1)
    ]  # fmt: skip
    rows += [
        {"import_id": import_id, "part": "moved", "no": no, "sheet": "", "line": None, "column": names[move.what][:60],
         "found": move.subject, "words": move.words, "advice": ""}
        for no, move in enumerate(moves, 1)
    ]  # fmt: skip
    bulk.add(session, ImportNote, rows)


def notes(session: Session, import_id: int, part: str, page_: int, size: int) -> tuple[list[ImportNote], int]:
    query = select(ImportNote).where(ImportNote.import_id == import_id, ImportNote.part == part)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = query.order_by(ImportNote.no).offset((page_ - 1) * size).limit(size)
    return list(session.scalars(rows)), total


def ended_before(session: Session, moment: datetime) -> list[int]:
    """Imports whose report has been kept long enough."""
    told = select(ImportNote.import_id).distinct()
    return list(session.scalars(select(Import.id).where(Import.ended_at < moment, Import.id.in_(told))))


def forgotten(session: Session, moment: datetime, *, held: bool = True) -> list[Import]:
    """Checked imports that nobody confirmed."""
    query = select(Import).where(Import.state == ImportState.CHECKED, Import.created_at < moment)
    return list(session.scalars(query.with_for_update(skip_locked=True, of=Import) if held else query))


def drop_notes(session: Session, ids: list[int]) -> None:
    for piece in bulk.pieces(ids):
        session.execute(delete(ImportNote).where(ImportNote.import_id.in_(piece)))


def open_files(session: Session) -> set[str]:
    """Digests of the files that are still needed."""
    return set(session.scalars(select(Import.file_sha256).where(Import.state.in_(OPEN))))


def count_open(session: Session, speaker: Speaker) -> int:
    query = visible(speaker).where(Import.state.in_(OPEN))
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
