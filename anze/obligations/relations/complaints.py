"""Complaints with a number (6.4): their dates as last derived, who was told of what, the parts of the decision."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, or_, select

from anze.complaints.handling_models import (
    About,
    Classification,
    Extension,
    ExtensionState,
    Notice,
    NoticeChannel,
    Pause,
)
from anze.complaints.models import OPEN, UNDER_WAY, Complaint, ComplaintStatus, Decision
from anze.identity.models import Staff
from anze.obligations.relations.base import Asked, Relation
from anze.obligations.sql import has_members, shanghai_day
from anze.policies.models import Insured

_KNOWN = (
    ComplaintStatus.INTAKE, ComplaintStatus.FILED, ComplaintStatus.HANDLING, ComplaintStatus.DECIDED,
    ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN,
)  # fmt: skip


def told_on(about: About, no: Any = None) -> Any:
    """The first day on which the complainant counts as told of it (telling.counts_from), as a scalar subquery."""
    counted = case(
        (Notice.failed_at.is_not(None), None),
        (Notice.channel == NoticeChannel.PAGE, Notice.read_at),
        else_=Notice.sent_at,
    )
    found = select(func.min(shanghai_day(counted))).where(Notice.complaint_id == Complaint.id, Notice.about == about)
    return (found if no is None else found.where(Notice.about_no == no)).correlate(Complaint, Extension, Pause)


def _case() -> list[ColumnElement[Any]]:
    insured = func.coalesce(Insured.name, Complaint.firm)
    return [
        Complaint.number.label("number"), Complaint.branch_id.label("branch_id"),
        Complaint.insured_id.label("insured_id"),
        insured.label("insured"), Insured.sector.label("sector"), Insured.size_class.label("size"),
        Insured.province.label("province"), literal(False).label("reference"),
        shanghai_day(Complaint.received_at).label("received_on"), shanghai_day(Complaint.received_at).label("day"),
        Complaint.status.label("complaint_status"), Complaint.kind.label("kind"), Complaint.form.label("form"),
        Complaint.source.label("source"), Staff.name.label("handler"),
        Complaint.due_on.label("standard_on"), Complaint.second_due_on.label("second_on"),
        Complaint.paused.label("paused"), Complaint.remedial.label("remedial"),
        Complaint.ordinary_on.label("ordinary_on"), Complaint.status.in_(OPEN).label("open"),
    ]  # fmt: skip


def _from(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Insured, Insured.id == Complaint.insured_id).outerjoin(
        Staff, Staff.id == Complaint.handler_id
    )


def _complaints(asked: Asked) -> Select[Any]:
    ended = case(
        (Complaint.status.in_((ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN)), shanghai_day(Complaint.closed_at))
    )
    earlier = case(
        (Complaint.due_on.is_(None), Complaint.second_due_on),
        (Complaint.second_due_on < Complaint.due_on, Complaint.second_due_on),
        else_=Complaint.due_on,
    )
    withdrawn_in_time = and_(
        Complaint.status == ComplaintStatus.WITHDRAWN,
        not_(Complaint.remedial),
        func.coalesce(ended <= earlier, True),
    )
    whole = and_(*(func.length(func.trim(part)) > 0 for part in (
        Decision.findings, Decision.basis, Decision.reasons, Decision.outcome,
    )))  # fmt: skip
    return _from(
        select(
            Complaint.id.label("id"), *_case(), ended.label("answered_on"), earlier.label("earlier_on"),
            # Withdrawn in time nothing had to be answered; later the breach stays.
            not_(withdrawn_in_time).label("stands"),
            (Classification.complaint_id.is_not(None)).label("complex"),
            (func.length(func.trim(Classification.reason)) > 0).label("complex_reason"),
            told_on(About.CLASSIFICATION).scalar_subquery().label("complex_told_on"),
            shanghai_day(Complaint.accepted_at).label("accepted_on"),
            told_on(About.ACCEPTANCE).scalar_subquery().label("procedure_told_on"),
            (Decision.id.is_not(None)).label("decided"), shanghai_day(Decision.decided_at).label("decided_on"),
            and_(whole, has_members(Decision.remedies)).label("decision_whole"),
        )
        .outerjoin(Decision, Decision.complaint_id == Complaint.id)
        .outerjoin(Classification, Classification.complaint_id == Complaint.id)
        .where(Complaint.number.is_not(None), Complaint.status.in_(_KNOWN))
        .where(asked.seen(Complaint.received_at))
    )  # fmt: skip


def _extensions(asked: Asked) -> Select[Any]:
    """Extensions that were asked for (6.4 c): approved by whom, told when."""
    answered = shanghai_day(Extension.answered_at)
    return _from(
        select(
            Extension.id.label("id"), *_case(), shanghai_day(Extension.asked_at).label("asked_on"),
            Extension.state.label("extension_state"), answered.label("answered_on"),
            case((Extension.state == ExtensionState.APPROVED, answered)).label("approved_on"),
            or_(Extension.state == ExtensionState.APPROVED, Complaint.status.in_(UNDER_WAY)).label("live"),
            shanghai_day(Extension.answer_by).label("answer_by"),
            told_on(About.EXTENSION, Extension.no).scalar_subquery().label("told_on"),
        )
        .select_from(Extension)
        .join(Complaint, Complaint.id == Extension.complaint_id)
        .where(asked.seen(Extension.asked_at))
    )  # fmt: skip


def _pauses(asked: Asked) -> Select[Any]:
    """Times that outside bodies took (6.4 d): told when, expected back when."""
    return _from(
        select(
            Pause.id.label("id"), *_case(), Pause.body.label("body"), Pause.commissioned_on.label("commissioned_on"),
            Pause.expected_on.label("expected_on"), Pause.returned_on.label("returned_on"),
            told_on(About.PAUSE, Pause.no).scalar_subquery().label("told_on"),
            or_(Pause.returned_on.is_not(None), Complaint.status.in_(OPEN)).label("live"),
        )
        .select_from(Pause)
        .join(Complaint, Complaint.id == Pause.complaint_id)
        .where(Pause.commissioned_on <= asked.today)
    )  # fmt: skip


_DIMENSIONS = frozenset({"sector", "size", "province", "insured_id", "kind", "form", "source"})
COMPLAINTS = Relation(
    "complaint", _complaints, ("number", "insured", "received_on", "standard_on", "second_on", "handler"),
    dimensions=_DIMENSIONS,
)  # fmt: skip
EXTENSIONS = Relation("extension", _extensions, ("number", "insured", "asked_on", "approved_on", "told_on"),
                      dimensions=_DIMENSIONS)  # fmt: skip
PAUSES = Relation("pause", _pauses, ("number", "body", "commissioned_on", "expected_on", "returned_on", "told_on"),
                  dimensions=_DIMENSIONS)  # fmt: skip
