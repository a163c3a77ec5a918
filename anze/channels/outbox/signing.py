"""HMAC-SHA256 over the moment and the body, both ways between us and the SMS gateway."""

import hashlib
import hmac
from datetime import datetime, timedelta

TIMESTAMP, SIGNATURE = "X-Anze-Timestamp", "X-Anze-Signature"
ALLOWED_SKEW = timedelta(minutes=5)
"""An older signature is refused: whoever records a report cannot bring it again later."""


def sign(key: str, timestamp: str, body: bytes) -> str:
    """`sha256=<hex>` over the Unix seconds, a newline and the body."""
    digest = hmac.new(key.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def headers(key: str, body: bytes, real_now: datetime) -> dict[str, str]:
    """The two headers of a signed request."""
    timestamp = str(int(real_now.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: sign(key, timestamp, body)}


def is_genuine(key: str, timestamp: str | None, signature: str | None, body: bytes, real_now: datetime) -> bool:
    """Whether a request was signed with the key, over this body, just now."""
    if timestamp is None or signature is None or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    if abs(real_now.timestamp() - int(timestamp)) > ALLOWED_SKEW.total_seconds():
        return False
    return hmac.compare_digest(sign(key, timestamp, body).encode(), signature.encode())
