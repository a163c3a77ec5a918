"""Policy years (AMB-14) and size classes (AMB-13). Pure: dates and figures in, dates and classes out."""

from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from anze.standard.models import Limits, SizeThresholds


class SizeClass(StrEnum):
    """大型 · 中型 · 小型 · 微型 · 不明 (AMB-13: unknown is a third state, never dropped)."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Slice:
    """Policy year `no` (from 1): its first and its last day."""

    no: int
    from_on: date
    to_on: date


def policy_years(start: date, end: date, ended_early: date | None = None) -> list[Slice]:
    """The policy years (保单年度, clause 4) of a policy that covers `start` to `end`, both included.

    Slices of twelve months from the start; the last may be short; an early end (the last day covered) ends its year
    that day, and one before the start leaves none. A start on 29 February: every year ends on 28 February.
    Raises ValueError when `end` is before `start`.
    """
    if end < start:
        raise ValueError("a policy cannot end before it starts")
    last = end if ended_early is None else min(end, ended_early)
    slices: list[Slice] = []
    first = start
    while first <= last:
        following = anniversary(start, len(slices) + 1)
        slices.append(Slice(len(slices) + 1, first, min(following - timedelta(days=1), last)))
        first = following
    return slices


def anniversary(start: date, years: int) -> date:
    """The same day so many years later; 1 March for 29 February in a year that has none."""
    year = start.year + years
    if (start.month, start.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return start.replace(year=year)


def size_class(
    thresholds: SizeThresholds,
    nbs_industry: str | None,
    employees: int | None,
    revenue_wan: int | None,
    assets_wan: int | None,
) -> SizeClass:
    """The class of a firm by its latest annual report (employees; revenue and assets in 万元).

    `nbs_industry` is a sector's name in the thresholds (工业, 批发业 …). Every limit of a class must be met, else the
    next class down; a figure that the sector needs and that is missing gives UNKNOWN, and so does no sector.
    Raises LookupError for a name that the thresholds do not have.
    """
    if nbs_industry is None:
        return SizeClass.UNKNOWN
    sector = next((row for row in thresholds.sectors if row.name == nbs_industry), None)
    if sector is None:
        raise LookupError(f"no size thresholds for {nbs_industry}")
    figures = {"employees": employees, "revenue": revenue_wan, "assets": assets_wan}
    classes = {SizeClass.LARGE: sector.large, SizeClass.MEDIUM: sector.medium, SizeClass.SMALL: sector.small}
    if any(figures[name] is None for limits in classes.values() for name in _needed(limits)):
        return SizeClass.UNKNOWN
    return next((size for size, limits in classes.items() if _met(limits, figures)), SizeClass.MICRO)


def _needed(limits: Limits) -> dict[str, int]:
    return limits.model_dump(exclude_none=True)


def _met(limits: Limits, figures: dict[str, int | None]) -> bool:
    return all((figures[name] or 0) >= limit for name, limit in _needed(limits).items())


def year_of(slices: Iterable[Slice], day: date) -> Slice | None:
    """The policy year that a day falls into; None outside all of them."""
    return next((one for one in slices if one.from_on <= day <= one.to_on), None)


@dataclass(frozen=True)
class Contract:
    """What one policy promises each of its insureds: by item the services of a policy year, and its policy years."""

    policy_id: int
    number: str
    branch_id: int
    start_on: date
    last_on: date
    """The last day covered, after an early end too"""
    promised: dict[str, int]
    years: tuple[Slice, ...]

    def covers(self, day: date) -> bool:
        return self.start_on <= day <= self.last_on

    def year(self, day: date) -> Slice | None:
        """The policy year of a day that is covered."""
        return year_of(self.years, day) if self.covers(day) else None
