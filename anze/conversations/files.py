"""Uploaded files: kept under their SHA-256 in the data folder; what they are is told by their content."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import puremagic

from anze.errors import DomainError

KINDS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "video/mp4": ".mp4",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""MIME types that may be uploaded, and the ending a file of that type must have to be one."""


@dataclass(frozen=True)
class Stored:
    """A file on disk: digest of its bytes, its type by content, its size in bytes."""

    sha256: str
    mime: str
    size: int


def _mime(content: bytes, name: str) -> str:
    ending = Path(name).suffix.lower().replace(".jpeg", ".jpg")
    try:
        found = {guess.mime_type for guess in puremagic.magic_string(content, name)}
    except (puremagic.PureError, ValueError):
        found = set()
    for mime, expected in KINDS.items():
        if mime in found and (ending == expected or expected not in {".docx", ".xlsx"}):
            return mime
    raise DomainError("file_kind", 415)


class FileStore:
    """The folder of uploaded files. No path comes from a user: a file is found by its digest."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self.limit = limit

    def put(self, content: bytes, name: str) -> Stored:
        """Keep the bytes. Raises DomainError file_too_large, file_kind, file_missing."""
        if not content:
            raise DomainError("file_missing", 422)
        if len(content) > self.limit:
            raise DomainError("file_too_large", 413, limit=self.limit // (1024 * 1024))
        mime = _mime(content, name)
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
        return self._folder / sha256[:2] / sha256
