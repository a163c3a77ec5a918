"""Archives as one ZIP with an index and a manifest, to be checked without our program (tools/verify_archive.py)."""

import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.archives import doubts, record, store
from anze.archives.record import say
from anze.audit.chain import append
from anze.audit.models import AuditHead
from anze.bookings.models import Service
from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI, legal_date
from anze.csv_file import csv_file
from anze.errors import DomainError
from anze.identity.speaker import Speaker

FORMAT = "anze-archive-1"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_NAME = 80
_PIECE = 1 << 20


@dataclass(frozen=True)
class Entry:
    """A file of the export: where it lies in it, and where its bytes are kept."""

    name: str
    sha256: str
    service: str
    kind: str
    title: str


@dataclass(frozen=True)
class Plan:
    """What an export holds: `records` as record.one gives them."""

    title: str
    records: tuple[dict[str, Any], ...]
    entries: tuple[Entry, ...]
    head: dict[str, Any]
    made_at: datetime


@dataclass(frozen=True)
class Made:
    """The ZIP as a temporary file, which whoever gets it removes; `manifest`: the digest of its manifest."""

    path: Path
    name: str
    manifest: str


def of_service(session: Session, speaker: Speaker, number: str, now: datetime, calendar: WorkCalendar) -> Plan:
    """The archive of one service. Raises not_found; DeniedError."""
    service = store.found(session, speaker, number)
    return _plan(session, speaker, [service], f"{service.insured.name}-{service.number}", now, calendar)


def of_folder(session: Session, speaker: Speaker, insured_id: int, now: datetime, calendar: WorkCalendar) -> Plan:
    """All archives of an insured within the tree. Raises not_found, archive_empty; DeniedError."""
    insured = store.insured_in_tree(session, speaker, insured_id)
    query = store.services(speaker).where(Service.insured_id == insured_id).order_by(Service.completed_on, Service.id)
    services = session.scalars(query).all()
    if not services:
        raise DomainError("archive_empty", 409)
    return _plan(session, speaker, services, insured.name, now, calendar)


def _plan(
    session: Session, speaker: Speaker, services: Sequence[Service], title: str, now: datetime, calendar: WorkCalendar
) -> Plan:
    today = legal_date(now)
    records: list[dict[str, Any]] = []
    entries: list[Entry] = []
    for service in services:
        one = record.one(session, speaker, service.number, today, calendar)
        records.append(one | {"doubts": doubts.of_service(session, speaker, service.number)})
        entries += _entries(one)
    head = session.scalars(select(AuditHead)).first()
    place = {"seq": head.seq, "sha256": head.sha256} if head is not None else {}
    return Plan(title, tuple(records), tuple(entries), place, now)


def _entries(one: dict[str, Any]) -> Iterator[Entry]:
    files = [*one["others"], *(item for item in one["items"] if "sha256" in item)]
    for place, file in enumerate(files, 1):
        kind = say(f"kind.{file['kind']}")
        name = f"{one['number']}/{place:03d}-{kind}-{safe(file['name'])}"
        yield Entry(name, file["sha256"], one["number"], file["kind"], file.get("title") or file["name"])


def safe(name: str) -> str:
    """A file's name that means no other place, on any system, and keeps its ending."""
    plain = _UNSAFE.sub("_", name).strip(" .") or "_"
    if len(plain) <= _NAME:
        return plain
    ending = Path(plain).suffix[:10]
    return plain[: _NAME - len(ending)] + ending


def made(plan: Plan, path_of: Callable[[str], Path]) -> Made:
    """Write the ZIP, piece by piece. `path_of`: where bytes lie by their digest. Raises archive_lost for lost bytes."""
    if lost := [one.title for one in plan.entries if not path_of(one.sha256).is_file()]:
        raise DomainError("archive_lost", 409, names="、".join(lost[:5]))
    with tempfile.NamedTemporaryFile(prefix="anze-archive-", suffix=".zip", delete=False) as target:
        try:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                listed = [_copied(archive, one, path_of(one.sha256)) for one in plan.entries]
                for name, content in _pages(plan).items():
                    archive.writestr(name, content)
                    listed.append({"name": name, "size": len(content), "sha256": sha256(content).hexdigest()})
                manifest = _manifest(plan, listed)
                archive.writestr("manifest.json", manifest)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    return Made(Path(target.name), f"{safe(plan.title)}-{plan.made_at.astimezone(SHANGHAI):%Y%m%d}.zip",
                sha256(manifest).hexdigest())  # fmt: skip


