"""Words of time: numerals, weekdays, relative days, parts of the day. Data and look-ups only."""

import re
import unicodedata
from collections.abc import Iterable

NUMERALS = "〇零一二两俩三仨四五六七八九十百廿卅"
N = rf"(?:\d+|[{NUMERALS}]+)"
SEP = r"(?:到|至|直到|[-~—–―]{1,2})"

_DIGITS = {
    char: value for value, chars in enumerate(["〇零", "一", "二两俩", "三仨", *"四五六七八九"]) for char in chars
}
_TENS = {"廿": 20, "卅": 30}
_ONE = "[一二两俩三仨四五六七八九]"
_COUNTED = re.compile(
    rf"(?:(?P<hundreds>{_ONE})百)?[零〇]?(?:(?P<tens>{_ONE}?)十|(?P<twenties>[廿卅]))?[零〇]?(?P<ones>{_ONE}?)"
)

WEEKDAYS = {**{char: index for index, char in enumerate("一二三四五六日")}, "天": 6, "7": 6}
WEEKDAYS |= {str(index + 1): index for index in range(6)}

RELATIVE_DAYS = {
    **dict.fromkeys(["大前天", "大前儿"], -3),
    **dict.fromkeys(["前天", "前日", "前儿"], -2),
    **dict.fromkeys(["昨天", "昨日", "昨儿", "琴日", "寻日"], -1),
    **dict.fromkeys(["今天", "今日", "今儿", "今朝"], 0),
    **dict.fromkeys(["明天", "明日", "明儿", "明个", "赶明儿", "听日"], 1),
    **dict.fromkeys(["后天", "后日", "后儿", "后个"], 2),
    **dict.fromkeys(["大后天", "大后日", "大后儿", "外后天", "外后日"], 3),
    **dict.fromkeys(["大大后天"], 4),
}
# 今晚, 明早: a day and a part of it in one word.
RELATIVE_HEADS = {"昨": -1, "今": 0, "当": 0, "明": 1, "后": 2}

# (from, to) in hours; 24 is midnight at the end of the day.
DAYPARTS = {
    "凌晨": (0, 6),
    "早上": (7, 10),
    "上午": (8, 12),
    "中午": (11, 13),
    "下午": (12, 18),
    "傍晚": (17, 20),
    "晚上": (18, 22),
    "半夜": (22, 24),
}
DAYPART_WORDS = {word: word for word in DAYPARTS} | {
    **dict.fromkeys(["清晨", "早晨", "一大早", "大清早", "一早", "大早", "清早", "早起", "早"], "早上"),
    **dict.fromkeys(["午前", "前晌", "头晌", "晨间"], "上午"),
    **dict.fromkeys(["正午", "晌午", "午间"], "中午"),
    **dict.fromkeys(["午后", "后晌", "过晌"], "下午"),
    **dict.fromkeys(["黄昏", "傍黑", "擦黑"], "傍晚"),
    **dict.fromkeys(["晚间", "夜里", "夜间", "晚", "晚夕"], "晚上"),
    **dict.fromkeys(["深夜", "午夜", "夜半"], "半夜"),
}

UNITS = {
    **dict.fromkeys(["个工作日", "工作日", "个工作天", "工作天"], "workday"),
    **dict.fromkeys(["天", "日"], "day"),
    **dict.fromkeys(["个星期", "星期", "个礼拜", "礼拜", "周"], "week"),
    **dict.fromkeys(["个月"], "month"),
    **dict.fromkeys(["个季度"], "quarter"),
    **dict.fromkeys(["年"], "year"),
    **dict.fromkeys(["个小时", "小时", "个钟头", "钟头", "个钟"], "hour"),
    **dict.fromkeys(["刻钟"], "quarter-hour"),
    **dict.fromkeys(["分钟"], "minute"),
}

# The application's normaliser turns traditional script into simplified; these few keep the parser right without it.
_SIMPLER = str.maketrans("週點號禮後兩個時鐘這內國慶節農曆間開結當無來", "周点号礼后两个时钟这内国庆节农历间开结当无来")


def number(text: str) -> int | None:
    """The value of a Chinese, Arabic or positional numeral (二十五, 廿五, 25, 二零二六); None when it is not one."""
    if text.isascii():
        return int(text) if text.isdigit() and len(text) < 9 else None
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text)) if len(text) < 9 else None
    found = _COUNTED.fullmatch(text)
    if not found:
        return None
    hundreds, tens, twenties, ones = (found[name] for name in ("hundreds", "tens", "twenties", "ones"))
    ten = _TENS[twenties] if twenties else 10 * _DIGITS.get(tens, 1) if tens is not None else 0
    return 100 * _DIGITS.get(hundreds, 0) + ten + _DIGITS.get(ones, 0)


def any_of(words: Iterable[str]) -> str:
    """A pattern for one of the words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


def one_of(words: str) -> str:
    """A pattern for one of the words of a string that separates them by spaces."""
    return any_of(words.split())


def normalise(text: str) -> str:
    """The NFKC form that spans refer to."""
    return unicodedata.normalize("NFKC", text)


def squeeze(text: str) -> tuple[str, list[int]]:
    """Drop the spaces beside Chinese characters (12 月 8 号); also the index in `text` of every kept character."""
    kept: list[int] = []
    for index, char in enumerate(text):
        if char.isspace() and char != "\n":
            before = text[kept[-1]] if kept else "\n"
            after = next((other for other in text[index : index + 9] if not other.isspace()), "\n")
            if before.isspace() or _is_chinese(before) or _is_chinese(after):
                continue
        kept.append(index)
    return "".join("。" if text[i] == "\n" else text[i] for i in kept).translate(_SIMPLER), kept


def _is_chinese(char: str) -> bool:
    return "一" <= char <= "鿿" or char == "〇"
