"""Two editions compared, in words: which two are meant, and each difference as people and programs read it."""

from datetime import date
from typing import Any

from anze.standard.answer import clause_name
from anze.standard.diff import ClauseDiff, Piece, Swap, diff, differs
from anze.standard.editions import Editions
from anze.standard.load import Knowledge, KnowledgeError
from anze.standard.models import Check, Obligation
from anze.texts import text


def meant(editions: Editions, old: str | None, new: str | None) -> tuple[Knowledge, Knowledge] | None:
    """The two that are named, or the last two; None when there is only one. Raises KnowledgeError."""
    if (old is None) != (new is None):
        raise KnowledgeError("name both editions, or none")
    if old is not None and new is not None:
        return editions.get(old), editions.get(new)
    known = list(editions.by_key.values())
    return (known[-2], known[-1]) if len(known) > 1 else None


def listed(editions: Editions) -> list[dict[str, Any]]:
    """[{"key", "cite", "status", "in_force_from", "current", "words"}…], the oldest first."""
    current = editions.on(editions.today())
    return [
        {
            "key": key,
            "cite": known.edition.cite,
            "status": known.edition.status,
            "in_force_from": known.edition.in_force_from.isoformat() if known.edition.in_force_from else None,
            "current": known is current,
            "words": _standing(known, known is current, editions.today()),
        }
        for key, known in editions.by_key.items()
    ]


def _standing(known: Knowledge, current: bool, today: date) -> str:
    first = known.edition.in_force_from
    if current:
        return text("editions.standing.current") if first else text("editions.standing.current_draft")
    if first is None:
        return text("editions.standing.draft")
    return text(f"editions.standing.{'coming' if first > today else 'past'}", day=first.isoformat())


def compared(old: Knowledge, new: Knowledge) -> list[dict[str, Any]]:
    """[{"clause", "name", "kind", "heading", "pieces", "numbers", "duties", "checks"}…] in printed order.

    `pieces`: [{"kind": same | gone | new, "text"}]; the last three are lists of lines.
    """
    return [_row(one) for one in diff(old, new)]


def _row(one: ClauseDiff) -> dict[str, Any]:
    return {
        "clause": one.clause,
        "name": clause_name(one.clause),
        "kind": one.kind,
        "kind_words": text(f"editions.kind.{one.kind}"),
        "heading": one.heading,
        "pieces": [{"kind": piece.kind, "text": piece.text} for piece in one.pieces],
        "numbers": [_number(swap) for swap in one.numbers],
        "duties": [_duty(swap) for swap in one.duties],
        "checks": [_check(swap) for swap in one.checks],
    }


def _number(swap: Swap[str]) -> str:
    none = text("editions.none")
    return text("editions.number", old=swap.old or none, new=swap.new or none)


def _duty(swap: Swap[Obligation]) -> str:
    row = swap.new or swap.old
    assert row is not None
    return text(f"editions.duty.{'added' if swap.new else 'removed'}", modality=row.modality, text=row.verbatim)


def _check(swap: Swap[Check]) -> str:
    if swap.old is None or swap.new is None:
        one = swap.new or swap.old
        assert one is not None
        return text(f"editions.check.{'added' if swap.new else 'removed'}", name=one.name)
    if swap.old.name != swap.new.name:
        return text("editions.check.renamed", old=swap.old.name, new=swap.new.name)
    return text("editions.check.changed", name=swap.new.name)


def marked(piece: Piece | dict[str, str]) -> str:
    """A piece with words around what is gone or new, for where there is neither colour nor line."""
    kind, said = (piece.kind, piece.text) if isinstance(piece, Piece) else (piece["kind"], piece["text"])
    return said if kind == "same" else text(f"editions.mark.{kind}", text=said)


def note(editions: Editions, known: Knowledge, clauses: list[str]) -> str:
    """One short line when another edition has one of these clauses otherwise; empty when none has.

    The one that comes next is named before the one that was.
    """
    keys = list(editions.by_key.values())
    at = keys.index(known)
    for other in (*keys[at + 1 :], *reversed(keys[:at])):
        changed = [
            clause for clause in dict.fromkeys(clauses) if clause in known.clauses and differs(known, other, clause)
        ]
        if changed:
            first = other.edition.in_force_from
            when = "coming" if first is not None and first > editions.today() else "other"
            names = "、".join(clause_name(clause) for clause in changed[:_MOST])
            day = first.isoformat() if first else ""
            more = text("editions.note.more") if len(changed) > _MOST else ""
            return text(f"editions.note.{when}", cite=other.edition.cite, day=day, clauses=names + more)
    return ""


_MOST = 2
"""Clauses that the line names"""
