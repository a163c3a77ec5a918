"""Archives over HTTP, for staff within their branch tree (6.3, 7.4, 附录B)."""

import asyncio
from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from anze.archives import doubts, export, folders, keeping, record
from anze.archives.export import Plan
from anze.archives.kinds import Kind, Verdict
from anze.archives.record import State
from anze.clock import legal_date
from anze.conversations.api import Here, send_file
from anze.fields import Remark, Token
from anze.identity.desk import Office, Writer
from anze.identity.speaker import Speaker
from anze.services import Services

routes = APIRouter(prefix="/api/staff")
_BIGGEST_ID = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]
Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*\S[^\x00]*$")]


class ItemIn(BaseModel):
    """A file that one has uploaded, or words. `code`: of the line of Table B.1, where several ask for the kind."""

    kind: Kind
    code: Annotated[str, Field(max_length=4)] = ""
    file_id: Token | None = None
    words: Words | None = None


class ReasonIn(BaseModel):
    reason: Remark


class FileIn(BaseModel):
    """`reason`: why it is filed although something is missing."""

    version: Annotated[int, Field(ge=1)]
    reason: Remark | None = None


class LookedIn(BaseModel):
    verdict: Verdict
    words: Remark


@routes.get("/records")
async def records(here: Here, speaker: Office, state: State = "all", page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Completed services with their archives, those that are not filed first."""
    today, calendar = legal_date(here.clock.now()), here.calendar.calendar()
    return await here.db.in_read(
        lambda s: record.listed(s, speaker, today, calendar, state=state, page=page, size=size)
    )


@routes.get("/records/{number}")
async def one_record(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """The lines of Table B.1, what there is, what is missing, doubts about photos."""
    today, calendar = legal_date(here.clock.now()), here.calendar.calendar()

    def read(session: Any) -> dict[str, Any]:
        one = record.one(session, speaker, number, today, calendar)
        return one | {"doubts": doubts.of_service(session, speaker, number)}

    return await here.db.in_read(read)


@routes.post("/records/{number}/items", status_code=201)
async def add_item(number: str, body: ItemIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Keep something; gives the record as it is then."""
    now, calendar = here.clock.now(), here.calendar.calendar()

    def work(session: Any) -> dict[str, Any]:
        keeping.add(session, speaker, number, body.kind, now, code=body.code, file_id=body.file_id, words=body.words)
        return record.one(session, speaker, number, legal_date(now), calendar)

    return await here.db.in_write(work)


@routes.post("/records/{number}/items/{id_}/withdraw", status_code=204)
async def withdraw_item(number: str, id_: Id, body: ReasonIn, here: Here, speaker: Writer) -> None:
    """It was put there by mistake. 409: the archive is filed."""
    now = here.clock.now()
    await here.db.in_write(lambda s: keeping.withdraw(s, speaker, number, id_, body.reason, now))


@routes.get("/records/{number}/items/{id_}/file")
async def item_file(number: str, id_: Id, here: Here, speaker: Office) -> FileResponse:
    """The file of an item."""
    return send_file(here, await here.db.in_read(lambda s: keeping.file_of(s, speaker, number, id_)))


@routes.post("/records/{number}/file")
async def file_record(number: str, body: FileIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """File it. 409: something is missing and no reason is given."""
    now = here.clock.now()
    done = await here.db.in_write(lambda s: keeping.file(s, speaker, number, body.version, body.reason, now))
    for conversation_id in done.pop("told"):
        here.hub.wake(conversation_id)
    return done


@routes.get("/records/{number}/export")
async def export_record(number: str, here: Here, speaker: Office) -> FileResponse:
    """A ZIP with index and manifest; its digest is in the chain, and in the header X-Manifest-SHA256."""
    now, calendar = here.clock.now(), here.calendar.calendar()
    return await exported(
        here, speaker, await here.db.in_read(lambda s: export.of_service(s, speaker, number, now, calendar))
    )


@routes.get("/archives")
async def all_folders(here: Here, speaker: Office, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Insureds with a policy in force, those without a folder first."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: folders.listed(s, speaker, today, page=page, size=size))


@routes.post("/archives/{insured_id}", status_code=201)
async def open_folder(
    insured_id: Annotated[int, Path(ge=1, le=_BIGGEST_ID)], here: Here, speaker: Writer
) -> dict[str, Any]:
    """Open the folder of an insured; again: nothing happens."""
    now = here.clock.now()
    return {"opened": await here.db.in_write(lambda s: keeping.open_folder(s, speaker, insured_id, now))}


@routes.get("/archives/{insured_id}/export")
async def export_folder(
    insured_id: Annotated[int, Path(ge=1, le=_BIGGEST_ID)], here: Here, speaker: Office
) -> FileResponse:
    """All archives of an insured in one ZIP."""
    now, calendar = here.clock.now(), here.calendar.calendar()
    return await exported(
        here, speaker, await here.db.in_read(lambda s: export.of_folder(s, speaker, insured_id, now, calendar))
    )


@routes.get("/photo-doubts")
async def photo_doubts(
    here: Here, speaker: Office, all: bool = False, page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Photos that a person should look at."""
    return await here.db.in_read(lambda s: doubts.listed(s, speaker, open_only=not all, page=page, size=size))


@routes.post("/photo-doubts/{id_}")
async def look(id_: Id, body: LookedIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """What a person found who looked. 409: somebody has."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: doubts.judge(s, speaker, id_, body.verdict, body.words, now))


async def exported(here: Services, speaker: Speaker, plan: Plan) -> FileResponse:
    """The ZIP of a plan, removed once it is sent."""
    made = await asyncio.to_thread(export.made, plan, here.files.path)
    try:
        await here.db.in_write(lambda s: export.note(s, speaker, plan, made.manifest, plan.made_at))
    except BaseException:
        made.path.unlink(missing_ok=True)
        raise
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name, safe='')}",
        "X-Manifest-SHA256": made.manifest,
    }
    gone = BackgroundTask(FilePath.unlink, made.path, missing_ok=True)
    return FileResponse(made.path, media_type="application/zip", headers=headers, background=gone)
