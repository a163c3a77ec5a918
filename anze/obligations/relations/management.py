"""Branches with their managers (7.1), documents, spot checks (7.2) and ways to complain (6.4)."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from anze.bookings.models import Service
from anze.identity.models import Branch, BranchLevel
from anze.management.kinds import DocumentKind
from anze.management.models import ComplaintChannel, Manager, ManagerTraining, QualityCheck, RuleDocument
from anze.management.rules import TESTED_DAYS
from anze.obligations.relations.base import Asked, Relation
from anze.policies.models import Policy
from anze.texts import text

_ABOVE_COUNTY = (BranchLevel.HEAD, BranchLevel.PROVINCE, BranchLevel.CITY)


def _in_force(row: Any, asked: Asked) -> Any:
    return and_(row.from_on <= asked.today, or_(row.to_on.is_(None), row.to_on >= asked.today))


def _branches(asked: Asked) -> Select[Any]:
    """Branches of prefecture level or above. No figure says how many managers are enough (AMB-32): only shown."""
    managers = select(func.count()).where(Manager.branch_id == Branch.id, _in_force(Manager, asked)).scalar_subquery()
    own = aliased(Branch)
    ends = func.coalesce(Policy.ended_early_on, Policy.end_on)
    policies = (
        select(func.count())
        .select_from(Policy)
        .join(own, own.id == Policy.branch_id)
        .where(own.path.startswith(Branch.path), Policy.start_on <= asked.today, ends >= asked.today)
        .correlate(Branch)
        .scalar_subquery()
    )
    return select(
        Branch.id.label("id"), Branch.short_name.label("number"), Branch.id.label("branch_id"),
        Branch.province.label("province"), literal(False).label("reference"), literal(asked.today).label("day"),
        managers.label("managers"), policies.label("policies"), (managers > 0).label("managed"),
        case((managers > 0, policies // managers)).label("per_manager"),
        cast(null(), String).label("guideline"), literal(False).label("matched"),
    ).where(Branch.level.in_(_ABOVE_COUNTY))  # fmt: skip


def _managers(asked: Asked) -> Select[Any]:
    year = asked.year or asked.today.year
    first, last = date(year, 1, 1), date(year, 12, 31)
    trained = (
        select(func.min(ManagerTraining.on))
        .where(
            ManagerTraining.manager_id == Manager.id, ManagerTraining.on >= first,
            ManagerTraining.on <= min(last, asked.today),
        )
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(
            Manager.id.label("id"), Manager.name.label("number"), Manager.branch_id.label("branch_id"),
            Manager.department.label("department"), literal(False).label("reference"),
            Manager.from_on.label("day"), Manager.from_on.label("from_on"), literal(last).label("last_on"),
            trained.label("trained_on"),
        )
        .where(_in_force(Manager, asked))
    )  # fmt: skip


def _documents(asked: Asked) -> Select[Any]:
    """Head office must have all seven, for itself and all below it."""
    kinds = union_all(*(
        select(literal(number).label("id"), literal(kind.value).label("kind"),
               literal(text(f"management.document.{kind}")).label("number"))
        for number, kind in enumerate(DocumentKind, 1)
    )).subquery("kinds")  # fmt: skip

    def newest(column: Any) -> Any:
        mine = RuleDocument.branch_id == Branch.id, RuleDocument.kind == kinds.c.kind
        query = select(column).where(*mine, RuleDocument.in_force_from <= asked.today)
        return query.order_by(RuleDocument.version.desc()).limit(1).scalar_subquery()

    return (
        select(
            kinds.c.id, kinds.c.number, Branch.id.label("branch_id"), literal(False).label("reference"),
            literal(asked.today).label("day"), newest(RuleDocument.title).label("title"),
            newest(RuleDocument.version).label("version"), newest(RuleDocument.in_force_from).label("issued_on"),
        )
        .select_from(kinds)
        .join(Branch, Branch.level == BranchLevel.HEAD)
    )  # fmt: skip


def _checks(asked: Asked) -> Select[Any]:
    return (
        select(
            QualityCheck.id.label("id"), Service.number.label("number"), QualityCheck.branch_id.label("branch_id"),
            Service.provider_id.label("provider_id"), Service.item.label("item"), literal(False).label("reference"),
            QualityCheck.drawn_on.label("drawn_on"), QualityCheck.drawn_on.label("day"),
            case((QualityCheck.checked_on <= asked.today, QualityCheck.checked_on)).label("checked_on"),
            case((QualityCheck.checked_on <= asked.today, QualityCheck.outcome)).label("outcome"),
        )
        .join(Service, Service.id == QualityCheck.service_id)
        .where(QualityCheck.drawn_on <= asked.today)
    )  # fmt: skip


def _channels(asked: Asked) -> Select[Any]:
    """Every branch: a way to complain that worked when it was last tried, not too long ago."""
    since = asked.today - timedelta(days=TESTED_DAYS)
    mine = and_(ComplaintChannel.branch_id == Branch.id, _in_force(ComplaintChannel, asked))
    works = and_(
        mine, ComplaintChannel.works.is_(True), ComplaintChannel.tested_on >= since,
        ComplaintChannel.tested_on <= asked.today,
    )  # fmt: skip
    return select(
        Branch.id.label("id"), Branch.short_name.label("number"), Branch.id.label("branch_id"),
        Branch.province.label("province"), literal(False).label("reference"), literal(asked.today).label("day"),
        select(func.count()).where(mine).scalar_subquery().label("channels"),
        select(func.max(ComplaintChannel.tested_on)).where(works).scalar_subquery().label("tested_on"),
        select(literal(1)).where(works).exists().label("open"),
    )  # fmt: skip


BRANCHES = Relation(
    "branch", _branches, ("number", "managers", "policies", "per_manager"), dimensions=frozenset({"province"})
)
MANAGERS = Relation(
    "manager", _managers, ("number", "department", "from_on", "trained_on"), dimensions=frozenset()
)  # fmt: skip
RULE_DOCUMENTS = Relation(
    "rule_document", _documents, ("number", "title", "version", "issued_on"), dimensions=frozenset()
)
QUALITY_CHECKS = Relation(
    "quality_check", _checks, ("number", "drawn_on", "checked_on", "outcome"),
    dimensions=frozenset({"provider_id", "item"}),
)  # fmt: skip
CHANNELS = Relation(
    "complaint_channel", _channels, ("number", "channels", "tested_on"), dimensions=frozenset({"province"})
)
