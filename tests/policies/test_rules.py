"""Policy years leave no day out and no day twice; size classes are those of the table, every limit counted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.policies.rules import SizeClass, Slice, policy_years, size_class
from anze.standard.editions import load
from anze.standard.models import SizeThresholds

DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end", "early", "years"),
    [
        ("2026-01-01", "2026-12-31", None, [("2026-01-01", "2026-12-31")]),
        ("2026-03-15", "2027-03-14", None, [("2026-03-15", "2027-03-14")]),
        ("2025-03-01", "2027-02-28", None, [("2025-03-01", "2026-02-28"), ("2026-03-01", "2027-02-28")]),
        ("2026-05-01", "2026-08-31", None, [("2026-05-01", "2026-08-31")]),
        ("2026-05-01", "2027-06-30", None, [("2026-05-01", "2027-04-30"), ("2027-05-01", "2027-06-30")]),
        ("2024-02-29", "2025-02-28", None, [("2024-02-29", "2025-02-28")]),
        (
            "2024-02-29",
            "2028-03-31",
            None,
            [
                ("2024-02-29", "2025-02-28"),
                ("2025-03-01", "2026-02-28"),
                ("2026-03-01", "2027-02-28"),
                ("2027-03-01", "2028-02-28"),
                ("2028-02-29", "2028-03-31"),
            ],
        ),
        ("2026-01-01", "2026-12-31", "2026-04-30", [("2026-01-01", "2026-04-30")]),
        ("2025-01-01", "2026-12-31", "2025-12-31", [("2025-01-01", "2025-12-31")]),
        ("2025-01-01", "2026-12-31", "2026-01-01", [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-01-01")]),
        ("2026-01-01", "2026-12-31", "2025-12-31", []),
        ("2026-01-01", "2026-12-31", "2027-02-01", [("2026-01-01", "2026-12-31")]),
        ("2026-01-01", "2026-01-01", None, [("2026-01-01", "2026-01-01")]),
    ],
)
def test_policy_years(start: str, end: str, early: str | None, years: list[tuple[str, str]]) -> None:
    expected = [Slice(no, day(first), day(last)) for no, (first, last) in enumerate(years, start=1)]
    assert policy_years(day(start), day(end), day(early) if early else None) == expected


def test_a_policy_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        policy_years(day("2026-01-02"), day("2026-01-01"))


dates = st.dates(date(2000, 1, 1), date(2060, 12, 31)) | st.sampled_from([date(2024, 2, 29), date(2028, 2, 29)])


@given(dates, st.integers(0, 4000), st.none() | st.integers(-10, 4000))
def test_policy_years_cover_the_policy_once(start: date, length: int, early: int | None) -> None:
    end = start + length * DAY
    ended = None if early is None else start + early * DAY
    last = end if ended is None else min(end, ended)
    years = policy_years(start, end, ended)

    covered = [year.from_on + n * DAY for year in years for n in range((year.to_on - year.from_on).days + 1)]
    assert covered == [start + n * DAY for n in range((last - start).days + 1)]
    assert [year.no for year in years] == list(range(1, len(years) + 1))
    for year in years:
        months = (year.to_on.year - year.from_on.year) * 12 + year.to_on.month - year.from_on.month
        assert months < 12 or (months == 12 and year.to_on.day < year.from_on.day)
    for year in years[:-1]:
        assert (year.to_on - year.from_on).days + 1 in {365, 366}


@pytest.fixture(scope="module")
def thresholds() -> SizeThresholds:
    found = load().size_thresholds
    assert found is not None
    return found


L, M, S, XS, UNKNOWN = SizeClass.LARGE, SizeClass.MEDIUM, SizeClass.SMALL, SizeClass.MICRO, SizeClass.UNKNOWN


@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "assets", "size"),
    [
        ("工业", 1000, 40_000, None, L),
        ("工业", 1200, 39_000, None, M),
        ("工业", 999, 400_000, None, M),
        ("工业", 300, 2000, None, M),
        ("工业", 350, 1900, None, S),
        ("工业", 20, 300, None, S),
        ("工业", 5000, 299, None, XS),
        ("工业", 19, 90_000, None, XS),
        ("工业", 0, 0, None, XS),
        ("工业", None, 90_000, 90_000, UNKNOWN),
        ("工业", 90_000, None, 90_000, UNKNOWN),
        ("建筑业", None, 80_000, 80_000, L),
        ("建筑业", 9000, 80_000, 79_999, M),
        ("建筑业", 9000, 80_000, 299, XS),
        ("建筑业", 9000, 80_000, None, UNKNOWN),
        ("批发业", 200, 40_000, None, L),
        ("批发业", 19, 40_000, None, S),
        ("零售业", 50, 500, None, M),
        ("交通运输业", 300, 2999, None, S),
        ("仓储业", 100, 1000, None, M),
        ("租赁和商务服务业", 300, None, 120_000, L),
        ("租赁和商务服务业", 300, 900_000, 8000, M),
        ("其他未列明行业", 300, None, None, L),
        ("其他未列明行业", 9, None, None, XS),
        (None, 1000, 40_000, 40_000, UNKNOWN),
    ],
)
def test_size_class(
    thresholds: SizeThresholds,
    industry: str | None,
    employees: int | None,
    revenue: int | None,
    assets: int | None,
    size: SizeClass,
) -> None:
    assert size_class(thresholds, industry, employees, revenue, assets) is size


def test_an_industry_that_the_table_does_not_have_is_refused(thresholds: SizeThresholds) -> None:
    with pytest.raises(LookupError, match="锻造"):
        size_class(thresholds, "锻造", 1, 1, 1)


ORDER = [XS, S, M, L]
figures = st.integers(0, 200_000)


@given(st.data(), figures, figures, figures)
def test_a_bigger_firm_is_never_of_a_smaller_class(
    thresholds: SizeThresholds, data: st.DataObject, employees: int, revenue: int, assets: int
) -> None:
    industry = data.draw(st.sampled_from([row.name for row in thresholds.sectors]))
    more = [figure + data.draw(st.integers(0, 100_000)) for figure in (employees, revenue, assets)]
    smaller = size_class(thresholds, industry, employees, revenue, assets)
    bigger = size_class(thresholds, industry, *more)
    assert ORDER.index(smaller) <= ORDER.index(bigger)


def test_the_table_names_its_source_and_that_it_waits_for_a_check(thresholds: SizeThresholds) -> None:
    assert "国统字〔2017〕213号" in thresholds.source
    assert thresholds.to_verify
    for row in thresholds.sectors:
        for name in ("employees", "revenue", "assets"):
            limits = [getattr(of_class, name) for of_class in (row.small, row.medium, row.large)]
            assert limits == [None] * 3 or (None not in limits and limits == sorted(set(limits)))
