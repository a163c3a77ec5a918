"""A question about duties in plain words as a typed query, or as a change of the last one. Pure: names come in.

Deterministic: a word is known or it is not. What was not understood is handed back and never guessed over.
"""

import itertools
import re
from dataclasses import replace

from anze.clock import legal_date
from anze.obligations.asking.filtering import filtered, parted
from anze.obligations.asking.finding import Words
from anze.obligations.asking.lexicon import Found
from anze.obligations.asking.lexicon import words as known_words
from anze.obligations.asking.model import Asked, Reading
from anze.obligations.asking.nearest import OFFERED, choose, likeness
from anze.obligations.asking.shaping import shaped, top_of
from anze.obligations.asking.timing import again, nearly, times_in, windowed
from anze.obligations.query import Query
from anze.obligations.relations import RELATIONS
from anze.standard.models import Check

_WHOLE = frozenset("哪谁多几有w")
"""How a word begins that asks which, who, how many: a question of its own"""
_LATIN, _ITEM, _WEAK = 0.5, 2.5, 1.5
"""A Latin letter says half of what a Chinese character says; what a word loses that may be a mere filter"""
_PLAIN = 3.0
_ANY_DUTY = frozenset({"part", "everything", "all", "share"})
"""What may be said of any duty, and names none"""
_AT_ONCE = frozenset({"export", "chart", "subscribe"})
"""What may be asked for together with a new question (把南京没归档的导出来)"""
_BOTH = re.compile(r"[也又都](?:没|未|还没)|\bnor\b")
_BESIDE = re.compile(
    r"(?:的|那些)*(?:单子|保单|客户|企业|机构|隐患|投诉|服务)?\s*(?:和|跟|与|及|以及|还有|\+|&|\band\b)\s*"
    r"(?:隐患|服务|客户|保单|哪些|the)*\s*"
)
"""Between two duties that are asked for together: 培训和演练, 投诉没答复的和隐患没整改的"""
_TOGETHER = re.compile(r"一块|一起|一并|两个都|两样|都看|都要|各(?:有|多少|几|列)|分别|\bboth\b")
_UNDONE = re.compile(r"没|未")
_STATUSES = frozenset({"overdue", "due_soon", "unproven", "not_due", "met", "not_applicable", "unknown"})
_WITHOUT_LAST = frozenset({"subscriptions", "unsubscribe"})
_NO_MEANING = frozenset({"filler", "follow_marks", "due_marks", "negation"})


def read(asked: Asked) -> Reading:
    """Read one message."""
    words = Words(asked)
    if (refused := _refused(words)) is not None:
        return refused
    times = times_in(words, asked)
    top = top_of(words)
    base = _base(asked, words, says_number=bool(times) or top is not None)
    fresh = bool(words.of("check")) and base.query is not None and not base.changed
    action = _action(words, fresh=fresh)
    if action and fresh:
        base = replace(base, action=action)
    elif action:
        if asked.last is None:
            return Reading(action=action) if action in _WITHOUT_LAST else Reading(problem="no_last")
        # 导出苏州的 changes the question and then does it.
        base = Reading(action=action, query=asked.last, changed=True)
    if base.query is None:
        return base
    check = asked.checks[base.query.check]
    query = filtered(base.query, check, words)
    if not isinstance(query, Reading):
        query = parted(query, check, words, soon=nearly(words, asked))
        query = windowed(query, check, words, times, legal_date(asked.now))
        query = shaped(query, check, words, top)
    return (
        query
        if isinstance(query, Reading)
        else replace(base, query=query, unknown=words.unknown(), named=bool(words.of("check")))
    )


def _refused(words: Words) -> Reading | None:
    """What is no question about duties, or names what the asker may not see."""
    if refused := {one.value for one in words.mentioned("refused")}:
        return Reading(problem="change" if "change" in refused else "personal")
    if "no_operation" in words.kinds:
        return Reading(problem="no_check", unknown=tuple(one.word for one in words.of("no_operation")))
    if foreign := [str(one.value) for one in words.of("foreign")]:
        return Reading(problem="unknown_place", unknown=tuple(foreign))
    return None


def _named(asked: Asked, words: Words) -> dict[str, float]:
    """The duties that were named, with how much the longest of their words says.

    A word that names a service item too (培训没归档的) says little beside another duty, and so does a weak check's.
    """
    items = {(one.begin, one.end) for one in words.of("item")}
    found: dict[str, float] = {}
    for one in words.of("check"):
        weight = (one.end - one.begin) * (_LATIN if one.word.isascii() else 1.0)
        weight -= _ITEM * ((one.begin, one.end) in items) + _WEAK * asked.checks[one.value].weak
        found[one.value] = max(found.get(one.value, 0.0), weight, 0.0)
    return found


