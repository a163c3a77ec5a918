"""Reports of 9.2 over HTTP: drafted, approved by a second person, marked as sent, receipted. No call sends anything."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel

from anze.conversations.api import Here, send_file
from anze.fields import Reply
from anze.identity.desk import Office, Writer
from anze.regulators import authorities, issuing, reporting
from anze.regulators.api import Id, Key, ReceiptIn, SentIn

routes = APIRouter(prefix="/api/staff/reports/{id_}/drafts")
Version = Annotated[int, Path(ge=1, le=1_000_000)]


class Form(StrEnum):
    """The PDF, the Word file, the receipt that came back."""

    PDF = "pdf"
    DOCX = "docx"
    RECEIPT = "receipt"


class DraftIn(BaseModel):
    """`statement`: what the insurer says of it (情况说明)."""

    authority: Key
    statement: Reply


class ReasonIn(BaseModel):
    reason: Reply


@routes.get("")
async def drafts(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """Every version, the newest first."""
    return await here.db.in_read(lambda s: reporting.listed(s, speaker, id_))


@routes.get("/authorities")
async def fitting(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """Authorities of the insured's place, to which a draft may be addressed."""
    now = here.clock.now()

    def read(session: Any) -> list[dict[str, Any]]:
        return [authorities.view(row) for row in reporting.fitting(session, speaker, id_, now)]

    items = await here.db.in_read(read)
    return {"items": items, "total": len(items)}


@routes.post("", status_code=201)
async def draft(id_: Id, body: DraftIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """The next draft, as DOCX and PDF. 409: the case is not confirmed, or a draft of it is approved already."""
    return await issuing.draft(here, speaker, id_, body.authority, body.statement, here.clock.now())


@routes.post("/{version}/approve")
async def approve(id_: Id, version: Version, here: Here, speaker: Writer) -> dict[str, Any]:
    """A supervisor who did not draft it: people may send it now."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: reporting.approve(s, speaker, id_, version, now))


@routes.post("/{version}/return")
async def send_back(id_: Id, version: Version, body: ReasonIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A supervisor who did not draft it wants it otherwise."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: reporting.send_back(s, speaker, id_, version, body.reason, now))


@routes.post("/{version}/sent")
async def sent(id_: Id, version: Version, body: SentIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Somebody has sent the approved one."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: reporting.sent(s, speaker, id_, version, body.read(), now))


@routes.post("/{version}/receipt")
async def receipt(id_: Id, version: Version, body: ReceiptIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """The authority's receipt."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: reporting.received(s, speaker, id_, version, body.read(), now))


@routes.get("/{version}/file")
async def download(
    id_: Id, version: Version, here: Here, speaker: Office, form: Annotated[Form, Query()] = Form.PDF
) -> FileResponse:
    """The draft as PDF or Word, or the receipt."""
    return send_file(here, await here.db.in_read(lambda s: reporting.file_of(s, speaker, id_, version, form)))