def _copied(archive: zipfile.ZipFile, one: Entry, path: Path) -> dict[str, Any]:
    size, found = 0, sha256()
    with path.open("rb") as source, archive.open(one.name, "w", force_zip64=True) as target:
        while piece := source.read(_PIECE):
            target.write(piece)
            found.update(piece)
            size += len(piece)
    return {"name": one.name, "size": size, "sha256": found.hexdigest(), "service": one.service, "kind": one.kind,
            "kept_sha256": one.sha256}  # fmt: skip


def note(session: Session, speaker: Speaker, plan: Plan, manifest: str, now: datetime) -> None:
    """That it was exported goes into the chain with the digest of its manifest: a third party can ask for it there."""
    numbers = [one["number"] for one in plan.records]
    subject = f"archive:{numbers[0]}" if len(numbers) == 1 else f"archive:{plan.records[0]['insured_id']}"
    body = {"manifest_sha256": manifest, "services": len(numbers), "files": len(plan.entries)}
    append(session, at=now, kind="archive.exported", subject=subject[:80], actor=speaker.actor, body=body)


def _manifest(plan: Plan, listed: list[dict[str, Any]]) -> bytes:
    at = plan.made_at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    files = sorted(listed, key=lambda one: str(one["name"]))
    whole = {"format": FORMAT, "title": plan.title, "made_at": at, "chain_head": plan.head, "files": files}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _pages(plan: Plan) -> dict[str, bytes]:
    heads = [say(f"index.{name}") for name in ("service", "item", "completed", "kind", "file", "sha256")]
    items = {one["number"]: one for one in plan.records}
    rows = [
        [one.service, items[one.service]["item_name"], items[one.service]["completed_on"], say(f"kind.{one.kind}"),
         one.name, one.sha256]
        for one in plan.entries
    ]  # fmt: skip
    data = json.dumps(plan.records, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return {"index.html": _index(plan).encode(), "index.csv": csv_file([heads, *rows]), "records.json": data}


def _index(plan: Plan) -> str:
    parts = [f"<h1>{escape(plan.title)}</h1>", f"<p>{escape(say('index.how'))}</p>"]
    for one in plan.records:
        facts = (("item", one["item_name"]), ("insured", one["insured"]), ("policy", one["policy"]),
                 ("completed", one["completed_on"]), ("archived", one["archived_on"] or ""),
                 ("keep_until", one["keep_until"] or ""))  # fmt: skip
        parts.append(f"<h2>{escape(one['number'])}</h2><ul>")
        parts += [f"<li>{escape(say(f'index.{name}'))}：{escape(value)}</li>" for name, value in facts if value]
        parts.append("</ul><ol>")
        for line in one["lines"]:
            state = "、".join(f"{need['name']}{'✓' if need['has'] else '✗'}" for need in line["needs"])
            parts.append(f"<li>{escape(line['text'])}（{escape(state)}）</li>")
        parts.append("</ol>")
        if one["missing"]:
            parts.append(
                f"<p>{escape(say('index.missing'))}{escape('；'.join(g['words'] for g in one['missing']))}</p>"
            )
        parts.append("<ul>")
        for item in one["items"]:
            if item["words"]:
                parts.append(f"<li>{escape(item['kind_name'])}：{escape(item['words'])}</li>")
        for entry in plan.entries:
            if entry.service == one["number"]:
                parts.append(f'<li><a href="{escape(entry.name)}">{escape(entry.name)}</a></li>')
        parts.append("</ul>")
    body = "".join(parts)
    return f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{escape(plan.title)}</title>{body}</html>'
