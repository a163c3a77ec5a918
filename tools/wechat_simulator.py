"""A WeChat platform on this machine: `python -m tools.wechat_simulator`, then open its page and talk as a follower.

It delivers what is typed to the webhook as the platform does (signed, encrypted, again after five seconds, three
times), shows passive replies and pushed messages, and answers the API calls of the application: tokens, messages,
media, menu, QR codes, OAuth. `faults` makes calls fail as the platform's do. Settings: docs/wechat.md.
"""

import argparse
import asyncio
import io
import json
import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import httpx
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from PIL import Image

from anze.channels.wechat.crypto import Keys, key_of, signature
from anze.channels.wechat.envelope import fields_of

DELIVERIES, WAITS = 3, 5.0
_TOKEN_SECONDS = 7200
_PAGE = Path(__file__).with_suffix(".html")


@dataclass
class Delivered:
    """What became of one message to the webhook: statuses of its deliveries, and the passive reply."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    text: str | None = None
    """None: `success`, or nothing at all"""


@dataclass
class Platform:
    """The platform's side: who follows, what it was told. `webhook` is the application's address."""

    webhook: str
    token: str
    appid: str
    secret: str
    aes_key: str | None = None
    account: str = "gh_simulated"
    waits: float = WAITS
    calls: Counter[str] = field(default_factory=Counter)
    pushed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    templates: list[dict[str, Any]] = field(default_factory=list)
    menus: list[dict[str, Any]] = field(default_factory=list)
    qr_scenes: list[str] = field(default_factory=list)
    faults: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))
    """By call its next answers: an errcode, an HTTP status, `"timeout"`, `"malformed"`; None: nothing wrong"""
    media: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    access: str = ""
    access_until: float = 0.0
    stalls: float = 30.0
    """Seconds of a `timeout`"""

    @property
    def keys(self) -> Keys | None:
        return Keys(self.appid, (key_of(self.aes_key),)) if self.aes_key else None

    def xml(self, openid: str, kind: str, **values: Any) -> bytes:
        """A message or event as the platform writes it."""
        base = {
            "ToUserName": self.account, "FromUserName": openid, "CreateTime": int(time.time()), "MsgType": kind,
        }  # fmt: skip
        if kind != "event":
            base["MsgId"] = secrets.randbits(60)
        parts = "".join(
            f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"
            for name, value in (base | values).items()
        )
        return f"<xml>{parts}</xml>".encode()

    def signed(self, xml: bytes, stamp: int | None = None) -> tuple[dict[str, str], bytes]:
        """Query and body of a delivery."""
        stamp_, nonce = str(stamp or int(time.time())), secrets.token_hex(5)
        query = {"signature": signature(self.token, stamp_, nonce), "timestamp": stamp_, "nonce": nonce}
        if self.keys is None:
            return query, xml
        sealed = self.keys.seal(xml)
        query |= {"encrypt_type": "aes", "msg_signature": signature(self.token, stamp_, nonce, sealed)}
        return query, f"<xml><ToUserName>{escape(self.account)}</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()

    async def deliver(self, client: httpx.AsyncClient, xml: bytes) -> Delivered:
        """As the platform does it: five seconds each, three times at most."""
        done = Delivered()
        for _ in range(DELIVERIES):
            query, body = self.signed(xml)
            began = time.monotonic()
            try:
                answer = await client.post(
                    self.webhook, params=query, content=body, headers={"Content-Type": "text/xml"}, timeout=self.waits
                )
            except httpx.HTTPError:
                done.statuses.append(0)
                continue
            finally:
                done.seconds.append(time.monotonic() - began)
            done.statuses.append(answer.status_code)
            if answer.status_code == httpx.codes.OK:
                done.text = self.read(answer)
                break
        return done

    def read(self, answer: httpx.Response) -> str | None:
        """The text of a passive reply, decrypted and its signature checked."""
        if answer.content in {b"success", b""}:
            return None
        fields = fields_of(answer.content)
        if self.keys is not None:
            sealed = fields["Encrypt"]
            if fields["MsgSignature"] != signature(self.token, fields["TimeStamp"], fields["Nonce"], sealed):
                raise ValueError("the reply's signature is wrong")
            fields = fields_of(self.keys.open(sealed).xml)
        return fields["Content"]


type Handler = Callable[[Request, Platform], Awaitable[Response]]

routes = APIRouter()


def call(method: str, path: str, name: str, *, token: bool = True) -> Callable[[Handler], Handler]:
    """A call of the API under its `name` in `faults` and `calls`; with `token` it needs the access token."""

    def wrap(handler: Handler) -> Handler:
        async def answered(request: Request) -> Response:
            platform: Platform = request.app.state.platform
            wrong = await _fault(platform, name)
            if wrong is None and token:
                wrong = _known(platform, request)
            return wrong if wrong is not None else await handler(request, platform)

        routes.add_api_route(path, answered, methods=[method], response_model=None)
        return handler

    return wrap


async def _fault(platform: Platform, name: str) -> Response | None:
    platform.calls[name] += 1
    wrong = platform.faults[name].popleft() if platform.faults[name] else None
    if wrong == "timeout":
        await asyncio.sleep(platform.stalls)
    if wrong == "malformed":
        return Response(b"<html>", media_type="text/html")
    if wrong is None or wrong == "timeout":
        return None
    return Response(status_code=wrong) if 100 <= wrong < 600 else _told(wrong)


def _known(platform: Platform, request: Request) -> Response | None:
    good = request.query_params.get("access_token") == platform.access and time.time() < platform.access_until
    return None if good else _told(42001)


def _told(errcode: int, **more: Any) -> Response:
    return JSONResponse({"errcode": errcode, "errmsg": "simulated"} | more)


@call("POST", "/cgi-bin/stable_token", "token", token=False)
async def stable_token(request: Request, platform: Platform) -> Response:
    asked = await request.json()
    if (asked.get("appid"), asked.get("secret")) != (platform.appid, platform.secret):
        return _told(40125)
    if time.time() >= platform.access_until:
        platform.access, platform.access_until = secrets.token_urlsafe(60), time.time() + _TOKEN_SECONDS
    left = int(platform.access_until - time.time())
    return JSONResponse({"access_token": platform.access, "expires_in": left})


@call("POST", "/cgi-bin/message/custom/send", "send")
async def send(request: Request, platform: Platform) -> Response:
    asked = json.loads(await request.body())
    text = str(asked["text"]["content"])
    if len(text.encode()) > 2048:
        return _told(45002)
    platform.pushed[str(asked["touser"])].append(text)
    return _told(0)


@call("POST", "/cgi-bin/message/template/send", "template")
async def template(request: Request, platform: Platform) -> Response:
    asked = await request.json()
    asked["msgid"] = secrets.randbits(40)
    platform.templates.append(asked)
    return _told(0, msgid=asked["msgid"])


@call("GET", "/cgi-bin/media/get", "media")
async def media(request: Request, platform: Platform) -> Response:
    content = platform.media.get(request.query_params.get("media_id", ""))
    return _told(40007) if content is None else Response(content, media_type="image/png")


@call("POST", "/cgi-bin/menu/create", "menu")
async def menu(request: Request, platform: Platform) -> Response:
    platform.menus.append(await request.json())
    return _told(0)


@call("POST", "/cgi-bin/qrcode/create", "qr")
async def qr(request: Request, platform: Platform) -> Response:
    platform.qr_scenes.append(str((await request.json())["action_info"]["scene"]["scene_str"]))
    return JSONResponse({"ticket": secrets.token_urlsafe(40), "url": "http://weixin.qq.com/q/simulated"})


@call("GET", "/connect/oauth2/authorize", "authorize", token=False)
async def authorize(request: Request, platform: Platform) -> Response:
    """Whoever opens it is the follower in the cookie `openid`."""
    code = secrets.token_hex(16)
    platform.codes[code] = request.cookies.get("openid") or f"o{secrets.token_hex(13)}"
    back = urlencode({"code": code, "state": request.query_params.get("state", "")})
    return RedirectResponse(f"{request.query_params['redirect_uri']}?{back}", 302)


@call("GET", "/sns/oauth2/access_token", "oauth", token=False)
async def oauth(request: Request, platform: Platform) -> Response:
    openid = platform.codes.pop(request.query_params.get("code", ""), None)
    if openid is None:
        return _told(40163)
    return JSONResponse({"access_token": "of-another-kind", "openid": openid, "scope": "snsapi_base"})


@call("GET", "/", "page", token=False)
async def page(_: Request, __: Platform) -> Response:
    return HTMLResponse(_PAGE.read_text(encoding="utf-8"))


@call("POST", "/say", "say", token=False)
async def say(request: Request, platform: Platform) -> Response:
    """From the page: {"openid", "kind", "text"}."""
    async with httpx.AsyncClient(trust_env=False) as client:
        done = await platform.deliver(client, _of_page(platform, await request.json()))
    return JSONResponse({"statuses": done.statuses, "text": done.text})


@call("GET", "/pushed", "pushed", token=False)
async def pushed(request: Request, platform: Platform) -> Response:
    return JSONResponse(platform.pushed.pop(request.query_params["openid"], []))


def build(platform: Platform) -> FastAPI:
    """The API that the application calls, and the page for whoever tries it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.platform = platform
    app.include_router(routes)
    return app


