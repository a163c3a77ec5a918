"""Files that are to be imported: one each in the data folder, named by their digest, gone when nobody needs them."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from anze.errors import DomainError
from anze.imports.reading import is_readable_start

_PIECE = 1024 * 1024
_SETTLED_SECONDS = 3600
"""A file lies there before the row that names it"""


class Sources:
    """The folder; only we can read it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Keep what was sent, piece by piece; its SHA-256 and its size. Raises DomainError as for any upload."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        hashed, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                while piece := content.read(_PIECE):
                    if not size and not is_readable_start(piece):
                        raise DomainError("import_file_kind", 415)
                    size += len(piece)
                    if size > self._limit:
                        raise DomainError("import_too_large", 413, limit=self._limit // (1024 * 1024) or 1)
                    hashed.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if not size:
                raise DomainError("file_missing", 422)
            Path(name).replace(self.path(hashed.hexdigest()))
        finally:
            Path(name).unlink(missing_ok=True)
        return hashed.hexdigest(), size

    def path(self, sha256: str) -> Path:
        return self._folder / sha256

    def keep_only(self, wanted: Iterable[str]) -> int:
        """Remove what nobody needs and nobody may just be about to need; how many files."""
        if not self._folder.is_dir():
            return 0
        kept, before = set(wanted), time.time() - _SETTLED_SECONDS
        gone = [path for path in self._folder.iterdir() if path.name not in kept and path.stat().st_mtime < before]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)
