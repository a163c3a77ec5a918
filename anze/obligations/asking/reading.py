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
from anze.obligations.asking.nearest import choose, likeness
from anze.obligations.asking.timing import again, nearly, times_in, windowed
from anze.obligations.query import Group, Query
from anze.obligations.relations import RELATIONS
from anze.standard.models import Check

_N = r"([0-9]{1,4}|[一二两俩三仨四五六七八九十廿叁百]{1,4})"
_COUNT = r"(?:名|家|个|位|件|条|单|张|行)"
_TOP = re.compile(rf"(?:前|top\s*|头|最\S{{1,2}}的|先看|首)\s*{_N}{_COUNT}?|{_N}{_COUNT}(?:先看|就行|就够|即可)")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "叁": 3, "仨": 3}
_WHOLE = frozenset("哪谁多几有w")
"""How a word begins that asks which, who, how many: a question of its own"""
_LATIN, _ITEM, _WEAK = 0.5, 2.5, 1.5
"""A Latin letter says half of what a Chinese character says; what a word loses that may be a mere filter"""
_ANY_DUTY = frozenset({"part", "everything", "all", "share"})
"""What may be said of any duty, and names none"""
_WITHOUT_LAST = frozenset({"subscriptions", "unsubscribe"})
_NO_MEANING = frozenset({"filler", "follow_marks", "due_marks", "negation"})
_COMPARED = {"branch_ids": Group.BRANCH, "provider_ids": Group.PROVIDER, "sectors": Group.SECTOR, "items": Group.ITEM,
             "provinces": Group.PROVINCE, "sizes": Group.SIZE}  # fmt: skip
_RANKED = frozenset({"most", "fewest", "share", "more_first", "fewer_first"})
_BRANCHES = frozenset({"分公司", "支公司"})
_ALWAYS = frozenset({Group.BRANCH, Group.MONTH, Group.PART})


def read(asked: Asked) -> Reading:
    """Read one message."""
    words = Words(asked)
    if (refused := _refused(words)) is not None:
        return refused
    times = times_in(words, asked)
    top = _top(words)
    base = _base(asked, words, says_number=bool(times) or top is not None)
    action = _action(words, fresh=bool(words.of("check")) and base.query is not None and not base.changed)
    if action:
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
        query = _shaped(query, check, words, top)
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
    keys: tuple[str, ...] = ()
    if not named and "no_filter" in words.kinds:
        # 保费收了多少: what we do not count, and likeness alone would find a duty in it.
        return Reading(problem="no_check", unknown=tuple(one.word for one in words.of("no_filter")))
    if named or words.unknown() or (last is None and not words.kinds & _ANY_DUTY):
        known = likeness(tuple((one.key, (*one.words, one.undone, one.name)) for one in asked.checks.values()))
        keys = choose(known, words.rest(beside=bool(named)), named)
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
        return Reading(query=changed if same else changed.narrowed(parts=(), all_parts=False), changed=True)
    return Reading(query=Query(keys[0]))


def _without_duty(asked: Asked, words: Words, *, says_number: bool) -> Reading:
    """A change of the last question, or a choice of duties."""
    says_something = says_number or bool(words.kinds - _NO_MEANING)
    # A change must be understood whole: what is left over may be another question.
    if asked.last is not None and says_something and not words.unknown():
        return Reading(query=asked.last, changed=True)
    return Reading(problem="no_check", unknown=words.unknown(), choices=_offered(words))


def _takes_items(check: Check) -> bool:
    relation = RELATIONS.get(check.subject)
    return relation is not None and "item" in relation.dimensions


def _offered(words: Words) -> tuple[str, ...]:
    """Duties to choose from when none was named; nothing is offered for what is none of ours."""
    return () if words.unknown() else tuple(known_words()["offered"])


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
    return _number(found[1] or found[2])


def _shaped(query: Query, check: Check, words: Words, top: int | None) -> Query | Reading:
    """Groups, order, how many, share."""
    kinds = words.kinds
    if "ungroup" in kinds and query.group is not None:
        query = replace(query, group=None, limit=None, order="due", descending=False, share=False)
    elif (group := _group(query, words, top)) is not None:
        if not _groups_by(check, group):
            return Reading(problem="unknown_filter", unknown=(group.value,), choices=(check.key,))
        query = replace(query, group=group)
    if kinds & {"more_first", "fewer_first"}:
        query = replace(query, order="count", descending="more_first" in kinds)
    if top is not None:
        query = replace(query, limit=top)
        if query.group is not None and query.order != "count":
            query = replace(query, order="count", descending="fewest" not in kinds)
    elif kinds & {"most", "fewest"} and query.group is not None:
        query = replace(query, order="count", descending="most" in kinds, limit=1)
    if "share" in kinds and "ungroup" not in kinds:
        query = replace(query, share=True)
    if "by_name" in kinds:
        query = replace(query, order="name", descending=False)
    return query


def _group(query: Query, words: Words, top: int | None) -> Group | None:
    """By what is summed up; 两家比比 by what the two values are of, 分公司前五 by the branches."""
    ranked = top is not None or bool(words.kinds & _RANKED)
    # 哪家机构没有执照 asks for providers, 哪家机构最多 for a sum by provider.
    groups = [one for one in words.of("group") if one.word[0] != "哪" or ranked]
    if groups:
        return Group(groups[0].value)
    if "compare" in words.kinds:
        return next((group for name, group in _COMPARED.items() if len(getattr(query.filters, name)) > 1), None)
    return Group.BRANCH if top is not None and any(one.word in _BRANCHES for one in words.of("filler")) else None


def _groups_by(check: Check, group: Group) -> bool:
    relation = RELATIONS.get(check.subject)
    if relation is None or group in _ALWAYS:
        return True
    dimension = {"provider": "provider_id", "insured": "insured_id"}.get(group.value, group.value)
    return dimension in relation.dimensions


def _number(said: str) -> int:
    if said.isdigit():
        return max(int(said), 1)
    said = said.replace("廿", "二十")
    hundreds, hundred, rest = said.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    found = _DIGITS.get(hundreds, 1) * 100 if hundred else 0
    found += (_DIGITS.get(tens, 1) if tens else 1) * 10 if ten else 0
    return max(found + _DIGITS.get(ones[-1:], 0), 1)
