"""The seven management documents (七项管理制度, 7.2), version by version."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append, canonical, digest
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.management.kinds import DocumentKind
from anze.management.models import RuleDocument
from anze.management.people import own_branch


def issue(
    session: Session, speaker: Speaker, kind: DocumentKind, title: str, number: str, changes: str, in_force_from: date,
    now: datetime,
) -> RuleDocument:  # fmt: skip
    """The next version for the own branch and all below it. Raises forbidden, document_changed (409)."""
    if speaker.role not in {Role.SUPERVISOR, Role.ADMIN}:
        raise DomainError("forbidden", 403)
    branch_id = own_branch(session, speaker, None)
    newest = select(func.max(RuleDocument.version)).where(
        RuleDocument.branch_id == branch_id, RuleDocument.kind == kind
    )
    row = RuleDocument(
        branch_id=branch_id, kind=kind.value, version=(session.scalar(newest) or 0) + 1, title=title, number=number,
        changes=changes, in_force_from=in_force_from, issued_at=now, issued_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("document_changed", 409) from error
    append(
        session, at=now, kind="document.issued", subject=f"document:{row.id}", actor=speaker.actor,
        body={"document_sha256": digest(canonical(content_of(row)))},
    )  # fmt: skip
    return row


def content_of(row: RuleDocument) -> dict[str, Any]:
    """What the chain knows of a version by digest."""
    return {
        "branch": row.branch_id, "kind": row.kind, "version": row.version, "title": row.title, "number": row.number,
        "changes": row.changes, "from": row.in_force_from.isoformat(),
    }  # fmt: skip


def listed(session: Session, speaker: Speaker, today: date) -> dict[str, Any]:
    """{"items": [{"kind", "branch", "title", "number", "version", "in_force_from", "issued_by", "changes"}…],
    "missing": kinds that no branch from head office down to the own has in force}."""
    above = [int(part) for part in (speaker.branch_path or "").split("/") if part]
    query = select(RuleDocument).where(RuleDocument.branch_id.in_(above)).options(joinedload(RuleDocument.branch))
    rows = session.scalars(query.order_by(RuleDocument.kind, RuleDocument.version.desc(), RuleDocument.id)).all()
    who = names(session, [row.issued_by for row in rows])
    have = {row.kind for row in rows if row.in_force_from <= today}
    items = [
        {"id": row.id, "kind": row.kind, "branch": row.branch.name, "title": row.title, "number": row.number,
         "version": row.version, "in_force_from": row.in_force_from.isoformat(), "changes": row.changes,
         "issued_by": who[row.issued_by]}
        for row in rows
    ]  # fmt: skip
    return {"items": items, "total": len(items), "missing": [str(kind) for kind in DocumentKind if kind not in have]}
