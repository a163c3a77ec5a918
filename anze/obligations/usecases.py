"""Questions about duties: asked by words, by a typed query, as a board of all. Reads only."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.obligations import wording
from anze.obligations.asking import reading
from anze.obligations.asking.model import Asked, Reading
from anze.obligations.asking.names import names_of
from anze.obligations.compiling import Status
from anze.obligations.query import Group, Query
from anze.obligations.relations import RELATIONS
from anze.obligations.store import Answer, Run
from anze.obligations.wording import Named, say
from anze.providers.models import Provider
from anze.standard.editions import editions
from anze.standard.load import Knowledge, KnowledgeError

CHAT_ROWS = 10


def known(day: date, edition: str | None = None) -> Knowledge:
    """The edition whose duties are asked about: the one in force on a day, or a named one.

    Raises DomainError obligation_edition.
    """
    try:
        return editions().on(day) if edition is None else editions().get(edition)
    except KnowledgeError as error:
        raise DomainError("obligation_edition", 404) from error


def read(
    session: Session, speaker: Speaker, text: str, last: Query | None, now: datetime, calendar: WorkCalendar
) -> Reading:
    """A question in plain words as a typed query, or what is the matter with it."""
    checks = known(legal_date(now)).check
    if last is not None and last.check not in checks:
        last = None  # the edition that is in force now has no such check
    asked = Asked(text, now, calendar, checks, names_of(session, speaker, text), last)
    return reading.read(asked)


def run(
    session: Session,
    speaker: Speaker,
    query: Query,
    now: datetime,
    calendar: WorkCalendar,
    *,
    as_of: date | None = None,
    edition: str | None = None,
    page: int = 1,
    size: int | None = 50,
    apart: bool = True,
) -> Answer:
    """The answer to a typed query as of a day (today); without a size with all its rows.

    By the edition in force on that day, or by a named one. Raises DomainError obligation_rule for a check that it has
    not, obligation_edition.
    """
    return _run(session, speaker, query, now, calendar, as_of, edition).answer(page=page, size=size, apart=apart)


def every_row(
    session: Session,
    speaker: Speaker,
    query: Query,
    now: datetime,
    calendar: WorkCalendar,
    *,
    as_of: date | None = None,
    edition: str | None = None,
) -> tuple[dict[str, Any], ...]:
    """All rows that a query asks for as of a day (today)."""
    return _run(session, speaker, query, now, calendar, as_of, edition).every_row()


def _run(
    session: Session, speaker: Speaker, query: Query, now: datetime, calendar: WorkCalendar, as_of: date | None,
    edition: str | None,
) -> Run:  # fmt: skip
    day = as_of or legal_date(now)
    standard = known(day, edition)
    check = standard.check.get(query.check)
    if check is None:
        raise DomainError("obligation_rule", 404)
    if set(query.filters.parts) - {part.key for part in check.parts} - set(Status):
        raise DomainError("obligation_part", 422)
    # A named edition is asked as if it had always been in force.
    course = editions().course(check) if edition is None else None
    return Run(session, speaker, query, standard, day, calendar, course)


def named(session: Session, speaker: Speaker) -> Named:
    """Names for the words of an answer; `scope` is what the speaker may see at most."""
    rows = session.execute(select(Branch.id, Branch.short_name, Branch.path).where(Branch.id.in_(branches_of(speaker))))
    branches = {id_: (short, path) for id_, short, path in rows}
    root = min(branches.values(), key=lambda one: len(one[1]), default=("", ""))[0]
    whole = speaker.branch_path is not None and speaker.branch_path.count("/") == 2
    providers = dict(session.execute(select(Provider.id, Provider.short_name)).tuples().all())
    return Named({id_: short for id_, (short, _) in branches.items()}, providers, say("scope_all") if whole else root)


def branch_named(session: Session, name: str) -> int | None:
    """A branch by its name or short name."""
    return session.scalar(select(Branch.id).where((Branch.name == name) | (Branch.short_name == name)).limit(1))


def view(session: Session, speaker: Speaker, answer: Answer, now: datetime, page: int = 1) -> dict[str, Any]:
    """An answer for programs and pages: the contract's fields, and all of it in words."""
    names, standard = named(session, speaker), answer.standard
    duty, check = standard.checked[answer.check.key], answer.check
    head = {
        "kind": "query",
        "rule": check.key,
        "name": check.name,
        "clause": duty.clause,
        "edition": standard.edition.cite,
        "edition_key": standard.edition.key,
        "as_of": answer.today.isoformat(),
        "read_at": now.isoformat(),
        "connected": answer.connected,
        "filters": answer.query.to_json(),
        "understood": wording.understood(answer.query, check, names),
        "lines": wording.lines(answer, names, now, standard.edition.cite, duty.clause),
        "total": answer.found,
    }
    if not answer.connected:
        return head
    return head | {
        "of": answer.total,
        "page": page,
        "reference": answer.reference,
        "rate": wording.rate(answer),
        "done": answer.done,
        "obliged": answer.obliged,
        "parts": [
            {
                "part": key,
                "name": wording.part_name(check, key),
                "count": count,
                "reference": answer.references.get(key, 0),
                "asked": key in answer.asked,
            }
            for key, count in wording.ordered(answer).items()
        ],
        "groups": groups(answer, names),
        "columns": [say(f"column.{name}") for name in wording.columns(answer)],
        "rows": [wording.cells(answer, row) for row in answer.rows],
        "items": [_item(row) for row in answer.rows],
        "apart": {name: {"count": answer.apart_counts[name], "items": [_item(row) for row in rows]}
                  for name, rows in answer.apart.items()},
    }  # fmt: skip