def _picture() -> bytes:
    """A small PNG of a colour of its own."""
    out = io.BytesIO()
    Image.new("RGB", (32, 32), secrets.token_hex(3).join(("#", ""))).save(out, "PNG")
    return out.getvalue()


def _of_page(platform: Platform, asked: dict[str, str]) -> bytes:
    openid, text = asked["openid"], asked["text"]
    match asked["kind"]:
        case "image":
            media = secrets.token_hex(8)
            platform.media[media] = _picture()
            return platform.xml(openid, "image", PicUrl="", MediaId=media)
        case "location":
            return platform.xml(openid, "location", Location_X="32.05", Location_Y="118.78", Scale=16, Label=text)
        case "subscribe" | "unsubscribe":
            return platform.xml(openid, "event", Event=asked["kind"], EventKey=text)
        case "scan":
            return platform.xml(openid, "event", Event="SCAN", EventKey=text)
        case "click":
            return platform.xml(openid, "event", Event="CLICK", EventKey=text)
        case _:
            return platform.xml(openid, "text", Content=text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--webhook", default="http://127.0.0.1:8000/channels/wechat")
    parser.add_argument("--token", default="simulated")
    parser.add_argument("--appid", default="wx0000000000000000")
    parser.add_argument("--secret", default="simulated-secret")
    parser.add_argument("--aes-key", default=None)
    given = parser.parse_args()
    platform = Platform(given.webhook, given.token, given.appid, given.secret, given.aes_key)
    print(f"http://127.0.0.1:{given.port}/  →  {given.webhook}")
    uvicorn.run(build(platform), host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
