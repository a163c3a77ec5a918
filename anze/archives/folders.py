"""Folders of insureds (7.4): who has one, and opening those that are missing."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.archives import store
from anze.archives.models import ArchiveFolder
from anze.clock import iso
from anze.identity.speaker import Speaker


def listed(session: Session, speaker: Speaker, today: date, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """{"items": [{"insured_id", "insured", "made_on"}…], "total", "missing", "page"}: without a folder first."""
    query = store.folders(speaker, today)
    counted = query.order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    missing = query.where(ArchiveFolder.insured_id.is_(None)).order_by(None)
    rows = session.execute(query.offset((page - 1) * size).limit(size)).tuples().all()
    return {
        "items": [
            {"insured_id": insured.id, "insured": insured.name, "made_on": iso(folder.made_on) if folder else None}
            for insured, folder in rows
        ],
        "total": total,
        "missing": session.scalar(select(func.count()).select_from(missing.subquery())) or 0,
        "page": page,
    }
