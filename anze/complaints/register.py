"""The register of complaints of a branch tree (登记册): issued for a month or a quarter, and never changed after that.

A case is in the register of the period in which it was received. What was wrong or has gone on since is a new version,
which names what changed.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.audit.chain import append, digest
from anze.clock import SHANGHAI, iso, legal_date
from anze.complaints.dates import ComplaintDates
from anze.complaints.desk_models import ComplaintRegister
from anze.complaints.life import HANDLERS
from anze.complaints.models import Complaint, ComplaintForm, ComplaintStatus
from anze.complaints.register_rules import Period, Row, changes, first_words, period_of, sealed, sums
from anze.complaints.rules import ClockState
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Staff
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.providers.models import Provider
from anze.texts import text as say


def issue(
    session: Session, speaker: Speaker, period: str, branch_id: int | None, now: datetime, dates: ComplaintDates
) -> dict[str, Any]:
    """Issue the next version for a branch and all below it; gives it as `one` does. Without a branch the speaker's own.

    A period that runs is covered to this day. Raises DomainError forbidden, register_period (422), register_future
    (422), register_unchanged (409: it says what the last version says), not_found (DeniedError out of scope).
    """
    if speaker.role not in HANDLERS or speaker.staff_id is None:
        raise DomainError("forbidden", 403)
    asked = period_of(period)
    if asked is None:
        raise DomainError("register_period", 422)
    today = legal_date(now)
    if asked.first > today:
        raise DomainError("register_future", 422)
    branch = _branch(session, speaker, branch_id)
    until = min(asked.last, today)
    found = rows(session, branch, asked.first, until, now, dates)
    last = _last(session, branch, asked)
    changed = changes(last.content["rows"], found) if last else []
    if last is not None and not changed and last.until == until:
        raise DomainError("register_unchanged", 409)
    content = {"rows": found, "sums": sums(found), "changes": changed}
    version = last.version + 1 if last else 1
    row = ComplaintRegister(
        branch_id=branch.id, period=asked.name, version=version, until=until, content=content,
        sha256=sealed(branch.id, asked.name, version, until.isoformat(), content), issued_at=now,
        issued_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    append(session, at=now, kind="complaint.register_issued", subject=f"register:{row.id}", actor=speaker.actor, body={
        "branch": branch.id, "period": asked.name, "version": version, "until": until.isoformat(),
        "rows": len(found), "changes": len(changed), "sha256": row.sha256,
    })  # fmt: skip
    return _view(session, row) | content


def listed(session: Session, speaker: Speaker, period: str | None, page: int, size: int) -> dict[str, Any]:
    """One page of the registers of the speaker's branches, without their rows, the newest first."""
    query = select(ComplaintRegister.id).where(ComplaintRegister.branch_id.in_(branches_of(speaker)))
    if period:
        query = query.where(ComplaintRegister.period == period)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = list(session.scalars(query.order_by(ComplaintRegister.id.desc()).offset((page - 1) * size).limit(size)))
    found = select(ComplaintRegister).where(ComplaintRegister.id.in_(ids)).order_by(ComplaintRegister.id.desc())
    items = [_view(session, row) for row in session.scalars(found.options(joinedload(ComplaintRegister.branch)))]
    return {"items": items, "total": total, "page": page}


def one(session: Session, speaker: Speaker, id_: int) -> dict[str, Any]:
    """A version with its rows, sums and changes. Raises DomainError not_found; DeniedError out of scope."""
    row = session.get(ComplaintRegister, id_)
    if row is None:
        raise DomainError("not_found", 404)
    if session.scalar(branches_of(speaker).where(Branch.id == row.branch_id)) is None:
        raise DeniedError(speaker.actor, f"register:{id_}")
    return _view(session, row) | row.content


def rows(session: Session, branch: Branch, first: date, last: date, now: datetime, dates: ComplaintDates) -> list[Row]:
    """One row for each case with a number that a branch tree received on these days, in the order of receipt."""
    begin = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    tree = select(Branch.id).where(Branch.path.startswith(branch.path, autoescape=True))
    query = (
        select(Complaint)
        .where(Complaint.branch_id.in_(tree), Complaint.number.is_not(None))
        .where(Complaint.received_at >= begin, Complaint.received_at < end)
        .order_by(Complaint.received_at, Complaint.id)
        .options(
            joinedload(Complaint.branch), joinedload(Complaint.decision), joinedload(Complaint.classification),
            joinedload(Complaint.cause), joinedload(Complaint.handler), joinedload(Complaint.insured),
            *(selectinload(many) for many in (
                Complaint.extensions, Complaint.pauses, Complaint.notices, Complaint.statements,
                Complaint.representatives,
            )),
        )
    )  # fmt: skip
    cases = list(session.scalars(query))
    reviews = _reviews(session, [case.id for case in cases])
    providers = {provider.id: provider.short_name for provider in session.scalars(select(Provider))}
    return [_row(case, reviews.get(case.id), providers, now, dates) for case in cases]


