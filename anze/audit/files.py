"""Attachments: whether the bytes behind every row and every event are there and are the ones that were taken in."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.raw import as_text, events, raw
from anze.conversations.files import FileStore
from anze.conversations.models import File

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileFault(StrEnum):
    MISSING = "missing"
    CHANGED = "changed"
    SIZE = "size"
    """the row says another size"""
    NAMELESS = "nameless"
    """the row has no digest, so nobody knows which bytes it means"""


@dataclass
class Wanted:
    """What should lie under one digest: named by so many rows (their ids) with these sizes in bytes, and by events."""

    rows: list[str] = field(default_factory=list)
    sizes: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class FileProblem:
    """`files`: ids of the rows that mean these bytes; none where only the chain names them."""

    fault: FileFault
    sha256: str
    files: tuple[str, ...]


def named(session: Session) -> dict[str, Wanted]:
    """Digest → what is known of it, from the files' rows and from events that name a file."""
    found: dict[str, Wanted] = {}
    columns = raw(session, File.id), raw(session, File.sha256), File.size
    for id_, sha256, size in session.execute(select(*columns)):
        one = found.setdefault(as_text(sha256) or "", Wanted())
        one.rows.append(as_text(id_) or "")
        one.sizes.add(size)
    for event in events(session, naming="file_id"):
        sha256 = event.content.get("sha256")
        if isinstance(sha256, str) and "file_id" in event.content:
            found.setdefault(sha256, Wanted())
    return found


def check(wanted: dict[str, Wanted], store: FileStore) -> Iterator[FileProblem]:
    """Read every file once, piece by piece. Needs no database: it may take long. Raises OSError."""
    for sha256, one in sorted(wanted.items()):
        fault = _fault(sha256, one, store)
        if fault is not None:
            yield FileProblem(fault, sha256, tuple(sorted(one.rows)))


def _fault(sha256: str, one: Wanted, store: FileStore) -> FileFault | None:
    if not _DIGEST.fullmatch(sha256):
        return FileFault.NAMELESS
    path = store.path(sha256)
    try:
        with path.open("rb") as content:
            actual = hashlib.file_digest(content, "sha256").hexdigest()
            size = content.tell()
    except FileNotFoundError:
        return FileFault.MISSING
    if actual != sha256:
        return FileFault.CHANGED
    return FileFault.SIZE if one.sizes - {size} else None
