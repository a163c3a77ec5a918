"""Remind whoever a list names: the insureds, or the branches whose work it is. Shown first, then sent once."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.db import insert_missing
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.obligations import usecases
from anze.obligations.query import Query, When
from anze.obligations.wording import say
from anze.reminders import usecases as reminders
from anze.tasks.models import Task, TaskKind

MOST = 500
"""Recipients at once"""
SHOWN = 10
KIND = "duty"
_DONE = frozenset({"met", "done_d", "done_b", "not_applicable"})
_MAY = frozenset({Role.SERVICE, Role.SUPERVISOR})


def preview(session: Session, speaker: Speaker, query: Query, now: datetime, calendar: CalendarStore) -> dict[str, Any]:
    """Who would be told what: {"to": insured | branch, "ids", "names", "count", "words"}. `ids` are kept until the yes.

    Also {"branches": the branch that tells each insured, "rows": how many rows each recipient has}.

    Raises DomainError obligation_remind_role, obligation_remind_none, obligation_remind_many,
    obligation_remind_window.
    """
    if speaker.role not in _MAY:
        raise DomainError("obligation_remind_role", 403)
    check = usecases.known(legal_date(now)).check.get(query.check)
    # What is said later is asked anew of the present: nobody is reminded of what is over or done.
    if query.window.kind in {When.ENDED, When.CALENDAR_YEAR} or _DONE & set(query.filters.parts):
        raise DomainError("obligation_remind_window", 409)
    rows = usecases.every_row(session, speaker, query, now, calendar.calendar())
    if check is None or not rows:
        raise DomainError("obligation_remind_none", 409)
    insured = check.remind == "insured"
    found: dict[int, str] = {}
    branches: dict[int, int] = {}
    counts: Counter[int] = Counter()
    for row in rows:
        id_ = row["insured_id"] if insured else row["branch_id"]
        if id_ is not None:
            found.setdefault(id_, str(row["insured"] if insured else row["branch"]))
            branches.setdefault(id_, row["branch_id"])
            counts[id_] += 1
    if len(found) > MOST:
        raise DomainError("obligation_remind_many", 409, most=MOST)
    words = say(f"remind.{check.remind}", what=check.undone, count=len(rows))
    return {
        "to": check.remind,
        "ids": list(found),
        "names": list(found.values()),
        "count": len(found),
        "words": words,
        "branches": branches,
        "rows": counts,
    }


def remind(
    session: Session, speaker: Speaker, query: Query, ids: list[int], now: datetime, calendar: CalendarStore
) -> dict[str, Any]:
    """Tell those who were shown and are still in the list, nobody twice on a day: {"count", "left"} out since.

    Raises what `preview` raises.
    """
    shown = preview(session, speaker, query, now, calendar)
    wanted = [id_ for id_ in ids if id_ in shown["ids"]]
    today = legal_date(now)
    if shown["to"] == "insured":
        for id_ in wanted:
            subject = f"duty:{query.check}:{id_}:{shown['branches'][id_]}"
            reminders.plan(
                session, kind=KIND, subject=subject, due_on=today, recipients=[f"insured:{id_}"],
                now=now, calendar=calendar,
            )  # fmt: skip
    else:
        check = usecases.known(legal_date(now)).check[query.check]
        for id_ in wanted:
            body = {"rule": query.check, "what": check.undone, "count": shown["rows"][id_], "by": speaker.actor}
            insert_missing(
                session, Task, kind=TaskKind.DUTY.value, subject=f"duty:{query.check}:{id_}:{today.isoformat()}",
                branch_id=id_, body=body, created_at=now,
            )  # fmt: skip
    append(session, at=now, kind="obligation.reminded", subject=f"check:{query.check}", actor=speaker.actor, body={
        "to": shown["to"], "ids": sorted(wanted), "query": query.to_json(),
    })  # fmt: skip
    return {"count": len(wanted), "left": len(ids) - len(wanted)}