def _row(case: Complaint, review: str | None, providers: dict[int, str], now: datetime, dates: ComplaintDates) -> Row:
    """`standard`, `second`: the clock's last day and whether it was kept (None: not known yet, or does not run)."""
    stands = dates.standing(case, now)
    merged = case.status == ComplaintStatus.MERGED
    told = case.status == ComplaintStatus.TOLD
    clocks = [clock for clock in (stands.standard, stands.second) if clock is not None]
    late = any(clock.breaches for clock in clocks)
    made, cause = case.decision, case.cause
    return {
        "number": case.number,
        "branch": case.branch.short_name,
        "received_on": legal_date(case.received_at).isoformat(),
        "source": case.source,
        "kind": case.kind,
        "form": case.form,
        "status": case.status,
        "told_on": legal_date(case.closed_at).isoformat() if told and case.closed_at else None,
        "standard": _clock(stands.standard, told=told, merged=merged),
        "second": _clock(stands.second, told=told, merged=merged),
        "timely": None if merged or not (told or late) else not late,
        "outcome_sha256": digest(made.outcome) if made else None,
        "outcome": first_words(made.outcome, _people(case), say("complaint.register.hidden")) if made else None,
        "review": review,
        "cause": cause.cause if cause else None,
        "provider": providers.get(cause.provider_id) if cause and cause.provider_id else None,
    }


def _clock(clock: ClockState | None, *, told: bool, merged: bool) -> Row | None:
    if clock is None:
        return None
    kept = None if merged or not (told or clock.breaches) else not clock.breaches
    return {
        "due_on": iso(clock.due),
        "kept": kept,
        "missed": [] if merged else [breach.stage.value for breach in clock.breaches],
    }


def _people(case: Complaint) -> list[str | None]:
    """Names that a register must not show."""
    return [
        case.contact_name, case.agent_name, case.principal_name, case.firm,
        case.handler.name if case.handler else None, *(one.name for one in case.representatives),
        *((case.insured.name, case.insured.contact_name) if case.insured else ()),
    ]  # fmt: skip


def _reviews(session: Session, ids: list[int]) -> dict[int, str]:
    """The number of the review that follows a case, the newest, by the case's id."""
    query = select(Complaint.follows_id, Complaint.number).where(
        Complaint.form == ComplaintForm.REVIEW, Complaint.number.is_not(None), Complaint.follows_id.is_not(None),
        Complaint.status.not_in((ComplaintStatus.DROPPED, ComplaintStatus.WITHDRAWN)),
    )  # fmt: skip
    wanted = set(ids)
    found = session.execute(query.order_by(Complaint.id)).all()
    return {follows: str(number) for follows, number in found if follows in wanted}


def _branch(session: Session, speaker: Speaker, branch_id: int | None) -> Branch:
    if branch_id is None:
        return session.get_one(Branch, session.get_one(Staff, speaker.staff_id).branch_id, with_for_update=True)
    # Held, so that two requests cannot both issue the same version.
    found = session.get(Branch, branch_id, with_for_update=True)
    if found is None:
        raise DomainError("not_found", 404)
    if speaker.branch_path is None or not found.path.startswith(speaker.branch_path):
        raise DeniedError(speaker.actor, f"branch:{branch_id}")
    return found


def _last(session: Session, branch: Branch, period: Period) -> ComplaintRegister | None:
    query = select(ComplaintRegister).where(
        ComplaintRegister.branch_id == branch.id, ComplaintRegister.period == period.name
    )
    return session.scalar(query.order_by(ComplaintRegister.version.desc()).limit(1))


def _view(session: Session, row: ComplaintRegister) -> dict[str, Any]:
    asked = period_of(row.period)
    return {
        "id": row.id,
        "branch": session.get_one(Branch, row.branch_id).name,
        "branch_id": row.branch_id,
        "period": row.period,
        "version": row.version,
        "until": row.until.isoformat(),
        "whole": asked is not None and row.until == asked.last,
        "total": row.content["sums"]["total"],
        "timely": row.content["sums"]["timely"],
        "corrections": len(row.content["changes"]),
        "sha256": row.sha256,
        "issued_at": row.issued_at.isoformat(),
        "issued_by": names(session, [row.issued_by])[row.issued_by],
    }
