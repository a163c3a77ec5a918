"""Festivals and days of the Chinese lunar calendar as solar dates."""

from calendar import SUNDAY, THURSDAY
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from borax.calendars.lunardate import LunarDate, TermUtils

_QINGMING, _WINTER_SOLSTICE = "清明", "冬至"


def lunar_day(year: int, month: int, day: int, leap: bool = False) -> date | None:
    """The solar date of a lunar day (`year` is the lunar year); None when that year has no such day."""
    try:
        found: date = LunarDate(year, month, day, int(leap)).to_solar_date()
    except (ValueError, AttributeError, IndexError):
        return None
    return found


def last_lunar_day(year: int) -> date | None:
    """除夕 of the lunar year: its last day, the 29th or the 30th of the twelfth month."""
    new_year = lunar_day(year + 1, 1, 1)
    return new_year - timedelta(days=1) if new_year else None


def _term(name: str, year: int) -> list[date]:
    try:
        found: date = TermUtils.nth_term_day(year, TermUtils.name2index(name))
    except (ValueError, IndexError):
        return []
    return [found]


def _fixed(month: int, day: int, year: int) -> list[date]:
    return [date(year, month, day)]


def _nth_weekday(month: int, weekday: int, nth: int, year: int) -> list[date]:
    first = date(year, month, 1)
    return [first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))]


def _lunar(month: int, day: int, year: int) -> list[date]:
    # A lunar year's last weeks lie in the next solar year: 腊八 comes twice in 2003 and not at all in 2004.
    found = (lunar_day(lunar_year, month, day) for lunar_year in (year - 1, year))
    return [each for each in found if each and each.year == year]


def _new_years_eve(year: int) -> list[date]:
    found = last_lunar_day(year - 1)
    return [found] if found else []


type _Rule = Callable[[int], list[date]]

_RULES: list[tuple[str, int, _Rule]] = [
    # names, usual days of the holiday with the festival as its first (0: no public holiday), its days in a solar year
    ("元旦节 元旦 阳历年", 3, partial(_fixed, 1, 1)),
    ("情人节", 0, partial(_fixed, 2, 14)),
    ("妇女节 三八节 三八妇女节", 0, partial(_fixed, 3, 8)),
    ("植树节", 0, partial(_fixed, 3, 12)),
    ("愚人节", 0, partial(_fixed, 4, 1)),
    ("五一劳动节 五一节 劳动节 五一", 5, partial(_fixed, 5, 1)),
    ("五四青年节 青年节 五四", 0, partial(_fixed, 5, 4)),
    ("母亲节", 0, partial(_nth_weekday, 5, SUNDAY, 2)),
    ("六一儿童节 儿童节 六一节 六一", 0, partial(_fixed, 6, 1)),
    ("父亲节", 0, partial(_nth_weekday, 6, SUNDAY, 3)),
    ("建党节 七一", 0, partial(_fixed, 7, 1)),
    ("八一建军节 建军节 八一", 0, partial(_fixed, 8, 1)),
    ("教师节", 0, partial(_fixed, 9, 10)),
    ("国庆节 国庆 十一国庆节 十一国庆", 7, partial(_fixed, 10, 1)),
    ("万圣节", 0, partial(_fixed, 11, 1)),
    ("全国消防日 消防日", 0, partial(_fixed, 11, 9)),
    ("双十一 双11", 0, partial(_fixed, 11, 11)),
    ("感恩节", 0, partial(_nth_weekday, 11, THURSDAY, 4)),
    ("双十二 双12", 0, partial(_fixed, 12, 12)),
    ("平安夜", 0, partial(_fixed, 12, 24)),
    ("圣诞节 圣诞", 0, partial(_fixed, 12, 25)),
    ("清明节 清明", 3, partial(_term, _QINGMING)),
    ("冬至", 0, partial(_term, _WINTER_SOLSTICE)),
    ("腊八节 腊八", 0, partial(_lunar, 12, 8)),
    ("小年夜 小年", 0, partial(_lunar, 12, 23)),
    ("除夕夜 除夕 大年三十 年三十 大年夜 年夜", 0, _new_years_eve),
    ("春节 大年初一 年初一 正月初一 农历新年 农历年 过年 过大年 大年", 8, partial(_lunar, 1, 1)),
    ("元宵节 元宵 上元节", 0, partial(_lunar, 1, 15)),
    ("龙抬头", 0, partial(_lunar, 2, 2)),
    ("端午节 端午", 3, partial(_lunar, 5, 5)),
    ("七夕节 七夕", 0, partial(_lunar, 7, 7)),
    ("中元节", 0, partial(_lunar, 7, 15)),
    ("中秋节 中秋", 3, partial(_lunar, 8, 15)),
    ("重阳节 重阳", 0, partial(_lunar, 9, 9)),
]
FESTIVALS: dict[str, _Rule] = {name: rule for names, _, rule in _RULES for name in names.split()}
HOLIDAY_DAYS: dict[str, int] = {name: days for names, days, _ in _RULES for name in names.split() if days}
PUBLIC_HOLIDAYS = ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆")