def parts(view: dict[str, Any]) -> dict[str, Any]:
    """The parts of a message that an answer has: its table, and what programs read of it."""
    data = {name: view[name] for name in ("kind", "rule", "filters", "total", "as_of", "edition", "connected")}
    if not view["connected"]:
        return {"data": data}
    table = {"columns": view["columns"], "rows": view["rows"]}
    if view["groups"]:
        table = {
            "columns": [say("column.group"), say("column.found"), say("column.total"), say("column.rate")],
            "rows": [[one["name"], str(one["found"]), str(one["total"]), one["rate"] or ""] for one in view["groups"]],
        }
    counts = {one["part"]: one["count"] for one in view["parts"]}
    sums = {"of": view["of"], "parts": counts, "groups": view["groups"]}
    return {"data": data | sums} | ({"table": table} if table["rows"] else {})


def groups(answer: Answer, names: Named) -> list[dict[str, Any]]:
    """[{"value", "name", "found", "total", "parts"}…] in the order that was asked for, cut at the query's limit."""
    if answer.query.group is None:
        return []
    found: list[dict[str, Any]] = [
        {
            "value": value,
            "name": wording.group_name(answer, value, names),
            "found": one.found,
            "total": sum(one.parts.values()),
            "rate": wording.percent(one.done, one.obliged),
            "share": one.done / one.obliged if one.obliged else None,
            "parts": one.parts,
        }
        for value, one in answer.groups.items()
    ]
    if answer.query.group is Group.MONTH:
        found.sort(key=lambda one: str(one["value"]))
    else:
        # With the share asked for, the order is by the share; groups without one come last.
        by = "share" if answer.query.share and answer.query.order == "count" else "found"
        sign = -1 if answer.query.order != "count" or answer.query.descending else 1
        found.sort(key=lambda one: (one[by] is None, sign * (one[by] or 0), str(one["name"])))
    return found[: answer.query.limit] if answer.query.limit else found


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's facts for programs."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def board(
    session: Session,
    speaker: Speaker,
    now: datetime,
    calendar: WorkCalendar,
    *,
    as_of: date | None = None,
    branch_id: int | None = None,
    edition: str | None = None,
) -> list[dict[str, Any]]:
    """Every check with how many subjects have which status: one row for each, in the order of the clauses.

    Of the edition in force on the day, or of a named one.
    """
    rows = []
    standard = known(as_of or legal_date(now), edition)
    for key, duty in standard.checked.items():
        check = standard.check[key]
        head = {"rule": key, "name": check.name, "clause": duty.clause, "modality": duty.modality}
        if check.subject not in RELATIONS:
            rows.append(head | {"connected": False})
            continue
        query = Query(key)
        if branch_id is not None:
            query = query.narrowed(branch_ids=(branch_id,))
        rows.append(head | {"connected": True} | _run(session, speaker, query, now, calendar, as_of, edition).tally())
    return rows
