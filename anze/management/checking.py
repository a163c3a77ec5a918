"""Spot checks of services (7.2) and complaint channels that are tried (6.4)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append, digest
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.management.kinds import ChannelKind, Outcome
from anze.management.models import ComplaintChannel, QualityCheck
from anze.management.people import own_branch
from anze.management.rules import drawn
from anze.policies.models import Policy
from anze.reports import usecases as reports
from anze.reports.kinds import CandidateKind

MOST = 50
_BACK_DAYS = 100


def draw(session: Session, speaker: Speaker, seed: str, count: int, now: datetime) -> list[QualityCheck]:
    """So many services of the own tree, completed in the last hundred days and never drawn. Raises forbidden,
    quality_none (409), quality_drawn (409, somebody drew at the same moment)."""
    own_branch(session, speaker, None)
    today = legal_date(now)
    query = (
        select(Service, Policy.branch_id)
        .join(Policy, Policy.id == Service.policy_id)
        .where(
            Policy.branch_id.in_(branches_of(speaker)), Service.status == "completed",
            Service.completed_on >= date.fromordinal(today.toordinal() - _BACK_DAYS), Service.completed_on <= today,
            Service.id.not_in(select(QualityCheck.service_id)),
        )
    )  # fmt: skip
    services = {service.number: (service, branch_id) for service, branch_id in session.execute(query)}
    chosen = drawn(services, seed, min(count, MOST))
    if not chosen:
        raise DomainError("quality_none", 409)
    rows = []
    for number in chosen:
        service, branch_id = services[number]
        row = QualityCheck(
            branch_id=branch_id, service_id=service.id, seed=seed, drawn_on=today, drawn_by=speaker.actor, outcome=None,
            findings=None, checked_on=None, checked_by=None,
        )  # fmt: skip
        session.add(row)
        rows.append(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("quality_drawn", 409) from error
    body = {"seed": seed, "services": chosen, "of": len(services)}
    append(session, at=now, kind="quality.drawn", subject=f"quality:{rows[0].id}", actor=speaker.actor, body=body)
    return rows


def found(session: Session, speaker: Speaker, id_: int, outcome: Outcome, findings: str, now: datetime) -> QualityCheck:
    """What a check found, once; what looks made up is a candidate of 9.2 d).

    Raises forbidden, not_found, quality_done (409); DeniedError.
    """
    row = session.get(QualityCheck, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    own_branch(session, speaker, row.branch_id)
    if row.checked_on is not None:
        raise DomainError("quality_done", 409)
    row.outcome, row.findings = outcome.value, findings
    row.checked_on, row.checked_by = legal_date(now), speaker.actor
    body = {"outcome": outcome.value, "findings_sha256": digest(findings)}
    append(session, at=now, kind="quality.checked", subject=f"quality:{id_}", actor=speaker.actor, body=body)
    if outcome is Outcome.FAKE:
        reports.note(
            session, kind=CandidateKind.FAKE_SERVICE, subject=f"quality:{id_}", insured_id=row.service.insured_id,
            branch_id=row.branch_id, words=findings, at=now, by=speaker.actor,
        )  # fmt: skip
    return row


def checks(session: Session, speaker: Speaker, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """{"items": [{"id", "service", "branch", "drawn_on", "seed", "outcome", "findings", "checked_on"}…], …}: those that
    wait first."""
    query = select(QualityCheck).where(QualityCheck.branch_id.in_(branches_of(speaker)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    shown = query.options(joinedload(QualityCheck.branch), joinedload(QualityCheck.service))
    ordered = shown.order_by(QualityCheck.checked_on.is_not(None), QualityCheck.id)
    rows = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return {"items": [_view(row) for row in rows], "total": total, "page": page}


def one(session: Session, speaker: Speaker, id_: int) -> dict[str, Any]:
    """One of them, as in `checks`. Raises not_found; DeniedError."""
    row = session.get(QualityCheck, id_)
    if row is None:
        raise DomainError("not_found", 404)
    if session.scalar(branches_of(speaker).where(Branch.id == row.branch_id)) is None:
        raise DeniedError(speaker.actor, f"quality:{id_}")
    return _view(row)


def _view(row: QualityCheck) -> dict[str, Any]:
    return {
        "id": row.id, "service": row.service.number, "branch": row.branch.name, "drawn_on": row.drawn_on.isoformat(),
        "seed": row.seed, "outcome": row.outcome, "findings": row.findings,
        "checked_on": row.checked_on.isoformat() if row.checked_on else None,
    }  # fmt: skip


def channel(
    session: Session, speaker: Speaker, kind: ChannelKind, value: str, hours: str, branch_id: int | None, now: datetime
) -> ComplaintChannel:
    """A way to complain from today on. Raises forbidden, not_found; DeniedError."""
    branch = own_branch(session, speaker, branch_id)
    row = ComplaintChannel(
        branch_id=branch, kind=kind.value, value=value, hours=hours, from_on=legal_date(now), to_on=None,
        tested_on=None, works=None, tested_by=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"branch": branch, "kind": kind.value, "value_sha256": digest(value)}
    append(session, at=now, kind="channel.opened", subject=f"channel:{row.id}", actor=speaker.actor, body=body)
    return row


def tried(session: Session, speaker: Speaker, id_: int, works: bool, now: datetime) -> ComplaintChannel:
    """Whether it worked today. Raises forbidden, not_found; DeniedError."""
    row = session.get(ComplaintChannel, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    own_branch(session, speaker, row.branch_id)
    row.works, row.tested_on, row.tested_by = works, legal_date(now), speaker.actor
    append(session, at=now, kind="channel.tried", subject=f"channel:{id_}", actor=speaker.actor, body={"works": works})
    return row


def channels(session: Session, speaker: Speaker) -> list[dict[str, Any]]:
    """[{"id", "branch", "kind", "value", "hours", "tested_on", "works"}…] of the own tree."""
    query = (
        select(ComplaintChannel)
        .where(ComplaintChannel.branch_id.in_(branches_of(speaker)), ComplaintChannel.to_on.is_(None))
        .options(joinedload(ComplaintChannel.branch))
        .order_by(ComplaintChannel.branch_id, ComplaintChannel.id)
    )
    return [
        {"id": row.id, "branch": row.branch.name, "kind": row.kind, "value": row.value, "hours": row.hours,
         "tested_on": row.tested_on.isoformat() if row.tested_on else None, "works": row.works}
        for row in session.scalars(query)
    ]  # fmt: skip
