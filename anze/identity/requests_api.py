"""Requests to act for a firm without the phone on file, for staff to decide."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.conversations.api import Here, send_file
from anze.conversations.models import File
from anze.errors import DomainError
from anze.fields import Prose
from anze.identity import members
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.desk import Office, Writer
from anze.identity.models import RequestState, RightRequest
from anze.identity.speaker import Speaker
from anze.tasks.models import Task, TaskKind

routes = APIRouter(prefix="/api/staff/right-requests")
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


class DecisionIn(BaseModel):
    accept: bool
    reason: Annotated[Prose, Field(min_length=1)]


def _ids(session: Session, speaker: Speaker, *, waiting: bool) -> list[int]:
    """Ids of the requests that came, or that still wait, at the speaker's branches."""
    tasks = select(Task.subject).where(Task.kind == TaskKind.RIGHT_REQUEST, Task.branch_id.in_(branches_of(speaker)))
    if waiting:
        tasks = tasks.where(Task.done_at.is_(None))
    return [int(subject.split(":")[1]) for subject in session.scalars(tasks.order_by(Task.id))]


def _found(session: Session, speaker: Speaker, request_id: int, *, lock: bool = False) -> RightRequest:
    """A request that waits at the speaker's branches. Raises DomainError not_found; DeniedError out of scope."""
    request = session.get(RightRequest, request_id, with_for_update=lock)
    if request is not None and request_id in _ids(session, speaker, waiting=True):
        return request
    if request is not None and request_id not in _ids(session, speaker, waiting=False):
        raise DeniedError(speaker.actor, f"right_request:{request_id}")
    raise DomainError("not_found", 404)


@routes.get("")
async def waiting(here: Here, speaker: Office) -> dict[str, Any]:
    """Requests that wait for a decision."""

    def work(session: Session) -> dict[str, Any]:
        ids = _ids(session, speaker, waiting=True)
        rows = session.scalars(
            select(RightRequest).where(RightRequest.id.in_(ids), RightRequest.state == RequestState.WAITING)
        )
        items = [
            {"id": r.id, "policy_no": r.policy_no, "name": r.name, "phone": r.phone, "reason": r.reason,
             "file_id": r.file_id, "created_at": r.created_at.isoformat()}
            for r in rows
        ]  # fmt: skip
        return {"items": items, "total": len(items), "page": 1}

    return await here.db.in_read(work)


@routes.get("/{request_id}/photo")
async def photo(request_id: Id, here: Here, speaker: Office) -> FileResponse:
    """The photo that came with a request."""

    def work(session: Session) -> File:
        request = _found(session, speaker, request_id)
        if request.file_id is None:
            raise DomainError("not_found", 404)
        return session.get_one(File, request.file_id)

    return send_file(here, await here.db.in_read(work))


@routes.post("/{request_id}/decide")
async def decide(request_id: Id, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Let the person in, or not, with a reason."""

    def work(session: Session) -> dict[str, Any]:
        request = _found(session, speaker, request_id, lock=True)
        now = here.clock.now()
        decided = members.decide(
            session, request, accept=body.accept, reason=body.reason, by=speaker.actor, proof="staff", now=now
        )
        session.execute(
            update(Task)
            .where(Task.kind == TaskKind.RIGHT_REQUEST, Task.subject == f"right_request:{request_id}")
            .values(done_at=now, done_by=speaker.actor)
        )
        return decided

    decided = await here.db.in_write(work)
    here.hub.wake(decided.pop("conversation_id"))
    return decided
