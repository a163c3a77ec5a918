"""Registers of complaints and improvements over HTTP, for staff within their branch tree."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from anze.complaints import improving, register
from anze.complaints.register_export import pdf, period_words, workbook
from anze.conversations.api import Here
from anze.fields import Line, Reply
from anze.identity.desk import Office, Writer
from anze.texts import text as say
from anze.workbook import MIME

routes = APIRouter(prefix="/api/staff/complaints")
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
PageNo = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]


class Form(StrEnum):
    XLSX = "xlsx"
    PDF = "pdf"


_MIME = {
    Form.XLSX: MIME,
    Form.PDF: "application/pdf",
}


class RegisterIn(BaseModel):
    """`period`: 2026-10 or 2026-Q4. `branch`: that branch and those below it; left out: one's own."""

    period: Line
    branch: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class MeasureIn(BaseModel):
    measure: Reply


@routes.post("/registers", status_code=201)
async def issue(body: RegisterIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Issue the next version of a register. 409: it would say what the last one says."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: register.issue(s, speaker, body.period, body.branch, now, here.dates))


@routes.get("/registers")
async def registers(
    here: Here,
    speaker: Office,
    period: Annotated[str, Query(max_length=7)] = "",
    page: PageNo = 1,
    size: Size = 50,
) -> dict[str, Any]:
    """Registers as issued, the newest first."""
    return await here.db.in_read(lambda s: register.listed(s, speaker, period or None, page, size))


@routes.get("/registers/{register_id}")
async def one(register_id: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """A version with rows, sums and what it changed."""
    return await here.db.in_read(lambda s: register.one(s, speaker, register_id))


@routes.get("/registers/{register_id}/file")
async def download(register_id: Id, here: Here, speaker: Office, form: Form = Form.PDF) -> Response:
    """The same as a workbook or a PDF."""
    found = await here.db.in_read(lambda s: register.one(s, speaker, register_id))
    content = await asyncio.to_thread(workbook if form is Form.XLSX else pdf, found)
    title = say("complaint.register.title", branch=found["branch"], period=period_words(found["period"]))
    name = quote(say("complaint.register.file", title=title, version=found["version"], form=form.value), safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=_MIME[form], headers=headers)


@routes.get("/improvements")
async def improvements(
    here: Here,
    speaker: Office,
    open_only: Annotated[bool, Query(alias="open")] = False,
    page: PageNo = 1,
    size: Size = 50,
) -> dict[str, Any]:
    """Causes that came again (8.2), those that wait first."""
    return await here.db.in_read(lambda s: improving.listed(s, speaker, open_only=open_only, page=page, size=size))


@routes.post("/improvements/{improvement_id}/close")
async def close(improvement_id: Id, body: MeasureIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Say what was changed. 409: somebody said so already."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: improving.close(s, speaker, improvement_id, body.measure, now))
