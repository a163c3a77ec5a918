"""Candidates of 9.2 over HTTP, for staff within their branch tree. No call sends anything to anybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from anze.conversations.api import Here
from anze.fields import Reply
from anze.identity.desk import Office, Writer
from anze.reports import desk
from anze.reports.kinds import Decision
from anze.reports.models import CandidateKind, CandidateState

routes = APIRouter(prefix="/api/staff/reports")
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


class DecisionIn(BaseModel):
    reason: Reply


@routes.get("")
async def candidates(
    here: Here,
    speaker: Office,
    state: CandidateState | None = None,
    kind: CandidateKind | None = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """What may have to be reported, what waits first."""
    return await here.db.in_read(
        lambda s: desk.candidates(s, speaker, states=(state,) if state else (), kind=kind, page=page, size=size)
    )


@routes.get("/{id_}")
async def candidate(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """One candidate with who found, decided and approved it."""
    return await here.db.in_read(lambda s: desk.candidate(s, speaker, id_))


async def _decide(here: Here, speaker: Writer, id_: int, decision: Decision, body: DecisionIn) -> dict[str, Any]:
    now = here.clock.now()
    return await here.db.in_write(lambda s: desk.decide(s, speaker, id_, decision, body.reason, now))


@routes.post("/{id_}/confirm")
async def confirm(id_: Id, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """It is so; a supervisor decides whether it is reported."""
    return await _decide(here, speaker, id_, Decision.CONFIRM, body)


@routes.post("/{id_}/strike")
async def strike(id_: Id, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """It is not so."""
    return await _decide(here, speaker, id_, Decision.STRIKE, body)


@routes.post("/{id_}/approve")
async def approve(id_: Id, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A supervisor who did not confirm it: people may report it now."""
    return await _decide(here, speaker, id_, Decision.APPROVE, body)


@routes.post("/{id_}/reject")
async def reject(id_: Id, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A supervisor who did not confirm it: it is not reported."""
    return await _decide(here, speaker, id_, Decision.REJECT, body)
