"""The SMS gateway reports what became of a message, perhaps hours later. Signed as our own requests are.

A report may come twice, or before the answer to the sending: the first final word about a message stands.
"""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.outbox import store
from anze.channels.outbox.deliver import fail
from anze.channels.outbox.signing import SIGNATURE, TIMESTAMP, is_genuine
from anze.conversations.api import Here
from anze.conversations.turns import real_now
from anze.errors import DomainError

_OPEN = {OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENT}


class Report(BaseModel):
    """`id`: our key; `message_id`: the gateway's own name; `code` says why it failed."""

    id: Annotated[str, Field(max_length=80)]
    message_id: Annotated[str | None, Field(max_length=80)] = None
    status: Literal["delivered", "failed"]
    code: Annotated[str, Field(max_length=40)] = "failed"


routes = APIRouter(prefix="/channels/sms")


@routes.post("/callback", status_code=204)
async def callback(
    request: Request,
    here: Here,
    timestamp: Annotated[str | None, Header(alias=TIMESTAMP)] = None,
    signature: Annotated[str | None, Header(alias=SIGNATURE)] = None,
) -> Response:
    """Take a delivery report. 401 for a wrong or old signature, 404 for a message that we did not send."""
    body = await request.body()
    key = here.settings.sms_key
    if not key or not is_genuine(key, timestamp, signature, body, real_now()):
        raise DomainError("signature_wrong", 401)
    try:
        report = Report.model_validate_json(body)
    except ValidationError as error:
        raise DomainError("bad_request", 422) from error
    await here.db.in_write(lambda s: take(s, report, here.clock.now()))
    return Response(status_code=204)


def take(session: Session, report: Report, now: datetime) -> OutboxMessage:
    """Write a report down; one about a message whose end is known already changes nothing. Raises not_found."""
    row = store.reported(session, report.id, report.message_id)
    if row is None or row.channel != "sms":
        raise DomainError("not_found", 404)
    if row.state not in _OPEN:
        return row
    if report.status == "failed":
        fail(session, row, report.code, now)
        return row
    row.state, row.claimed_by, row.claimed_until = OutboxState.DELIVERED, None, None
    row.sent_at, row.delivered_at = row.sent_at or now, now
    return row
