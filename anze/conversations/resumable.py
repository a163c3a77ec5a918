"""Files that come in pieces over a bad line: begun once by the client's name for it, gone on with after any break."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.conversations import uploads
from anze.conversations.files import Stored
from anze.conversations.models import Upload
from anze.conversations.pieces import Pieces
from anze.db import insert_missing
from anze.errors import DomainError
from anze.identity.auth import SignedIn
from anze.identity.denied import DeniedError

OPEN_AT_ONCE = 20
"""Unfinished uploads of one conversation; the page sends one after the other."""
KEPT_FOR = timedelta(days=7)
"""An unfinished upload waits so long for its next piece."""


@dataclass(frozen=True)
class Taken:
    """Where an upload stands after a piece. `differs`: the piece was for another place and was not taken."""

    received: int
    whole: bool
    differs: bool = False


def start(
    session: Session, me: SignedIn, client_id: str, name: str, size: int, limit: int, now: datetime
) -> dict[str, Any]:
    """Begin an upload, or find the one that this client_id began: {"upload_id", "received", "size", "file_id"}.

    `size` and `limit` in bytes. Raises DomainError file_missing, file_too_large, upload_client_id (another file had
    this name), upload_too_many.
    """
    if size < 1:
        raise DomainError("file_missing", 422)
    if size > limit:
        raise DomainError("file_too_large", 413, limit=limit // (1024 * 1024) or 1)
    mine = (Upload.conversation_id == me.conversation_id, Upload.client_id == client_id)
    found = session.scalar(select(Upload).where(*mine))
    if found is None:
        unfinished = select(func.count()).where(mine[0], Upload.file_id.is_(None))
        if (session.scalar(unfinished) or 0) >= OPEN_AT_ONCE:
            raise DomainError("upload_too_many", 429)
        insert_missing(
            session,
            Upload,
            id=uuid4().hex,
            conversation_id=me.conversation_id,
            client_id=client_id,
            name=uploads.storable_name(name),
            size=size,
            received=0,
            at=now,
        )
        found = session.scalars(select(Upload).where(*mine)).one()
    if found.size != size:
        raise DomainError("upload_client_id", 409)
    return view(found)


def own(session: Session, me: SignedIn, upload_id: str, *, held: bool = False) -> Upload:
    """An upload of one's own conversation; `held` until the transaction ends. Raises not_found, DeniedError."""
    found = session.get(Upload, upload_id, with_for_update=held, populate_existing=held)
    if found is None:
        raise DomainError("not_found", 404)
    if found.conversation_id != me.conversation_id:
        actor = f"staff:{me.staff_id}" if me.staff_id else f"conversation:{me.conversation_id}"
        raise DeniedError(actor, f"upload:{upload_id}")
    return found


def take(
    session: Session, me: SignedIn, pieces: Pieces, upload_id: str, offset: int, piece: bytes, now: datetime
) -> Taken:
    """Add a piece at its place. Raises DomainError file_too_large when it runs over the size that was announced.

    The row is held, so of two that send the same piece one comes too late. The bytes are on the disk before the row
    counts them; a piece whose row was not committed is written over by the next one.
    """
    upload = own(session, me, upload_id, held=True)
    if upload.file_id is None and pieces.length(upload.id) < upload.received:
        upload.received = pieces.length(upload.id)  # the data folder was put back from an older copy
    whole = upload.received == upload.size
    if offset != upload.received:
        return Taken(upload.received, whole, differs=True)
    if offset + len(piece) > upload.size:
        raise DomainError("upload_too_long", 413)
    if piece:
        pieces.write(upload.id, offset, piece)
        upload.received += len(piece)
        upload.at = now
        session.flush()
    return Taken(upload.received, upload.received == upload.size)


def unchecked(session: Session, me: SignedIn, upload_id: str) -> Upload | None:
    """The upload if all its bytes are there and nobody has looked at them yet."""
    upload = own(session, me, upload_id)
    return upload if upload.file_id is None and upload.received == upload.size else None


def finish(session: Session, me: SignedIn, upload_id: str, stored: Stored, now: datetime) -> str:
    """Make a whole upload a file of the conversation, once. Gives the file's id."""
    upload = own(session, me, upload_id, held=True)
    if upload.file_id is None:
        upload.file_id = uploads.add_file(session, upload.conversation_id, stored, upload.name, now).id
        session.flush()
    return upload.file_id


def drop(session: Session, me: SignedIn, upload_id: str) -> None:
    """Forget an upload that turned out to be nothing we keep."""
    session.delete(own(session, me, upload_id, held=True))
    session.flush()


def remove_stale(session: Session, pieces: Pieces, now: datetime) -> int:
    """Remove unfinished uploads for which nothing came in KEPT_FOR, and bytes without a row. Gives how many rows."""
    there = pieces.names()  # before the rows: a row is older than its bytes
    stale = list(
        session.scalars(
            select(Upload).where(Upload.file_id.is_(None), Upload.at < now - KEPT_FOR).with_for_update(skip_locked=True)
        )
    )
    for upload in stale:
        session.delete(upload)
    session.flush()
    for stray in there - set(session.scalars(select(Upload.id).where(Upload.file_id.is_(None)))):
        pieces.remove(stray)
    return len(stale)


def view(upload: Upload) -> dict[str, Any]:
    """Where it stands, for the client."""
    return {
        "upload_id": upload.id,
        "received": upload.received,
        "size": upload.size,
        "file_id": upload.file_id,
    }
