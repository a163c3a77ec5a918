"""Provinces with the data handed over for them (9.1), places with a three-party mechanism (9.3)."""

from typing import Any

from sqlalchemy import Date, Select, String, and_, case, cast, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from anze.identity.models import Branch, BranchLevel
from anze.obligations.relations.base import Asked, Relation
from anze.regulators.models import DataSubmission, Mechanism, MechanismRecord
from anze.regulators.rules import whole_quarter_before


def _submissions(asked: Asked) -> Select[Any]:
    """Each province's branch: the data of the last quarter that is over, handed over month by month or at once.

    The standard leaves the rhythm to each province's rules; a quarter is ours. Head office may hand over for it.
    """
    months = whole_quarter_before(asked.today)
    mine = and_(
        or_(DataSubmission.branch_id == Branch.id, DataSubmission.province == Branch.province),
        DataSubmission.sent_on <= asked.today, asked.seen(DataSubmission.sent_at),
    )  # fmt: skip

    def sent(first: Any, last: Any) -> Any:
        query = select(func.min(DataSubmission.sent_on)).where(
            mine, DataSubmission.first_on <= first, DataSubmission.last_on >= last
        )
        return query.correlate(Branch).scalar_subquery()

    days = [sent(first, last) for first, last in months]
    whole = and_(*(day.is_not(None) for day in days))
    newest = (
        select(DataSubmission.receipt_no)
        .where(mine, DataSubmission.receipt_on <= asked.today, asked.seen(DataSubmission.receipt_at))
        .order_by(DataSubmission.last_on.desc(), DataSubmission.id.desc())
        .limit(1)
        .correlate(Branch)
        .scalar_subquery()
    )
    until = select(func.max(DataSubmission.last_on)).where(mine).correlate(Branch).scalar_subquery()
    first, last = months[0][0], months[-1][1]
    return select(
        Branch.id.label("id"), Branch.short_name.label("number"), Branch.id.label("branch_id"),
        Branch.province.label("province"), literal(False).label("reference"), literal(last).label("day"),
        literal(f"{first.year}-Q{last.month // 3}").label("quarter"), until.label("until_on"),
        case((whole, _latest(days)), else_=cast(null(), Date)).label("sent_on"), newest.label("receipt_no"),
    ).where(Branch.level == BranchLevel.PROVINCE)  # fmt: skip


def _latest(days: list[Any]) -> Any:
    found = days[0]
    for day in days[1:]:
        found = case((day > found, day), else_=found)
    return found


def _mechanisms(asked: Asked) -> Select[Any]:
    """Each city's branch, and each province's that has none below it: the mechanism of the city or of its province."""
    below = aliased(Branch)
    cities = select(literal(1)).where(below.parent_id == Branch.id, below.level == BranchLevel.CITY)
    holds = and_(
        Mechanism.province == Branch.province, or_(Mechanism.city.is_(None), Mechanism.city == Branch.city),
        Mechanism.set_up_on <= asked.today, asked.seen(Mechanism.added_at),
        or_(Mechanism.ended_on.is_(None), Mechanism.ended_on >= asked.today),
    )  # fmt: skip

    def oldest(column: Any) -> Any:
        query = select(column).where(holds).order_by(Mechanism.set_up_on, Mechanism.id).limit(1)
        return query.correlate(Branch).scalar_subquery()

    meetings = (
        select(func.max(MechanismRecord.on))
        .join(Mechanism, Mechanism.id == MechanismRecord.mechanism_id)
        .where(
            holds, MechanismRecord.kind == "meeting", MechanismRecord.on <= asked.today,
            asked.seen(MechanismRecord.noted_at),
        )
        .correlate(Branch)
        .scalar_subquery()
    )  # fmt: skip
    return select(
        Branch.id.label("id"), Branch.short_name.label("number"), Branch.id.label("branch_id"),
        Branch.province.label("province"), literal(False).label("reference"), literal(asked.today).label("day"),
        oldest(Mechanism.name).label("mechanism"), cast(oldest(Mechanism.agreement), String).label("agreement"),
        oldest(Mechanism.set_up_on).label("set_up_on"), meetings.label("met_on"),
    ).where(
        or_(
            Branch.level == BranchLevel.CITY, and_(Branch.level == BranchLevel.PROVINCE, ~cities.exists()),
        )
    )  # fmt: skip


DATA_SUBMISSIONS = Relation(
    "data_submission", _submissions, ("number", "quarter", "until_on", "sent_on", "receipt_no"),
    dimensions=frozenset({"province"}),
)  # fmt: skip
MECHANISMS = Relation(
    "mechanism", _mechanisms, ("number", "mechanism", "agreement", "set_up_on", "met_on"),
    dimensions=frozenset({"province"}),
)  # fmt: skip
