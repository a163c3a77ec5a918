"""Hazards (生产安全事故隐患) with what 6.2 and 9.2 a) ask of each."""

from typing import Any

from sqlalchemy import Select, String, case, cast, func, literal, select

from anze.bookings.models import Service
from anze.hazards.models import Hazard
from anze.obligations.relations.base import Asked, Relation, firm
from anze.obligations.sql import shanghai_day
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider
from anze.reports.models import Candidate, CandidateKind


def _hazards(asked: Asked) -> Select[Any]:
    candidate = (
        select(func.min(shanghai_day(Candidate.found_at)))
        .where(
            Candidate.kind == CandidateKind.HAZARD_OVERDUE,
            Candidate.subject == literal("hazard:") + cast(Hazard.id, String),
        )
        .scalar_subquery()
    )
    closed = shanghai_day(Hazard.closed_at)
    rectified = func.coalesce(shanghai_day(Hazard.rectified_at), closed)
    late = case((Hazard.agreed_on < func.coalesce(rectified, asked.today), True), else_=False)
    return (
        select(
            Hazard.id.label("id"), Hazard.number.label("number"), Policy.number.label("policy"),
            Policy.id.label("policy_id"), Hazard.branch_id.label("branch_id"), *firm(),
            Hazard.level.label("level"), Hazard.status.label("hazard_status"),
            shanghai_day(Hazard.found_at).label("found_on"), shanghai_day(Hazard.found_at).label("day"),
            shanghai_day(Hazard.notified_at).label("notified_on"), Hazard.agreed_on.label("agreed_on"),
            (Hazard.agreed_on.is_not(None)).label("agreed"), rectified.label("rectified_on"),
            closed.label("closed_on"), (func.length(func.trim(Hazard.advice)) > 0).label("advised"),
            late.label("missed"), candidate.label("noted_on"), Service.item.label("item"),
            Service.provider_id.label("provider_id"), Provider.short_name.label("provider"),
        )
        .join(Service, Service.id == Hazard.service_id)
        .join(Policy, Policy.id == Service.policy_id)
        .join(Insured, Insured.id == Hazard.insured_id)
        .outerjoin(Provider, Provider.id == Service.provider_id)
        .where(asked.seen(Hazard.found_at))
    )  # fmt: skip


def _candidates(asked: Asked) -> Select[Any]:
    """Possible cases of 9.2 a–d; decided when a supervisor approved or somebody struck it out."""
    decided = case(
        (Candidate.state == "approved", shanghai_day(Candidate.approved_at)),
        (Candidate.state == "struck", shanghai_day(func.coalesce(Candidate.approved_at, Candidate.decided_at))),
    )
    return select(
        Candidate.id.label("id"), Candidate.subject.label("number"), Candidate.branch_id.label("branch_id"), *firm(),
        Candidate.kind.label("kind"), Candidate.state.label("candidate_state"),
        shanghai_day(Candidate.found_at).label("found_on"), shanghai_day(Candidate.found_at).label("day"),
        decided.label("decided_on"),
    ).join(Insured, Insured.id == Candidate.insured_id).where(
        asked.seen(Candidate.found_at)
    )  # fmt: skip


HAZARDS = Relation(
    "hazard", _hazards, ("number", "insured", "level", "found_on", "agreed_on", "rectified_on"),
    dimensions=frozenset({"sector", "size", "province", "insured_id", "item", "provider_id", "level"}),
)  # fmt: skip
CANDIDATES = Relation(
    "candidate", _candidates, ("insured", "kind", "found_on", "decided_on"),
    dimensions=frozenset({"sector", "size", "province", "insured_id", "kind"}),
)  # fmt: skip
