"""What an administrator does with an import: bring a file, look at what it would do, agree to it, or drop it."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.clock import iso
from anze.errors import DomainError
from anze.identity.denied import DeniedError, ForbiddenReadError
from anze.identity.models import Role
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.imports import importer, store
from anze.imports.columns import Column, table
from anze.imports.models import Import, ImportNote, ImportState
from anze.imports.rules import first_of_each
from anze.texts import text

MOST_OPEN = 20
"""Of one branch tree at a time"""
REPORT_KEPT = timedelta(days=30)
UNCONFIRMED_KEPT = timedelta(days=1)


def _administrator(speaker: Speaker) -> None:
    """Raises forbidden, which is kept: whoever else asks wants to read what is not theirs."""
    if speaker.role != Role.ADMIN:
        raise ForbiddenReadError(speaker.actor, "imports")


def kinds() -> dict[str, Any]:
    """What can be imported, with its columns: for a program and for the page."""
    found = table()
    items = [
        {
            "kind": name, "name": kind.name, "explain": kind.explain, "whole": kind.whole,
            "columns": [_column(column, key=column.name in kind.key) for column in (*kind.columns, found.changed_on)],
        }
        for name, kind in found.kinds.items()
    ]  # fmt: skip
    return {"items": items, "total": len(items)}


def _column(column: Column, *, key: bool) -> dict[str, Any]:
    return {
        "name": column.name, "title": column.title, "also": list(column.also), "needed": column.needed, "key": key,
        "value": column.value, "says": says(column), "example": column.example,
    }  # fmt: skip


def says(column: Column) -> str:
    """What may stand in the column, in words."""
    choices = "、".join(first_of_each(column.choices))
    return text(f"imports.value.{column.value}", choices=choices, most=column.most, min=column.min, max=column.max)


def bring(
    session: Session, speaker: Speaker, kind: str, file_name: str, file_sha256: str, file_size: int,
    since: date | None, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """A file is here and waits to be checked. Raises DomainError import_kind, import_open_many, forbidden …"""
    _administrator(speaker)
    table().kind(kind)
    who = importer.of_staff(session, speaker.staff_id)
    who.check_kind(kind)
    if store.count_open(session, speaker) >= MOST_OPEN:
        raise DomainError("import_open_many", 409, most=MOST_OPEN)
    row = Import(
        kind=kind, branch_id=who.branch_id, staff_id=speaker.staff_id, file_name=file_name[:200],
        file_sha256=file_sha256, file_size=file_size, since=since, state=ImportState.WAITING.value, partial=False,
        progress=0, attempts=0, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return view(session, row)


def _own(session: Session, speaker: Speaker, id_: int, *, held: bool = False) -> Import:
    _administrator(speaker)
    row = store.one(session, speaker, id_, held=held)
    if row is None:
        if store.exists(session, id_):
            raise DeniedError(speaker.actor, f"import:{id_}")
        raise DomainError("not_found", 404)
    return row


def one(session: Session, speaker: Speaker, id_: int) -> dict[str, Any]:
    return view(session, _own(session, speaker, id_))


def listed(session: Session, speaker: Speaker, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """Imports of the own branch tree, the newest first."""
    _administrator(speaker)
    rows, total = store.page(session, speaker, page, size)
    who = names(session, [_actor(row) for row in rows])
    return {"items": [_view(row, who) for row in rows], "total": total, "page": page}


def confirm(session: Session, speaker: Speaker, id_: int, digest: str, *, partial: bool) -> dict[str, Any]:
    """Agree to what was seen, named by its digest; it is written next.

    Raises DomainError import_state, import_digest, import_faults, import_whole.
    """
    row = _own(session, speaker, id_, held=True)
    if row.state != ImportState.CHECKED or row.counts is None:
        raise DomainError("import_state", 409)
    if digest != row.digest:
        raise DomainError("import_digest", 409)
    if row.counts["refused"] and table().kind(row.kind).whole:
        raise DomainError("import_whole", 409, count=row.counts["refused"])
    if row.counts["refused"] and not partial:
        raise DomainError("import_faults", 409, count=row.counts["refused"])
    row.state, row.partial, row.progress, row.attempts, row.problem = ImportState.CONFIRMED, partial, 0, 0, None
    session.flush()
    return view(session, row)


def drop(session: Session, speaker: Speaker, id_: int, now: datetime) -> dict[str, Any]:
    """Leave it. Raises DomainError import_state once it is being written or has ended."""
    row = _own(session, speaker, id_, held=True)
    if row.state not in {ImportState.WAITING, ImportState.CHECKED}:
        raise DomainError("import_state", 409)
    row.state, row.ended_at = ImportState.DROPPED, now
    session.flush()
    return view(session, row)


def notes(session: Session, speaker: Speaker, id_: int, part: str, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """What is wrong (part faults) or what moved (moved)."""
    row = _own(session, speaker, id_)
    rows, total = store.notes(session, row.id, part, page, size)
    return {"items": [_note(one) for one in rows], "total": total, "page": page}


def _note(row: ImportNote) -> dict[str, Any]:
    return {
        "sheet": row.sheet, "line": row.line, "column": row.column, "found": row.found, "words": row.words,
        "advice": row.advice,
    }  # fmt: skip


def _actor(row: Import) -> str:
    return "operator" if row.staff_id is None else f"staff:{row.staff_id}"


def view(session: Session, row: Import) -> dict[str, Any]:
    return _view(row, names(session, [_actor(row)]))


def _view(row: Import, who: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "name": table().kind(row.kind).name, "branch": row.branch.name,
        "who": who[_actor(row)], "file_name": row.file_name, "file_sha256": row.file_sha256,
        "file_size": row.file_size, "since": iso(row.since), "state": str(row.state), "partial": row.partial,
        "progress": row.progress, "digest": row.digest, "counts": row.counts, "moved": row.moved,
        "problem": row.problem, "created_at": iso(row.created_at), "ended_at": iso(row.ended_at),
    }  # fmt: skip


def untidy(session: Session, now: datetime) -> bool:
    """Whether there is anything to tidy."""
    forgotten = store.forgotten(session, now - UNCONFIRMED_KEPT, held=False)
    return bool(forgotten or store.ended_before(session, now - REPORT_KEPT))


def tidy(session: Session, now: datetime) -> None:
    """Drop what nobody confirmed, and the lines of reports that were kept long enough."""
    for row in store.forgotten(session, now - UNCONFIRMED_KEPT):
        row.state, row.ended_at = ImportState.DROPPED, now
    session.flush()
    store.drop_notes(session, store.ended_before(session, now - REPORT_KEPT))
