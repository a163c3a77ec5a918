"""Duties over HTTP, for staff within their branch tree: the board, one duty, a question in words, a file."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from anze.conversations.api import Here
from anze.errors import DomainError
from anze.fields import Reply
from anze.identity.desk import Office
from anze.obligations import export, usecases
from anze.obligations.asking.answering import asked
from anze.obligations.query import FIRST, LAST
from anze.obligations.query import Query as Question
from anze.obligations.trend import trend
from anze.obligations.wanted import Wanted

routes = APIRouter(prefix="/api/staff/obligations")
Rule = Annotated[str, Path(pattern=re.compile(r"^[a-z][a-z0-9_]{0,60}$"))]
Day = Annotated[date | None, Query(ge=FIRST, le=LAST)]


class AskIn(BaseModel):
    """A question in words; `last` is the `filters` of the answer that it may change."""

    text: Reply
    last: dict[str, Any] | None = None


@routes.get("")
async def board(
    here: Here, speaker: Office, as_of: Day = None, branch: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    edition: Annotated[str | None, Query(max_length=60)] = None,
) -> dict[str, Any]:  # fmt: skip
    """Every check of the edition in force on the day, or of a named one, with its subjects by status."""
    now, calendar = here.clock.now(), here.calendar.calendar()
    day = as_of or here.clock.today()
    standard = usecases.known(day, edition)
    items = await here.db.in_read(
        lambda s: usecases.board(s, speaker, now, calendar, as_of=as_of, branch_id=branch, edition=edition)
    )
    return {"items": items, "total": len(items), "page": 1, "as_of": day.isoformat(), "edition": standard.edition.cite}


@routes.post("/ask")
async def ask(body: AskIn, here: Here, speaker: Office) -> dict[str, Any]:
    """A question in words: {"reading", "answer"}; a reading with a `problem` has no answer."""
    now, calendar = here.clock.now(), here.calendar.calendar()
    try:
        last = Question.from_json(body.last) if body.last else None
    except ValueError as error:
        raise DomainError("obligation_query", 422) from error
    return await here.db.in_read(lambda s: asked(s, speaker, body.text, last, now, calendar))


@routes.get("/{rule}")
async def one(
    rule: Rule, here: Here, speaker: Office, wanted: Annotated[Wanted, Query()],
    page: Annotated[int, Query(ge=1, le=100_000)] = 1, size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """One duty: sums, groups and a page of its subjects."""
    now, calendar, query = here.clock.now(), here.calendar.calendar(), wanted.question(rule)

    def work(session: Session) -> dict[str, Any]:
        answer = usecases.run(
            session,
            speaker,
            query,
            now,
            calendar,
            as_of=wanted.as_of,
            edition=wanted.edition,
            page=page,
            size=size,
            apart=page == 1,
        )
        return usecases.view(session, speaker, answer, now, page)

    return await here.db.in_read(work)


@routes.get("/{rule}/trend")
async def over_months(rule: Rule, here: Here, speaker: Office, wanted: Annotated[Wanted, Query()]) -> dict[str, Any]:
    """The same question as of the ends of the last months and of the day itself."""
    now, calendar, query = here.clock.now(), here.calendar.calendar(), wanted.question(rule)
    points = await here.db.in_read(
        lambda s: trend(s, speaker, query, now, calendar, as_of=wanted.as_of, edition=wanted.edition)
    )
    return {"items": [{**vars(point), "day": point.day.isoformat()} for point in points], "total": len(points)}


@routes.get("/{rule}/file")
async def file(
    rule: Rule, here: Here, speaker: Office, wanted: Annotated[Wanted, Query()], form: Literal["xlsx", "csv"] = "xlsx"
) -> Response:
    """All rows that a question asks for, as a file."""
    now, calendar, query = here.clock.now(), here.calendar.calendar(), wanted.question(rule)
    made = await here.db.in_read(lambda s: export.made(s, speaker, query, now, calendar, form, as_of=wanted.as_of,
                                                    edition=wanted.edition))  # fmt: skip
    return Response(made.content, media_type=made.mime, headers={"Content-Disposition": made.disposition})