def _base(asked: Asked, words: Words, *, says_number: bool) -> Reading:
    """The query to build on: a new one, or the last one; or why there is none."""
    last, named = asked.last, _named(asked, words)
    whole = any(one.word[0] in _WHOLE for one in words.of("filler"))
    if last is not None and not whole and "item" in words.kinds and _takes_items(asked.checks[last.check]):
        # 只看培训 after a question about services is the item, not the question how many trainings there were.
        named = {key: weight for key, weight in named.items() if not asked.checks[key].weak}
    if (unclear := _unclear(asked, words, named)) is not None:
        return unclear
    keys: tuple[str, ...] = ()
    if last is None and words.says_nothing:
        return Reading(problem="no_check", choices=_offered(words))
    if named or words.unknown() or (last is None and not words.kinds & _ANY_DUTY):
        known = likeness(_lines(asked))
        # A word of two characters (方案) stands for several duties; likeness has to tell which.
        sure = len(named) == 1 and not words.unknown() and max(named.values()) >= _PLAIN
        keys = tuple(named) if sure else choose(known, words.rest(beside=bool(named)), named)
    if not keys:
        return _without_duty(asked, words, says_number=says_number)
    if len(keys) > 1:
        if last is None or last.check not in keys:
            return Reading(problem="ambiguous", choices=keys)
        keys = (last.check,)
    if last is not None and ("follow_marks" in words.kinds or (keys[0] == last.check and not whole)):
        same = keys[0] == last.check
        window = last.window if same else again(last.window, asked.checks[keys[0]], asked)
        changed = replace(last, check=keys[0], window=window)
        if not same:
            # An own part of a duty's answer means nothing for another one; a status does.
            own = asked.checks[last.check].parts or asked.checks[keys[0]].parts
            kept = () if own else tuple(one for one in last.filters.parts if one in _STATUSES)
            changed = changed.narrowed(parts=kept, all_parts=False)
        return Reading(query=changed, changed=True)
    return Reading(query=Query(keys[0]))


def _unclear(asked: Asked, words: Words, named: dict[str, float]) -> Reading | None:
    """What likeness alone would find a duty in: several at once, 有问题的, 保费收了多少."""
    if several := _several(words, named):
        return Reading(problem="ambiguous", choices=several)
    if not named and "no_filter" in words.kinds:
        return Reading(problem="no_check", unknown=tuple(one.word for one in words.of("no_filter")))
    if not named and "vague" in words.kinds:
        scores = likeness(_lines(asked)).scores(words.rest())
        return Reading(problem="ambiguous", choices=tuple(sorted(scores, key=lambda key: -scores[key])[:OFFERED]))
    return None


def _several(words: Words, named: dict[str, float]) -> tuple[str, ...]:
    """Duties that are asked for together (没回访也没归档的), or of which the words name each as well as the others."""
    checks = [one for one in words.of("check") if one.value in named]
    longest = max(((one.end - one.begin, one.begin) for one in checks), default=None)
    if longest is None:
        return ()
    size, begin = longest
    if beside := _side_by_side(checks, words.text):
        return beside
    same = tuple(dict.fromkeys(str(one.value) for one in checks if (one.end - one.begin, one.begin) == (size, begin)))
    apart = dict.fromkeys(str(one.value) for one in checks if one.begin >= begin + size or one.end <= begin)
    if both := _BOTH.search(words.text):
        apart = {key: None for key in apart if key not in same}
        between = any(one.end <= both.end() for one in checks) and any(one.begin >= both.start() for one in checks)
        return (same[0], next(iter(apart))) if apart and between else ()
    return same[:OFFERED] if len(same) > 1 and set(named) == set(same) and not words.unknown() else ()


def _side_by_side(checks: list[Found], text: str) -> tuple[str, ...]:
    """Two duties of which one follows the other; a third beside them makes filters of them (培训和演练没归档的)."""
    meant = {str(one.value) for one in checks}
    if len(meant) == 2 and _TOGETHER.search(text) and _apart(checks):
        return tuple(sorted(meant))
    for one, other in itertools.product(checks, checks):
        if one.value == other.value or meant != {one.value, other.value} or one.end > other.begin:
            continue
        undone = one.end == other.begin and _UNDONE.search(one.word) and _UNDONE.search(other.word)
        if undone or _BESIDE.fullmatch(text, one.end, other.begin):
            return str(one.value), str(other.value)
    return ()


def _apart(checks: list[Found]) -> bool:
    """Whether words of two duties stand at places of their own."""
    return any(one.end <= other.begin and one.value != other.value for one in checks for other in checks)


def _without_duty(asked: Asked, words: Words, *, says_number: bool) -> Reading:
    """A change of the last question, or a choice of duties."""
    says_something = says_number or bool(words.kinds - _NO_MEANING)
    # A change must be understood whole: what is left over may be another question.
    if asked.last is not None and says_something and not words.unknown():
        return Reading(query=asked.last, changed=True)
    return Reading(problem="no_check", unknown=words.unknown(), choices=_offered(words))


def _lines(asked: Asked) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((one.key, one.called) for one in asked.checks.values())


def _takes_items(check: Check) -> bool:
    relation = RELATIONS.get(check.subject)
    return relation is not None and "item" in relation.dimensions


def _offered(words: Words) -> tuple[str, ...]:
    """Duties to choose from when none was named; nothing is offered for what is none of ours."""
    return () if words.unknown() else tuple(known_words()["offered"])


def _action(words: Words, *, fresh: bool) -> str | None:
    """What is to be done with the result; nobody is reminded by a question that was not seen answered first."""
    named = [str(one.value) for one in words.of("action")]
    if fresh:
        named = [name for name in named if name in _AT_ONCE]
    if not named:
        return None
    return min(named, key=list(known_words()["actions"]).index)
