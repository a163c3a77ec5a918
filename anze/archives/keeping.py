"""Putting something into an archive, saying that it was put there by mistake, opening a folder, filing (6.3, 7.4)."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from anze.archives import record, store
from anze.archives.kinds import IN_WORDS, Kind
from anze.archives.models import ArchiveFolder, ArchiveItem, ArchiveWithdrawal
from anze.audit.chain import append, canonical, digest
from anze.bookings import arranging
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.conversations.models import File
from anze.conversations.uploads import uploaded_by
from anze.db import insert_missing
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker

KEEPS = frozenset({Role.SERVICE, Role.SUPERVISOR, Role.ADMIN})
_MIMES = {Kind.PHOTO: "image/", Kind.VIDEO: "video/"}
_MOST_WORDS = 2000


def add(
    session: Session, speaker: Speaker, number: str, kind: Kind, now: datetime, *, code: str = "",
    file_id: str | None = None, words: str | None = None,
) -> ArchiveItem:  # fmt: skip
    """Keep a file, or words, for a service; what comes after it was filed is kept too, with its day.

    Raises forbidden, not_found, archive_code (which line it is for), archive_file, archive_words; DeniedError.
    """
    _may(speaker)
    service = store.found(session, speaker, number)
    file = _file(session, speaker, kind, file_id) if file_id else None
    if file is None and (kind not in IN_WORDS or not (words or "").strip() or len(words or "") > _MOST_WORDS):
        raise DomainError("archive_words" if kind in IN_WORDS else "archive_file", 422)
    row = ArchiveItem(
        service_id=service.id, code=_line(service, kind, code), kind=kind.value, file_id=file.id if file else None,
        words=None if file else words, added_at=now, added_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    open_folder(session, speaker, service.insured_id, now)
    body = {"item_sha256": digest(canonical(content_of(row, file.sha256 if file else None))), "kind": kind.value}
    append(session, at=now, kind="archive.added", subject=f"archive_item:{row.id}", actor=speaker.actor, body=body)
    return row


def withdraw(session: Session, speaker: Speaker, number: str, item_id: int, reason: str, now: datetime) -> None:
    """It was put there by mistake: it stays and does not count. Not in an archive that is filed (7.4).

    Raises forbidden, not_found, archive_locked, archive_withdrawn (409); DeniedError.
    """
    _may(speaker)
    service = store.held(session, speaker, number)
    row = next((one for one in store.items(session, service.id) if one.id == item_id), None)
    if row is None:
        raise DomainError("not_found", 404)
    if service.archived_on is not None:
        raise DomainError("archive_locked", 409)
    session.add(ArchiveWithdrawal(item_id=item_id, reason=reason, at=now, by=speaker.actor))
    try:
        session.flush()
    except (IntegrityError, OperationalError) as error:  # SQLite's guard speaks before its key does
        raise DomainError("archive_withdrawn", 409) from error
    body = {"reason_sha256": digest(reason)}
    append(session, at=now, kind="archive.withdrawn", subject=f"archive_item:{item_id}", actor=speaker.actor, body=body)


def file_of(session: Session, speaker: Speaker, number: str, item_id: int) -> File:
    """The file of an item. Raises not_found; DeniedError."""
    service = store.found(session, speaker, number)
    row = next((one for one in store.items(session, service.id) if one.id == item_id and one.file), None)
    if row is None or row.file is None:
        raise DomainError("not_found", 404)
    return row.file


def open_folder(session: Session, speaker: Speaker, insured_id: int, now: datetime) -> bool:
    """Open the folder of an insured; False when there is one. Raises forbidden, not_found; DeniedError."""
    _may(speaker)
    store.insured_in_tree(session, speaker, insured_id)
    made = insert_missing(session, ArchiveFolder, insured_id=insured_id, made_on=legal_date(now), made_by=speaker.actor)
    if made:
        append(session, at=now, kind="archive.opened", subject=f"insured:{insured_id}", actor=speaker.actor, body={})
    return made


def file(
    session: Session, speaker: Speaker, number: str, version: int, reason: str | None, now: datetime
) -> dict[str, Any]:
    """File the archive (6.3): from now on nothing in it is withdrawn. What is missing is named, and needs a reason.

    Gives what arranging.archive gives. Raises archive_incomplete (409), and what arranging.archive raises.
    """
    service = store.held(session, speaker, number)
    lacking = record.gaps(session, service, legal_date(now))
    if lacking and not reason:
        raise DomainError("archive_incomplete", 409, names="；".join(one["words"] for one in lacking))
    done = arranging.archive(session, speaker, number, version=version, now=now)
    open_folder(session, speaker, service.insured_id, now)
    body = {
        "missing": [f"{one['code']} {one['kind']}" for one in lacking],
        "reason_sha256": digest(reason) if lacking and reason else None,
        "files": sorted({one.file.sha256 for one in store.items(session, service.id) if one.file}
                        | {one.sha256 for _, _, one in store.of_others(session, service.id)}),
    }  # fmt: skip
    append(session, at=now, kind="archive.filed", subject=f"service:{service.id}", actor=speaker.actor, body=body)
    return done


def content_of(row: ArchiveItem, file_sha256: str | None) -> dict[str, Any]:
    """What the chain knows of an item by digest."""
    return {
        "service": row.service_id, "code": row.code, "kind": row.kind, "file": file_sha256, "words": row.words,
        "by": row.added_by,
    }  # fmt: skip


def _line(service: Service, kind: Kind, code: str) -> str:
    """The line that it is for; of several that only one fulfils somebody has to say which."""
    asking = [line for line in record.lines(service) if kind in line.kinds]
    if code:
        if code not in {line.code for line in asking}:
            raise DomainError("archive_code", 422)
        return code
    if len(asking) > 1 and any(line.either for line in asking):
        raise DomainError("archive_code", 422)
    return asking[0].code if asking else ""


def _file(session: Session, speaker: Speaker, kind: Kind, file_id: str) -> File:
    row = uploaded_by(session, speaker, file_id)
    if row is None or not row.mime.startswith(_MIMES.get(kind, "")):
        raise DomainError("archive_file", 422)
    return row


def _may(speaker: Speaker) -> None:
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)
