"""What the chain has of archives by digest (7.4), beside the rows as they stand."""

from collections.abc import Iterator

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from anze.archives.models import ArchiveItem, ArchiveWithdrawal, PhotoDoubt
from anze.audit.chain import canonical, digest
from anze.audit.raw import as_text, events, raw
from anze.audit.sealed import Seal, seal
from anze.conversations.models import File


def seals(session: Session) -> Iterator[Seal]:
    """Every item, every withdrawal, and what somebody found who looked at a photo."""
    expected = {str(event.subject): event.content.get("item_sha256") for event in events(session, "archive.added")}
    actual = _items(session)
    for subject in sorted(expected.keys() | actual.keys()):
        yield Seal(subject, "archive_item", expected.get(subject), actual.get(subject))
    yield from _words(session, "archive.withdrawn", "reason_sha256", "archive_withdrawal", {
        f"archive_item:{id_}": seal(reason)
        for id_, reason in session.execute(select(ArchiveWithdrawal.item_id, raw(session, ArchiveWithdrawal.reason)))
    })  # fmt: skip
    yield from _words(session, "photo.looked", "words_sha256", "photo_looked", {
        f"photo:{id_}": seal(words)
        for id_, words in session.execute(
            select(PhotoDoubt.id, raw(session, PhotoDoubt.words)).where(PhotoDoubt.verdict.is_not(None))
        )
    })  # fmt: skip


def _items(session: Session) -> dict[str, str]:
    names = ("service", "code", "kind", "file", "words", "by")
    columns = (cast(ArchiveItem.service_id, String), ArchiveItem.code, ArchiveItem.kind, File.sha256,
               ArchiveItem.words, ArchiveItem.added_by)  # fmt: skip
    query = select(ArchiveItem.id, *(raw(session, column) for column in columns)).outerjoin(
        File, File.id == ArchiveItem.file_id
    )
    found = {}
    for id_, *values in session.execute(query):
        row = dict(zip(names, map(as_text, values), strict=True))
        service = row["service"]
        number = int(service) if service is not None and service.isdecimal() else service
        found[f"archive_item:{id_}"] = digest(canonical({**row, "service": number}))
    return found


def _words(session: Session, kind: str, key: str, what: str, actual: dict[str, str | None]) -> Iterator[Seal]:
    expected = {str(event.subject): event.content.get(key) for event in events(session, kind)}
    for subject in sorted(expected.keys() | actual.keys()):
        yield Seal(subject, what, expected.get(subject), actual.get(subject))
