"""A page that is opened inside WeChat goes on with the talk there (网页授权, snsapi_base: the openid and nothing else).

The openid comes from the platform alone, for a code that works once; the way to our own page is a ticket that works
once, in the fragment of the address, which no server and no log sees.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import update
from sqlalchemy.orm import Session

from anze.channels.wechat.account import Account
from anze.channels.wechat.models import WeChatTicket
from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.auth import issue, sha256

STATE_SECONDS = 300
_TICKET_LIVES = timedelta(minutes=2)


def new_state() -> str:
    """Binds the answer to the browser that asked: only letters and digits, as the platform wants it."""
    return secrets.token_hex(16)


def is_ours(given: str, kept: str | None) -> bool:
    """Whether the state that came back is that of this browser."""
    return bool(kept) and hmac.compare_digest(given.encode(), (kept or "").encode())


def authorize_url(account: Account, state: str) -> str:
    """Where the platform says whose browser it is; it comes back to /channels/wechat/entered."""
    query = urlencode({
        "appid": account.appid, "redirect_uri": f"{account.public_url}/channels/wechat/entered",
        "response_type": "code", "scope": "snsapi_base", "state": state,
    })  # fmt: skip
    return f"{account.open_base}/connect/oauth2/authorize?{query}#wechat_redirect"


def ticket(session: Session, conversation_id: str, real_now: datetime) -> str:
    """A new ticket for a talk."""
    made = secrets.token_urlsafe(32)
    until = real_now + _TICKET_LIVES
    session.add(WeChatTicket(ticket_sha256=sha256(made), conversation_id=conversation_id, good_until=until))
    session.flush()
    return made


def enter(session: Session, given: str, real_now: datetime) -> dict[str, str]:
    """{"token", "conversation_id"} for a ticket. Raises ticket_used."""
    taken = session.scalar(
        update(WeChatTicket)
        .where(
            WeChatTicket.ticket_sha256 == sha256(given), WeChatTicket.used.is_(False),
            WeChatTicket.good_until > real_now,
        )
        .values(used=True)
        .returning(WeChatTicket.conversation_id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if taken is None:
        raise DomainError("ticket_used", 422)
    conversation = session.get_one(Conversation, taken)
    return {"token": issue(session, conversation, real_now), "conversation_id": conversation.id}
