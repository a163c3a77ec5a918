"""Chinese time expressions read on one Monday morning, case by case."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from anze.calendar.data import CalendarStore
from anze.calendar.when import TimeExpression, first
from anze.clock import SHANGHAI

NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
ROOT = Path(__file__).parents[2]
TABLE: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("when_cases.yml").read_text(encoding="utf-8")
)
CASES = [(group, str(text), value) for group, cases in TABLE.items() for text, value in cases.items()]


@pytest.fixture(scope="module")
def calendar(tmp_path_factory):
    return CalendarStore(ROOT / "knowledge", tmp_path_factory.mktemp("data")).calendar()


def stamp(text: str) -> date | datetime | None:
    if not text:
        return None
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) if "T" in text else date.fromisoformat(text)


def short(found: TimeExpression) -> tuple:
    return found.kind, found.start, found.end


@pytest.mark.parametrize(("group", "text", "value"), CASES, ids=[f"{group}-{text}" for group, text, _ in CASES])
def test_case(group: str, text: str, value: str, calendar) -> None:
    kind, *rest = value.split()
    asks = rest[-1:] == ["?"]
    start, _, end = (rest[0] if rest and rest[0] != "?" else "").partition("..")
    found = first(text, NOW, calendar=calendar)
    ends = stamp(end) if ".." in value else stamp(start)
    assert short(found) == (kind, stamp(start), ends)
    if kind not in {"none", "duration"}:
        assert found.confirm is asks
        assert all(type(each) is type(stamp(start or end)) for each in (found.start, found.end) if each)


def test_the_table_is_large_and_holds_enough_that_is_no_time() -> None:
    no_times = [text for group, text, _ in CASES if group in {"lengths", "not a time", "no such time"}]
    assert len(CASES) >= 260
    assert len(no_times) >= 60


WEEKDAY_TEXT = re.compile(r"^(?P<which>下下|上上|下|上|这|本)?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])$")


@pytest.mark.parametrize("text", [text for _, text, _ in CASES if WEEKDAY_TEXT.match(text)])
def test_expected_weekdays_agree_with_the_iso_calendar(text: str) -> None:
    value = next(value for _, other, value in CASES if other == text)
    expected = date.fromisoformat(value.split()[1])
    found = WEEKDAY_TEXT.match(text)
    assert expected.isoweekday() == ("一二三四五六日".find(found["day"]) + 1 or 7)
    if found["which"]:
        weeks = {"下下": 2, "下": 1, "这": 0, "本": 0, "上": -1, "上上": -2}[found["which"]]
        this = NOW.date().isocalendar()
        assert date.fromisocalendar(this.year, this.week, 1).toordinal() + 7 * weeks <= expected.toordinal()
        assert expected.toordinal() - date.fromisocalendar(this.year, this.week, 1).toordinal() - 7 * weeks < 7
    else:
        assert 0 < (expected - NOW.date()).days <= 7
