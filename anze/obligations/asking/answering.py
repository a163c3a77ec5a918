"""From words to an answer: the question read, run, and said; or what was the matter, with ways to go on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.identity.speaker import Speaker
from anze.obligations import usecases
from anze.obligations.asking.model import Reading
from anze.obligations.query import Query
from anze.obligations.relations import RELATIONS
from anze.obligations.wording import say
from anze.standard.models import Check


def asked(
    session: Session, speaker: Speaker, text: str, last: Query | None, now: datetime, calendar: WorkCalendar
) -> dict[str, Any]:
    """{"reading": {"problem", "action", "choices", "unknown", "changed", "words"}, "answer": view or None}."""
    read = usecases.read(session, speaker, text, last, now, calendar)
    answer = None
    if read.query is not None:
        found = usecases.run(session, speaker, read.query, now, calendar, size=usecases.CHAT_ROWS)
        answer = usecases.view(session, speaker, found, now)
    return {"reading": described(session, speaker, read, last, now), "answer": answer}


def described(session: Session, speaker: Speaker, read: Reading, last: Query | None, now: datetime) -> dict[str, Any]:
    """A reading for programs; `words` says what was not understood, or is empty."""
    checks = usecases.known(legal_date(now)).check
    return {
        "problem": read.problem,
        "action": read.action,
        "choices": [{"rule": key, "name": checks[key].name} for key in read.choices],
        "unknown": list(read.unknown),
        "changed": read.changed,
        "words": _words(session, speaker, read, last, checks),
    }


def _words(session: Session, speaker: Speaker, read: Reading, last: Query | None, checks: Mapping[str, Check]) -> str:
    unknown = "、".join(read.unknown)
    match read.problem:
        case None:
            return say("unknown_words", words=unknown) if read.unknown else ""
        case "no_check":
            return say("problem.no_check_words", words=unknown) if read.unknown else say("problem.no_check")
        case "unknown_place":
            scope = usecases.named(session, speaker).scope
            return say("problem.unknown_place", words=unknown, scope=scope)
        case "unknown_filter":
            names = "、".join(say(f"filter.{name}") if name in _FILTERS else name for name in read.unknown)
            return say("problem.unknown_filter", words=names, can=_can(read, last, checks))
    return say(f"problem.{read.problem}")


_FILTERS = ("sectors", "sizes", "items", "provider_ids", "provinces", "levels", "branch_ids")


def _can(read: Reading, last: Query | None, checks: Mapping[str, Check]) -> str:
    """What the duty can be filtered by."""
    key = read.choices[0] if read.choices else (last.check if last else None)
    relation = RELATIONS.get(checks[key].subject) if key else None
    names = (
        sorted(relation.dimensions & {"sector", "size", "item", "provider_id", "province", "level"}) if relation else []
    )
    return "、".join(say(f"filter.{name}") for name in ("branch_ids", *names))
