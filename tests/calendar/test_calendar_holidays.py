"""The shipped year tables against two independent packages, and what a holiday file may say."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import pytest
import yaml

from anze.calendar.data import CalendarStore, HolidayFileError, read_year
from anze.settings import ROOT

KNOWLEDGE = ROOT / "knowledge"
YEARS = range(2020, 2027)
DAYS = [date(2020, 1, 1) + timedelta(days=offset) for offset in range((date(2026, 12, 31) - date(2020, 1, 1)).days + 1)]


def test_every_day_agrees_with_two_packages(tmp_path: Path) -> None:
    calendar = CalendarStore(KNOWLEDGE, tmp_path).calendar()
    china = holidays.country_holidays("CN", years=YEARS)
    ours = [calendar.is_workday(day) for day in DAYS]
    assert ours == [chinese_calendar.is_workday(day) for day in DAYS]
    assert ours == [china.is_working_day(day) for day in DAYS]
    assert set(calendar.tables) == set(YEARS)


def test_every_festival_of_the_notices_is_named() -> None:
    for year in YEARS:
        names = "、".join(read_year(KNOWLEDGE / "holidays" / f"{year}.yml").off_days.values())
        for festival in ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"):
            assert festival in names, (year, festival)


def test_the_epidemic_extension_of_2020_is_there_with_its_notice() -> None:
    year = read_year(KNOWLEDGE / "holidays" / "2020.yml")
    assert year.off_days[date(2020, 2, 1)] == "春节（延长假期）"
    assert date(2020, 2, 1) not in year.makeup_workdays
    assert [notice.issued for notice in year.amendments] == [date(2020, 1, 26)]


def test_notices_are_numbered_for_the_year_before() -> None:
    for year in YEARS:
        notice = read_year(KNOWLEDGE / "holidays" / f"{year}.yml").notice
        assert notice is not None
        assert notice.number is not None
        assert notice.number.startswith(f"国办发明电〔{year - 1}〕")
        assert notice.issued is not None
        assert notice.issued.year == year - 1


@pytest.fixture
def of_2027(tmp_path: Path) -> Callable[..., Path]:
    """A well-formed file for a year without a notice, with changes; its days are invented."""

    def write(**changes: Any) -> Path:
        off = {date(2027, 1, 1): "元旦"}
        off |= {date(2027, 2, 5) + timedelta(days=n): "春节" for n in range(8)}
        off |= {date(2027, 5, 1) + timedelta(days=n): "劳动节" for n in range(5)}
        off |= {date(2027, 10, 1) + timedelta(days=n): "国庆节" for n in range(7)}
        content: dict[str, Any] = {
            "year": 2027,
            "notice": "国办发明电〔2026〕1号",
            "off_days": off,
            "makeup_workdays": [date(2027, 2, 20), date(2027, 10, 9)],
        }
        content |= changes
        file = tmp_path / "notice.yml"
        kept = {key: value for key, value in content.items() if value is not ...}
        file.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
        return file

    return write


def test_a_plain_list_of_days_is_enough(of_2027: Callable[..., Path]) -> None:
    days = [f"2027-10-0{n}" for n in range(1, 8)] + [f"2027-02-{n:02}" for n in range(5, 14)]
    year = read_year(of_2027(off_days=days, notice=None))
    assert year.off_days[date(2027, 10, 1)] == "节假日"
    assert year.notice is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"makeup_workdays": [date(2027, 2, 19)]}, "2027-02-19 不是周六或周日"),
        ({"makeup_workdays": [date(2027, 2, 20), date(2027, 2, 20)]}, "写了两遍"),
        ({"makeup_workdays": [date(2027, 2, 6)]}, "既写成放假又写成补班"),
        ({"makeup_workdays": [date(2026, 12, 19)]}, "不属于 2027 年"),
        ({"off_days": {date(2027, 1, 1): "元旦"}}, "数目不像"),
        ({"off_days": {date(2027, 3, 1) + timedelta(days=n): "x" for n in range(60)}}, "数目不像"),
        ({"off_days": {date(2026, 10, 1) + timedelta(days=n): "国庆节" for n in range(20)}}, "不属于 2027 年"),
        ({"off_days": ...}, "缺少 off_days"),
        ({"year": ...}, "缺少 year"),
        ({"year": "明年"}, "year 的写法不对"),
        ({"holidays": []}, "不认识的项目 holidays"),
        ({"off_days": "2027-01-01"}, "off_days 的写法不对"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(of_2027: Callable[..., Path], changes: dict[str, Any], says: str) -> None:
    with pytest.raises(HolidayFileError) as refused:
        read_year(of_2027(**changes))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"year: [", b"\xff\xfe\x00", b"- 1\n- 2\n", b"", b"off_days: {2027-01-01: a, 2027-01-01: b}"]
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notice.yml"
    file.write_bytes(content)
    with pytest.raises(HolidayFileError):
        read_year(file)


def test_a_running_store_notices_an_added_and_a_changed_year(tmp_path: Path, of_2027: Callable[..., Path]) -> None:
    store = CalendarStore(KNOWLEDGE, tmp_path)
    event, after_festival = date(2027, 2, 4), date(2027, 2, 15)
    assert store.calendar() is store.calendar()
    assert store.calendar().add_workdays(event, 1).provisional

    added = store.add(read_year(of_2027()))
    assert added == tmp_path / "holidays" / "2027.yml"
    found = store.calendar().add_workdays(event, 1)
    assert (found.date, found.provisional) == (after_festival, False)

    without_day = {day: name for day, name in read_year(added).off_days.items() if day != date(2027, 2, 12)}
    store.add(read_year(of_2027(off_days=without_day)))
    assert store.calendar().add_workdays(event, 1).date == date(2027, 2, 12)


def test_an_added_year_overlays_the_shipped_one(tmp_path: Path) -> None:
    shipped = read_year(KNOWLEDGE / "holidays" / "2026.yml")
    changed = shipped.model_copy(update={"makeup_workdays": tuple(shipped.makeup_workdays[:-1])})
    store = CalendarStore(KNOWLEDGE, tmp_path)
    assert store.calendar().is_workday(date(2026, 10, 10))
    store.add(changed)
    assert not store.calendar().is_workday(date(2026, 10, 10))


def test_a_file_that_turns_bad_leaves_the_last_good_calendar_in_force(
    tmp_path: Path, of_2027: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    store = CalendarStore(KNOWLEDGE, tmp_path)
    file = store.add(read_year(of_2027()))
    good = store.calendar()
    file.write_text("year: 2027", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert store.calendar() is good
    assert "calendar in force stays" in caplog.text
    with pytest.raises(HolidayFileError):
        CalendarStore(KNOWLEDGE, tmp_path).calendar()


def test_a_file_under_another_years_name_is_refused(tmp_path: Path, of_2027: Callable[..., Path]) -> None:
    store = CalendarStore(KNOWLEDGE, tmp_path)
    store.add(read_year(of_2027())).rename(tmp_path / "holidays" / "2028.yml")
    with pytest.raises(HolidayFileError, match="2028"):
        store.calendar()
