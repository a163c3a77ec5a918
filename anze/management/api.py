"""Managers, management documents, spot checks and complaint channels over HTTP, for staff (7.1, 7.2, 6.4)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from anze.clock import legal_date
from anze.conversations.api import Here
from anze.fields import Line, Remark
from anze.identity.desk import Office, Writer
from anze.management import checking, documents, people
from anze.management.kinds import ChannelKind, DocumentKind, Outcome

routes = APIRouter(prefix="/api/staff")
_BIGGEST_ID = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Key = Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]


class ManagerIn(BaseModel):
    name: Line
    department: Line
    from_on: date
    branch: Key | None = None


class LastDayIn(BaseModel):
    to_on: date


class TrainingIn(BaseModel):
    on: date
    topic: Remark
    hours: Annotated[int, Field(ge=1, le=500)]
    proof: Line


class DocumentIn(BaseModel):
    kind: DocumentKind
    title: Line
    number: Line
    changes: Remark
    in_force_from: date


class DrawIn(BaseModel):
    seed: Line
    count: Annotated[int, Field(ge=1, le=checking.MOST)]


class FoundIn(BaseModel):
    outcome: Outcome
    findings: Remark


class ChannelIn(BaseModel):
    kind: ChannelKind
    value: Line
    hours: Line
    branch: Key | None = None


class TriedIn(BaseModel):
    works: bool


@routes.get("/managers")
async def managers(here: Here, speaker: Office, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """The managers of today, with their training of the year."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: people.listed(s, speaker, today, page=page, size=size))


@routes.post("/managers", status_code=201)
async def name(body: ManagerIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A manager of a branch of the own tree."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: {
        "id": people.named(s, speaker, body.name, body.department, body.from_on, body.branch, now).id
    })  # fmt: skip


@routes.post("/managers/{id_}/end", status_code=204)
async def end(id_: Id, body: LastDayIn, here: Here, speaker: Writer) -> None:
    """The last day of a manager."""
    now = here.clock.now()
    await here.db.in_write(lambda s: people.ended(s, speaker, id_, body.to_on, now))


@routes.post("/managers/{id_}/trainings", status_code=201)
async def train(id_: Id, body: TrainingIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Note a training."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: {
        "id": people.trained(s, speaker, id_, body.on, body.topic, body.hours, body.proof, now).id
    })  # fmt: skip


@routes.get("/rule-documents")
async def rule_documents(here: Here, speaker: Office) -> dict[str, Any]:
    """The management documents that hold for the own branch, version by version, and what is missing."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: documents.listed(s, speaker, today))


@routes.post("/rule-documents", status_code=201)
async def issue(body: DocumentIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """The next version, for the own branch and all below it."""
    now = here.clock.now()

    def work(session: Any) -> dict[str, Any]:
        row = documents.issue(
            session, speaker, body.kind, body.title, body.number, body.changes, body.in_force_from, now
        )
        return {"id": row.id, "version": row.version}

    return await here.db.in_write(work)


@routes.get("/quality-checks")
async def quality_checks(here: Here, speaker: Office, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Spot checks, those that wait first."""
    return await here.db.in_read(lambda s: checking.checks(s, speaker, page=page, size=size))


@routes.post("/quality-checks", status_code=201)
async def draw(body: DrawIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Draw services of the last hundred days by a seed that is kept."""
    now = here.clock.now()
    return await here.db.in_write(
        lambda s: {"ids": [row.id for row in checking.draw(s, speaker, body.seed, body.count, now)]}
    )


@routes.post("/quality-checks/{id_}/found", status_code=204)
async def found(id_: Id, body: FoundIn, here: Here, speaker: Writer) -> None:
    """What a check found; once."""
    now = here.clock.now()
    await here.db.in_write(lambda s: checking.found(s, speaker, id_, body.outcome, body.findings, now))


@routes.get("/complaint-channels")
async def channels(here: Here, speaker: Office) -> dict[str, Any]:
    """The ways to complain of the own tree."""
    items = await here.db.in_read(lambda s: checking.channels(s, speaker))
    return {"items": items, "total": len(items)}


@routes.post("/complaint-channels", status_code=201)
async def channel(body: ChannelIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A way to complain."""
    now = here.clock.now()
    return await here.db.in_write(
        lambda s: {"id": checking.channel(s, speaker, body.kind, body.value, body.hours, body.branch, now).id}
    )


@routes.post("/complaint-channels/{id_}/tried", status_code=204)
async def tried(id_: Id, body: TriedIn, here: Here, speaker: Writer) -> None:
    """Whether it worked today."""
    now = here.clock.now()
    await here.db.in_write(lambda s: checking.tried(s, speaker, id_, body.works, now))
