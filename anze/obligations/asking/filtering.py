"""Which subjects a question is about: sectors, sizes, branches …, and which parts of the answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from anze.obligations.asking.finding import Words
from anze.obligations.asking.lexicon import Found
from anze.obligations.asking.model import Reading
from anze.obligations.query import Filters, Query
from anze.obligations.relations import RELATIONS
from anze.standard.models import Check

_KNOWN = frozenset(Filters.__dataclass_fields__)
_FILTERS = {"sector": "sectors", "item": "items", "level": "levels", "branch": "branch_ids", "provider": "provider_ids",
            "province": "provinces", "foreign": "foreign"}  # fmt: skip
"""Kind of a word → the filter it is a value of"""
_MANY = frozenset({"sectors", "sizes"})
_DIMENSIONS = {"sectors": "sector", "sizes": "size", "items": "item", "levels": "level", "provider_ids": "provider_id",
               "provinces": "province"}  # fmt: skip
_CLEARED = {"everywhere": ("branch_ids", "provinces"), "every_sector": ("sectors", "not_sectors"),
            "every_size": ("sizes", "not_sizes")}  # fmt: skip
_OWN_PARTS = {"met": "done_d", "unknown": "size_unknown"}
"""What these statuses are called among the parts of the yearly check"""


def filtered(query: Query, check: Check, words: Words) -> Query | Reading:
    """The query with the filters that were named; or what is the matter with one of them."""
    chosen, left_out = _named(check, words)
    if "foreign" in chosen:
        return Reading(problem="unknown_place", unknown=tuple(chosen["foreign"]))
    changed: dict[str, Any] = {
        name: () for kind, cleared in _CLEARED.items() if kind in words.kinds for name in cleared
    }
    for name, values in chosen.items():
        changed[name] = tuple(dict.fromkeys(values))
        if f"not_{name}" in _KNOWN:
            changed[f"not_{name}"] = ()
    # A branch and a province stand for each other: naming one takes back the other.
    if ("provinces" in chosen) != ("branch_ids" in chosen):
        changed["branch_ids" if "provinces" in chosen else "provinces"] = ()
    for name, values in left_out.items():
        if f"not_{name}" not in _KNOWN:
            return _refused(name, check)
        changed[f"not_{name}"] = tuple(dict.fromkeys([*getattr(query.filters, f"not_{name}"), *values]))
    relation = RELATIONS.get(check.subject)
    for name in (*chosen, *left_out):
        if relation is not None and name in _DIMENSIONS and _DIMENSIONS[name] not in relation.dimensions:
            return _refused(name, check)
    return replace(query, filters=replace(query.filters, **changed))


def _refused(name: str, check: Check) -> Reading:
    return Reading(problem="unknown_filter", unknown=(name,), choices=(check.key,))


def _named(check: Check, words: Words) -> tuple[Mapping[str, list[Any]], Mapping[str, list[Any]]]:
    """Values by filter: what is meant, and what is left out (去掉, 不看 … up to 只看)."""
    relation = RELATIONS.get(check.subject)
    chosen: dict[str, list[Any]] = {}
    left_out: dict[str, list[Any]] = {}
    out = False
    for one in words.found:
        if one.kind == "without":
            out = True
        elif one.kind in {"only", "follow_marks"}:
            out = False
        name, values = _meant(one)
        # 隐患排查 in a question about the yearly check names the duty and is no filter.
        if name is None or (name == "items" and (relation is None or "item" not in relation.dimensions)):
            continue
        (left_out if out else chosen).setdefault(name, []).extend(values)
    return chosen, left_out


def _meant(one: Found) -> tuple[str | None, tuple[Any, ...]]:
    if one.kind in _MANY:
        return one.kind, one.value
    return _FILTERS.get(one.kind), (one.value,)


def parted(query: Query, check: Check, words: Words, *, soon: bool) -> Query:
    """The query with the parts of the answer that were named: 超期, 快到期, 已做的, 全部情况."""
    if "everything" in words.kinds:
        return query.narrowed(parts=(), all_parts=True)
    named = [str(one.value) for one in words.of("part")] or (["due_soon"] if soon else [])
    own = {part.key for part in check.parts}
    parts = [_OWN_PARTS.get(name, name) if own else name for name in named]
    parts = list(dict.fromkeys(name for name in parts if not own or name in own))
    return query.narrowed(parts=tuple(parts), all_parts=False) if parts else query
