"""A question about duties in plain words as a typed query, or as a change of the last one. Pure: names come in.

Deterministic: a word is known or it is not. What was not understood is handed back and never guessed over.
"""

import re
from dataclasses import replace

from anze.clock import legal_date
from anze.obligations.asking.filtering import filtered, parted
from anze.obligations.asking.finding import Words
from anze.obligations.asking.lexicon import words as known_words
from anze.obligations.asking.model import Asked, Reading
from anze.obligations.asking.timing import nearly, times_in, windowed
from anze.obligations.query import Group, Query

_TOP = re.compile(r"(?:前|top\s*|头)([0-9一二两三四五六七八九十]{1,3})(?:名|家|个|位|件|条)?")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_WHOLE = frozenset("哪谁多几有w")
"""How a word begins that asks which, who, how many: a question of its own"""
_NO_MEANING = frozenset({"filler", "follow_marks", "due_marks"})


def read(asked: Asked) -> Reading:
    """Read one message."""
    words = Words(asked)
    if refused := {one.value for one in words.of("refused")}:
        return Reading(problem="change" if "change" in refused else "personal")
    times = times_in(words, asked)
    top = _top(words)
    keys = _checks(asked, words)
    base = _base(asked, words, keys, says_time=bool(times) or top is not None)
    if action := _action(words, fresh=bool(keys) and not (base.changed or base.problem)):
        needs_last = action not in {"subscriptions", "unsubscribe"}
        return Reading(problem="no_last") if needs_last and asked.last is None else Reading(action=action)
    if base.query is None:
        return base
    check = asked.checks[base.query.check]
    query = filtered(base.query, check, words)
    if isinstance(query, Reading):
        return query
    query = parted(query, check, words, soon=nearly(words, asked))
    query = windowed(query, check, words, times, legal_date(asked.now))
    return replace(base, query=_shaped(query, words, top), unknown=words.unknown())


def _checks(asked: Asked, words: Words) -> list[str]:
    """The duties that were named; a longer word says more than a shorter one elsewhere in the text.

    A word that names a service item too (培训没归档的) is the item beside another duty, and a weak check yields.
    """
    named = words.of("check")
    items = {(one.begin, one.end) for one in words.of("item")}
    named = [one for one in named if (one.begin, one.end) not in items] or named
    named = [one for one in named if not asked.checks[one.value].weak] or named
    longest = max((one.end - one.begin for one in named), default=0)
    return list(dict.fromkeys(str(one.value) for one in named if one.end - one.begin == longest))


def _base(asked: Asked, words: Words, keys: list[str], *, says_time: bool) -> Reading:
    """The query to build on: a new one, or the last one; or why there is none."""
    last = asked.last
    if not keys:
        says_something = says_time or bool(words.kinds - _NO_MEANING)
        # A change of the last question must be understood whole: what is left over may be another question.
        if last is None or not says_something or words.unknown():
            return Reading(problem="no_check", unknown=words.unknown())
        return Reading(query=last, changed=True)
    if len(keys) > 1:
        if last is None or last.check not in keys:
            return Reading(problem="ambiguous", choices=tuple(keys))
        keys = [last.check]
    whole = any(one.word[0] in _WHOLE for one in words.of("filler"))
    if last is not None and ("follow_marks" in words.kinds or (keys[0] == last.check and not whole)):
        changed = replace(last, check=keys[0]).narrowed(parts=(), all_parts=False)
        return Reading(query=changed, changed=True)
    return Reading(query=Query(keys[0]))


def _action(words: Words, *, fresh: bool) -> str | None:
    """What is to be done with the result; a new question with 导出 in it is still a question first."""
    named = [str(one.value) for one in words.of("action")]
    if not named or fresh:
        return None
    return min(named, key=list(known_words()["actions"]).index)


def _top(words: Words) -> int | None:
    found = _TOP.search(words.text)
    if found is None:
        return None
    words.take(found.start(), found.end())
    return _number(found[1])


def _shaped(query: Query, words: Words, top: int | None) -> Query:
    """Groups, order, how many, share."""
    kinds = words.kinds
    if groups := words.of("group"):
        query = replace(query, group=Group(groups[0].value))
    elif "ungroup" in kinds and query.group is not None:
        query = replace(query, group=None, limit=None)
    if top is not None:
        query = replace(query, limit=top)
        if query.group is not None:
            query = replace(query, order="count", descending="fewest" not in kinds)
    elif kinds & {"most", "fewest"} and query.group is not None:
        query = replace(query, order="count", descending="most" in kinds, limit=1)
    if "share" in kinds:
        query = replace(query, share=True)
    if "by_name" in kinds:
        query = replace(query, order="name", descending=False)
    return query


def _number(said: str) -> int:
    if said.isdigit():
        return max(int(said), 1)
    tens, ten, ones = said.rpartition("十")
    if not ten:
        return max(sum(_DIGITS[char] for char in said[-1:]), 1)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + _DIGITS.get(ones, 0)
