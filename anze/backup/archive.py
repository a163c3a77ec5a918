"""One tar.gz with everything that cannot be made again: the database, uploaded files, what the operator added.

`manifest.json` names every file with its SHA-256; nothing is put back unless all of them agree.
"""

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from anze.backup.engines import Engine
from anze.standard.editions import STANDARD

FORMAT = 1
MANIFEST = "manifest.json"
HEADS = "audit-heads"
FOLDERS = ("files", "holidays", "letters", STANDARD, HEADS)
"""Of the data folder."""


class BadArchiveError(Exception):
    """Not a backup of ours, or altered since; `reason` is a key of texts/backup.yml, `name` the file meant."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.name = name


@dataclass(frozen=True)
class Manifest:
    """`revision` of the database's schema, `engine` that wrote it, `files`: path → SHA-256."""

    made_at: str
    engine: str
    revision: str | None
    files: dict[str, str]

    def to_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **vars(self)}, ensure_ascii=False, indent=1).encode()


def write(target: Path, data: Path, engine: Engine, revision: str | None, now: datetime) -> Manifest:
    """Write a backup, in one step: the file is there whole or not at all. Raises OSError, EngineFailedError."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".anze-backup-") as place:
        # The database first: every file that it names was there before its row was.
        dump = engine.dump(Path(place))
        parts = {dump.name: dump, **_kept(data)}
        manifest = Manifest(
            now.isoformat(), engine.name, revision, {name: _sha256(path) for name, path in parts.items()}
        )
        draft = Path(place) / "backup.tar.gz"
        with tarfile.open(draft, "w:gz") as archive:
            _add(archive, MANIFEST, manifest.to_json())
            for name, path in parts.items():
                archive.add(path, name, recursive=False)
        draft.chmod(0o600)
        draft.replace(target)
    return manifest


def _kept(data: Path) -> dict[str, Path]:
    return {
        path.relative_to(data).as_posix(): path
        for folder in FOLDERS
        for path in sorted((data / folder).rglob("*"))
        if path.is_file() and path.suffix != ".tmp"
    }


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


@contextmanager
def opened(source: Path) -> Iterator[tuple[Manifest, Path]]:
    """A backup, unpacked into a folder of its own and checked whole. Raises BadArchiveError, OSError."""
    with tempfile.TemporaryDirectory(prefix="anze-restore-") as place:
        try:
            with tarfile.open(source, "r:gz") as archive:
                manifest = _manifest(archive)
                _unpack(archive, manifest, Path(place))
        except (tarfile.TarError, EOFError, json.JSONDecodeError) as error:
            raise BadArchiveError("not_a_backup") from error
        yield manifest, Path(place)


def _manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    content = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
    found: Any = json.load(content) if content is not None else None
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
        raise BadArchiveError("not_a_backup")
    try:
        manifest = Manifest(**found)
    except TypeError as error:
        raise BadArchiveError("not_a_backup") from error
    for name in manifest.files:
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts or (len(parts) > 1 and parts[0] not in FOLDERS):
            raise BadArchiveError("altered", name)
    return manifest


def _unpack(archive: tarfile.TarFile, manifest: Manifest, place: Path) -> None:
    missing = set(manifest.files)
    for member in archive:
        if member.name == MANIFEST:
            continue
        content = archive.extractfile(member) if member.isreg() else None
        if content is None or member.name not in missing:
            raise BadArchiveError("altered", member.name)
        target = place / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if _copied(content, target) != manifest.files[member.name]:
            raise BadArchiveError("altered", member.name)
        missing.discard(member.name)
    if missing:
        raise BadArchiveError("altered", min(missing))


def put_back(manifest: Manifest, place: Path, data: Path, engine: Engine) -> None:
    """The database and the files of an unpacked backup. Files that are there and not in the backup stay.

    So do exported heads of the audit chain: those that are there may know of more than the backup does.
    """
    (dump,) = (name for name in manifest.files if "/" not in name)
    for name in manifest.files:
        if name != dump:
            target = data / name
            if target.exists() and PurePosixPath(name).parts[0] == HEADS:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f"{target.name}.tmp")
            with (place / name).open("rb") as content:
                _copied(content, draft)
            draft.replace(target)
    engine.load(place / dump)


def _copied(content: IO[bytes], target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as out:
        while block := content.read(1 << 20):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
