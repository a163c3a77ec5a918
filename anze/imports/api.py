"""Imports over HTTP, for administrators: templates, upload, what a check found, confirm, progress, report."""

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response, UploadFile
from pydantic import BaseModel, StringConstraints
from sqlalchemy.orm import Session

from anze.conversations.api import Here
from anze.conversations.uploads import storable_name
from anze.identity.desk import Administrator
from anze.imports import importer, running, usecases
from anze.imports.columns import table
from anze.imports.made import Made
from anze.imports.report import report
from anze.imports.spool import MOST_FAULTS
from anze.imports.template import disposition, template

routes = APIRouter(prefix="/api/staff/imports")
_BIGGEST_ID = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]
Kind = Annotated[str, Query(max_length=20)]


class ConfirmIn(BaseModel):
    """`digest`: of what was seen. `partial`: rows with something wrong are left out."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    partial: bool = False


@routes.get("/kinds")
async def kinds(speaker: Administrator) -> dict[str, Any]:
    """What can be imported, with its columns."""
    return usecases.kinds()


@routes.get("/template")
async def blank(speaker: Administrator, kind: Kind = "policies", form: Literal["xlsx", "csv"] = "xlsx") -> Response:
    """A template to be filled in."""
    return _sent(await asyncio.to_thread(template, kind, form))


@routes.get("")
async def listed(here: Here, speaker: Administrator, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Imports of the own branch tree, the newest first."""
    return await here.db.in_read(lambda s: usecases.listed(s, speaker, page=page, size=size))


@routes.post("", status_code=202)
async def bring(
    here: Here, speaker: Administrator, file: UploadFile, kind: Kind, since: date | None = None
) -> dict[str, Any]:
    """A file to be checked; whoever may not import the kind is told before it is kept."""
    table().kind(kind)
    await here.db.in_read(lambda s: importer.of_staff(s, speaker.staff_id).check_kind(kind))
    name = storable_name(file.filename or "")
    sha256, size = await asyncio.to_thread(running.sources(here).put, file.file)
    now = here.clock.now()
    return await here.db.in_write(lambda s: usecases.bring(s, speaker, kind, name, sha256, size, since, now))


@routes.get("/{id_}")
async def one(id_: Id, here: Here, speaker: Administrator) -> dict[str, Any]:
    """Where it stands: to be asked again and again."""
    return await here.db.in_read(lambda s: usecases.one(s, speaker, id_))


@routes.get("/{id_}/notes")
async def notes(
    id_: Id, here: Here, speaker: Administrator, part: Literal["faults", "moved"] = "faults", page: Page = 1,
    size: Size = 50,
) -> dict[str, Any]:  # fmt: skip
    """What is wrong cell by cell, or what moved."""
    return await here.db.in_read(lambda s: usecases.notes(s, speaker, id_, part, page=page, size=size))


@routes.post("/{id_}/confirm")
async def confirm(id_: Id, body: ConfirmIn, here: Here, speaker: Administrator) -> dict[str, Any]:
    """Agree to what was seen."""
    return await here.db.in_write(lambda s: usecases.confirm(s, speaker, id_, body.digest, partial=body.partial))


@routes.post("/{id_}/drop")
async def drop(id_: Id, here: Here, speaker: Administrator) -> dict[str, Any]:
    """Leave it."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: usecases.drop(s, speaker, id_, now))


@routes.get("/{id_}/report")
async def download(id_: Id, here: Here, speaker: Administrator) -> Response:
    """The report as a workbook."""

    def work(session: Session) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
        view = usecases.one(session, speaker, id_)
        faults = usecases.notes(session, speaker, id_, "faults", size=MOST_FAULTS)["items"]
        return view, faults, usecases.notes(session, speaker, id_, "moved", size=MOST_FAULTS)["items"]

    return _sent(await asyncio.to_thread(report, *await here.db.in_read(work)))


def _sent(made: Made) -> Response:
    return Response(made.content, media_type=made.mime, headers={"Content-Disposition": disposition(made.name)})
