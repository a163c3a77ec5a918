"""The bytes of unfinished uploads: one file each in the data folder, under a name of ours."""

import os
import re
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}")


class Pieces:
    """The folder of uploads that are not whole. What a row says was received is the truth, never a file's length."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def length(self, upload_id: str) -> int:
        """How many bytes lie there; 0 when there is nothing."""
        try:
            return self._path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def write(self, upload_id: str, offset: int, piece: bytes) -> None:
        """Put a piece at `offset`, on the disk when this returns; what an earlier attempt left behind it is cut off."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path(upload_id), os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            file.truncate(offset)
            file.seek(offset)
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    def read(self, upload_id: str, size: int) -> bytes:
        """The first `size` bytes; fewer when they are not there."""
        try:
            with self._path(upload_id).open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            return b""

    def remove(self, upload_id: str) -> None:
        self._path(upload_id).unlink(missing_ok=True)

    def names(self) -> set[str]:
        """The uploads of which bytes lie here."""
        if not self._folder.is_dir():
            return set()
        return {path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name)}

    def _path(self, upload_id: str) -> Path:
        if not _NAME.fullmatch(upload_id):
            raise ValueError("not an upload's id")
        return self._folder / upload_id
