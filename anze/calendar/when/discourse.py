"""How expressions stand together in a text: ranges, 前 and 后, corrections, choices, what recurs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from anze.calendar.when.grammar import AMOUNT, ELLIPTIC_WEEKDAY, amount, clocked, moved, point
from anze.calendar.when.lexicon import SEP, WEEKDAYS, N
from anze.calendar.when.resolve import Answer, as_end, as_start, day_of, nth_workday, resolve
from anze.calendar.when.said import Context, Said, Word, inherit, shift_months

type Mode = Literal["point", "range", "before", "after", "since", "about", "beside", "within", "nth", "length"]


@dataclass(frozen=True, slots=True)
class Node:
    """One expression in the squeezed text: where it stands, what was said, how it is meant."""

    begin: int
    end: int
    mode: Mode
    said: Said
    to: Said | None = None
    amounts: tuple[tuple[float, str], ...] = ()
    side: Literal["前", "后"] = "后"
    inclusive: bool = False
    reason: str | None = None
    choices: tuple["Node", ...] = ()
    doubt: bool = False

    @property
    def is_time(self) -> bool:
        """Whether this names a place in time, not a length."""
        return self.mode != "length"


_TO = re.compile(rf"(?:的)?(?:起|开始)?(?:,)?(?:一直)?{SEP}(?:,)?")
_AND = re.compile(r"(?:和|与|跟)")
_BETWEEN = re.compile(r"(?:之间|中间|期间)")
_BEFORE = re.compile(
    rf"(?:的)?(?:之|以)?前(?![天日年后面台端者期言途排景儿]|{N}(?:天|日|周|个))|(?:为止|截止|止(?!付|损))(?!时间|日期)"
)
_AFTER = re.compile(rf"(?:的)?(?:之|以)?后(?![天日儿年勤续台果面半者排备补期]|{N}(?:天|日|周|个))")
_INSIDE = re.compile(r"(?:之|以)?内(?!容|部|蒙|审|网|外|地)|期间|这段时间|里(?!程|面)")
_ABOUT = re.compile(r"左右|前后|上下|附近")
_SINCE = re.compile(r"(?:起)?(?:以来|至今|到现在|到今天|到目前|到如今|迄今|直到现在)")
_UP_TO = re.compile(
    r"(?:最晚|最迟|不晚于|不迟于|截至|截止到?|截止(?:日期|时间)(?:是|为)?|赶在|最后期限(?:是|为)?|至迟)(?:到|在)?(?:的)?$"
)
_NOW_TO = re.compile(rf"(?:从)?(?:现在|此刻|即刻|即日|目前)(?:起|开始)?{SEP}")
_BESIDE = re.compile(rf"(?:的)?(?:之|以)?(?P<side>[前后])(?:的)?(?:那)?(?:第)?{AMOUNT}(?!内|之内|以内)")
_COUNT_FROM = re.compile(rf"(?:起|开始|算起|(?:之|以)?后)(?:的)?,?(?:的)?{AMOUNT}(?:之|以)?内")
_NTH_BESIDE = re.compile(r"(?:之|以)?(?P<side>[前后])(?:的)?(?=第|首|最后|倒数)")
_EVE = re.compile(r"(?:的)?(?:前一晚|前夜|前夕|前一日)")
_LENGTH = re.compile(rf"{AMOUNT}(?![级岁生]|气|然|津)")
_EVERY = re.compile(
    r"(?:每逢?|逢|隔|每隔)(?:一?个)?$|(?:每|隔)(?:隔)?(?:天|日|周|星期|礼拜|月|年|季度|(?:一?个)?工作日|个?月|晚|早|一天)(?:的|都|,|在)?$|按$"
)


def nodes(text: str, context: Context) -> list[Node]:
    """Every expression of a masked and squeezed text, what was taken back left out."""
    found: list[Node] = []
    position = 0
    while position < len(text):
        node = _node(text, position, context)
        if node is None:
            position += 1
        else:
            found.append(node)
            position = node.end
    return _settle(text, found, context)


def _node(text: str, start: int, context: Context) -> Node | None:
    now_to = _NOW_TO.match(text, start)
    if now_to:
        right = point(text, now_to.end(), context, alone=False)
        if right:
            return Node(start, right[1], "range", Said(last=Word.NOW, moment=(context.now, context.now)), right[0])
    left = point(text, start, context)
    if left is None:
        length = _LENGTH.match(text, start)
        if (
            length
            and length["u"] != "日"
            and not (
                (start and text[start - 1] in "第.百千万")
                or (text[start - 1 : start].isascii() and text[start - 1 : start].isalnum())
            )
        ):
            return Node(start, length.end(), "length", Said(last=Word.CLOSED), amounts=tuple(amount(length)))
        return None
    said, end = left
    return _range(text, start, said, end, context) or _modified(text, start, Node(start, end, "point", said), context)


def _range(text: str, start: int, said: Said, end: int, context: Context) -> Node | None:
    joint = _TO.match(text, end)
    if joint:
        right = point(text, joint.end(), context, alone=False)
        if right is None and said.weekday is not None and said.last is Word.WEEKDAY:
            elliptic = ELLIPTIC_WEEKDAY.match(text, joint.end())
            if elliptic:
                weekday = Said(last=Word.WEEKDAY, weekday=WEEKDAYS[elliptic["wd"]])
                right = weekday, elliptic.end()
        if right:
            tail = _BETWEEN.match(text, right[1]) or _INSIDE.match(text, right[1])
            return Node(start, tail.end() if tail else right[1], "range", said, right[0])
    both = _AND.match(text, end)
    if both:
        right = point(text, both.end(), context, alone=False)
        if right and (tail := _BETWEEN.match(text, right[1])):
            return Node(start, tail.end(), "range", said, right[0])
    return None


_TAILS: list[tuple[re.Pattern[str], Mode]] = [
    (_COUNT_FROM, "within"), (_NTH_BESIDE, "nth"), (_SINCE, "since"), (_ABOUT, "about"), (_EVE, "beside"),
    (_BESIDE, "beside"), (_BEFORE, "before"), (_AFTER, "after"),
]  # fmt: skip


def _modified(text: str, start: int, node: Node, context: Context) -> Node:
    for pattern, mode in _TAILS:
        found = pattern.match(text, node.end)
        if found and (mode != "beside" or (node.said.has_day and not node.said.has_time)):
            modified = _with_tail(text, node, mode, found, context)
            if modified:
                return modified
    if found := _INSIDE.match(text, node.end):
        node = replace(node, end=found.end())
    if found := _UP_TO.search(text, 0, start):
        return replace(node, begin=found.start(), mode="before", inclusive=True)
    return node


def _with_tail(text: str, node: Node, mode: Mode, found: re.Match[str], context: Context) -> Node | None:
    parts = found.groupdict()
    end, to = found.end(), None
    if mode == "nth":
        nth = point(text, end, context, alone=False)
        if nth is None or nth[0].nth is None or nth[0].nth[1] != "workday":
            return None
        to, end = nth
    amounts = tuple(amount(found)) if "n" in parts else ((1.0, "day"),)
    return replace(node, end=end, mode=mode, to=to, amounts=amounts, side="后" if parts.get("side") == "后" else "前")


# ---- how they stand together


_NOT = re.compile(
    r"(?:不是|不要|不想要?|别约|别|不选|不约|除了|并非|而非|不在|不能是|不用)(?:在|约|安排|选|定)?(?:的)?$"
)
_FILLED = (
    r"(?:的话|那天|那个|这天|上午|下午|晚上|[,。!?~\s]|我们|我|咱|这边|那边|他们"
    r"|都|也|又|可能|应该|实在|有点|好像|恐怕|就|是|确实|真的|临时|肯定)*"
)
_REFUSED = re.compile(
    rf"{_FILLED}(?:不行|不可以|不方便|来不了|去不了|到不了|不成|不合适|不要了?|不约|排满|赶不上|来不及|太赶|太早|太晚|太迟|不好|去不成|不得空)"
)
_ENGAGED = re.compile(
    rf"{_FILLED}(?:没空|没时间|没人|有事|有安排|冲突|出差|开会|要开会|有会|有检查|值班|请假|休息|停产|放假|满了|约满)"
)
_SLIP = re.compile(
    r"[,。;!?\s]*(?:啊|哦|噢|呃|嗯|额|哎|唉)+[,。;!?\s]*(?:不对?|不是|错了|说错了|记错了|应该)?(?:,|是|应该是|改成|改)*$"
    r"|[,。;!?\s]*(?:不对|错了|说错了|口误|记错了|更正)(?:了)?[,。;!?\s]*(?:是|应该是|应为|改成|改到|改)*$"
    r"|[,。;!?\s]+(?:不|不,|应该是|还是|要不|要不然|不如|算了|或者说)[,\s]*(?:改成|改到|改|约|定在?|选)?$"
    r"|,?而?是$"
)
_MOVED = re.compile(
    r"[^。;!?]{0,12}?(?:改期?|换|挪|调整?|推迟|延期|延后|提前|顺延|推后|延迟|推)(?:到|成|为|在|约|至|一下到?|个时间到?)?[^。;!?]{0,3}$"
)
_OR = re.compile(r"[,\s]*(?:或者?|还是|或是|要么|要不|/|、或)[,\s]*(?:是|者)?$")
_LIST = re.compile(r"(?:、|和|及|以及|跟|与|,|/)$")
_NOT_AFTER_YES = re.compile(r",?不是$")
_SAME_SENTENCE = re.compile(r"[^。;!?\0]{0,14}[?]?[^。;!?\0]{0,6}$")


def _settle(text: str, found: list[Node], context: Context) -> list[Node]:
    """Corrections applied, left-out parts inherited, refused and recurring expressions marked."""
    times = [node for node in found if node.is_time]
    kept: list[Node] = []
    for index, found_node in enumerate(times):
        node, gap = found_node, text[times[index - 1].end : found_node.begin] if index else ""
        previous = kept[-1] if kept else None
        listed = previous is not None and previous.reason == "recurring" and _LIST.fullmatch(gap)
        if listed or _EVERY.search(text[: node.begin]):
            kept.append(replace(node, reason="recurring"))
            continue
        if previous:
            node, kept[-1] = _linked(gap, node, previous)
        if node.reason is None and _is_refused(text, node, last=index == len(times) - 1, gap=gap):
            node = replace(node, reason="refused")
        kept.append(node)
    kept = _with_day(text, kept)
    lengths = [node for node in found if not node.is_time]
    return sorted([*kept, *lengths], key=lambda node: node.begin)


def _linked(gap: str, node: Node, previous: Node) -> tuple[Node, Node]:
    """The later expression with what it inherits, and the earlier one as it stands after it."""
    if _NOT_AFTER_YES.fullmatch(gap) and previous.reason is None:
        return replace(node, reason="refused"), previous
    corrected = bool(_SLIP.fullmatch(gap) or _MOVED.fullmatch(gap))
    if previous.reason == "refused" or corrected:
        node = replace(node, said=inherit(node.said, previous.said))
        return node, replace(previous, reason="refused")
    if previous.reason is None and (_OR.fullmatch(gap) or _LIST.fullmatch(gap)):
        node = replace(node, said=inherit(node.said, previous.said))
        if _OR.fullmatch(gap):
            return replace(node, doubt=True, choices=(*node.choices, previous)), replace(
                previous, doubt=True, choices=(*previous.choices, node)
            )
    return node, previous


def _is_refused(text: str, node: Node, *, last: bool, gap: str) -> bool:
    if _REFUSED.match(text, node.end):
        return True
    if _NOT.search(text[: node.begin]) and not _SLIP.fullmatch(gap or "-"):
        return True
    return not last and bool(_ENGAGED.match(text, node.end))


def _with_day(text: str, kept: list[Node]) -> list[Node]:
    """下周三帮我约一下，下午三点吧: a time of day goes to the day said before it in the sentence."""
    joined: list[Node] = []
    for node in kept:
        previous = joined[-1] if joined else None
        if (
            previous
            and previous.reason is None
            and node.reason is None
            and previous.mode == "point"
            and previous.said.has_day
            and not previous.said.has_time
            and not node.said.has_day
            and node.said.has_time
            and not node.choices
            and _SAME_SENTENCE.fullmatch(text[previous.end : node.begin])
        ):
            joined[-1] = replace(node, begin=previous.begin, said=inherit(node.said, previous.said))
            continue
        joined.append(node)
    return joined


# ---- placing them in time


def placed(node: Node, context: Context) -> Answer:
    """The answer of one expression."""
    if node.reason:
        return Answer(fault=node.reason)
    try:
        return _PLACERS[node.mode](node, context)
    except (OverflowError, ValueError):
        return Answer(fault="out_of_range")


def _point(node: Node, context: Context) -> Answer:
    return resolve(node.said, context)


def _about(node: Node, context: Context) -> Answer:
    return replace(resolve(node.said, context), vague=True)


def _before(node: Node, context: Context) -> Answer:
    base = resolve(node.said, context)
    if base.fault or base.end is None or base.start is None:
        return base
    day = day_of(base.start)
    running = day <= context.today <= day_of(base.end)
    end = base.end
    others: tuple[tuple[date | None, date | None], ...] = ()
    start = context.now if _is_clock(end) else context.today
    if node.inclusive:
        pass
    elif base.whole and not running and not node.said.has_time:
        end = day - timedelta(days=1)
        if node.said.festival == "春节" and node.said.confirm:
            # 年前 is the Spring Festival to most, the end of the year to some.
            others = ((context.today, date(context.today.year, 12, 31)),)
    elif not _is_clock(end):
        others = ((context.today, day_of(end) - timedelta(days=1)),) if day_of(end) > context.today else ()
    open_start = as_end(end) < context.now
    if node.said.daypart and not node.said.clock and not node.inclusive:
        end = base.start
        open_start = as_end(end) < context.now
    return replace(base, start=None if open_start else start, end=end, whole=False, alternatives=others)


def _is_clock(stamp: date) -> bool:
    return type(stamp) is not date


def _after(node: Node, context: Context) -> Answer:
    base = resolve(node.said, context)
    if base.fault or base.end is None:
        return base
    start = base.end
    if node.said.festival or base.whole:
        start = day_of(base.end) + timedelta(days=1)
    return replace(base, start=start, end=None, confirm=True, whole=False, alternatives=())


def _since(node: Node, context: Context) -> Answer:
    base = resolve(node.said, replace(context, prefer="past"))
    if base.fault or base.start is None:
        return base
    if as_start(base.start) > context.now:
        return Answer(fault="ends_before_start")
    return replace(base, end=context.today, start=base.start, whole=False, alternatives=(), confirm=False)


def _beside(node: Node, context: Context) -> Answer:
    base = resolve(node.said, context)
    if base.fault or base.start is None or base.end is None:
        return base
    amounts = list(node.amounts)
    if clocked(amounts):
        return Answer(fault="not_understood")
    back = node.side == "前"
    edge = day_of(base.start if back else base.end)
    reached = moved(context, edge, amounts, -1 if back else 1)
    if reached.fault or reached.on is None:
        return Answer(fault=reached.fault or "not_understood")
    if amounts[0][1] == "workday" or amounts == [(1, "day")]:
        return Answer(reached.on, reached.on, provisional=reached.provisional, confirm=base.confirm)
    inner = edge + timedelta(days=-1 if back else 1)
    return Answer(min(reached.on, inner), max(reached.on, inner), vague=True, confirm=base.confirm)


def _within(node: Node, context: Context) -> Answer:
    base = resolve(node.said, context)
    if base.fault or base.start is None:
        return base
    amounts = list(node.amounts)
    if clocked(amounts):
        minutes = sum(count * {"hour": 60, "minute": 1, "quarter-hour": 15}[unit] for count, unit in amounts)
        start = as_start(base.start)
        return replace(base, start=start, end=start + timedelta(minutes=minutes), whole=False)
    reached = moved(context, day_of(base.start), amounts, 1)
    if reached.fault or reached.on is None:
        return Answer(fault=reached.fault or "not_understood")
    return replace(base, start=day_of(base.start), end=reached.on, whole=False, provisional=reached.provisional)


def _nth(node: Node, context: Context) -> Answer:
    base = resolve(node.said, context)
    if base.fault or base.start is None or base.end is None or node.to is None or node.to.nth is None:
        return base
    count = node.to.nth[0]
    back = node.side == "前"
    edge = day_of(base.start if back else base.end)
    # 节前最后一个工作日 is the nearest one before, 节后第三个工作日 the third after.
    reached = nth_workday(context, edge, -abs(count) if back else abs(count))
    return replace(reached, confirm=reached.confirm or base.confirm)


def _range_answer(node: Node, context: Context) -> Answer:
    assert node.to is not None
    best: Answer | None = None
    for said in _running(node.said, context):
        answer = _span(said, node.to, context)
        if answer.fault is None and answer.end is not None and as_end(answer.end) >= context.now:
            return answer
        best = answer
    assert best is not None
    return best


def _running(said: Said, context: Context) -> list[Said]:
    """A start without its year or month, earliest reading first: 10月到12月 asked in November has begun."""
    if context.prefer == "past" or said.year is not None or said.has_time:
        return [said]
    if said.month is not None or said.months is not None:
        return [*(replace(said, year=context.today.year + step) for step in (-1, 0, 1)), said]
    if said.day is not None:
        first = context.today.replace(day=1)
        months = [shift_months(first, step) for step in (-1, 0, 1)]
        return [*(replace(said, year=month.year, month=month.month) for month in months), said]
    if said.weekday is not None and said.monday is None and said.on is None and said.weekday == context.today.weekday():
        return [replace(said, on=context.today, weekday=None, confirm=True), said]
    return [said]


def _span(left: Said, right: Said, context: Context) -> Answer:
    start = resolve(left, context)
    if start.fault or start.start is None:
        return start
    said_right = right
    if right.has_day and right.year is None and right.month is not None and left.year is not None and right.nth is None:
        right = _same_or_next_year(left, right, context)
    end = resolve(right, context, after=start.start)
    if end.fault or end.end is None:
        return Answer(fault=end.fault or "ends_before_start")
    first, last = start.start, end.end
    if _is_clock(first) or _is_clock(last):
        first, last = as_start(first), as_end(last)
    if first > last:
        return Answer(fault="ends_before_start")
    if _wrapped_too_far(left, said_right, first, last):
        return Answer(fault="ends_before_start")
    doubt = start.confirm or end.confirm or _wrapped(left, right)
    exact = left.clock is not None and right.clock is not None
    return Answer(
        first,
        last,
        vague=(start.vague or end.vague) and not exact,
        confirm=doubt,
        provisional=start.provisional or end.provisional,
    )


def _same_or_next_year(left: Said, right: Said, context: Context) -> Said:
    assert left.year is not None
    left_month = left.month or (left.months[0] if left.months else 1)
    assert right.month is not None
    before = (right.month, right.day or 31) < (left_month, left.day or 0)
    return replace(right, year=left.year + before)


def _wrapped(left: Said, right: Said) -> bool:
    """周五到周二: the end is in the next week, which is worth a question."""
    return (
        left.weekday is not None
        and right.weekday is not None
        and right.monday is None
        and right.on is None
        and right.weekday < left.weekday
    )


def _wrapped_too_far(left: Said, right: Said, first: date, last: date) -> bool:
    """5号到3号 is a slip, 28号到3号 runs over the end of the month."""
    if right.day is not None and right.month is None and not right.has_time:
        return left.day is not None and right.day < left.day and (day_of(last) - day_of(first)).days > 15
    if right.month is not None and (left.month is not None or left.months is not None):
        return right.year is None and (day_of(last) - day_of(first)).days > 340
    return False


_PLACERS: dict[Mode, Callable[[Node, Context], Answer]] = {
    "point": _point,
    "range": _range_answer,
    "before": _before,
    "after": _after,
    "since": _since,
    "about": _about,
    "beside": _beside,
    "within": _within,
    "nth": _nth,
}

__all__ = ["Node", "nodes", "placed"]
