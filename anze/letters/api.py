"""Letters of a complaint over HTTP, for staff. The complainant reads them as files of the case (/api/files)."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel

from anze.conversations.api import Here, send_file
from anze.fields import Token
from anze.identity.desk import Office, Writer
from anze.letters import issuing, usecases
from anze.letters.models import LetterKind

routes = APIRouter(prefix="/api/staff/complaints/{number}/letters")


class Form(StrEnum):
    """What counts (a scan, else the PDF), or the Word file of an issued version."""

    PDF = "pdf"
    DOCX = "docx"


class ScanIn(BaseModel):
    """A file that the same staff member has uploaded."""

    file_id: Token


@routes.get("")
async def versions(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """Every version with digest, who, when; `counts` marks the one that a download gives."""
    return await here.db.in_read(lambda s: usecases.listed(s, speaker, number))


@routes.post("/{kind}", status_code=201)
async def issue(number: str, kind: LetterKind, here: Here, speaker: Writer) -> dict[str, Any]:
    """Issue the letter as it stands now, as a new version. 409: no decision yet, or the template cannot be used."""
    return await issuing.issue(here, speaker, number, kind, here.clock.now())


@routes.post("/{kind}/scan", status_code=201)
async def scan(number: str, kind: LetterKind, body: ScanIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """The sealed paper, scanned: from now on the version that counts."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: usecases.scan(s, speaker, number, kind, body.file_id, now))


@routes.get("/{kind}/file")
async def download(
    number: str,
    kind: LetterKind,
    here: Here,
    speaker: Office,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    form: Form = Form.PDF,
) -> FileResponse:
    """The version that counts, the sealed scan before any other, or the one that is named."""
    word = form == Form.DOCX
    file = await here.db.in_read(lambda s: usecases.file_of(s, speaker, number, kind, version, word=word))
    return send_file(here, file)
