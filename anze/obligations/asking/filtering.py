"""Which subjects a question is about: sectors, sizes, branches …, and which parts of the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from anze.obligations.asking.finding import Words
from anze.obligations.asking.lexicon import Found
from anze.obligations.asking.model import Reading
from anze.obligations.query import Filters, Query
from anze.obligations.relations import RELATIONS
from anze.standard.models import Check

_KNOWN = frozenset(Filters.__dataclass_fields__)
_FILTERS = {"sector": "sectors", "item": "items", "level": "levels", "branch": "branch_ids", "provider": "provider_ids",
            "province": "provinces", "insured": "insured_ids"}  # fmt: skip
"""Kind of a word → the filter it is a value of"""
_MANY = frozenset({"sectors", "sizes"})
_DIMENSIONS = {"sectors": "sector", "sizes": "size", "items": "item", "levels": "level", "provider_ids": "provider_id",
               "provinces": "province"}  # fmt: skip
_CLEARED = {
    "everywhere": ("branch_ids", "provinces"), "every_sector": ("sectors", "not_sectors"),
    "every_size": ("sizes", "not_sizes"), "every_item": ("items",), "every_provider": ("provider_ids",),
}  # fmt: skip
_EITHER = re.compile(r"(?<![该应月要])(?!有)([\u4e00-\u9fff])(?:了|过)?没\1|[不甭]管\S{0,2}没")
"""做没做, 改了没改: both are asked for"""
_DENIES = re.compile(r"没|未|冇|莫得|缺|欠|漏|无|\b(?:not|no|never|without|lack|lacking|missing|unpaid|open)\b|n't")
_BOUND = re.compile(r"以上|以下|超过|大于|小于|多于|少于|低于|高于|不到|\d|[一二三四五六七八九十百千]+万")
"""What makes a filter of a number that we do not filter by"""
_OVER = re.compile(r"(?:超过?了?|过了?|超出)\s*(?:\d+|[一二两三四五六七八九十]+)个?(?:工作日|工作天)")
"""回访超了10个工作日的: late by the duty's own term"""
_BESIDES = re.compile(r"的(?:那些|几家)?(?:也|一起|一并)")
_ASKING = re.compile(r"有没有|有没|是不是|没有吗")
"""没 that only makes a question of it; 打了没 still asks for what is not done"""


@dataclass
class _Named:
    """Values by filter: what is meant, what is left out (去掉, 不看), what is added (也算上)."""

    chosen: dict[str, list[Any]] = field(default_factory=dict)
    left_out: dict[str, list[Any]] = field(default_factory=dict)
    added: dict[str, list[Any]] = field(default_factory=dict)


def filtered(query: Query, check: Check, words: Words) -> Query | Reading:
    """The query with the filters that were named; or what is the matter with one of them."""
    strange = [one.word for one in words.of("no_filter") if _BOUND.search(words.text[one.end : one.end + 8])]
    if strange := [*strange, *(one.word for one in words.of("other_filter"))]:
        return Reading(problem="unknown_filter", unknown=tuple(strange), choices=(check.key,))
    named = _named(check, words)
    changed: dict[str, Any] = {
        name: () for kind, cleared in _CLEARED.items() if kind in words.kinds for name in cleared
    }
    parts = _own_parts(check, named.chosen)
    for name, values in named.chosen.items():
        changed[name] = tuple(dict.fromkeys(values))
        if f"not_{name}" in _KNOWN:
            changed[f"not_{name}"] = ()
    # A branch and a province stand for each other: naming one takes back the other.
    if ("provinces" in named.chosen) != ("branch_ids" in named.chosen):
        changed["branch_ids" if "provinces" in named.chosen else "provinces"] = ()
    for name, values in named.added.items():
        changed[name] = tuple(dict.fromkeys([*getattr(query.filters, name), *values]))
    for name, values in named.left_out.items():
        if f"not_{name}" not in _KNOWN:
            return _refused(name, check)
        changed[f"not_{name}"] = tuple(dict.fromkeys([*getattr(query.filters, f"not_{name}"), *values]))
    relation = RELATIONS.get(check.subject)
    for name in (*named.chosen, *named.added, *named.left_out):
        if relation is not None and name in _DIMENSIONS and _DIMENSIONS[name] not in relation.dimensions:
            return _refused(name, check)
    if parts:
        changed |= {"parts": tuple(parts), "all_parts": False}
    return replace(query, filters=replace(query.filters, **changed))


