"""Files that the chain names with their digest, beside the rows that say where their bytes lie."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.raw import as_text, events, raw
from anze.audit.sealed import Seal
from anze.conversations.models import File


def seals(session: Session) -> Iterator[Seal]:
    """A row must still point to the bytes that were taken in."""
    columns = raw(session, File.id), raw(session, File.sha256)
    rows = {as_text(id_): as_text(sha256) or "" for id_, sha256 in session.execute(select(*columns))}
    for event in events(session, naming="file_id"):
        body = event.content
        if isinstance(file_id := body.get("file_id"), str) and isinstance(sha256 := body.get("sha256"), str):
            yield Seal(str(event.subject), "file", sha256, rows.get(file_id))
