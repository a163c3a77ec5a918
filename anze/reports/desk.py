"""Candidates of 9.2 for staff: confirmed or struck by who handles them, approved or rejected by a supervisor."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.errors import DomainError
from anze.identity.denied import DeniedError
from anze.identity.models import Branch
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.policies.models import Insured
from anze.reports import store
from anze.reports.kinds import Decision
from anze.reports.models import Candidate, CandidateKind, CandidateState
from anze.reports.rules import becomes, refusal
from anze.texts import text as say


def candidates(
    session: Session,
    speaker: Speaker,
    *,
    states: Collection[CandidateState] = (),
    kind: CandidateKind | None,
    page: int,
    size: int,
) -> dict[str, Any]:
    """One page of the candidates within the branch tree, those that wait first, the oldest first; no states: of all."""
    query = select(Candidate).where(store.visible(speaker))
    if states:
        query = query.where(Candidate.state.in_(states))
    if kind is not None:
        query = query.where(Candidate.kind == kind)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    waiting = Candidate.state.in_([CandidateState.OPEN, CandidateState.CONFIRMED])
    ordered = query.order_by(waiting.desc(), Candidate.found_at, Candidate.id)
    rows = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return {"items": _views(session, rows), "total": total, "page": page}


def candidate(session: Session, speaker: Speaker, id_: int) -> dict[str, Any]:
    """One candidate. Raises DomainError not_found; DeniedError when it is there, out of the speaker's scope."""
    return _views(session, [found(session, speaker, id_)])[0]


def decide(
    session: Session, speaker: Speaker, id_: int, decision: Decision, reason: str, now: datetime
) -> dict[str, Any]:
    """Confirm, strike, approve or reject, with the reason.

    Raises DomainError forbidden (another role's decision), report_not_now (its state), four_eyes, not_found.
    """
    row = found(session, speaker, id_)
    state = CandidateState(row.state)
    if code := refusal(decision, state, speaker.role, speaker.actor, row.decided_by):
        raise DomainError(code, 403 if code == "forbidden" else 409)
    row.state = becomes(decision)
    if decision == Decision.APPROVE:
        row.approved_at, row.approved_by = now, speaker.actor
    else:
        row.decided_at, row.decided_by, row.decision_reason = now, speaker.actor, reason
    append(
        session,
        at=now,
        kind=f"report.{row.state}",
        subject=f"candidate:{row.id}",
        actor=speaker.actor,
        body={"from": state.value, "reason_sha256": digest(reason)},
    )
    return _views(session, [row])[0]


def found(session: Session, speaker: Speaker, id_: int) -> Candidate:
    """One candidate, held until the transaction ends. Raises DomainError not_found; DeniedError out of scope."""
    row = store.locked(session, speaker, id_)
    if row is not None:
        return row
    if store.exists(session, id_):
        raise DeniedError(speaker.actor, f"candidate:{id_}")
    raise DomainError("not_found", 404)


def _views(session: Session, rows: Sequence[Candidate]) -> list[dict[str, Any]]:
    who = names(session, [name for row in rows for name in (row.found_by, row.decided_by, row.approved_by)])
    firms = _names_of(session, select(Insured.id, Insured.name).where(Insured.id.in_([r.insured_id for r in rows])))
    branches = _names_of(session, select(Branch.id, Branch.name).where(Branch.id.in_([r.branch_id for r in rows])))
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "clause": f"9.2 {row.kind})",
            "kind_text": say(f"report.kind.{row.kind}"),
            "subject": row.subject,
            "firm": firms[row.insured_id],
            "branch": branches[row.branch_id],
            "words": row.words,
            "found_at": row.found_at.isoformat(),
            "found_by": who[row.found_by],
            "state": row.state,
            "state_text": say(f"report.state.{row.state}"),
            "decided_at": row.decided_at.isoformat() if row.decided_at else None,
            "decided_by": who[row.decided_by] if row.decided_by else None,
            "reason": row.decision_reason,
            "approved_at": row.approved_at.isoformat() if row.approved_at else None,
            "approved_by": who[row.approved_by] if row.approved_by else None,
        }
        for row in rows
    ]


def _names_of(session: Session, query: Select[tuple[int, str]]) -> dict[int, str]:
    return dict(session.execute(query).tuples().all())
