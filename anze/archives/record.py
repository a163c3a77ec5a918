"""The archive of one service as people see it: the lines of Table B.1, what there is, what is missing, until when."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from anze.archives import store
from anze.archives.kinds import Kind
from anze.archives.lines import lines_of
from anze.archives.models import ArchiveItem
from anze.archives.rules import Line, elements_missing, has, missing
from anze.audit.rules import retained_until
from anze.bookings.lines import item_name
from anze.bookings.models import Service
from anze.calendar.rules import WorkCalendar
from anze.clock import iso
from anze.conversations.models import File
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.standard.editions import editions
from anze.texts import text

type State = Literal["all", "incomplete", "complete", "open"]
"""open: not filed yet"""


def say(key: str, **fields: Any) -> str:
    return text(f"archives.{key}", **fields)


def lines(service: Service) -> tuple[Line, ...]:
    """By the edition in force on the day of completion."""
    return lines_of(editions().on(service.completed_on or date.max), service.item)


def gaps(session: Session, service: Service, today: date) -> list[dict[str, str]]:
    """What is missing, item by item: {"code", "kind", "words"}. A record names the elements that it does not say."""
    said, ours = store.said_of(session, service.id, today)
    kept = _with_ours(store.kept(session, service.id, today), ours)
    return [
        {"code": line.code, "kind": kind.value, "words": _words(line, kind, said)}
        for line, kind in missing(lines(service), kept)
    ]


def _with_ours(kept: dict[Kind, set[str]], ours: dict[Kind, bool]) -> dict[Kind, set[str]]:
    for kind, there in ours.items():
        if there:
            kept.setdefault(kind, set()).add("")
    return kept


def _words(line: Line, kind: Kind, said: dict[str, bool]) -> str:
    name = say(f"kind.{kind}")
    lacking = elements_missing(said) if kind is Kind.RECORD and not line.either else []
    if lacking:
        name = say("record_lacks", names="、".join(say(f"element.{one}") for one in lacking))
    return say("gap", cite=_cite(line), name=name)


def _cite(line: Line) -> str:
    return say("line_6_3") if line.code == "g1" else say("line", letter=line.code[0], no=line.code[1:])


def one(session: Session, speaker: Speaker, number: str, today: date, calendar: WorkCalendar) -> dict[str, Any]:
    """The whole record. Raises not_found; DeniedError."""
    service = store.found(session, speaker, number)
    said, ours = store.said_of(session, service.id, today)
    kept = _with_ours(store.kept(session, service.id, today), ours)
    rows = store.items(session, service.id)
    lacking = gaps(session, service, today)
    return head(service, complete=not lacking, today=today, calendar=calendar) | {
        "lines": [
            {"code": line.code, "cite": _cite(line), "text": line.text, "either": line.either,
             "needs": [{"kind": kind.value, "name": say(f"kind.{kind}"), "has": has(line, kind, kept)}
                       for kind in line.kinds]}
            for line in lines(service)
        ],
        "elements": [{"name": say(f"element.{name}"), "said": value} for name, value in said.items()],
        "missing": lacking, "items": _items(session, rows),
        "others": [
            {"kind": kind.value, "title": title, **_file(file)}
            for kind, title, file in store.of_others(session, service.id)
        ],
    }  # fmt: skip


def head(service: Service, *, complete: bool, today: date, calendar: WorkCalendar) -> dict[str, Any]:
    """What the list shows of a record too. `due_on`: 20 working days after completion (6.3)."""
    done = service.completed_on or today
    due = calendar.add_workdays(done, editions().on(done).service.archive.days)
    policy = service.policy
    until = retained_until(service.archived_on, policy.ended_early_on or policy.end_on)
    return {
        "number": service.number, "item": service.item, "item_name": item_name(service.item),
        "insured": service.insured.name, "insured_id": service.insured_id, "policy": policy.number,
        "branch": policy.branch.name, "completed_on": done.isoformat(), "due_on": due.date.isoformat(),
        "provisional": due.provisional, "archived_on": iso(service.archived_on),
        "late": (service.archived_on or today) > due.date, "keep_until": iso(until), "complete": complete,
        "version": service.version,
    }  # fmt: skip


def listed(
    session: Session, speaker: Speaker, today: date, calendar: WorkCalendar, *, state: State = "all", page: int = 1,
    size: int = 50,
) -> dict[str, Any]:  # fmt: skip
    """{"items", "total", "page"}: completed services; first those that are not filed, what has waited longest first."""
    query = store.records(speaker, editions().on(today), today)
    whole = query.selected_columns.complete
    if state == "open":
        query = query.where(Service.archived_on.is_(None))
    elif state != "all":
        query = query.where(whole if state == "complete" else ~whole)
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(Service.id).subquery())) or 0
    waiting = case((Service.archived_on.is_(None), Service.completed_on))
    ordered = query.order_by(waiting.is_(None), waiting, Service.completed_on.desc(), Service.id.desc())
    rows = session.execute(ordered.offset((page - 1) * size).limit(size)).tuples().all()
    return {
        "items": [head(row, complete=bool(ready), today=today, calendar=calendar) for row, ready in rows],
        "total": total, "page": page,
    }  # fmt: skip


def _items(session: Session, rows: Sequence[ArchiveItem]) -> list[dict[str, Any]]:
    gone = store.withdrawals(session, [row.id for row in rows])
    who = names(session, [row.added_by for row in rows])
    return [
        {
            "id": row.id, "code": row.code, "kind": row.kind, "kind_name": say(f"kind.{row.kind}"),
            "words": row.words, "added_at": row.added_at.isoformat(), "added_by": who[row.added_by],
            "withdrawn": gone[row.id].reason if row.id in gone else None, **(_file(row.file) if row.file else {}),
        }
        for row in rows
    ]  # fmt: skip


def _file(file: File) -> dict[str, Any]:
    return {"file_id": file.id, "name": file.name, "mime": file.mime, "size": file.size, "sha256": file.sha256}


def branch_of(session: Session, service: Service) -> int:
    return session.get_one(Policy, service.policy_id).branch_id
