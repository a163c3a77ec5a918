"""Appraise a provider (8.1): the work it did for a branch in a year, the insureds' marks, five scores, a result."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from anze.appraisals.models import Appraisal
from anze.appraisals.rules import Content, scale, suggested_rating, total
from anze.audit.chain import append, canonical, digest
from anze.bookings.models import Service
from anze.clock import SHANGHAI, iso, legal_date
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.providers import usecases as providers
from anze.providers.models import Provider, Qualification
from anze.surveys.models import Survey

APPRAISES = frozenset({Role.SERVICE, Role.SUPERVISOR})
LOW_MARK = 2


def in_year(year: int) -> ColumnElement[bool]:
    """Services of a year: completed in it, else planned or asked for in it."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    asked = func.coalesce(Service.starts_at, Service.requested_at)
    return case(
        (Service.completed_on.is_not(None), and_(Service.completed_on >= first, Service.completed_on <= last)),
        else_=and_(asked >= datetime(year, 1, 1, tzinfo=SHANGHAI), asked < datetime(year + 1, 1, 1, tzinfo=SHANGHAI)),
    )


def work_of(year: int) -> Select[Any]:
    """provider_id, branch_id, services, marks, marks_sum, low: what each provider did for each branch in a year."""
    low = func.sum(case((Survey.mark <= LOW_MARK, 1), else_=0))
    return (
        select(
            Service.provider_id.label("provider_id"), Policy.branch_id.label("branch_id"),
            func.count().label("services"), func.count(Survey.mark).label("marks"),
            func.coalesce(func.sum(Survey.mark), 0).label("marks_sum"), func.coalesce(low, 0).label("low"),
        )
        .join(Policy, Policy.id == Service.policy_id)
        .outerjoin(Survey, Survey.service_id == Service.id)
        .where(Service.provider_id.is_not(None), in_year(year))
        .group_by(Service.provider_id, Policy.branch_id)
    )  # fmt: skip


def listed(session: Session, speaker: Speaker, year: int, today: date, *, page: int, size: int) -> dict[str, Any]:
    """{"items": [{"provider_id", "provider", "branch_id", "branch", "services", "marks", "mean_x100", "low",
    "total", "passed", "appraised_on", "valid_to"}…], "total", "page", "year"}: providers that worked in the year for a
    branch of the tree, those without an appraisal first."""
    work = work_of(year).subquery()
    newest = _newest(year).subquery()
    valid = (
        select(func.max(func.coalesce(Qualification.valid_to, date(2999, 12, 31))))
        .where(Qualification.provider_id == Provider.id)
        .scalar_subquery()
    )
    query = (
        select(
            Provider.id.label("provider_id"), Provider.short_name.label("provider"), work.c.branch_id,
            Branch.short_name.label("branch"), work.c.services, work.c.marks, work.c.marks_sum, work.c.low,
            newest.c.total, newest.c.passed, newest.c.appraised_on, valid.label("valid_to"),
        )
        .join(work, work.c.provider_id == Provider.id)
        .join(Branch, Branch.id == work.c.branch_id)
        .outerjoin(
            newest, and_(newest.c.provider_id == Provider.id, newest.c.branch_id == work.c.branch_id)
        )
        .where(work.c.branch_id.in_(branches_of(speaker)))
    )  # fmt: skip
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(newest.c.appraised_on.is_not(None), Branch.path, Provider.short_name)
    rows = session.execute(ordered.offset((page - 1) * size).limit(size)).mappings()
    items = [
        {name: row[name] for name in ("provider_id", "provider", "branch_id", "branch", "services", "marks", "low",
                                      "total", "passed")}
        | {"mean_x100": row["marks_sum"] * 100 // row["marks"] if row["marks"] else None,
           "appraised_on": row["appraised_on"].isoformat() if row["appraised_on"] else None,
           "valid_to": _until(row["valid_to"]), "expired": row["valid_to"] is None or row["valid_to"] < today}
        for row in rows
    ]  # fmt: skip
    return {"year": year, "items": items, "total": count, "page": page}


def one(session: Session, speaker: Speaker, provider_id: int, branch_id: int, year: int) -> dict[str, Any]:
    """{"provider", "branch", "work": {"services", "marks", "mean_x100", "low"}, "suggested_rating", "qualifications",
    "appraisals": [{"year", "version", "scores", "total", "passed", "words", "appraised_on", "by"}…]}.

    Raises not_found; DeniedError when it is another's branch.
    """
    branch, provider = session.get(Branch, branch_id), session.get(Provider, provider_id)
    if branch is None or provider is None:
        raise DomainError("not_found", 404)
    _mine(session, speaker, branch_id, provider_id)
    work = _work(session, provider_id, branch_id, year)
    rows = session.scalars(
        select(Appraisal)
        .where(Appraisal.provider_id == provider_id, Appraisal.branch_id == branch_id)
        .order_by(Appraisal.year.desc(), Appraisal.version.desc())
    ).all()
    who = names(session, [row.by for row in rows])
    return {
        "provider": provider.name, "branch": branch.name, "year": year, "work": work,
        "suggested_rating": suggested_rating(work.pop("marks_sum"), work["marks"]),
        "certificates": [
            {"person": row.person, "kind": row.kind, "number": row.number, "valid_to": iso(row.valid_to)}
            for row in providers.certificates_of(session, provider.id)
        ],
        "equipment": [
            {"name": row.name, "number": row.number, "checked_until": iso(row.checked_until)}
            for row in providers.equipment_of(session, provider.id)
        ],
        "qualifications": [
            {"kind": row.kind, "items": row.items, "valid_from": row.valid_from.isoformat(),
             "valid_to": row.valid_to.isoformat() if row.valid_to else None}
            for row in provider.qualifications
        ],
        "appraisals": [
            {"id": row.id, "year": row.year, "version": row.version, "scores": row.scores, "total": row.total,
             "passed": row.passed, "words": row.words, "appraised_on": row.appraised_on.isoformat(),
             "services": row.services, "marks": row.marks, "by": who[row.by]}
            for row in rows
        ],
    }  # fmt: skip


