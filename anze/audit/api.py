"""Asking to remove a record: refused and recorded (7.4)."""

from typing import Annotated

from fastapi import APIRouter, Path

from anze.audit import retention
from anze.conversations.api import Here
from anze.identity.desk import Office

routes = APIRouter(prefix="/api/staff/complaints")


@routes.delete("/{number}", status_code=409)
async def remove(here: Here, speaker: Office, number: Annotated[str, Path(max_length=40)]) -> None:
    """Always an error: `retained` with the day until which the record is kept, or `not_found`."""
    raise await here.db.in_write(lambda session: retention.refuse(session, speaker, number, here.clock.now()))
