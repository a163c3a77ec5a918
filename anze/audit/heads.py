"""The file of exported heads, outside the database: one JSON line each, which names the line before it by its hash."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anze.audit.chain import GENESIS, canonical, digest

NAME = "heads.jsonl"
_LARGEST = 2**62
"""What a database can compare with"""


@dataclass(frozen=True)
class HeadLine:
    """One exported head. `line_sha256` is the hash of the line itself, which the next one has as `previous`."""

    no: int
    """1 for the first line"""
    database: str
    seq: int
    sha256: str
    at: str
    previous: str
    line_sha256: str
    restored: str | None = None
    """Why a backup was put back, where one was"""
    void: tuple[int, ...] = ()
    """Lines whose heads the restored database no longer holds"""


def read(path: Path) -> list[HeadLine]:
    """The lines that can be read, in their order; none without a file.

    A line that cannot be read is left out: torn by a power cut it is in nobody's way, a destroyed one leaves a gap.
    Raises OSError.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return [line for raw in content.split(b"\n") if (line := _line(raw)) is not None]


def _line(raw: bytes) -> HeadLine | None:
    try:
        found: Any = json.loads(raw)
        void = tuple(found.pop("void", ()))
        line = HeadLine(**found, line_sha256=digest(raw), void=void)
    except (ValueError, TypeError, AttributeError):
        return None
    numbers = (line.no, line.seq, *line.void)
    words = (line.database, line.sha256, line.at, line.previous, line.restored or "")
    sound = all(type(one) is int and 0 <= one <= _LARGEST for one in numbers) and all(type(one) is str for one in words)
    return line if sound else None


def add(path: Path, line: HeadLine) -> HeadLine:
    """Write a line at the end, on the disk when this returns; gives it with its hash. Raises OSError."""
    raw = written(line).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        whole = (b"\n" if torn else b"") + raw + b"\n"
        if os.write(handle, whole) != len(whole):
            raise OSError(f"{path}: a line was not written whole")
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        _sync_folder(path.parent)
    return HeadLine(**{**vars(line), "line_sha256": digest(raw)})


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def written(line: HeadLine) -> str:
    """The line as it stands in the file."""
    fields: dict[str, Any] = {
        name: getattr(line, name) for name in ("no", "database", "seq", "sha256", "at", "previous")
    }
    if line.restored is not None:
        fields |= {"restored": line.restored, "void": list(line.void)}
    return canonical(fields)


def follows(line: HeadLine, before: HeadLine | None) -> bool:
    """Whether a line is the one right after another, None: the first of all."""
    if before is None:
        return line.no == 1 and line.previous == GENESIS
    return line.no == before.no + 1 and line.previous == before.line_sha256