def _refused(name: str, check: Check) -> Reading:
    return Reading(problem="unknown_filter", unknown=(name,), choices=(check.key,))


def _named(check: Check, words: Words) -> _Named:
    relation = RELATIONS.get(check.subject)
    named = _Named()
    marks = [one for one in words.found if one.kind in {"without", "also", "only", "follow_marks"}]
    for one in words.found:
        name, values = _meant(one)
        # 隐患排查 in a question about the yearly check names the duty and is no filter; so does 培训 of the trainings.
        if name is None or (name == "items" and (relation is None or "item" not in relation.dimensions)):
            continue
        if name == "items" and (check.applies.get("item") in values or set(values) <= set(check.items)):
            continue
        how = _mark(one, marks, words)
        wanted = {"without": named.left_out, "also": named.added}.get(how, named.chosen)
        wanted.setdefault(name, []).extend(values)
    return named


def _mark(one: Found, marks: list[Found], words: Words) -> str:
    """What is said of a value: 去掉小微 before it, 小微不要 or 小微也算上 right behind it."""
    behind = next((mark for mark in marks if mark.begin >= one.end), None)
    if behind is not None and behind.kind in {"without", "also"}:
        between = words.text[one.end : behind.begin].strip("的那些都也就、，, ")
        follows = any(_meant(other)[0] is not None and 0 <= other.begin - behind.end <= 1 for other in words.found)
        if not between and not follows:
            return behind.kind
    before = [mark for mark in marks if mark.end <= one.begin]
    return before[-1].kind if before else ""


def _meant(one: Found) -> tuple[str | None, tuple[Any, ...]]:
    if one.kind in _MANY:
        return one.kind, one.value
    return _FILTERS.get(one.kind), (one.value,)


def _own_parts(check: Check, chosen: dict[str, list[Any]]) -> list[str]:
    """A filter that is the condition of a part of the answer asks for this part (小微, 规模不明, 参照)."""
    found = []
    for part in check.parts:
        for name in list(chosen):
            wanted = part.when.get(_DIMENSIONS.get(name, ""))
            if name == "sectors" and set(chosen[name]) == {"other"} and part.when == {"reference": True}:
                wanted = ("other",)
            if isinstance(wanted, tuple) and set(chosen[name]) <= set(wanted):
                found.append(part.key)
                del chosen[name]
    return found


def parted(query: Query, check: Check, words: Words, *, soon: bool) -> Query:
    """The query with the parts of the answer that were named: 超期, 快到期, 已做的, 全部情况."""
    denied = _denied(words)
    done = any(one.value == "met" for one in words.of("part"))
    whole = "everything" in words.kinds or ("all" in words.kinds and not denied and not done)
    # 做了的也给我: beside what is not done, which was asked for.
    beside = done and not query.filters.parts and _BESIDES.search(words.text)
    if whole or beside or _EITHER.search(words.text):
        return query.narrowed(parts=(), all_parts=True)
    own = {part.key for part in check.parts}
    named = [str(one.value) for one in words.of("part")] or (["due_soon"] if soon else [])
    if _OVER.search(words.text):
        named.append("overdue")
    named = [name for name in named if name != "met"] or (["met"] if _done(check, words, named) and not denied else [])
    named = [name for name in named if name not in check.implies]
    parts = [_ALIASES.get(name, name) if _ALIASES.get(name) in own else name for name in named]
    if not parts:
        # 没做的呢, after 做了的: what is not done is what a question asks for without a word about it.
        return query.narrowed(parts=(), all_parts=False) if "undone" in words.kinds else query
    return query.narrowed(parts=tuple(dict.fromkeys(parts)), all_parts=False)


_ALIASES: Mapping[str, str] = {"met": "done_d", "unknown": "size_unknown"}
"""What these statuses are called among the parts of the yearly check"""


def _denied(words: Words) -> bool:
    """没, 未 …, wherever it stands: 没回访 is one word that names the duty and says that it is not done."""
    chars = list(words.text)
    for one in words.of("branch", "province", "insured", "provider"):
        chars[one.begin : one.end] = " " * (one.end - one.begin)
    return _DENIES.search(_ASKING.sub("", "".join(chars))) is not None


def _done(check: Check, words: Words, named: list[str]) -> bool:
    """What is done is asked for: 已归档的, 回访过的, 办了几场."""
    return "met" in named or "done_marks" in words.kinds or (check.weak and "counted" in words.kinds)
