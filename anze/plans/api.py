"""Service plans over HTTP, for staff within their branch tree (6.1, 附录A)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from anze.conversations.api import Here, send_file
from anze.fields import PolicyNo, Token
from anze.identity.desk import Office, Writer
from anze.plans import drafting, issuing, offering, views
from anze.plans.kinds import State

routes = APIRouter(prefix="/api/staff")
_BIGGEST_ID = 2**31 - 1
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Key = Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]


class Form(StrEnum):
    PDF = "pdf"
    DOCX = "docx"


class PlanIn(BaseModel):
    policies: Annotated[list[PolicyNo], Field(min_length=1, max_length=200)]


class ItemIn(BaseModel):
    item: Annotated[str, Field(pattern=r"^[a-g]$")]
    form: Name
    times: Words = ""
    provider: Words = ""
    flow: Words = ""
    schedule: Words = ""
    fields: Annotated[dict[Name, Words], Field(max_length=20)] = {}


class EditIn(BaseModel):
    """`edition`: of the draft as it was seen."""

    edition: Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
    items: Annotated[list[ItemIn], Field(max_length=30)]
    goals: Words = ""
    safeguards: Words = ""


class OfferIn(BaseModel):
    edition: Annotated[int, Field(ge=1, le=_BIGGEST_ID)]


class PaperIn(BaseModel):
    """`file_id`: an upload of the same colleague, the signed paper."""

    insured: Key
    on: date
    file_id: Token


class ProfileIn(BaseModel):
    said: Annotated[dict[Name, Words], Field(min_length=1, max_length=30)]


@routes.get("/plans")
async def plans(
    here: Here, speaker: Office, state: State | None = None, page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Plans by their newest version, the newest first."""
    return await here.db.in_read(lambda s: views.listed(s, speaker, state=state, page=page, size=size))


@routes.post("/plans", status_code=201)
async def begin(body: PlanIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Draft a plan for all insureds of these policies, from what is known."""
    now = here.clock.now()
    return await here.db.in_write(
        lambda s: views.one(s, speaker, drafting.draft(s, speaker, body.policies, now).plan_id)
    )


@routes.get("/plans/{id_}")
async def plan(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """The newest version whole, what is missing, every version with its answers."""
    return await here.db.in_read(lambda s: views.one(s, speaker, id_))


@routes.post("/plans/{id_}/edit")
async def edit(id_: Id, body: EditIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Change the draft. 409: somebody else changed it, or it was offered."""
    now = here.clock.now()
    said = {"items": [item.model_dump() for item in body.items], "goals": body.goals, "safeguards": body.safeguards}

    def work(session: Any) -> dict[str, Any]:
        drafting.edit(session, speaker, id_, body.edition, said, now)
        return views.one(session, speaker, id_)

    return await here.db.in_write(work)


@routes.post("/plans/{id_}/versions", status_code=201)
async def again(id_: Id, here: Here, speaker: Writer) -> dict[str, Any]:
    """The next version, to be changed."""
    now = here.clock.now()

    def work(session: Any) -> dict[str, Any]:
        drafting.again(session, speaker, id_, now)
        return views.one(session, speaker, id_)

    return await here.db.in_write(work)


@routes.post("/plans/{id_}/offer")
async def offer(id_: Id, body: OfferIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Make the documents and send it to its insureds. 409: one of the six elements is missing."""
    for conversation_id in await issuing.offer(here, speaker, id_, body.edition, here.clock.now()):
        here.hub.wake(conversation_id)
    return await here.db.in_read(lambda s: views.one(s, speaker, id_))


@routes.post("/plans/{id_}/paper")
async def paper(id_: Id, body: PaperIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """An insured has signed it."""
    now = here.clock.now()

    def work(session: Any) -> dict[str, Any]:
        offering.on_paper(session, speaker, id_, body.insured, body.on, body.file_id, now)
        return views.one(session, speaker, id_)

    return await here.db.in_write(work)


@routes.get("/plans/{id_}/file")
async def document(
    id_: Id, here: Here, speaker: Office, version: Annotated[int, Query(ge=1, le=_BIGGEST_ID)] = 1,
    form: Form = Form.PDF,
) -> Response:  # fmt: skip
    """The document of a version; of a draft as it would be now."""
    file = await here.db.in_read(lambda s: views.file_of(s, speaker, id_, version, form.value))
    if file is not None:
        return send_file(here, file)
    content, name = await issuing.preview(here, speaker, id_, form.value, here.clock.now())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type="application/pdf" if form is Form.PDF else _OFFICE, headers=headers)


@routes.post("/insureds/{id_}/profile")
async def profile(id_: Id, body: ProfileIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """What is known of an insured for its plan; what is not named stays as it is."""
    now = here.clock.now()
    return {"version": await here.db.in_write(lambda s: drafting.describe(s, speaker, id_, body.said, now))}
