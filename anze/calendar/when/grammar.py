"""Rules that read one word of time each, and the gluing of words into one expression (下周三 + 下午 + 三点半)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from anze.calendar.when.lexicon import (
    DAYPART_WORDS,
    NUMERALS,
    RELATIVE_DAYS,
    RELATIVE_HEADS,
    SEP,
    UNITS,
    WEEKDAYS,
    N,
    any_of,
    number,
)
from anze.calendar.when.lunar import FESTIVALS, PUBLIC_HOLIDAYS
from anze.calendar.when.said import Context, Said, Word, last_day, monday_of, shift_months
from anze.clock import SHANGHAI

type _Found = re.Match[str]
type _Rule = Callable[[_Found, Context], Said | None]

_RULES: list[tuple[re.Pattern[str], _Rule]] = []

_WEEK = r"(?:周|星期|礼拜)"
_WD = r"[一二三四五六日天1-7]"
_THIS = "(?:这一|这个|这|本|当前|当)"
_STEP = r"(?P<step>上上上|下下下|上上|下下|上|下|次)(?:一)?(?:个)?"
_COUNTER = (
    r"(?:个(?!月|工作|星期|礼拜|小时|季度|钟)|家(?![里中人庭])"
    r"|位|名|次|场|项|份|台|套|条|件|方面?|期|手|维|级|类|倍|步)"
)
# 下周一共, 下周三家企业, 下周日常检查, 下周一起去: the numeral belongs to what follows.
_NOT_WEEKDAY = (
    rf"(?!(?<=[一二三四五六])(?:{_COUNTER}|天(?!气|安|然|前|后)|号(?!楼))|(?<=一)(?:共|定|般|切|样|直|些|旦|致|律|并|方面|起(?![到至，,。]|$|就|能|都|开始|的))"
    r"|(?<=日)(?:常|志|程|期|报|用|均|元|照)|(?<=五)(?:金|险)|(?<=天)(?:气|天|津|津|然)|(?<=三)(?:方|同时|违|级|明))"
)
_NOT_DAY = r"(?!线|楼|院|码|称|召|令|文)"
_MEASURES = "个人名家天号日月年周分种台项次米元块吨条套件份万千亿小:./%"


def _rule(pattern: str) -> Callable[[_Rule], _Rule]:
    compiled = re.compile(pattern)

    def register(rule: _Rule) -> _Rule:
        _RULES.append((compiled, rule))
        return rule

    return register


def _int(found: _Found, name: str) -> int:
    value = number(found[name])
    return -1 if value is None else value


def _steps(step: str) -> int:
    return (-1 if step[0] == "上" else 1) * len(step)


def _ymd(year: int | None, month: int, day: int) -> Said:
    """A day by its numbers; the fault when no calendar has it (a leap day needs its year and waits)."""
    if not 1 <= month <= 12:
        return Said(last=Word.DAY, fault="no_such_month")
    longest = last_day(year or 2024, month).day
    if not 1 <= day <= longest:
        return Said(last=Word.DAY, year=year, month=month, fault="no_such_day")
    return Said(last=Word.DAY, year=year, month=month, day=day)


# ---- days by numbers


@_rule(
    r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)[T ](?P<h>\d\d):(?P<min>\d\d)"
    r"(?::(?P<s>\d\d)(?:\.\d+)?)?(?P<z>Z|[+-]\d\d:?\d\d)?(?!\d)"
)
def _iso_instant(found: _Found, context: Context) -> Said | None:
    try:
        instant = datetime.fromisoformat(found.group().replace(" ", "T"))
    except ValueError:
        return Said(last=Word.CLOSED, fault="no_such_day")
    instant = instant.replace(tzinfo=SHANGHAI) if instant.tzinfo is None else instant.astimezone(SHANGHAI)
    if instant.year < 1901:
        return None
    return Said(last=Word.CLOSED, moment=(instant, instant))


@_rule(r"(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?:日|号)?(?![\d])")
def _iso_day(found: _Found, context: Context) -> Said:
    return _ymd(_int(found, "y"), _int(found, "m"), _int(found, "d"))


@_rule(r"(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![0-9A-Za-z-])")
def _compact_day(found: _Found, context: Context) -> Said:
    return _ymd(_int(found, "y"), _int(found, "m"), _int(found, "d"))


@_rule(r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>0[1-9]|1[0-2])(?![\d./-])")
def _iso_month(found: _Found, context: Context) -> Said:
    return Said(last=Word.MONTH, year=_int(found, "y"), month=_int(found, "m"))


@_rule(rf"(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?:日|号)?(?![\d/]|的(?!上午|下午)|{SEP}\d+(?![\d/]))")
def _slash_day(found: _Found, context: Context) -> Said:
    return _ymd(None, _int(found, "m"), _int(found, "d"))


@_rule(r"(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01])(?![\d-]|[号日点时月:人个家])")
def _dash_day(found: _Found, context: Context) -> Said:
    return _ymd(None, _int(found, "m"), _int(found, "d"))


@_rule(
    rf"(?P<m>1[0-2]|0?[1-9])\.(?P<d>3[01]|[12]\d|0?[1-9])(?:[号日]|(?={SEP}\d{{1,2}}(?:\.\d{{1,2}})?[号日])"
    r"|(?=上午|下午|早上|晚上|中午|傍晚|\(?周|\(?星期))"
)
def _dot_day(found: _Found, context: Context) -> Said:
    return _ymd(None, _int(found, "m"), _int(found, "d"))


@_rule(
    rf"(?P<m>{N})月(?:份)?(?:的)?(?P<d>{N})(?:[号日]{_NOT_DAY}|(?={SEP}{N}[号日])"
    rf"|(?![{_MEASURES}点时]|{N}|工作日|[-~到至]{N}[^月]|季度|[一-鿿]?工作日))"
)
def _month_day(found: _Found, context: Context) -> Said | None:
    month, day = _int(found, "m"), _int(found, "d")
    ends = found.group()[-1]
    if ends not in "号日" and (day > 31 or day < 1):
        return None
    said = _ymd(None, month, day)
    # 八月十五 without 号 is as often the lunar day.
    lunar = not found["d"].isascii() and ends not in "号日" and not said.fault and not found["m"].isascii()
    return replace(said, confirm=lunar and found.string[found.end() : found.end() + 1] not in {"到", "至", "-"})


@_rule(rf"(?P<d>{N})(?:[号日](?!游|志|均)|(?={SEP}{N}[号日](?!内|后|以内|之内)))")
def _day(found: _Found, context: Context) -> Said | None:
    day = _int(found, "d")
    if day == 0 or day > 31:
        return None
    return Said(last=Word.DAY, day=day)


# ---- years and their parts


@_rule(r"(?P<y>(?:19|20)\d\d|[一二][〇零九][〇零一二三四五六七八九]{2})(?:年(?:度|份)?|(?=(?:到|至|-)20\d\d年))")
def _year(found: _Found, context: Context) -> Said:
    return Said(last=Word.YEAR, year=_int(found, "y"))


@_rule(rf"(?P<y>2\d|3[0-5])年(?={N}月|[上下]半年|第?[一二三四]季度|春节|国庆|元旦|五一)")
def _short_year(found: _Found, context: Context) -> Said:
    return Said(last=Word.YEAR, year=2000 + _int(found, "y"))


_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "上一年": -1, "头年": -1, "旧年": -1, "今年": 0, "本年": 0,
          "这一年": 0, "当年": 0, "明年": 1, "来年": 1, "下一年": 1, "下年": 1, "后年": 2, "大后年": 3}  # fmt: skip


@_rule(rf"(?P<w>{any_of(_YEARS)})(?:度(?!假)|份)?(?!龄)")
def _relative_year(found: _Found, context: Context) -> Said:
    return Said(last=Word.YEAR, year=context.today.year + _YEARS[found["w"]])


@_rule(r"(?P<w>上半年|下半年|前半年|后半年)(?:度)?")
def _half_year(found: _Found, context: Context) -> Said:
    return Said(last=Word.SPAN, months=(1, 6) if found["w"][0] in "上前" else (7, 12))


@_rule(r"(?:第)?(?P<q>[一二三四1-4])(?:个)?季度|Q(?P<q2>[1-4])(?!\d)")
def _quarter(found: _Found, context: Context) -> Said:
    quarter = _int(found, "q") if found["q"] else _int(found, "q2")
    return Said(last=Word.SPAN, months=(3 * quarter - 2, 3 * quarter))


@_rule(r"前(?P<q>[两二三23])(?:个)?季度")
def _first_quarters(found: _Found, context: Context) -> Said:
    return Said(last=Word.SPAN, months=(1, 3 * _int(found, "q")))


def _this_quarter(context: Context, step: int) -> Said:
    first = shift_months(context.today.replace(day=1), -((context.today.month - 1) % 3) + 3 * step)
    return Said(last=Word.SPAN, year=first.year, months=(first.month, first.month + 2))


@_rule(rf"(?:{_THIS}(?:个)?|{_STEP})季(?:度)?(?!节)")
def _relative_quarter(found: _Found, context: Context) -> Said:
    return _this_quarter(context, _steps(found["step"]) if found["step"] else 0)


@_rule(r"季(?:度)?(?P<p>初|底|末)")
def _quarter_end(found: _Found, context: Context) -> Said:
    return replace(_this_quarter(context, 0), part="初" if found["p"] == "初" else "底", last=Word.PART, vague=True)


@_rule(r"(?:年)?(?P<p>年初|年中(?![秋国旬心层学级])|年底|年末|年终|岁末)|(?<=[今去明本前后年])(?P<q>底|初|末)")
def _year_part(found: _Found, context: Context) -> Said:
    word = found["p"] or "年" + found["q"]
    months = {"年初": (1, 1), "年中": (6, 7)}.get(word, (12, 12))
    if word in {"年底", "年末", "年终", "岁末"}:
        return Said(last=Word.CLOSED, months=(12, 12), part="底", vague=True)
    return Said(last=Word.CLOSED, months=months, vague=True)


@_rule(r"(?P<w>今|去|明|本|前|后)年?(?:年)?(?P<p>年底|年初|年末|年终|年中(?![秋国旬心层学级])|底(?!下))")
def _year_part_of(found: _Found, context: Context) -> Said:
    year = context.today.year + {"去": -1, "今": 0, "本": 0, "明": 1, "前": -2, "后": 2}[found["w"]]
    months = {"年初": (1, 1), "年中": (6, 7)}.get(found["p"])
    if months:
        return Said(last=Word.CLOSED, year=year, months=months, vague=True)
    return Said(last=Word.CLOSED, year=year, months=(12, 12), part="底", vague=True)


@_rule(r"(?<![今去明本前后每往多个\d一两二三四五六七八九十百半])(?P<u>[年月周])(?:之|以)?内(?!容|部|蒙|审|网|外|地)")
def _inside_this(found: _Found, context: Context) -> Said:
    if found["u"] == "周":
        return Said(last=Word.CLOSED, span=(monday_of(context.today), monday_of(context.today) + timedelta(days=6)))
    return Said(last=Word.CLOSED, year=context.today.year, month=context.today.month if found["u"] == "月" else None)


# ---- months and their parts


@_rule(rf"(?P<m>{N})(?:月(?:份)?(?!饼|亮|经|子)|(?={SEP}{N}月(?!{N}|\d)))")
def _month(found: _Found, context: Context) -> Said | None:
    month = _int(found, "m")
    if not 1 <= month <= 12:
        return Said(last=Word.CLOSED, fault="no_such_month") if found.group().endswith("月") else None
    return Said(last=Word.MONTH, month=month)


def _month_said(context: Context, step: int) -> Said:
    first = shift_months(context.today.replace(day=1), step)
    return Said(last=Word.MONTH, year=first.year, month=first.month)


@_rule(rf"(?:{_THIS}(?:个)?|该|{_STEP})月(?:份)?(?!饼)")
def _relative_month(found: _Found, context: Context) -> Said:
    return _month_said(
        context, _steps(found["step"]) if found["step"] and found["step"] != "次" else bool(found["step"])
    )


_PARTS = {
    **{part: part for part in ("上旬", "中旬", "下旬")},
    **dict.fromkeys(["初", "月初", "头", "月头"], "初"),
    **dict.fromkeys(["中", "月中"], "中旬"),
    **dict.fromkeys(["底", "月底", "末", "月末", "尾", "月尾"], "底"),
    **dict.fromkeys(["上半月", "前半月"], "上半"),
    **dict.fromkeys(["下半月", "后半月"], "下半"),
}


@_rule(rf"(?P<p>{any_of(_PARTS)})(?![期间级学医])")
def _month_part(found: _Found, context: Context) -> Said:
    part = _PARTS[found["p"]]
    alone = found["p"].startswith("月") or found["p"].endswith("旬") or found["p"].endswith("半月")
    # 底, 中 alone is no time: it needs a month before it.
    return Said(last=Word.PART, part=part, vague=part in {"初", "底"}, confirm=not alone)


# ---- weeks and weekdays


def _week_said(context: Context, step: int) -> Said:
    return Said(last=Word.WEEK, monday=monday_of(context.today) + timedelta(weeks=step))


@_rule(rf"(?:{_THIS}|{_STEP}){_WEEK}(?!年|期|边|刊|岁|转|长|报|末|六福)")
def _week(found: _Found, context: Context) -> Said | None:
    if found["step"] == "次":
        return _week_said(context, 1)
    return _week_said(context, _steps(found["step"]) if found["step"] else 0)


@_rule(rf"(?:{_THIS}|{_STEP}){_WEEK}(?:的)?(?:{_WEEK})?(?P<wd>{_WD}){_NOT_WEEKDAY}(?:儿)?")
def _week_weekday(found: _Found, context: Context) -> Said:
    step = 0 if not found["step"] else 1 if found["step"] == "次" else _steps(found["step"])
    return replace(_week_said(context, step), weekday=WEEKDAYS[found["wd"]], last=Word.WEEKDAY)


@_rule(rf"(?:(?P<this>{_THIS})|{_STEP})?{_WEEK}末")
def _weekend(found: _Found, context: Context) -> Said:
    if not found["this"] and not found["step"]:
        return Said(last=Word.WEEKDAY, weekend=True)
    step = 0 if found["this"] else 1 if found["step"] == "次" else _steps(found["step"])
    return replace(_week_said(context, step), weekend=True, last=Word.WEEKDAY)


@_rule(rf"{_WEEK}(?P<wd>{_WD}){_NOT_WEEKDAY}(?:儿)?")
def _weekday(found: _Found, context: Context) -> Said:
    return Said(last=Word.WEEKDAY, weekday=WEEKDAYS[found["wd"]])


@_rule(
    rf"(?:第(?P<n>{N})|(?P<last>最后(?:一|1)|倒数第(?:一|1))|首)个?(?P<u>{_WEEK}(?P<wd>{_WD})|{_WEEK}|工作日|工作天)"
)
def _nth(found: _Found, context: Context) -> Said | None:
    nth = -1 if found["last"] else _int(found, "n") if found["n"] else 1
    if nth == 0 or nth > 60:
        return None
    if found["wd"]:
        return Said(last=Word.NTH, nth=(nth, "weekday"), weekday=WEEKDAYS[found["wd"]])
    return Said(last=Word.NTH, nth=(nth, "workday" if found["u"].startswith("工作") else "week"))


@_rule(r"(?:下一个|下个|下一|下|次一?)工作[日天]")
def _next_workday(found: _Found, context: Context) -> Said:
    return workdays_from(context, context.today, 1)


@_rule(r"(?:上一个|上个|上一|前一个?)工作[日天]")
def _last_workday(found: _Found, context: Context) -> Said:
    return workdays_from(context, context.today, -1)


def workdays_from(context: Context, start: date, n: int) -> Said:
    """The n-th working day after `start`; a fault without a calendar: a plain weekday guess would be wrong."""
    if context.calendar is None:
        return Said(last=Word.SHIFT, fault="needs_calendar")
    counted = context.calendar.add_workdays(start, n)
    if isinstance(counted, date):
        return Said(last=Word.SHIFT, on=counted)
    return Said(last=Word.SHIFT, on=counted.date, provisional=counted.provisional)


# ---- relative days, festivals, lunar days


@_rule(rf"(?P<w>{any_of(RELATIVE_DAYS)})(?:个)?(?!户|文)")
def _relative_day(found: _Found, context: Context) -> Said:
    return Said(last=Word.DAY, on=context.today + timedelta(days=RELATIVE_DAYS[found["w"]]))


@_rule(r"(?P<d>[昨今明当])(?P<p>一早|晚上|早上|早|晨|晚|夜)(?!餐|饭|点(?!半|钟|前|[到至左])|会|于|年|婚)")
def _relative_part(found: _Found, context: Context) -> Said:
    daypart = "早上" if found["p"] in {"早", "晨", "一早", "早上"} else "晚上"
    return Said(last=Word.DAYPART, on=context.today + timedelta(days=RELATIVE_HEADS[found["d"]]), daypart=daypart)


@_rule(rf"(?P<f>{any_of(FESTIVALS)})(?P<h>假期|长假|放假期间|期间|黄金周|小长假|放假)?")
def _festival(found: _Found, context: Context) -> Said | None:
    if found["f"] in {"五四", "七一", "八一", "六一", "五一", "小年"}:
        after = found.string[found.end("f") : found.end("f") + 1]
        if after in set("点号日月年时分0123456789一二三四五六七八九十轻级度"):
            return None
    if found["h"]:
        return Said(last=Word.CLOSED, festival=found["f"], vague=True, confirm=True, part="假期")
    return Said(last=Word.FESTIVAL, festival=found["f"])


@_rule(
    r"十一(?=(?:假期|长假|黄金周|期间|小长假|放假|之前|之后|以前|以后|前(?!天|日|年)|后(?!天|日|年))|$)(?P<h>假期|长假|黄金周|期间|小长假|放假)?"
)
def _october_first(found: _Found, context: Context) -> Said | None:
    if found.end() == len(found.string) and found.start() > 0:
        return None
    if found["h"]:
        return Said(last=Word.CLOSED, festival="国庆", vague=True, confirm=True, part="假期")
    return Said(last=Word.FESTIVAL, festival="国庆")


@_rule(r"(?<![环季细情章调关时音末礼过春佳])节(?=(?:之)?[前后](?!约|能|省|目))")
def _next_holiday(found: _Found, context: Context) -> Said:
    def start(name: str) -> date:
        years = (context.today.year, context.today.year + 1)
        return min(day for year in years for day in FESTIVALS[name](year) if day > context.today)

    return Said(last=Word.FESTIVAL, festival=min(PUBLIC_HOLIDAYS, key=start), confirm=True)


@_rule(rf"(?<![今去明本后前每往多几来{NUMERALS}\d个])年(?=[前后](?!度|期))")
def _around_new_year(found: _Found, context: Context) -> Said:
    return Said(last=Word.FESTIVAL, festival="春节", confirm=True)


_LUNAR_MONTHS = {"正": 1, "腊": 12, "冬": 11}
_LUNAR_DAY = (
    r"(?:初[一二三四五六七八九十]|十[一二三四五六七八九]|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十|卅|十)"
)


@_rule(
    rf"(?:(?P<pre>农历|阴历|旧历|夏历)(?:的)?(?P<leap>闰)?(?P<m>正|腊|冬|{N})月|(?P<leap2>闰)?(?P<m2>[正腊])月|(?P<m3>{N})月(?=初))"
    rf"(?P<d>{_LUNAR_DAY})(?:日|号)?"
)
def _lunar(found: _Found, context: Context) -> Said | None:
    word = found["m"] or found["m2"] or found["m3"]
    month = _LUNAR_MONTHS.get(word) or number(word) or 0
    day = number(found["d"].lstrip("初")) or 0
    if not 1 <= month <= 12 or not 1 <= day <= 30:
        return Said(last=Word.DAY, fault="no_such_day")
    return Said(last=Word.DAY, lunar=(month, day, bool(found["leap"] or found["leap2"])))


@_rule(
    r"(?:大?年)(?P<d>初[一二三四五六七八九十])|(?<![一-鿿])(?P<d2>初[一二三四五六七八九十])(?!级|中|步|次|期|版|稿|审|具)"
)
def _lunar_new_year_day(found: _Found, context: Context) -> Said:
    if found["d"]:
        return Said(last=Word.DAY, lunar=(1, number(found["d"][1:]) or 1, False))
    return Said(last=Word.DAY, lunar=(0, number(found["d2"][1:]) or 1, False), confirm=True)


# ---- parts of the day and clock times


@_rule(
    rf"(?P<p>{any_of(set(DAYPART_WORDS) - {'早', '晚', '早起', '大早'})})(?!饭|餐|茶|觉|报|会(?!议|儿)|点(?!半))"
    r"|(?P<q>早|晚)(?=\d|[七八九六五十]点)"
)
def _daypart(found: _Found, context: Context) -> Said:
    return Said(last=Word.DAYPART, daypart=DAYPART_WORDS[found["p"] or found["q"]])


@_rule(r"(?P<h>\d{1,2}):(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d:])\s*(?P<ap>[AaPp]\.?[Mm])?")
def _digital(found: _Found, context: Context) -> Said:
    return _clock(found["h"], int(found["m"]), found["ap"])


@_rule(r"(?P<h>1[0-2]|0?[1-9])\s*(?P<ap>[AaPp]\.?[Mm])(?![A-Za-z])")
def _am_pm(found: _Found, context: Context) -> Said:
    return _clock(found["h"], 0, found["ap"])


def _clock(hour: str, minute: int, half: str | None) -> Said:
    value = number(hour)
    if value is None or value > 24 or (value == 24 and minute) or minute > 59:
        return Said(last=Word.CLOCK, fault="no_such_time")
    exact = value > 12 or value == 0 or (len(hour) == 2 and hour[0] == "0")
    if half:
        value, exact = value % 12 + (12 if half[0] in "pP" else 0), True
    return Said(last=Word.CLOCK, clock=(value, minute, exact))


@_rule(
    rf"(?P<h>{N})(?:(?:点|时(?!间|候|刻|段|限|效|长|辰|常))(?:(?P<half>半)|(?P<q>[一二三13])刻|整|钟(?!头)|(?:过|零)?(?P<m>{N})分(?!钟)"
    rf"|(?P<m2>\d\d|[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?)(?![{_MEASURES}点时]|[{'一二三四五六七八九'}])|差(?P<less>{N})分|多(?!次|个|家)|)"
    rf"|(?={SEP}{N}点))"
)
def _clock_words(found: _Found, context: Context) -> Said | None:
    hour = number(found["h"])
    if hour is None:
        return None
    minute = 30 if found["half"] else 15 * _int(found, "q") if found["q"] else 0
    minute = _int(found, "m") if found["m"] else _int(found, "m2") if found["m2"] else minute
    if found["less"]:
        return _before_hour(hour, _int(found, "less"))
    return _clock(found["h"], minute, None) if hour > 12 else _clock(str(hour), minute, None)


@_rule(rf"差(?:(?P<m>{N})分(?:钟)?|(?P<q>[一二三])刻(?:钟)?)(?:到|就)?(?P<h>{N})点(?:钟)?")
def _to_the_hour(found: _Found, context: Context) -> Said | None:
    hour = number(found["h"])
    return None if hour is None else _before_hour(hour, _int(found, "m") if found["m"] else 15 * _int(found, "q"))


_OFFICE_HOURS = {"上班": 9, "下班": 18, "收工": 18, "打烊": 18}


@_rule(rf"(?P<w>{any_of(_OFFICE_HOURS)})(?=(?:之|以)?[前后](?!天|日))")
def _office_hours(found: _Found, context: Context) -> Said:
    return Said(last=Word.CLOCK, clock=(_OFFICE_HOURS[found["w"]], 0, True), vague=True)


def _before_hour(hour: int, minutes: int) -> Said:
    if not 1 <= hour <= 24 or not 0 < minutes < 60:
        return Said(last=Word.CLOCK, fault="no_such_time")
    return Said(last=Word.CLOCK, clock=(hour - 1 or 12, 60 - minutes, hour > 13))


# ---- so long from now


_FUZZY = "(?P<fuzzy>一两|两三|三四|三五|四五|五六|六七|七八|八九)"
_UNIT = rf"(?P<u>{any_of(UNITS)})"
AMOUNT = (
    rf"(?:(?:{_FUZZY}|(?P<n>{N})(?:[-~到至](?P<n2>{N}))?)(?:{_UNIT}(?P<plus>半(?![天年月小个径]))?|(?P<mixed>个半(?:月|小时|星期|钟头)|年半|天半))"
    r"|(?P<half>半个?(?:月|小时|钟头|年|天|日)(?!日))|(?P<days>[一两二三]个半天))"
)
_HALVES: dict[str, tuple[float, str]] = {
    **dict.fromkeys(["天", "日"], (4, "hour")),
    **dict.fromkeys(["小时", "钟头"], (30, "minute")),
    "星期": (3.5, "day"),
    "月": (15, "day"),
    "年": (6, "month"),
}


def amount(found: _Found) -> list[tuple[float, str]]:
    """What AMOUNT matched as a sum of (number, unit); of 两三天 the larger number."""
    groups = found.groupdict()
    if groups["half"]:
        return [_HALVES[groups["half"].lstrip("半").lstrip("个")]]
    if groups["days"]:
        return [(4.0 * (number(groups["days"][0]) or 1), "hour")]
    count = number(groups["fuzzy"][1] if groups["fuzzy"] else groups["n2"] or groups["n"]) or 0
    if groups["mixed"]:
        word = groups["mixed"].replace("个半", "").replace("半", "")
        unit = {"月": "month", "小时": "hour", "钟头": "hour", "星期": "week", "年": "year", "天": "day"}[word]
        return [(count, unit), _HALVES[word]]
    unit = UNITS[groups["u"]]
    if groups["plus"]:
        return [
            (count, unit),
            {"year": (6, "month"), "day": (12, "hour"), "hour": (30, "minute")}.get(unit, (0.0, unit)),
        ]
    return [(count, unit)]


def lower_amount(found: _Found) -> list[tuple[float, str]] | None:
    """The smaller number of 两三天, 3-5天; None when only one was said."""
    groups = found.groupdict()
    if groups["fuzzy"] and groups["u"]:
        return [(number(groups["fuzzy"][0]) or 0, UNITS[groups["u"]])]
    if groups["n2"] and groups["u"]:
        return [(number(groups["n"]) or 0, UNITS[groups["u"]])]
    return None


def clocked(amounts: list[tuple[float, str]]) -> bool:
    """Whether the length is counted in hours or minutes."""
    return all(unit in {"hour", "minute", "quarter-hour"} for _, unit in amounts)


def moved(context: Context, start: date, amounts: list[tuple[float, str]], sign: int) -> Said:
    """`start` moved by whole units, forwards (1) or back (-1)."""
    provisional = False
    day = start
    try:
        for count, unit in amounts:
            steps = sign * int(count)
            if unit == "workday":
                said = workdays_from(context, day, steps)
                if said.on is None:
                    return said
                day, provisional = said.on, said.provisional
            elif unit in {"day", "week"}:
                day += timedelta(days=steps * (7 if unit == "week" else 1))
            elif unit in {"month", "quarter", "year"}:
                day = shift_months(day, steps * {"month": 1, "quarter": 3, "year": 12}[unit])
    except (OverflowError, ValueError):
        return Said(last=Word.CLOSED, fault="out_of_range")
    if not 1901 <= day.year <= 2099:
        return Said(last=Word.CLOSED, fault="out_of_range")
    return Said(last=Word.SHIFT, on=day, provisional=provisional)


def moment_after(context: Context, amounts: list[tuple[float, str]], sign: int) -> datetime | None:
    """Now moved by hours and minutes; None beyond the calendar."""
    minutes = sum(count * {"hour": 60, "minute": 1, "quarter-hour": 15}[unit] for count, unit in amounts)
    try:
        # Through UTC: wall-clock arithmetic would ignore the hours that Shanghai once moved its clocks by.
        moment = context.now.astimezone(UTC) + timedelta(minutes=sign * minutes)
        return moment.astimezone(SHANGHAI) if 1901 <= moment.year <= 2099 else None
    except OverflowError:
        return None


def _shifted(found: _Found, context: Context, sign: int) -> Said:
    amounts, lower = amount(found), lower_amount(found)
    if clocked(amounts):
        moment = moment_after(context, amounts, sign)
        early = moment_after(context, lower, sign) if lower else moment
        if moment is None or early is None:
            return Said(last=Word.CLOSED, fault="out_of_range")
        return Said(
            last=Word.CLOSED,
            moment=(min(early, moment), max(early, moment)),
            vague=lower is not None,
            confirm=lower is not None,
        )
    said = moved(context, context.today, amounts, sign)
    if lower and said.on:
        other = moved(context, context.today, lower, sign)
        if other.on:
            span = (min(other.on, said.on), max(other.on, said.on))
            return Said(last=Word.CLOSED, span=span, vague=True, confirm=True, provisional=said.provisional)
    if said.on and len(amounts) == 1 and amounts[0][1] == "week":
        return replace(said, last=Word.WEEKS)
    return said


@_rule(rf"(?:再?过|再等)?{AMOUNT}(?:之|以)?后(?!天|日|儿|[两几一二三四五六七八九十]天|台|勤|续)(?:的)?")
def _later(found: _Found, context: Context) -> Said:
    return _shifted(found, context, 1)


@_rule(rf"(?:再过|过|再等){AMOUNT}(?!以前|之前)")
def _after_passing(found: _Found, context: Context) -> Said:
    # 过两天 is as often "one of these days".
    loose = found["n"] == "两" and found["u"] in {"天", "日"}
    said = _shifted(found, context, 1)
    return replace(said, vague=said.vague or loose, confirm=said.confirm or loose)


@_rule(rf"(?<!第)(?<!提){AMOUNT}(?:之|以)?前(?!天|日|儿|台|面)(?:的)?")
def _ago(found: _Found, context: Context) -> Said | None:
    if found["u"] == "日":
        return None  # 5日前 is a deadline
    return _shifted(found, context, -1)


def _from_today(context: Context, amounts: list[tuple[float, str]]) -> Said:
    said = moved(context, context.today, amounts, 1)
    return replace(said, on=None, span=(context.today, said.on), last=Word.CLOSED) if said.on else said


@_rule(rf"(?:在|于)?{AMOUNT}(?:(?:之|以)?内(?!容|部|蒙|审|网|外|地)|里(?!程|面))")
def _within(found: _Found, context: Context) -> Said:
    amounts = amount(found)
    if clocked(amounts):
        moment = moment_after(context, amounts, 1)
        return (
            Said(last=Word.CLOSED, moment=(context.now, moment))
            if moment
            else Said(last=Word.CLOSED, fault="out_of_range")
        )
    return _from_today(context, amounts)


@_rule(rf"(?:未来|今后|接下来|往后|此后)(?:的)?{AMOUNT}(?:内|里|之内)?")
def _coming(found: _Found, context: Context) -> Said:
    amounts = amount(found)
    if clocked(amounts):
        moment = moment_after(context, amounts, 1)
        return (
            Said(last=Word.CLOSED, moment=(context.now, moment))
            if moment
            else Said(last=Word.CLOSED, fault="out_of_range")
        )
    return _from_today(context, amounts)


@_rule(rf"(?:最近|过去|近|这)(?:的)?(?:这)?{AMOUNT}(?:内|里|以来|之内|来)?(?:的)?")
def _past(found: _Found, context: Context) -> Said | None:
    amounts = amount(found)
    if found.group().startswith("这") and (found["fuzzy"] or found["n"] == "两" or amounts[0][1] != "day"):
        return None
    if clocked(amounts):
        moment = moment_after(context, amounts, -1)
        return (
            Said(last=Word.CLOSED, moment=(moment, context.now))
            if moment
            else Said(last=Word.CLOSED, fault="out_of_range")
        )
    if found.group().startswith("这"):
        return Said(
            last=Word.CLOSED, span=(context.today, context.today + timedelta(days=int(amounts[0][0]) - 1)), vague=True
        )
    said = moved(context, context.today, amounts, -1)
    if said.on is None or said.on == context.today:
        return said
    first = said.on if amounts[0][1] == "workday" else said.on + timedelta(days=1)
    return Said(last=Word.CLOSED, span=(first, context.today), provisional=said.provisional)


_VAGUE_DAYS = {
    **dict.fromkeys(["过几天", "过些天"], (2, 7)),
    "过些日子": (2, 14),
    "过阵子": (7, 30),
    "这两天": (0, 1),
    "这几天": (0, 3),
    **dict.fromkeys(["未来几天", "接下来几天", "几天内"], (0, 7)),
    **dict.fromkeys(["近几天", "最近几天"], (-3, 0)),
    "前两天": (-3, -1),
    "前几天": (-7, -1),
    "这些天": (-7, 0),
    "前些天": (-14, -1),
    "前阵子": (-30, -1),
}


@_rule(rf"(?:再)?(?P<w>{any_of(_VAGUE_DAYS)})")
def _vague_days(found: _Found, context: Context) -> Said:
    early, late = _VAGUE_DAYS[found["w"]]
    span = (context.today + timedelta(days=early), context.today + timedelta(days=late))
    return Said(last=Word.CLOSED, span=span, vague=True, confirm=True)


_STARTS = re.compile(
    "[0-9〇零一二两俩三仨四五六七八九十百廿卅半上下本这当该今明昨前后大外去头来旧年季岁月周星礼第最倒首次赶听琴寻Q双农阴夏闰正腊冬初凌清早晨晚中傍黄夜深午差再过在于未接往此近几"
    "收打小除春元情妇植愚劳青母儿父建教国万全消感平圣重端七龙上黄擦间日节年"
    "]"
)
_GLUE = re.compile(
    r"(?:的话|的|嗯+|呃+|额|啊|呀|吧|那个|那天|当天|当日|就|那)?[,、(]?(?:嗯+|呃+|额|啊|那个|就|在|是)?\s?"
)
_NUMERIC = re.compile(rf"{N}")


def _start_is_free(text: str, start: int) -> bool:
    """Whether a numeral here begins a number of its own: not 万一三点, A3号, 1.5号, 第3号."""
    if not _NUMERIC.match(text, start) or start == 0:
        return True
    before = text[start - 1]
    if before in "第百千万亿.:/零〇几数多" or (before.isascii() and before.isalnum()):
        return False
    if before == "-" and start > 1 and text[start - 2].isascii() and text[start - 2].isalnum():
        return False
    return not _NUMERIC.match(text, start - 1)


def word(text: str, start: int, context: Context) -> tuple[Said, int] | None:
    """The longest word of time that begins at `start`, and where it ends."""
    best: tuple[Said, int] | None = None
    for pattern, rule in _RULES:
        found = pattern.match(text, start)
        if found and found.end() > (best[1] if best else start):
            said = rule(found, context)
            if said is not None:
                best = (said, found.end())
    return best


_BARE_CLOCK = re.compile(rf"{N}(?:点|时)")
_AFTER_BARE_CLOCK = re.compile(
    r"$|[吗吧见到左开前后之以,。!?;~-]|可|行|能|有|来|在|半|整|钟|的|我|你|怎|方|合|或|还|改|不|就|都|更|准|也|差|过|和|呢|啊|呀|联|打|给|去|做|上|下"
)


def _stands_alone(text: str, start: int, end: int, said: Said) -> bool:
    """Whether a first word is a time without any company: 底, 三点建议 and 一点 are not."""
    if said.last is Word.PART and said.confirm and said.part and not said.months and said.month is None:
        return False
    if said.last is Word.CLOCK and said.clock and _BARE_CLOCK.fullmatch(text, start, end):
        if start and text[start - 1] in "有这那几以共提第早晚快慢多如下":
            return False
        hour_word = text[start : end - 1]
        if text[end - 1] == "时" and not (hour_word.isascii() or len(hour_word) > 1):
            return False
        if hour_word == "一" and not re.match(r"$|[吗吧到前]|之前|以前|左右|开始", text[end:]):
            return False
        return bool(_AFTER_BARE_CLOCK.match(text, end)) or (start == 0 and end == len(text))
    return True


def point(text: str, start: int, context: Context, *, alone: bool = True) -> tuple[Said, int] | None:
    """The time point or period that begins at `start`, as many words as belong together, and where it ends."""
    if not _STARTS.match(text, start) or (alone and not _start_is_free(text, start)):
        return None
    found = word(text, start, context)
    if found is None:
        return None
    (said, end), words = found, 1
    while (longer := _continued(text, said, end, context)) is not None:
        said, end = longer
        words += 1
        end += text[end : end + 1] == ")"
    if words == 1 and alone and not _stands_alone(text, start, end, said):
        return None
    return (replace(said, confirm=False) if said.last is Word.PART else said), end


def _continued(text: str, said: Said, end: int, context: Context) -> tuple[Said, int] | None:
    """The expression with the next word of time, over a small filler (的, 嗯, a comma before a time of day)."""
    filler = _GLUE.match(text, end)
    for begin in (end, filler.end() if filler else end):
        after = word(text, begin, context)
        if after is None:
            continue
        bridge = text[end:begin]
        time_of_day = after[0].last in {Word.DAYPART, Word.CLOCK} and not after[0].has_day
        if ("," in bridge or "、" in bridge) and not time_of_day:
            continue
        if "(" in bridge and after[0].last is not Word.WEEKDAY:
            continue
        joined = said.followed_by(after[0])
        if joined is not None:
            return joined, after[1]
    return None


ELLIPTIC_WEEKDAY = re.compile(r"(?P<wd>[一二三四五六日天])(?![个号日点时月年天家])")

__all__ = ["AMOUNT", "ELLIPTIC_WEEKDAY", "amount", "clocked", "lower_amount", "moment_after", "moved", "point"]
