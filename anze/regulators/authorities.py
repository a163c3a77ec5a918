"""The registry of authorities: to whom reports, data and answers go (9.1, 9.2)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append, canonical, digest
from anze.clock import iso, legal_date
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.regulators import store
from anze.regulators.kinds import AuthorityKind, AuthorityLevel
from anze.regulators.models import Authority
from anze.regulators.rules import KEEPS, level_fits


@dataclass(frozen=True)
class Given:
    """An authority as somebody writes it down."""

    kind: AuthorityKind
    level: AuthorityLevel
    province: str
    city: str | None
    county: str | None
    name: str
    contact: str


def add(session: Session, speaker: Speaker, given: Given, branch_id: int | None, now: datetime) -> Authority:
    """Keep one, for a branch and all below it.

    Raises DomainError forbidden, authority_level, authority_twice (409), not_found; DeniedError.
    """
    _may(speaker)
    branch = store.branch_for(session, speaker, branch_id, lock=True)
    if not level_fits(given.level, given.city, given.county):
        raise DomainError("authority_level", 422)
    if session.scalar(select(Authority.id).where(Authority.branch_id == branch.id, Authority.name == given.name)):
        raise DomainError("authority_twice", 409)
    row = Authority(
        branch_id=branch.id, kind=given.kind.value, level=given.level.value, province=given.province,
        city=given.city or None, county=given.county or None, name=given.name, contact=given.contact, added_at=now,
        added_by=speaker.actor, ended_on=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"authority_sha256": digest(canonical(content_of(row)))}
    append(session, at=now, kind="authority.added", subject=f"authority:{row.id}", actor=speaker.actor, body=body)
    return row


def end(session: Session, speaker: Speaker, id_: int, now: datetime) -> Authority:
    """Nothing is sent to it from today on. Raises forbidden, not_found, authority_ended (409); DeniedError."""
    _may(speaker)
    row = session.get(Authority, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    store.within(session, speaker, row.branch_id, f"authority:{id_}")
    if row.ended_on is not None:
        raise DomainError("authority_ended", 409)
    row.ended_on = legal_date(now)
    body = {"on": row.ended_on.isoformat()}
    append(session, at=now, kind="authority.ended", subject=f"authority:{id_}", actor=speaker.actor, body=body)
    return row


def listed(
    session: Session, speaker: Speaker, today: date, *, province: str | None = None, page: int = 1, size: int = 50
) -> dict[str, Any]:
    """{"items": [as `view`…], "total", "page"}: those in use, by place."""
    query = _in_use(speaker, today)
    if province:
        query = query.where(Authority.province == province)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = _by_place(query).options(joinedload(Authority.branch))
    rows = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return {"items": [view(row) for row in rows], "total": total, "page": page}


def in_use(session: Session, speaker: Speaker, today: date) -> list[Authority]:
    """All of them, for a choice."""
    return list(session.scalars(_by_place(_in_use(speaker, today))))


def _in_use(speaker: Speaker, today: date) -> Select[tuple[Authority]]:
    return select(Authority).where(
        store.visible_authorities(speaker), or_(Authority.ended_on.is_(None), Authority.ended_on > today)
    )


def _by_place(query: Select[tuple[Authority]]) -> Select[tuple[Authority]]:
    return query.order_by(
        Authority.province, Authority.city.is_not(None), Authority.city, Authority.county, Authority.id
    )


def usable(session: Session, speaker: Speaker, id_: int, today: date) -> Authority:
    """One that something may be sent to. Raises not_found, authority_ended (409); DeniedError."""
    row = store.authority(session, speaker, id_)
    if row.ended_on is not None and row.ended_on <= today:
        raise DomainError("authority_ended", 409)
    return row


def view(row: Authority) -> dict[str, Any]:
    """One for programs and pages."""
    return {
        "id": row.id, "kind": row.kind, "level": row.level, "province": row.province, "city": row.city,
        "county": row.county, "name": row.name, "contact": row.contact, "branch": row.branch.name,
        "ended_on": iso(row.ended_on),
    }  # fmt: skip


def content_of(row: Authority) -> dict[str, Any]:
    """What the chain knows of one by digest."""
    return {
        "branch": row.branch_id, "kind": row.kind, "level": row.level, "province": row.province, "city": row.city,
        "county": row.county, "name": row.name, "contact": row.contact,
    }  # fmt: skip


def _may(speaker: Speaker) -> None:
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)
