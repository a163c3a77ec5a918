"""Views of the queue that a staff member saved under a name: their own, nobody else's."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.complaints.desk_models import SavedView
from anze.complaints.wanted import Wanted
from anze.errors import DomainError
from anze.identity.models import Staff
from anze.identity.speaker import Speaker

MOST = 50
"""Views of one person"""


def saved(session: Session, speaker: Speaker) -> dict[str, Any]:
    """The speaker's views by name: {"items": [{"id", "name", "query", "saved_at"}…], "total"}."""
    rows = session.scalars(select(SavedView).where(SavedView.staff_id == speaker.staff_id).order_by(SavedView.name))
    items = [_view(row) for row in rows]
    return {"items": items, "total": len(items)}


def save(session: Session, speaker: Speaker, name: str, query: Wanted, now: datetime) -> dict[str, Any]:
    """Save a view; one of the same name is replaced. Raises DomainError views_full (409)."""
    assert speaker.staff_id is not None
    # Held, so that two requests of one person cannot both be the last one that fits.
    session.get_one(Staff, speaker.staff_id, with_for_update=True)
    mine = SavedView.staff_id == speaker.staff_id
    row = session.scalar(select(SavedView).where(mine, SavedView.name == name))
    if row is None:
        if (session.scalar(select(func.count()).select_from(SavedView).where(mine)) or 0) >= MOST:
            raise DomainError("views_full", 409, limit=MOST)
        row = SavedView(staff_id=speaker.staff_id, name=name)
        session.add(row)
    row.query, row.saved_at = query.model_dump(mode="json", exclude_defaults=True), now
    session.flush()
    return _view(row)


def forget(session: Session, speaker: Speaker, id_: int) -> None:
    """Remove one of the speaker's views. Raises DomainError not_found, for anybody else's too."""
    row = session.scalar(select(SavedView).where(SavedView.id == id_, SavedView.staff_id == speaker.staff_id))
    if row is None:
        raise DomainError("not_found", 404)
    session.delete(row)
    session.flush()


def _view(row: SavedView) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "query": row.query, "saved_at": row.saved_at.isoformat()}
