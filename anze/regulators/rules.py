"""What may be done with reports, hand-overs and mechanisms (9.1, 9.2, 9.3). Pure."""

from collections.abc import Iterable
from datetime import date

from anze.regulators.kinds import AuthorityLevel, ReportState, Side

DRAFTS = frozenset({"intake", "service", "supervisor"})
"""Roles that write reports and note what was sent and what came back."""
APPROVES = frozenset({"supervisor"})
KEEPS = frozenset({"service", "supervisor", "admin"})
"""Roles that keep authorities, hand-overs, mechanisms and requests."""
OPEN = frozenset({ReportState.DRAFT, ReportState.RETURNED})
"""A new draft may follow these."""
_QUARTER = 3


def may_draft(candidate_state: str, newest: ReportState | None) -> bool:
    """Drafted is what was confirmed, and again until a draft is approved."""
    return candidate_state in {"confirmed", "approved"} and (newest is None or newest in OPEN)


def judging(state: ReportState, candidate_state: str, role: str | None, actor: str, drafted_by: str) -> str:
    """The code of the error by which approving or returning a draft is refused; empty when it may be done.

    Four eyes: never by who drafted it. What is not approved as a case of 9.2 is not reported.
    """
    if role not in APPROVES:
        return "forbidden"
    if actor == drafted_by:
        return "four_eyes"
    if state != ReportState.DRAFT:
        return "regulator_report_not_now"
    return "" if candidate_state == "approved" else "regulator_report_candidate"


def place_fits(province: str, city: str | None, of_province: str, of_city: str | None) -> bool:
    """Whether an authority (province, perhaps a city) is one of a place (9.2: 被保险人所在地)."""
    return province == of_province and (city is None or city == of_city)


def level_fits(level: AuthorityLevel, city: str | None, county: str | None) -> bool:
    """A province's authority names no city, a city's names no county."""
    named = (bool(city), bool(county))
    return named == {AuthorityLevel.PROVINCE: (False, False), AuthorityLevel.CITY: (True, False)}.get(
        level, (True, True)
    )


def three_parties(sides: Iterable[Side]) -> bool:
    """An insurer, a provider, and an authority or a body of the industry."""
    found = set(sides)
    return {Side.INSURER, Side.PROVIDER} <= found and bool(found & {Side.AUTHORITY, Side.INDUSTRY_BODY})


def whole_quarter_before(today: date) -> list[tuple[date, date]]:
    """First and last days of the three months of the last calendar quarter that is over."""
    quarter = (today.month - 1) // _QUARTER
    year, first = (today.year, quarter * _QUARTER - 2) if quarter else (today.year - 1, 10)
    starts = [date(year, first + step, 1) for step in range(_QUARTER)]
    ends = [*starts[1:], date(year + 1, 1, 1) if first == 10 else date(year, first + _QUARTER, 1)]
    return [(start, date.fromordinal(end.toordinal() - 1)) for start, end in zip(starts, ends, strict=True)]
