"""What the dialogue asks of the standard: an answer to a question, citations of clauses. Reads no database."""

from functools import cache
from typing import Any

from anze.standard.answer import Answerer, clause_name
from anze.standard.comparing import note
from anze.standard.editions import editions, load
from anze.standard.load import Knowledge


@cache
def _answerer(known: Knowledge) -> Answerer:
    return Answerer(known)


def warm_up() -> None:
    """Build the indexes now, so that nobody waits for them."""
    for known in editions().by_key.values():
        _answerer(known)


def answer(question: str, edition: str | None = None) -> dict[str, Any]:
    """{"kind": found | silent | nothing, "lead", "citations"} for a question in everyday words.

    By a named edition, or by the one in force today. One line says so where another has a cited clause otherwise.
    """
    known = load(edition)
    found = _answerer(known).answer(question)
    differs = note(editions(), known, [citation.clause for citation in found.citations])
    lines = [found.lead, found.note, differs]
    return {
        "kind": found.response,
        "fields": {"lead": "\n".join(line for line in lines if line)},
        "citations": [{"clause": c.clause, "text": c.text, "version": c.version} for c in found.citations],
    }


def cite(clauses: list[str], edition: str | None = None) -> list[dict[str, str]]:
    """The contract's citations of printed clauses, verbatim, one for each with its paragraphs.

    Of a named edition, or of the one in force today.
    """
    known = load(edition)
    return [
        {
            "clause": clause_name(clause),
            "text": "\n".join(passage.text for passage in passages),
            "version": known.edition.cite,
        }
        for clause in clauses
        if (passages := known.clauses.get(clause, ()))
    ]
