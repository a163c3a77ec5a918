"""Premium and spending of policies that expire in a year, by branch of prefecture level or above and province (7.3).

Our reading, as the standard names neither base nor day (AMB-20): the base is the whole premium; a policy expires in the
year of its last day of cover, an early end's too; spending on it counts whenever it was booked, reversals taken off.
A policy with insureds in several provinces is shared out by how many insureds each has.
"""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, Subquery, and_, case, cast, func, select
from sqlalchemy.orm import aliased

from anze.bookings.models import Service
from anze.fees.models import FeeBudget, LedgerEntry, ProvinceTarget
from anze.fees.rules import BASIS_POINTS
from anze.fees.store import counted
from anze.identity.models import Branch, BranchLevel
from anze.policies.models import Insured, Policy, PolicyInsured

_ABOVE_COUNTY = (BranchLevel.HEAD, BranchLevel.PROVINCE, BranchLevel.CITY)


def _shares(year: int, today: date, *, expiring: bool) -> Subquery:
    """branch_id, province, first_insured_id, premium_cents, spent_cents: each policy in each province of its insureds.

    `expiring`: those whose cover ends in the year, else all in force in it.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    ends = func.coalesce(Policy.ended_early_on, Policy.end_on)
    insured_in = (
        select(
            PolicyInsured.policy_id.label("policy_id"), Insured.province.label("province"), func.count().label("part"),
            func.min(Insured.id).label("first_insured_id"),
        )
        .join(Insured, Insured.id == PolicyInsured.insured_id)
        .group_by(PolicyInsured.policy_id, Insured.province)
        .subquery()
    )  # fmt: skip
    whole = (
        select(PolicyInsured.policy_id.label("policy_id"), func.count().label("whole"))
        .group_by(PolicyInsured.policy_id)
        .subquery()
    )
    spent = (
        select(
            LedgerEntry.policy_id.label("policy_id"),
            cast(func.sum(LedgerEntry.amount_cents), BigInteger).label("spent"),
        )
        .where(counted(until=today), LedgerEntry.booked_on <= today)
        .group_by(LedgerEntry.policy_id)
        .subquery()
    )  # fmt: skip
    in_time = and_(ends >= first, ends <= last) if expiring else and_(Policy.start_on <= last, ends >= first)
    return (
        select(
            Policy.branch_id.label("branch_id"), insured_in.c.province, insured_in.c.first_insured_id,
            _share(cast(Policy.premium_cents, BigInteger), insured_in.c.part, whole.c.whole).label("premium_cents"),
            _share(func.coalesce(spent.c.spent, 0), insured_in.c.part, whole.c.whole).label("spent_cents"),
        )
        .join(insured_in, insured_in.c.policy_id == Policy.id)
        .join(whole, whole.c.policy_id == Policy.id)
        .outerjoin(spent, spent.c.policy_id == Policy.id)
        .where(in_time, Policy.start_on <= ends, Policy.start_on <= today)
        .subquery()
    )  # fmt: skip


def _share(cents: Any, part: Any, whole: Any) -> Any:
    """rules.share, without a product that leaves 64 bits."""
    return cents // whole * part + cents % whole * part // whole


def needed(premium_cents: Any, ratio_bp: Any) -> Any:
    """The least spending that reaches so many basis points of the premium (rules.reaches), likewise."""
    rest = premium_cents % BASIS_POINTS * ratio_bp
    return premium_cents // BASIS_POINTS * ratio_bp + (rest + BASIS_POINTS - 1) // BASIS_POINTS


def basis_points(spent_cents: Any, premium_cents: Any) -> Any:
    """What share of the premium was spent, rounded down; the premium is above zero."""
    rest = spent_cents % premium_cents * BASIS_POINTS // premium_cents
    return spent_cents // premium_cents * BASIS_POINTS + rest


def ratios(year: int, today: date) -> Select[Any]:
    """id, branch_id, branch, province, policies, premium_cents, spent_cents, target_bp (None: not set yet)."""
    shares, own = _shares(year, today, expiring=True), aliased(Branch)
    target = _newest_target(year)
    return (
        select(
            func.min(shares.c.first_insured_id).label("id"), Branch.id.label("branch_id"),
            Branch.short_name.label("branch"), shares.c.province.label("province"), func.count().label("policies"),
            cast(func.sum(shares.c.premium_cents), BigInteger).label("premium_cents"),
            cast(func.sum(shares.c.spent_cents), BigInteger).label("spent_cents"),
            target.c.ratio_bp.label("target_bp"),
        )
        .select_from(Branch)
        .join(own, own.path.startswith(Branch.path))
        .join(shares, shares.c.branch_id == own.id)
        .outerjoin(target, target.c.province == shares.c.province)
        .where(Branch.level.in_(_ABOVE_COUNTY))
        .group_by(Branch.id, Branch.short_name, shares.c.province, target.c.ratio_bp)
    )  # fmt: skip


def budgets(year: int, today: date) -> Select[Any]:
    """id, branch_id, branch, province, policies, premium_cents, spent_cents, amount_cents, made_on (None: no budget).

    A county branch's policies are in the budget of the branch above it.
    """
    shares, own = _shares(year, today, expiring=False), aliased(Branch)
    newest = (
        select(FeeBudget.branch_id, FeeBudget.province, func.max(FeeBudget.version).label("version"))
        .where(FeeBudget.year == year, FeeBudget.made_on <= today)
        .group_by(FeeBudget.branch_id, FeeBudget.province)
        .subquery()
    )
    made = (
        select(FeeBudget.branch_id, FeeBudget.province, FeeBudget.amount_cents, FeeBudget.made_on)
        .join(
            newest,
            and_(
                newest.c.branch_id == FeeBudget.branch_id, newest.c.province == FeeBudget.province,
                newest.c.version == FeeBudget.version,
            ),
        )
        .where(FeeBudget.year == year)
        .subquery()
    )  # fmt: skip
    keeper: Any = case((own.level == BranchLevel.COUNTY, own.parent_id), else_=own.id)
    return (
        select(
            func.min(shares.c.first_insured_id).label("id"), Branch.id.label("branch_id"),
            Branch.short_name.label("branch"), shares.c.province.label("province"), func.count().label("policies"),
            cast(func.sum(shares.c.premium_cents), BigInteger).label("premium_cents"),
            cast(func.sum(shares.c.spent_cents), BigInteger).label("spent_cents"),
            made.c.amount_cents.label("amount_cents"), made.c.made_on.label("made_on"),
        )
        .select_from(shares)
        .join(own, own.id == shares.c.branch_id)
        .join(Branch, Branch.id == cast(keeper, Integer))
        .outerjoin(made, and_(made.c.branch_id == Branch.id, made.c.province == shares.c.province))
        .group_by(Branch.id, Branch.short_name, shares.c.province, made.c.amount_cents, made.c.made_on)
    )  # fmt: skip


def _newest_target(year: int) -> Subquery:
    newest = (
        select(ProvinceTarget.province, func.max(ProvinceTarget.version).label("version"))
        .where(ProvinceTarget.year == year)
        .group_by(ProvinceTarget.province)
        .subquery()
    )
    return (
        select(ProvinceTarget.province, ProvinceTarget.ratio_bp)
        .join(
            newest,
            and_(newest.c.province == ProvinceTarget.province, newest.c.version == ProvinceTarget.version),
        )
        .where(ProvinceTarget.year == year)
        .subquery()
    )


def spent_on_service(until: date) -> ColumnElement[int]:
    """What was spent on a row of `services` up to a day, in cents; reversals taken off, held lines left out."""
    spent = select(func.sum(LedgerEntry.amount_cents)).where(
        LedgerEntry.service_id == Service.id, counted(until=until), LedgerEntry.booked_on <= until
    )
    return func.coalesce(spent.correlate(Service).scalar_subquery(), 0)
