"""Requests to act for a firm without the phone on file, for staff to decide."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.conversations.api import Here, send_file
from anze.conversations.models import File
from anze.errors import DomainError
from anze.fields import Prose
from anze.identity import members
from anze.identity.desk import Office, Writer
from anze.identity.models import Branch, RequestState, RightRequest
from anze.identity.speaker import Speaker
from anze.tasks.models import Task, TaskKind

routes = APIRouter(prefix="/api/staff/right-requests")


class DecisionIn(BaseModel):
    accept: bool
    reason: Annotated[Prose, Field(min_length=1)]


def _subjects(session: Session, speaker: Speaker) -> list[int]:
    """Ids of the requests that wait at the speaker's branches."""
    in_scope = select(Branch.id).where(Branch.path.startswith(speaker.branch_path or "-", autoescape=True))
    tasks = select(Task.subject).where(
        Task.kind == TaskKind.RIGHT_REQUEST, Task.branch_id.in_(in_scope), Task.done_at.is_(None)
    )
    return [int(subject.split(":")[1]) for subject in session.scalars(tasks.order_by(Task.id))]


@routes.get("")
async def waiting(here: Here, speaker: Office) -> dict[str, Any]:
    """Requests that wait for a decision."""

    def work(session: Session) -> dict[str, Any]:
        ids = _subjects(session, speaker)
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
async def photo(request_id: int, here: Here, speaker: Office) -> FileResponse:
    """The photo that came with a request."""

    def work(session: Session) -> File:
        request = session.get(RightRequest, request_id) if request_id in _subjects(session, speaker) else None
        if request is None or request.file_id is None:
            raise DomainError("not_found", 404)
        return session.get_one(File, request.file_id)

    return send_file(here, await here.db.in_read(work))


@routes.post("/{request_id}/decide")
async def decide(request_id: int, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Let the person in, or not, with a reason."""

    def work(session: Session) -> dict[str, Any]:
        if request_id not in _subjects(session, speaker):
            raise DomainError("not_found", 404)
        request = session.get_one(RightRequest, request_id, with_for_update=True)
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
