"""Providers as branches appraise them, and improvements, over HTTP, for staff within their branch tree (8.1, 8.2)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from anze.appraisals import items, usecases
from anze.appraisals.rules import Content, Source
from anze.clock import legal_date
from anze.conversations.api import Here
from anze.fields import Line, Remark, Reply
from anze.identity.desk import Office, Writer

routes = APIRouter(prefix="/api/staff")
_BIGGEST_ID = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Key = Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
Score = Annotated[int, Field(ge=0, le=100)]
Year = Annotated[int | None, Query(ge=2018, le=2100)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]


class AppraisalIn(BaseModel):
    branch: Key
    year: Annotated[int, Field(ge=2018, le=2100)]
    scores: dict[Content, Score]
    words: Reply


class ItemIn(BaseModel):
    source: Source
    finding: Remark
    measure: Remark
    owner: Line
    due_on: date
    branch: Key | None = None
    provider: Key | None = None


class ResultIn(BaseModel):
    result: Remark


@routes.get("/providers")
async def providers(here: Here, speaker: Office, year: Year = None, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Providers that worked in the year for one's branches, those without an appraisal first."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: usecases.listed(s, speaker, year or today.year, today, page=page, size=size))


@routes.get("/providers/{id_}/branches/{branch_id}")
async def provider(id_: Id, branch_id: Id, here: Here, speaker: Office, year: Year = None) -> dict[str, Any]:
    """What a provider did for a branch, the insureds' marks, its qualifications and appraisals."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: usecases.one(s, speaker, id_, branch_id, year or today.year))


@routes.post("/providers/{id_}/appraisals", status_code=201)
async def appraise(id_: Id, body: AppraisalIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """An appraisal with five scores; another one of the same year is a new version."""
    now = here.clock.now()

    def work(session: Any) -> dict[str, Any]:
        row = usecases.appraise(session, speaker, id_, body.branch, body.year, body.scores, body.words, now)
        return {"id": row.id, "version": row.version, "total": row.total, "passed": row.passed}

    return await here.db.in_write(work)


@routes.get("/improvement-items")
async def improvements(
    here: Here, speaker: Office, open: bool = True, page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """What is to be improved, what is due first."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: items.listed(s, speaker, today, open_only=open, page=page, size=size))


@routes.post("/improvement-items", status_code=201)
async def open_item(body: ItemIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Something to be improved, with measure, owner and day."""
    now = here.clock.now()
    item = items.Item(body.source, body.finding, body.measure, body.owner, body.due_on, body.branch, body.provider)
    return await here.db.in_write(lambda s: items.view(s, items.opened(s, speaker, item, now), legal_date(now)))


@routes.post("/improvement-items/{id_}/close")
async def close_item(id_: Id, body: ResultIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Say what was done."""
    now = here.clock.now()
    return await here.db.in_write(
        lambda s: items.view(s, items.close(s, speaker, id_, body.result, now), legal_date(now))
    )
