"""What must hold for any moment and any text, against independent calendars."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lunardate import LunarDate

from anze.calendar.when import TimeExpression, first, parse
from anze.calendar.when.resolve import as_end, as_start
from anze.clock import SHANGHAI

# To 2050: some later new moons fall so near midnight that calendars differ by a day (ninth month of 2057).
MOMENTS = st.integers(
    int(datetime(2001, 1, 1, tzinfo=SHANGHAI).timestamp()), int(datetime(2050, 12, 31, tzinfo=SHANGHAI).timestamp())
).map(lambda seconds: datetime.fromtimestamp(seconds, SHANGHAI))
WEEK_WORDS = {
    "上上": -2,
    "上": -1,
    "上个": -1,
    "这": 0,
    "本": 0,
    "这个": 0,
    "下": 1,
    "下个": 1,
    "下一": 1,
    "下下": 2,
    "下下个": 2,
}
DAY_WORDS = [("周", "日"), ("周", "天"), ("星期", "日"), ("星期", "天"), ("礼拜", "天"), ("礼拜", "日")]
WEEKDAYS = st.integers(1, 7).flatmap(
    lambda number: st.sampled_from(
        [(number, head + (last if number == 7 else "一二三四五六"[number - 1])) for head, last in DAY_WORDS]
    )
)
# Pieces that make real expressions often, so that ranges and corrections are tried too.
PIECES = st.sampled_from(Path(__file__).with_name("when_pieces.txt").read_text(encoding="utf-8").split())
SENTENCES = st.lists(PIECES, min_size=1, max_size=7).map("".join)


def iso_week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(sorted(WEEK_WORDS)), WEEKDAYS)
def test_a_weekday_of_a_named_week_lies_in_that_iso_week(now, which, weekday) -> None:
    number, word = weekday
    found = first(which + word, now)
    assert found.kind == "date"
    assert found.start.isoweekday() == number
    assert iso_week(found.start) == iso_week(now.date() + timedelta(weeks=WEEK_WORDS[which]))


@settings(deadline=None)
@given(MOMENTS, WEEKDAYS)
def test_a_bare_weekday_is_the_next_one_or_the_last_one(now, weekday) -> None:
    number, word = weekday
    ahead, behind = first(word, now), first(word, now, prefer="past")
    assert ahead.start.isoweekday() == behind.start.isoweekday() == number
    assert 0 < (ahead.start - now.date()).days <= 7
    assert 0 < (now.date() - behind.start).days <= 7


@settings(deadline=None)
@given(MOMENTS, st.integers(1, 31))
def test_a_bare_day_is_the_next_of_its_number(now, number) -> None:
    found = first(f"{number}号", now)
    day = now.date()
    while day.day != number:
        day += timedelta(days=1)
    assert (found.kind, found.start) == ("date", day)


@settings(deadline=None)
@given(MOMENTS, st.integers(1, 400), st.sampled_from(["天后", "天以后", "日后"]))
def test_days_from_now_count_without_today(now, number, word) -> None:
    assert first(f"{number}{word}", now).start == now.date() + timedelta(days=number)
    assert first(f"{number}天内", now).end == now.date() + timedelta(days=number)


@settings(deadline=None)
@given(MOMENTS, st.dates(date(2001, 1, 1), date(2060, 12, 31)))
def test_a_full_day_is_itself_in_every_spelling(now, day) -> None:
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    spellings = [day.strftime(form) for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")]
    spellings += [
        f"{day.year}年{day.month}月{day.day}号",
        f"{day.year}年 {day.month} 月 {day.day} 日",
        f"{year}年{chinese(day.month)}月{chinese(day.day)}日",
    ]
    assert [(found.kind, found.start, found.end) for found in (first(each, now) for each in spellings)] == [
        ("date", day, day)
    ] * len(spellings)


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    return ("" if tens == 0 else "十" if tens == 1 else digits[tens] + "十") + (
        digits[ones] if ones or not tens else ""
    )


NUMBERED = [
    "{}天后",
    "{}号",
    "{}天内",
    "下午{}点",
    "{}月",
    "{}个月后",
    "最近{}天",
    "{}个工作日",
    "12月{}号",
    "{}号到25号",
]


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(NUMBERED), st.integers(1, 99))
def test_digits_and_chinese_numerals_agree(now, template, number) -> None:
    arabic, words = (first(template.format(each), now) for each in (number, chinese(number)))
    assert meaning(arabic) == meaning(words)


def meaning(found: TimeExpression) -> tuple:
    return found.kind, found.start, found.end, found.length, found.reason


FULL_WIDTH = {ord(char): ord(char) + 0xFEE0 for char in map(chr, range(0x21, 0x7F))}


@settings(deadline=None)
@given(MOMENTS, SENTENCES)
def test_full_width_spelling_changes_nothing(now, sentence) -> None:
    assert parse(sentence.translate(FULL_WIDTH), now) == parse(sentence, now)


@settings(deadline=None)
@given(MOMENTS, SENTENCES, st.sampled_from(["future", "past"]))
def test_ends_do_not_precede_starts_and_spans_lie_in_the_text(now, sentence, prefer) -> None:
    found = parse(sentence, now, prefer=prefer)
    for one in found:
        assert one.text == sentence.replace("，", ",").replace("（", "(")[slice(*one.span)]
        assert type(one.start) is type(one.end) or one.start is None or one.end is None
        if one.start is not None and one.end is not None:
            assert as_start(one.start) <= as_end(one.end)
        if one.kind in {"none", "duration"}:
            assert one.start is one.end is None
        assert (one.kind == "none") == (one.reason is not None)
        assert (one.kind == "duration") == (one.length is not None)
    # A length may stand inside: 下周三培训两小时，下午三点.
    times = [one for one in found if one.kind != "duration"]
    assert all(earlier.span[1] <= later.span[0] for earlier, later in pairwise(times))


@settings(deadline=None)
@given(MOMENTS, st.text(max_size=60))
@example(datetime(2026, 11, 23, tzinfo=SHANGHAI), "\ud83d三点\x00下周三\u202e")
@example(datetime(2026, 11, 23, tzinfo=SHANGHAI), "99999999天后到99999999个月前")
@example(datetime(2026, 11, 23, tzinfo=SHANGHAI), "一百百百天后²号①月½点")
def test_no_text_is_an_error(now, text) -> None:
    assert first(text, now).kind in {"date", "datetime", "range", "duration", "none"}


@settings(deadline=None)
@given(MOMENTS, SENTENCES)
def test_the_zone_of_now_changes_nothing(now, sentence) -> None:
    assert parse(sentence, now) == parse(sentence, now.astimezone(UTC))


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the platform cannot change its zone")
def test_the_zone_of_the_process_changes_nothing(monkeypatch) -> None:
    now = datetime(2026, 11, 23, 23, 30, tzinfo=SHANGHAI)
    texts = ["明天下午三点", "下周三", "两个小时后", "月底前", "春节", "三天内", "2026-12-08T15:30:00"]
    results = []
    before = os.environ.get("TZ")
    try:
        for zone in ("UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Shanghai"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            results.append([first(text, now) for text in texts])
    finally:
        if before is None:
            monkeypatch.delenv("TZ")
        else:
            monkeypatch.setenv("TZ", before)
        time.tzset()
    assert all(result == results[0] for result in results)
    assert results[0][0].start == datetime(2026, 11, 24, 15, tzinfo=SHANGHAI)


LUNAR = {
    **dict.fromkeys(["正月初一", "春节"], (1, 1)),
    "元宵节": (1, 15),
    "端午": (5, 5),
    "七夕": (7, 7),
    "中秋": (8, 15),
    "重阳": (9, 9),
    "农历十月十五": (10, 15),
    "腊八": (12, 8),
    "腊月二十三": (12, 23),
}


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(sorted(LUNAR)))
def test_lunar_days_agree_with_another_calendar(now, word) -> None:
    month, day = LUNAR[word]
    candidates = (LunarDate(now.year + step, month, day).to_solar_date() for step in (-1, 0, 1))
    assert first(word, now).start == next(each for each in candidates if each >= now.date())


@settings(deadline=None)
@given(MOMENTS)
def test_new_years_eve_is_the_day_before_the_spring_festival(now) -> None:
    eve, festival = first("除夕", now), first("春节", now)
    assert festival.start - eve.start == timedelta(days=1) or now.date() == festival.start


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        parse("明天", datetime(2026, 11, 23))  # noqa: DTZ001
    with pytest.raises(ValueError, match="years"):
        parse("明天", datetime(1800, 1, 1, tzinfo=SHANGHAI))
