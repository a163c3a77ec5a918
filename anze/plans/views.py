"""Plans for programs and pages."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.clock import SHANGHAI, iso, legal_date
from anze.conversations.models import File
from anze.errors import DomainError
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.plans import store
from anze.plans.drafting import gaps, said_of, say
from anze.plans.kinds import State
from anze.plans.models import PlanVersion, ServicePlan


def listed(
    session: Session, speaker: Speaker, *, state: State | None = None, page: int = 1, size: int = 50
) -> dict[str, Any]:
    """{"items", "total", "page"}: plans of the tree by their newest version, the newest first."""
    newest = select(func.max(PlanVersion.id)).group_by(PlanVersion.plan_id)
    query = (
        select(PlanVersion)
        .join(ServicePlan, ServicePlan.id == PlanVersion.plan_id)
        .where(PlanVersion.id.in_(newest), ServicePlan.id.in_(store.visible(speaker).with_only_columns(ServicePlan.id)))
    )
    if state is not None:
        query = query.where(PlanVersion.state == state)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    loaded = query.options(joinedload(PlanVersion.plan).selectinload(ServicePlan.parties))
    rows = session.scalars(loaded.order_by(PlanVersion.id.desc()).offset((page - 1) * size).limit(size)).all()
    return {"items": [head(row) for row in rows], "total": total, "page": page}


def head(version: PlanVersion) -> dict[str, Any]:
    """What the list shows."""
    plan = version.plan
    firms = dict.fromkeys(party.insured.name for party in plan.parties)
    return {
        "id": plan.id, "number": plan.number, "branch": plan.branch.name, "version": version.version,
        "state": version.state, "state_text": say(f"state.{version.state}"), "firms": list(firms),
        "policies": list(dict.fromkeys(party.policy.number for party in plan.parties)),
        "offered_on": iso(legal_date(version.offered_at)) if version.offered_at else None,
        "confirmed_on": iso(legal_date(version.confirmed_at)) if version.confirmed_at else None,
        "profiled": version.profiled, "whole": version.whole,
    }  # fmt: skip


def one(session: Session, speaker: Speaker, id_: int) -> dict[str, Any]:
    """The newest version whole, with what is missing and every version before. Raises not_found; DeniedError."""
    plan = store.found(session, speaker, id_)
    version = session.scalars(
        select(PlanVersion).where(PlanVersion.plan_id == id_).order_by(PlanVersion.version.desc()).limit(1).options(
            selectinload(PlanVersion.answers)
        )
    ).one()  # fmt: skip
    said = said_of(session, version)
    firms = dict.fromkeys((party.insured_id, party.insured.name) for party in plan.parties)
    return head(version) | {
        "edition": version.edition, "body": version.body,
        "insureds": [{"id": id_, "name": name, "profile": said[id_]} for id_, name in firms],
        "missing": [{"of": gap.of, "title": gap.title, "element": gap.element} for gap in gaps(session, version)],
        "versions": [_version(session, row) for row in plan.versions],
    }  # fmt: skip


def _version(session: Session, row: PlanVersion) -> dict[str, Any]:
    who = names(session, [row.drafted_by, row.offered_by, *(answer.by for answer in row.answers)])
    return {
        "version": row.version, "state": row.state, "state_text": say(f"state.{row.state}"),
        "drafted_by": who[row.drafted_by], "offered_by": who[row.offered_by] if row.offered_by else None,
        "offered_at": row.offered_at.astimezone(SHANGHAI).isoformat() if row.offered_at else None,
        "sha256": row.pdf.sha256 if row.pdf else None,
        "answers": [
            {
                "insured_id": answer.insured_id, "insured": answer.insured.name, "answer": answer.answer,
                "how": answer.how, "words": answer.words, "on": answer.on.isoformat(), "by": who[answer.by],
            }
            for answer in row.answers
        ],
    }  # fmt: skip


def file_of(session: Session, speaker: Speaker, id_: int, number: int, form: str) -> File | None:
    """The document of an offered version; None of a draft, which is made when it is asked for.

    Raises not_found; DeniedError.
    """
    plan = store.found(session, speaker, id_)
    version = next((row for row in plan.versions if row.version == number), None)
    if version is None:
        raise DomainError("not_found", 404)
    return version.word if form == "docx" else version.pdf
