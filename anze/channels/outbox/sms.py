"""SMS by a generic HTTP gateway: one signed POST a message, known again by its key.

Sent: `{"id": key, "to": number, "text": …}` with Idempotency-Key, X-Anze-Timestamp and X-Anze-Signature. A gateway of
another make gets a small translator in front of it. 2xx (and 409, a repeat) is taken, its `id` kept; a later report
comes to POST /channels/sms/callback.
"""

import json
from collections.abc import Callable
from datetime import datetime

import httpx

from anze.channels.outbox.adapter import Outcome, Parcel, Refusal, Refused, Taken
from anze.channels.outbox.signing import headers
from anze.conversations.turns import real_now


class SmsAdapter:
    """Speaks to the gateway at `url`; `client` is opened and closed by whoever delivers."""

    def __init__(
        self, url: str, key: str, client: httpx.AsyncClient, now: Callable[[], datetime] = real_now
    ) -> None:  # fmt: skip
        self._url, self._key, self._client, self._now = url, key, client, now

    async def send(self, parcel: Parcel) -> Outcome:
        message = {"id": parcel.key, "to": parcel.recipient, "text": parcel.text}
        body = json.dumps(message, ensure_ascii=False).encode()
        signed = {"Content-Type": "application/json", "Idempotency-Key": parcel.key}
        try:
            answer = await self._client.post(
                self._url, content=body, headers=signed | headers(self._key, body, self._now())
            )
        except httpx.TimeoutException:
            return Refused(Refusal.UNAVAILABLE, "timeout")
        except httpx.HTTPError as error:
            return Refused(Refusal.UNAVAILABLE, type(error).__name__)
        return _outcome(answer)


def _outcome(answer: httpx.Response) -> Outcome:
    told = _json(answer)
    status = answer.status_code
    if answer.is_success or status == httpx.codes.CONFLICT:
        return Taken(str(told["id"])[:80] if told.get("id") else None)
    code = str(told.get("code") or status)[:40]
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Refused(Refusal.RATE, code, _seconds(answer.headers.get("Retry-After")))
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return Refused(Refusal.SETTINGS, code)
    if httpx.codes.is_client_error(status) and status != httpx.codes.REQUEST_TIMEOUT:
        return Refused(Refusal.PERMANENT, code)
    return Refused(Refusal.UNAVAILABLE, code)


def _json(answer: httpx.Response) -> dict[str, object]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _seconds(said: str | None) -> float | None:
    return float(said) if said is not None and said.isdecimal() else None
