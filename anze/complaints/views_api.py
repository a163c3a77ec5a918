"""Saved views of the complaint queue over HTTP: each staff member's own, an auditor's too."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict

from anze.complaints import views
from anze.complaints.wanted import Wanted
from anze.conversations.api import Here
from anze.fields import Line
from anze.identity.desk import Office

routes = APIRouter(prefix="/api/staff/complaints/views")
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


class QueryIn(Wanted):
    """Filters and order of the queue, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class ViewIn(BaseModel):
    name: Line
    query: QueryIn


@routes.get("")
async def listed(here: Here, speaker: Office) -> dict[str, Any]:
    """One's own views by name."""
    return await here.db.in_read(lambda s: views.saved(s, speaker))


@routes.post("", status_code=201)
async def save(body: ViewIn, here: Here, speaker: Office) -> dict[str, Any]:
    """Save a view; one of the same name is replaced. 409: there are too many."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: views.save(s, speaker, body.name, body.query, now))


@routes.delete("/{view_id}", status_code=204)
async def forget(view_id: Id, here: Here, speaker: Office) -> Response:
    """Remove one of one's own views."""
    await here.db.in_write(lambda s: views.forget(s, speaker, view_id))
    return Response(status_code=204)
