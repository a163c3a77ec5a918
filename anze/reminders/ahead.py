"""How many working days ahead somebody wants a kind of reminder, taken from the words. Pure: text in, days out."""

import re
from dataclasses import dataclass

from anze.reminders.words import NUMBER, UNIT, number, number_in

WORKWEEK, WORKMONTH = 5, 20
"""Working days that a week and a month are taken for."""
_SIZE = {"工作日": 1, "天": 1, "日": 1, "周": WORKWEEK, "星期": WORKWEEK, "礼拜": WORKWEEK, "月": WORKMONTH}
_NOUN = re.compile(r"提醒(?!我|俺|咱|一下|一声)(?=.*(?:前|改|换|调|变|早|晚|默认|原|恢复|当天|天数|时间))")
"""提醒 as a thing of which something is said; 到期前三天提醒 is no such thing."""
_ONE = re.compile(r"[设定加来建]一?个.{0,8}提醒")
_EVERY = re.compile(r"以后|今后|每次|每回|都|所有|各种|全部|一律|统一")
_USUAL = re.compile(r"默认|原来|原先|老样子|恢复|(?:以前|原来|平时)(?:一样|那样)")
_ON_DAY = re.compile(
    r"(?:只|就|光)(?:要|在|用)?当天|当天(?:再|提醒|说|发|通知)*(?:就(?:行|好|可以|够)|即可)|不(?:用|要|必)提前"
)
_EARLIER = re.compile(r"早(?:一?点|些|几天)|晚(?:一?点|些|几天)|提前(?:一?点|些|几天)|(?:天数|时间|日子)")
_CHANGED = re.compile(r"(?:改|换|调|设|变)(?:成|为|到)")
_BEFORE = re.compile(r"提前|前")
_DAYS = re.compile(rf"{NUMBER}(?:{UNIT}|(?=[、,，/和跟]))")


@dataclass(frozen=True)
class Ahead:
    """Working days before the date, for every reminder of a kind.

    `days` is empty for the day itself only, None for the usual ones; `said` is false when it is still to be asked.
    """

    days: tuple[int, ...] | None
    said: bool = True


def ahead(text: str, *, answering: bool = False) -> Ahead | None:
    """上门提醒提前五天, 每次都提前3天和1天通知我, 提醒的天数改回默认; None for anything else, a one-off wish above all.

    `answering`: the text ends with an answer to how many days it should be.
    """
    if number_in(text) or _ONE.search(text) or not (_NOUN.search(text) or _EVERY.search(text)):
        return None
    days = _days(text, answering=answering)
    if days:
        return Ahead(days)
    if _USUAL.search(text):
        return Ahead(None)
    if _ON_DAY.search(text):
        return Ahead(())
    return Ahead((), said=False) if _EARLIER.search(text) else None


def _days(text: str, *, answering: bool) -> tuple[int, ...]:
    mark = _CHANGED.search(text) or _BEFORE.search(text)
    if mark is None and not answering:
        return ()
    said = (
        int(number(found["n"]) * _SIZE[(found["unit"] or "天").removeprefix("个")])
        for found in _DAYS.finditer(text, mark.end() if mark else 0)
    )
    return tuple(sorted(set(said), reverse=True))
