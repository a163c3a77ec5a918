"""What the dialogue asks of the standard: an answer to a question, citations of clauses. Reads no database."""

from functools import cache
from typing import Any

from anze.standard.answer import Answerer, clause_name
from anze.standard.load import load


@cache
def _answerer() -> Answerer:
    return Answerer(load())


def warm_up() -> None:
    """Build the index now, so that nobody waits for it."""
    _answerer()


def answer(question: str) -> dict[str, Any]:
    """{"kind": found | silent | nothing, "lead", "citations"} for a question in everyday words."""
    found = _answerer().answer(question)
    return {
        "kind": found.response,
        "fields": {"lead": f"{found.lead}\n{found.note}".strip()},
        "citations": [{"clause": c.clause, "text": c.text, "version": c.version} for c in found.citations],
    }


def cite(clauses: list[str]) -> list[dict[str, str]]:
    """The contract's citations of printed clauses, verbatim, one for each with its paragraphs."""
    known = load()
    return [
        {
            "clause": clause_name(clause),
            "text": "\n".join(passage.text for passage in passages),
            "version": known.edition.cite,
        }
        for clause in clauses
        if (passages := known.clauses.get(clause, ()))
    ]
