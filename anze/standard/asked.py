"""How a question about the standard is asked: for a number, a definition, a list, a change, or to confirm a number."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from anze.standard.models import Unit

Quantity = Literal["days", "times", "money", "count"]

_TIMES = re.compile(
    r"[几多]少?次|[几多]少?回|[几多][^，。？]{0,4}一[次回]|多长时间[^，。？]{0,6}一[次回]|多久[^，。？]{0,6}[一几][次回]|频次|频率|隔多久"
)
_DAYS = re.compile(
    r"多久|[几多]少?个?(?:工作)?[天日]|多长时间|多长|几个工作日|何时|[什啥]么?时候|哪[一]?天|最[晚迟]|期限|时限|多少时间"
    r"|几个月|几年|多少年|几周|[几多]少?个?小时|多少个工作日|多少个?月|要等多|期间多"
)
_NOT_DAYS = re.compile(r"[什啥]么?时候(?:才?会|需要|可以|能)|期限[谁由怎]|[什啥]么情况")
_MONEY = re.compile(
    r"多少钱|多少费用|费用(?:是)?多少|几块|多少元|百分之几|百分之多少|比例(?:是|为)?多少|多少比例|占.{0,6}多少|收费多少|几个点|什么价"
)
_COUNT = re.compile(r"多少[人名位家个项件]|[几多]少?[名位]|几[人家]|几个(?!工作日|月|小时|方面)|[配来派]多少")
_DEFINE = (
    re.compile(r"^(?:什么是|什么叫|啥是|啥叫|何为|何谓|解释一?下)(?P<term>.{2,40}?)$"),
    re.compile(
        r"^(?P<term>.{2,40}?)(?:是|指)?的?(?:是?什么意思|啥意思|指的?是?什么|指的是谁|指谁|定义是?什么?|怎么定义|含义是?什么?|怎么理解|是啥|是什么|是谁)$"
    ),
)
_FRAME = re.compile(
    r"请问|我想问一?下?|问一?下|你好|标准(?:里|中)?(?:面)?(?:说|讲|提到)?的?|(?:里|中)面?(?:说|讲|提到)的|所谓的?|这个|那个|到底|究竟|呢$|呀$|啊$"
)
_LIST = re.compile(
    r"哪些|哪几|有什么|包括什么|都有啥|有啥|清单|几种|几类|几项|什么要求|怎么规定|如何规定|都是什么|什么材料"
)
_OLD = re.compile(
    r"2019|旧版|老版|旧标准|老标准|旧的标准|原标准|原来|上一版|新版|新旧|修订|新标准|这次|以前|之前的?标准|征求意见稿.{0,4}改"
)
_OLD_ONLY = re.compile(r"2019|旧版|老版|旧标准|老标准|旧的标准|原标准|上一版")
_CHANGED = re.compile(
    r"不同|不一样|区别|变化|变动|改动|改了|更改|修改|新增|新加|增加了|删[除掉去了]|取消|对比|比较|差别|变了|变成|多了|少了|相比|以前怎么|原来怎么|以前是|原来是|原来几|以前几"
)
_CONTRAST = re.compile(r"区别|不同|不一样|差别|分别是|是一回事")
_WHY = re.compile(r"为什么|为何|原因|理由|依据|什么时候|何时|哪天|有效|作废|废止|实施|施行|生效|过渡|起草|专利")
_CONFIRM = re.compile(
    r"对[吧吗嘛么不]|对不对|是吧|是吗|是不是|没错|吧$|[吗么]$|不是.{0,20}[吗么]|听说|听人|据说|有人说|应该是|规定(?:是|了|要)?.{0,4}\d|标准说|标准要求|标准写|记得"
)
_OPEN = re.compile(r"几|多少|多久|多长|何时|什么时候|啥时候|哪天|哪一天|怎么办")
_WHERE = re.compile(r"(?:标准)?(?:里|中)?(?:的|在)?(?:第几|哪一?)个?[条章款](?:规定|讲|说|写)?(?:的是|了|的|到)?")
_TAIL = re.compile(r"(?:[，,]?(?:对不对|对[吧吗嘛么]|是吧|是吗|是不是|没错吧|是真的吗))+$")
_NUMBER = r"(\d+(?:\.\d+)?|[零一二两三四五六七八九十百半]+)"
_STATED = re.compile(
    r"(?<!过了)(?<!已经)(?<!等了)(?<!超过)(?<!第)"
    + _NUMBER
    + r"\s*(?:个|多)?\s*(工作日|自然日|日历日|日|天|年|周|星期|礼拜|月|小时|次|回|元|块|万元|%|％)"
    + r"(?!版|号|度|的?标准|第|以?前(?!要)|之?前的|以?后|了|没|都没)"
)
_PERCENT = re.compile(r"百分之" + _NUMBER)
_EVERY = re.compile(
    r"每个?(?:半年|季度?|月|周|星期|礼拜|天|日|[两二三四五六七八九十\d]+个?[年月周天])|[半两二三四五\d]年一?[次回]|[一两二三\d]个?(?:季度|月|周|星期)[^，。]{0,3}[次回]"
)
_HAN = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DURATIONS = frozenset({"工作日", "自然日", "日历日", "日", "天", "年", "周", "星期", "礼拜", "月", "小时"})
_UNIT_WORDS: dict[Unit, frozenset[str]] = {
    "working_days": frozenset({"工作日"}),
    "calendar_days": frozenset({"日", "天", "自然日", "日历日"}),
    "years": frozenset({"年"}),
    "times_per_policy_year": frozenset({"次", "回"}),
    "times_per_year": frozenset({"次", "回"}),
}
_UNITS: dict[Quantity, frozenset[Unit]] = {
    "days": frozenset({"working_days", "calendar_days", "years"}),
    "times": frozenset({"times_per_policy_year", "times_per_year"}),
    "money": frozenset(),
    "count": frozenset(),
}


@dataclass(frozen=True)
class Stated:
    """A number that the question itself states, such as 7天 or 两次; `yearly` is false for 每季度一次."""

    count: float
    unit: str
    yearly: bool = True

    @property
    def quantity(self) -> Quantity:
        if self.unit in _DURATIONS:
            return "days"
        return "times" if self.unit in {"次", "回"} else "money"

    def has_unit(self, unit: Unit) -> bool:
        return self.unit in _UNIT_WORDS[unit] and (self.yearly or self.quantity != "times")


@dataclass(frozen=True)
class Asked:
    """One question, read. Several readings may hold; the answerer takes them in its own order.

    `topic` is the text without the words that only ask to confirm (对不对) or where (第几条): what is searched for.
    `old`: about the edition before; `compares`: what changed; `contrasts`: two terms; `why`: reason, date or force.
    """

    text: str
    topic: str
    quantity: Quantity | None
    stated: tuple[Stated, ...]
    define: str | None
    wants_list: bool
    compares: bool
    old: bool
    why: bool
    contrasts: bool


def fits(quantity: Quantity, unit: Unit) -> bool:
    """Whether a figure of this unit answers a question for that quantity."""
    return unit in _UNITS[quantity]


def number(text: str) -> float | None:
    """15, 十五, 二十, 三十一, 一百, 半 → a number; None when it is none."""
    try:
        return float(text)
    except ValueError:
        pass
    if text == "半":
        return 0.5
    total, digit = 0, 0
    for char in text:
        if char in _HAN:
            digit = _HAN[char]
        elif char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            return None
    return float(total + digit)


def _quantity(text: str) -> Quantity | None:
    if _MONEY.search(text):
        return "money"
    if _TIMES.search(text):
        return "times"
    if _DAYS.search(text) and not _NOT_DAYS.search(text):
        return "days"
    return "count" if _COUNT.search(text) else None


def _define(text: str) -> str | None:
    bare = _FRAME.sub("", text)
    for pattern in _DEFINE:
        if match := pattern.match(bare):
            return match["term"].strip("“”\"' ")
    return None


def read(question: str) -> Asked:
    """Read how a question is asked. Pure; understands full-width and Chinese digits."""
    text = unicodedata.normalize("NFKC", question).strip().rstrip("?？。.!！~ ")
    stated: tuple[Stated, ...] = ()
    if _CONFIRM.search(text) and not _OPEN.search(text):
        found = [(number(match[1]), match[2]) for match in _STATED.finditer(text)]
        found += [(number(match[1]), "%") for match in _PERCENT.finditer(text)]
        yearly = _EVERY.search(text) is None
        stated = tuple(Stated(count, unit, yearly) for count, unit in found if count is not None and count < 1900)
    quantity = None if stated else _quantity(text)
    return Asked(
        text=text,
        topic=_WHERE.sub("", _TAIL.sub("", text)),
        quantity=quantity,
        stated=stated,
        define=_define(text),
        wants_list=bool(_LIST.search(text)),
        contrasts=bool(_CONTRAST.search(text)),
        compares=bool(_OLD.search(text) and _CHANGED.search(text)),
        old=bool(_OLD_ONLY.search(text)),
        why=bool(_WHY.search(text)),
    )
