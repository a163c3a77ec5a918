"""The platform's webhook, and the way from WeChat into the page.

What the platform reads is XML, `success` or a bare status: an answer of any other form shows its user a fault.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.channels.outbox.adapter import Refused
from anze.channels.wechat import arriving, entering, envelope
from anze.channels.wechat.account import Account
from anze.channels.wechat.crypto import CipherError, is_signed, signature
from anze.channels.wechat.envelope import EnvelopeError, Incoming
from anze.channels.wechat.models import WeChatNonce
from anze.channels.wechat.wiring import WeChat
from anze.conversations.api import Here
from anze.conversations.turns import real_now
from anze.db import insert_missing
from anze.identity.browser import secure
from anze.services import Services

log = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024
OLDEST_SECONDS = 300
_SUCCESS = "success"
_STATE = "anze-wechat-state"
_MOST_PARAMETER = 200

routes = APIRouter()


class _RefusedError(Exception):
    """Not from the platform: answered with a bare status."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class TicketIn(BaseModel):
    """Out of the fragment of the address."""

    ticket: Annotated[str, Field(min_length=20, max_length=80)]


@routes.get("/channels/wechat", include_in_schema=False)
async def verify(request: Request, here: Here) -> Response:
    """The platform tries the address (接入验证): what it sent comes back byte for byte."""
    try:
        account, query = _of(here).account, _query(request, "signature", "timestamp", "nonce", "echostr")
        _check_signature(query["signature"], account.token, query)
    except _RefusedError as refusal:
        return Response(status_code=refusal.status)
    return PlainTextResponse(query["echostr"])


@routes.post("/channels/wechat", include_in_schema=False)
async def receive(request: Request, here: Here) -> Response:
    """A message or an event."""
    try:
        wechat = _of(here)
        body = await _body(request)
        message, sealed = await _opened(request, here, wechat.account, body)
    except _RefusedError as refusal:
        return Response(status_code=refusal.status)
    except (EnvelopeError, CipherError):
        return Response(status_code=400)
    try:
        said = await wechat.reception.take(message)
    except Exception as error:  # an empty 500: it is delivered again, and its user sees no page of ours
        log.error("a WeChat message failed: %s", type(error).__name__)
        return Response(status_code=500)
    if not said:
        return PlainTextResponse(_SUCCESS)
    return Response(sealed(envelope.reply(message, said, int(real_now().timestamp()))), media_type="text/xml")


@routes.get("/channels/wechat/enter", include_in_schema=False)
async def enter(request: Request, here: Here) -> Response:
    """Into the page with the own talk; the platform says who it is."""
    wechat = here.wechat
    if wechat is None or not wechat.account.may_push:
        return RedirectResponse("/", 302)
    state = entering.new_state()
    answer = RedirectResponse(entering.authorize_url(wechat.account, state), 302)
    answer.set_cookie(
        _STATE, state, max_age=entering.STATE_SECONDS, path="/channels/wechat", secure=secure(request), httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


@routes.get("/channels/wechat/entered", include_in_schema=False)
async def entered(request: Request, here: Here, code: str = "", state: str = "") -> Response:
    """The platform comes back with a code. Whatever is wrong with it, the page opens; only without the talk."""
    wechat = here.wechat
    kept = request.cookies.get(_STATE)
    plain = RedirectResponse("/", 302)
    plain.delete_cookie(_STATE, path="/channels/wechat")
    if wechat is None or not code or not entering.is_ours(state, kept):
        return plain
    openid = await wechat.platform.openid(code[:_MOST_PARAMETER])
    if isinstance(openid, Refused):
        return plain

    def work(session: Session) -> str:
        talk = arriving.user_of(session, openid, here.clock.now()).conversation_id
        return entering.ticket(session, talk, real_now())

    answer = RedirectResponse(f"/enter/#{await here.db.in_write(work)}", 302)
    answer.delete_cookie(_STATE, path="/channels/wechat")
    return answer


@routes.post("/api/sessions/enter", status_code=201)
async def use_ticket(body: TicketIn, here: Here) -> dict[str, Any]:
    """A token for the talk of a ticket, which works once."""
    return await here.db.in_write(lambda s: entering.enter(s, body.ticket, real_now()))


def _of(here: Services) -> WeChat:
    if here.wechat is None:
        raise _RefusedError(404)
    return here.wechat


def _query(request: Request, *names: str) -> dict[str, str]:
    """Each parameter exactly once, in ASCII."""
    found = {}
    for name in names:
        values = request.query_params.getlist(name)
        if len(values) != 1 or not values[0] or not values[0].isascii() or len(values[0]) > _MOST_PARAMETER:
            raise _RefusedError(400)
        found[name] = values[0]
    return found


def _check_signature(given: str, token: str, query: dict[str, str], *more: str) -> None:
    """The signature of the platform, not older than five minutes."""
    if not is_signed(given, token, query["timestamp"], query["nonce"], *more):
        raise _RefusedError(403)
    stamp = query["timestamp"]
    if not stamp.isdecimal() or len(stamp) > 12 or abs(real_now().timestamp() - int(stamp)) > OLDEST_SECONDS:
        raise _RefusedError(403)


async def _body(request: Request) -> bytes:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY_LIMIT:
            raise _RefusedError(413)
    return content


async def _opened(
    request: Request, here: Services, account: Account, body: bytes
) -> tuple[Incoming, Callable[[bytes], bytes]]:
    """The message, and what makes an answer of the same kind. Raises _RefusedError, EnvelopeError, CipherError."""
    fields = envelope.fields_of(body)
    if account.keys is None:
        if request.query_params.get("encrypt_type", "raw") != "raw":
            raise _RefusedError(403)
        query = _query(request, "signature", "timestamp", "nonce")
        _check_signature(query["signature"], account.token, query)
        if not await here.db.in_write(lambda s: _carries(s, query, body, real_now())):
            raise _RefusedError(403)
        return envelope.incoming(fields), lambda xml: xml
    # With a key only what is encrypted counts: `signature` says nothing of the body, so the plain fields of the
    # compatible mode could be anybody's.
    query = _query(request, "msg_signature", "timestamp", "nonce")
    encrypted = fields.get("Encrypt", "")
    _check_signature(query["msg_signature"], account.token, query, encrypted)
    keys, opened = account.keys, account.keys.open(encrypted)

    def sealed(xml: bytes) -> bytes:
        inside, stamp = keys.seal(xml, opened.key), int(real_now().timestamp())
        nonce = secrets.token_hex(8)
        return envelope.document({
            "Encrypt": inside, "MsgSignature": signature(account.token, str(stamp), nonce, inside),
            "TimeStamp": stamp, "Nonce": nonce,
        })  # fmt: skip

    return envelope.incoming(envelope.fields_of(opened.xml)), sealed


def _carries(session: Session, query: dict[str, str], body: bytes, now: datetime) -> bool:
    """Whether a signed address of the plain mode comes with the body that it came with first."""
    signed = hashlib.sha256(f"{query['signature']}\n{query['timestamp']}\n{query['nonce']}".encode()).hexdigest()
    digest = hashlib.sha256(body).hexdigest()
    if insert_missing(session, WeChatNonce, signed_sha256=signed, body_sha256=digest, at=now):
        return True
    return session.get_one(WeChatNonce, signed).body_sha256 == digest
