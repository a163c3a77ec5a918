"""Calls to the platform's API. Real UTF-8 in bodies; a token that is refused is renewed once, never in circles."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from anze.channels.outbox.adapter import Refusal, Refused
from anze.channels.wechat.account import Account
from anze.channels.wechat.errcodes import Fault, fault_of, refused
from anze.channels.wechat.tokens import Fresh, Tokens

log = logging.getLogger(__name__)

UNSURE = "timeout"
"""The code of a call that was sent and not answered in time: it may have been done."""
_SECONDS = 8.0
_SHORTEST_LIFE = 60


def make_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_SECONDS, trust_env=False, follow_redirects=False)


async def ask_token(client: httpx.AsyncClient, account: Account) -> Fresh | Refused:
    """A stable token, not forced: the same one as long as it is good."""
    body = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    found = await _post(client, f"{account.api_base}/cgi-bin/stable_token", body)
    if isinstance(found, Refused):
        return found
    token, seconds = found.get("access_token"), found.get("expires_in")
    if not isinstance(token, str) or not isinstance(seconds, int) or seconds < _SHORTEST_LIFE:
        return Refused(Refusal.UNAVAILABLE, "no_token")
    return Fresh(token, seconds)


@dataclass(frozen=True)
class Platform:
    """`call` and `media` for whatever needs the access token."""

    account: Account
    client: httpx.AsyncClient
    tokens: Tokens

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any] | Refused:
        """POST to `/cgi-bin/…`; what it answers, or why not."""

        async def post(token: str) -> dict[str, Any] | Refused:
            return await _post(self.client, self._url(path), body, {"access_token": token})

        return await self._with_token(post)

    async def media(self, media_id: str, most: int) -> bytes | Refused:
        """A picture or video that a user sent, of at most so many bytes; larger: `too_large`, for good."""

        async def fetch(token: str) -> bytes | dict[str, Any] | Refused:
            params = {"access_token": token, "media_id": media_id}
            return await _get(self.client, self._url("/cgi-bin/media/get"), params, most)

        found: bytes | dict[str, Any] | Refused = await self._with_token(fetch)
        if isinstance(found, dict):  # a video: the answer names where it lies
            return await self._video(str(found.get("video_url") or ""), most)
        return found

    async def openid(self, code: str) -> str | Refused:
        """Whose code of an OAuth sign-in it is (`/sns` has a token of its own)."""
        params = {
            "appid": self.account.appid, "secret": self.account.secret, "code": code,
            "grant_type": "authorization_code",
        }  # fmt: skip
        found = await _get(self.client, self._url("/sns/oauth2/access_token"), params, 64 * 1024)
        if isinstance(found, Refused):
            return found
        told = found if isinstance(found, dict) else {}
        openid = told.get("openid")
        return openid if isinstance(openid, str) and openid else Refused(Refusal.PERMANENT, "no_openid")

    def _url(self, path: str) -> str:
        return f"{self.account.api_base}{path}"

    async def _with_token[T](self, call: Callable[[str], Awaitable[T | Refused]]) -> T | Refused:
        code = ""
        for _ in range(2):
            token = await self.tokens.good()
            if isinstance(token, Refused):
                return token
            found = await call(token)
            if not (isinstance(found, Refused) and found.code in _TOKEN_CODES):
                return found
            code = found.code
            await self.tokens.drop(token)
        log.error("WeChat refuses every access token: %s", code)
        return Refused(Refusal.SETTINGS, code)

    async def _video(self, url: str, most: int) -> bytes | Refused:
        host = urlsplit(url).hostname or ""
        if not (host.endswith(".qq.com") or host == urlsplit(self.account.api_base).hostname):
            return Refused(Refusal.PERMANENT, "video_elsewhere")
        found = await _get(self.client, url, {}, most)
        return Refused(Refusal.PERMANENT, "no_video") if isinstance(found, dict) else found


_TOKEN_CODES = frozenset(f"wechat_{code}" for code in (40001, 40014, 42001))


async def _post(
    client: httpx.AsyncClient, url: str, body: dict[str, Any], params: dict[str, str] | None = None
) -> dict[str, Any] | Refused:
    content = json.dumps(body, ensure_ascii=False).encode()
    try:
        answer = await client.post(url, content=content, params=params, headers={"Content-Type": "application/json"})
    except httpx.ReadTimeout:
        return Refused(Refusal.UNAVAILABLE, UNSURE)
    except httpx.HTTPError as error:
        return Refused(Refusal.UNAVAILABLE, type(error).__name__)
    return _told(answer.status_code, answer.content)


async def _get(
    client: httpx.AsyncClient, url: str, params: dict[str, str], most: int
) -> bytes | dict[str, Any] | Refused:
    """The bytes of a file, or what a JSON answer says."""
    try:
        async with client.stream("GET", url, params=params) as answer:
            kind, content = answer.headers.get("Content-Type", ""), b""
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > most:
                    return Refused(Refusal.PERMANENT, "too_large")
    except httpx.HTTPError as error:
        return Refused(Refusal.UNAVAILABLE, type(error).__name__)
    if answer.status_code != httpx.codes.OK or "json" in kind or "text/plain" in kind:
        return _told(answer.status_code, content)
    return content


def _told(status: int, content: bytes) -> dict[str, Any] | Refused:
    """The JSON of an answer, or the refusal that it is."""
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Refused(Refusal.UNAVAILABLE, f"http_{status}")
    try:
        told = json.loads(content)
    except ValueError:
        return Refused(Refusal.UNAVAILABLE, "not_json")
    if not isinstance(told, dict) or not isinstance(told.get("errcode", 0), int):
        return Refused(Refusal.UNAVAILABLE, "not_an_answer")
    errcode: int = told.get("errcode", 0)
    if not errcode:
        return told
    if fault_of(errcode) is Fault.SETTINGS:
        log.error("WeChat refuses our settings or rights: %d", errcode)
    return refused(errcode)
