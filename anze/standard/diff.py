"""Two editions clause by clause: what is new, gone, worded otherwise; numbers, duties and checks with it. Pure."""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from anze.standard.load import Knowledge
from anze.standard.models import Check, Obligation

Kind = Literal["added", "removed", "changed", "kept"]
_TOKEN = re.compile(r"\d+(?:\.\d+)?|.", re.DOTALL)
"""A number is one piece: of 15 and 10 nothing is alike"""
_QUANTITY = re.compile(r"\d+(?:\.\d+)?\s*(?:个工作日|工作日|个月|小时|日|天|年|次|人|万元|元|%)")
_ISLAND = 1
"""So few characters alike between two changes are read as part of the change"""


@dataclass(frozen=True)
class Piece:
    """A stretch of a clause's text: in both, in the old one only, in the new one only."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True)
class Swap[T]:
    """What stood in the old and what stands in the new; None where there is none."""

    old: T | None
    new: T | None


@dataclass(frozen=True)
class ClauseDiff:
    """One clause that is not the same in both. `kept`: its words are, but not what is made of them.

    `numbers` are quantities as printed; `duties` and `checks` have the same id or key in both where both stand.
    """

    clause: str
    kind: Kind
    heading: str
    pieces: tuple[Piece, ...]
    numbers: tuple[Swap[str], ...]
    duties: tuple[Swap[Obligation], ...]
    checks: tuple[Swap[Check], ...]


def diff(old: Knowledge, new: Knowledge) -> tuple[ClauseDiff, ...]:
    """Every clause that differs, in printed order. A clause is the same by its number; a moved one is gone and new."""
    found = (_clause(old, new, name) for name in _names(old, new))
    return tuple(one for one in found if one is not None)


def differs(old: Knowledge, new: Knowledge, clause: str) -> bool:
    """Whether a clause is worded otherwise, or stands in one of them only."""
    return text_of(old, clause) != text_of(new, clause)


def text_of(known: Knowledge, clause: str) -> str:
    """All that is printed of a clause itself; empty when there is none."""
    return "\n".join(passage.text for passage in known.clauses.get(clause, ()))


def _names(old: Knowledge, new: Knowledge) -> Iterator[str]:
    """The clauses of both, each once: in the order of the new one, with those that are gone where they stood."""
    before, after = list(old.clauses), list(new.clauses)
    told: set[str] = set()
    for _, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for name in (*before[first:last], *after[begin:end]):
            if name not in told:
                told.add(name)
                yield name


def _clause(old: Knowledge, new: Knowledge, clause: str) -> ClauseDiff | None:
    before, after = text_of(old, clause), text_of(new, clause)
    duties = _duties(old, new, clause)
    checks = _checks(old, new, clause)
    if before == after and not duties and not checks:
        return None
    kind: Kind = "kept" if before == after else "added" if not before else "removed" if not after else "changed"
    heading = new.heading(clause) or old.heading(clause)
    numbers = _numbers(before, after) if kind == "changed" else ()
    return ClauseDiff(clause, kind, heading, pieces(before, after), numbers, duties, checks)


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Both texts in one: the pieces that are not new make the old one, those that are not gone the new one."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    found: list[Piece] = []
    gone = added = ""
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for at, (step, first, last, begin, end) in enumerate(steps):
        same = "".join(before[first:last])
        if step == "equal" and not (0 < at < len(steps) - 1 and len(same) <= _ISLAND):
            found += _flushed(gone, added)
            gone = added = ""
            found.append(Piece("same", same))
        else:
            gone, added = gone + same, added + "".join(after[begin:end])
    return tuple(found + _flushed(gone, added))


def _flushed(gone: str, added: str) -> list[Piece]:
    return [*([Piece("gone", gone)] if gone else []), *([Piece("new", added)] if added else [])]


def _numbers(old: str, new: str) -> tuple[Swap[str], ...]:
    return tuple(_swaps(_QUANTITY.findall(old), _QUANTITY.findall(new)))


def _swaps[T: Hashable](old: Sequence[T], new: Sequence[T]) -> Iterator[Swap[T]]:
    for step, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step != "equal":
            yield from (Swap(a, b) for a, b in zip_longest(old[first:last], new[begin:end]))


def _duties(old: Knowledge, new: Knowledge, clause: str) -> tuple[Swap[Obligation], ...]:
    """Duties that only one has; one that is only worded otherwise shows in the clause's text."""
    before = {row.id: row for row in old.obligations if row.clause == clause}
    after = {row.id: row for row in new.obligations if row.clause == clause}
    gone = [Swap[Obligation](row, None) for name, row in before.items() if name not in after]
    return (*gone, *(Swap[Obligation](None, row) for name, row in after.items() if name not in before))


def _checks(old: Knowledge, new: Knowledge, clause: str) -> tuple[Swap[Check], ...]:
    """Checks that only one has, or that judge otherwise. How they are asked for is no difference of the standard."""
    before = {check.key: check for row in old.obligations if row.clause == clause for check in row.checks}
    after = {check.key: check for row in new.obligations if row.clause == clause for check in row.checks}
    keys = dict.fromkeys((*before, *after))
    pairs = (Swap(before.get(key), after.get(key)) for key in keys)
    return tuple(pair for pair in pairs if _judged(pair.old) != _judged(pair.new))


def _judged(check: Check | None) -> dict[str, object] | None:
    return check.model_dump(exclude={"words", "weak", "undone", "items", "implies"}) if check else None
