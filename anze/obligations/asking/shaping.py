"""How an answer is to be shown: groups, order, how many, share."""

import re
from dataclasses import replace

from anze.obligations.asking.finding import Words
from anze.obligations.asking.lexicon import Found
from anze.obligations.asking.model import Reading
from anze.obligations.query import Group, Query
from anze.obligations.relations import RELATIONS
from anze.standard.models import Check

_N = r"([0-9]{1,4}|[一二两俩三仨四五六七八九十廿叁百]{1,4})"
_COUNT = r"(?:名|家|个|位|件|条|单|张|行)"
_TOP = re.compile(rf"(?:前|top\s*|(?<!里)头|最\S{{1,2}}的|先看|首)\s*{_N}{_COUNT}?|{_N}{_COUNT}(?:先看|就行|就够|即可)")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "叁": 3, "仨": 3}
_COMPARED = {"branch_ids": Group.BRANCH, "provider_ids": Group.PROVIDER, "sectors": Group.SECTOR, "items": Group.ITEM,
             "provinces": Group.PROVINCE, "sizes": Group.SIZE}  # fmt: skip
_RANKED = frozenset({"most", "fewest", "share", "more_first", "fewer_first"})
_NOUNS = {
    "分公司": Group.BRANCH, "支公司": Group.BRANCH, "机构": Group.PROVIDER, "企业": Group.INSURED,
    "客户": Group.INSURED, "厂": Group.INSURED, "厂子": Group.INSURED, "行业": Group.SECTOR,
}  # fmt: skip
"""What is ranked by such a noun (最多的机构, 前三的企业)"""
_BESIDE = 2
"""How many characters may stand between the noun and the rank (最低的分公司, 机构 前三名)"""
_ALWAYS = frozenset({Group.BRANCH, Group.MONTH, Group.PART})


def top_of(words: Words) -> tuple[int, int, int] | None:
    """The first so many, with where it is said; what is read counts as taken."""
    found = _TOP.search(words.text)
    if found is None:
        return None
    words.take(found.start(), found.end())
    return _number(found[1] or found[2]), found.start(), found.end()


def shaped(query: Query, check: Check, words: Words, top: tuple[int, int, int] | None) -> Query | Reading:
    """Groups, order, how many, share."""
    kinds = words.kinds
    if "ungroup" in kinds and query.group is not None:
        query = replace(query, group=None, limit=None, order="due", descending=False, share=False)
    elif (group := _group(query, check, words, top)) is not None:
        if not _groups_by(check, group):
            return Reading(problem="unknown_filter", unknown=(group.value,), choices=(check.key,))
        query = replace(query, group=group)
    if kinds & {"more_first", "fewer_first"}:
        query = replace(query, order="count", descending="more_first" in kinds)
    if top is not None:
        query = replace(query, limit=top[0])
        if query.group is not None and query.order != "count":
            query = replace(query, order="count", descending="fewest" not in kinds)
    elif kinds & {"most", "fewest"} and query.group is not None:
        query = replace(query, order="count", descending="most" in kinds, limit=1)
    if "share" in kinds and "ungroup" not in kinds:
        query = replace(query, share=True)
    if "by_name" in kinds:
        query = replace(query, order="name", descending=False)
    return query


def _group(query: Query, check: Check, words: Words, top: tuple[int, int, int] | None) -> Group | None:
    """By what is summed up; 两家比比 by what the two values are of, 分公司前五 by the branches."""
    ranked = top is not None or bool(words.kinds & _RANKED)
    # 哪家机构没有执照 asks for providers, 哪家机构最多 for a sum by provider.
    groups = [one for one in words.of("group") if one.word[0] != "哪" or ranked]
    if groups:
        return Group(groups[0].value)
    if "compare" in words.kinds:
        return next((group for name, group in _COMPARED.items() if len(getattr(query.filters, name)) > 1), None)
    ranks = [(one.begin, one.end) for one in words.of("most", "fewest")] + ([top[1:]] if top else [])
    nouns = [one for one in words.of("filler") if one.word in _NOUNS]
    beside = [_NOUNS[one.word] for one in nouns if any(_beside(one, *rank) for rank in ranks)]
    # The first so many are of branches wherever these stand (分公司 没归档 top5).
    branches = [Group.BRANCH for one in nouns if top and _NOUNS[one.word] is Group.BRANCH]
    return next((noun for noun in (*beside, *branches) if _ranks(check, noun)), None)


def _beside(noun: Found, begin: int, end: int) -> bool:
    return -_BESIDE <= noun.begin - end <= _BESIDE or 0 <= begin - noun.end <= _BESIDE


def _ranks(check: Check, noun: Group) -> bool:
    """前五家企业 of a duty whose lines are firms are its first five lines, not sums by firm."""
    relation = RELATIONS.get(check.subject)
    firms = relation is not None and relation.period and "item" not in relation.dimensions
    return _groups_by(check, noun) and not (noun is Group.INSURED and firms)


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
