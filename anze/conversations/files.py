"""Uploaded files: kept under their SHA-256 in the data folder; what they are is told by their content."""

import hashlib
import io
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import puremagic

from anze.errors import DomainError

KINDS = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf", "video/mp4"})
"""MIME types that may be uploaded, beside those of OFFICE."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
OFFICE = {
    ".docx": (f"{_OFFICE}wordprocessingml.document", "word/document.xml"),
    ".xlsx": (f"{_OFFICE}spreadsheetml.sheet", "xl/workbook.xml"),
}
"""By ending: the MIME type, and the part that makes a ZIP archive one."""
_CONTENTS, _MACROS = "[Content_Types].xml", "vbaProject.bin"


@dataclass(frozen=True)
class Stored:
    """A file on disk: digest of its bytes, its type by content, its size in bytes."""

    sha256: str
    mime: str
    size: int


def _mime(content: bytes, name: str) -> str:
    if content.startswith(b"PK\x03\x04"):
        return _office(content, Path(name).suffix.lower())
    try:
        found = {guess.mime_type for guess in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        found = set()
    known = set(KINDS & found)
    if len(known) != 1:
        raise DomainError("file_kind", 415)
    return known.pop()


def _office(content: bytes, ending: str) -> str:
    """A Word or Excel file without macros, by what lies in the archive. Raises DomainError file_kind."""
    mime, part = OFFICE.get(ending, ("", ""))
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        parts = []
    if not {part, _CONTENTS} <= set(parts) or any(name.endswith(_MACROS) for name in parts):
        raise DomainError("file_kind", 415)
    return mime


class FileStore:
    """The folder of uploaded files. No path comes from a user: a file is found by its digest."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self.limit = limit

    def put(self, content: bytes, name: str) -> Stored:
        """Keep what somebody sent. Raises DomainError file_too_large, file_kind, file_missing."""
        if not content:
            raise DomainError("file_missing", 422)
        if len(content) > self.limit:
            raise DomainError("file_too_large", 413, limit=self.limit // (1024 * 1024))
        return self.keep(content, _mime(content, name))

    def keep(self, content: bytes, mime: str) -> Stored:
        """Keep what we made ourselves."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft:
                draft.write(content)
                draft.flush()
                os.fsync(draft.fileno())
            Path(draft.name).replace(target)
        return Stored(sha256, mime, len(content))

    def path(self, sha256: str) -> Path:
        """Where the bytes with this digest lie, if they are kept."""
        return self._folder / sha256[:2] / sha256
