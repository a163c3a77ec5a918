"""What somebody asks to be reminded of, taken from the words. Pure: text in, days and a note out."""

import re
from dataclasses import dataclass

_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "半": 0.5}
NUMBER = r"(?P<n>\d{1,3}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九半])"
UNIT = r"(?P<unit>个?工作日|天|日|周|个?星期|个?礼拜|个?月)"
_OF = r"(?P<of>到期|期满|截止|上门|服务|整改日?|检查|约定|答复|排查|培训|演练|日期|保单|隐患|[A-Z]{2}\d{9,13})"
_BEFORE = re.compile(rf"(?:{_OF}(?:的)?(?:日期|那天|日子|日)?)?(?P<early>提前|之前|以前|前){NUMBER}{UNIT}")
_BEFORE_AFTER = re.compile(rf"{_OF}(?:日期|那天|日)?{NUMBER}{UNIT}(?:之前|以前|前)")
_ON_DAY = re.compile(rf"{_OF}(?:的)?(?:当天|当日|那天)")
_NUMBERS = re.compile(r"(?:FW|YH|TS)\d{11}|AZ\d{10}")
_FILLER = re.compile(
    r"请|麻烦|帮(?:我|忙)|到时候?|记得|别忘了?|设(?:置|个|一个)?提醒|(?:给我)?提醒(?:一下|一声)?(?:我们?|咱们?)?"
    r"|(?:我们?)?(?:想|要)?(?:你|您)?(?=提醒)|一下$|[,，。.!！?？;；:：、\s]+"
)
KINDS = {
    "policy": re.compile(r"保单|续保|保险到期|AZ\d{10}"),
    "hazard": re.compile(r"隐患|整改|YH\d{11}"),
    "service": re.compile(r"上门|服务|预约|排查|培训|演练|检查|FW\d{11}"),
    "complaint": re.compile(r"投诉|答复|TS\d{11}"),
}


@dataclass(frozen=True)
class Before:
    """So many days before a matter's date; `working`: working days. `named`: the words say of what."""

    days: int
    working: bool
    named: bool


def days_before(text: str) -> Before | None:
    """到期前三天, 提前一周, 上门前一个工作日, 到期当天; None when the text names no distance from a date."""
    found = _BEFORE.search(text) or _BEFORE_AFTER.search(text)
    if found is None:
        return Before(0, working=False, named=True) if _ON_DAY.search(text) else None
    unit = found["unit"].removeprefix("个")
    size = {"工作日": 1, "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}[unit]
    named = found["of"] is not None or found.groupdict().get("early") == "提前"
    return Before(int(number(found["n"]) * size), working=unit == "工作日", named=named)


def number(said: str) -> float:
    if said.isdecimal():
        return int(said)
    tens, ten, ones = said.partition("十")
    if ten:
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return _DIGITS[said]


def number_in(text: str) -> str | None:
    """The number of a service, hazard, complaint or policy that a text names."""
    found = _NUMBERS.search(text.upper())
    return found.group() if found else None


def kinds_in(text: str) -> set[str]:
    """Which kinds of matters a text speaks of: service, hazard, policy, complaint."""
    return {kind for kind, pattern in KINDS.items() if pattern.search(text.upper())}


def what(text: str, time: str) -> str:
    """What to be reminded of: the words without the time and without the asking; may be empty."""
    rest = text.replace(time, " ", 1) if time else text
    return _FILLER.sub(" ", rest).strip(" 我的要在把,，").replace("  ", " ")[:80]