def appraise(
    session: Session, speaker: Speaker, provider_id: int, branch_id: int, year: int, scores: Mapping[Content, int],
    words: str, now: datetime,
) -> Appraisal:  # fmt: skip
    """Write one down; another one of the same year is a new version, and that one counts.

    Raises forbidden, not_found, appraisal_year, appraisal_scores, appraisal_no_work, appraisal_changed (409, somebody
    did so at the same moment); DeniedError.
    """
    if speaker.role not in APPRAISES:
        raise DomainError("forbidden", 403)
    if session.get(Branch, branch_id) is None or session.get(Provider, provider_id) is None:
        raise DomainError("not_found", 404)
    _mine(session, speaker, branch_id, provider_id)
    today = legal_date(now)
    if year not in {today.year, today.year - 1}:
        raise DomainError("appraisal_year", 422)
    if set(scores) != set(Content) or any(not 0 <= score <= 100 for score in scores.values()):
        raise DomainError("appraisal_scores", 422)
    work = _work(session, provider_id, branch_id, year)
    if not work["services"]:
        raise DomainError("appraisal_no_work", 422, year=year)
    newest = select(func.max(Appraisal.version)).where(
        Appraisal.provider_id == provider_id, Appraisal.branch_id == branch_id, Appraisal.year == year
    )
    points = total(scores, scale())
    row = Appraisal(
        provider_id=provider_id, branch_id=branch_id, year=year, version=(session.scalar(newest) or 0) + 1,
        scores={str(name): score for name, score in scores.items()}, services=work["services"], marks=work["marks"],
        marks_sum=work["marks_sum"], total=points, passed=points >= scale().passes, words=words, appraised_on=today,
        at=now, by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("appraisal_changed", 409) from error
    append(
        session, at=now, kind="provider.appraised", subject=f"appraisal:{row.id}", actor=speaker.actor,
        body={"appraisal_sha256": digest(canonical(content_of(row)))},
    )  # fmt: skip
    return row


def content_of(row: Appraisal) -> dict[str, Any]:
    """What the chain knows of an appraisal by digest."""
    return {
        "provider": row.provider_id, "branch": row.branch_id, "year": row.year, "version": row.version,
        "scores": dict(row.scores), "total": row.total, "passed": bool(row.passed), "words": row.words,
        "on": row.appraised_on.isoformat(),
    }  # fmt: skip


def standing(session: Session, provider_id: int, branch_id: int) -> tuple[int, bool] | None:
    """Year and result of the newest appraisal of a provider by a branch; None when there is none (8.1: 重要依据)."""
    row = session.execute(
        select(Appraisal.year, Appraisal.passed)
        .where(Appraisal.provider_id == provider_id, Appraisal.branch_id == branch_id)
        .order_by(Appraisal.year.desc(), Appraisal.version.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], bool(row[1]))


def _newest(year: int) -> Select[Any]:
    last = (
        select(Appraisal.provider_id, Appraisal.branch_id, func.max(Appraisal.version).label("version"))
        .where(Appraisal.year == year)
        .group_by(Appraisal.provider_id, Appraisal.branch_id)
        .subquery()
    )
    return (
        select(
            Appraisal.provider_id, Appraisal.branch_id, Appraisal.total, Appraisal.passed, Appraisal.appraised_on
        )
        .join(
            last,
            and_(
                last.c.provider_id == Appraisal.provider_id, last.c.branch_id == Appraisal.branch_id,
                last.c.version == Appraisal.version,
            ),
        )
        .where(Appraisal.year == year)
    )  # fmt: skip


def _work(session: Session, provider_id: int, branch_id: int, year: int) -> dict[str, Any]:
    work = work_of(year).subquery()
    row = session.execute(
        select(work).where(work.c.provider_id == provider_id, work.c.branch_id == branch_id)
    ).mappings().first()  # fmt: skip
    if row is None:
        return {"services": 0, "marks": 0, "marks_sum": 0, "mean_x100": None, "low": 0}
    mean = row["marks_sum"] * 100 // row["marks"] if row["marks"] else None
    return {"services": row["services"], "marks": row["marks"], "marks_sum": int(row["marks_sum"]), "mean_x100": mean,
            "low": int(row["low"])}  # fmt: skip


def _mine(session: Session, speaker: Speaker, branch_id: int, provider_id: int) -> None:
    if session.scalar(branches_of(speaker).where(Branch.id == branch_id)) is None:
        raise DeniedError(speaker.actor, f"appraisal:{provider_id}:{branch_id}")


def _until(day: date | None) -> str | None:
    return None if day is None or day.year == 2999 else day.isoformat()
