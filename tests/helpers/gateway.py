"""The gateway in the tests' own process: the public application over a real database and a fake Rasa."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from anze.app import internal_app, public_app
from anze.calendar.data import CalendarStore
from anze.channels.hub import Hub
from anze.channels.rasa import RasaClient
from anze.channels.wechat.account import account_of
from anze.channels.wechat.wiring import build as build_wechat
from anze.clock import Clock
from anze.complaints.dates import ComplaintDates
from anze.conversations.emergency import is_emergency
from anze.conversations.files import FileStore
from anze.conversations.turns import TurnRunner, real_now
from anze.db import Database
from anze.demo.load import is_demo
from anze.identity.codes import Codes
from anze.identity.models import Branch, BranchLevel
from anze.obligations.proving import prove
from anze.services import Services
from anze.settings import Settings
from anze.standard.editions import read_editions, use
from tests.helpers.fake_rasa import Answer, FakeRasa, Turn, said

SECRET = "engine-secret"
UPLOAD_LIMIT = 64 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex("0000000d49484452000000010000000108060000001f15c489") + b"\x00" * 64


def head_office(database: Database) -> None:
    """The one row without which no conversation can begin."""
    with database.write() as session:
        session.add(
            Branch(
                id=1,
                path="/1/",
                level=BranchLevel.HEAD,
                name="总公司",
                short_name="总公司",
                hotline="95500",
                hours="9:00",
            )
        )


@dataclass
class Gateway:
    """`client` speaks HTTP to the public application; `rasa` is the fake behind it."""

    services: Services
    rasa: FakeRasa
    app: FastAPI
    client: httpx.AsyncClient
    _others: list[Services] = field(default_factory=list)

    @property
    def db(self) -> Database:
        return self.services.db

    async def visitor(self) -> "Caller":
        """A new anonymous conversation."""
        opened = await self.client.post("/api/sessions", json={})
        assert opened.status_code == 201, opened.text
        return Caller(self, opened.json()["token"], opened.json()["conversation_id"])

    async def staff(self, username: str, password: str = "demo-anze") -> "Caller":
        """A signed-in staff member."""
        answer = await self.client.post("/api/staff/login", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        token = answer.json()["token"]
        me = await self.client.get("/api/messages", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 200
        return Caller(self, token, "")

    async def bound(self, policy_no: str = "AZ2026000001", phone: str = "13800000001") -> "Caller":
        """A visitor who proved the phone."""
        caller = await self.visitor()
        assert (await caller.bind(policy_no, phone)).status_code == 200
        return caller

    def runner(self, now: Any = real_now) -> TurnRunner:
        """Another process on the same database and Rasa."""
        services = replace(self.services, turns=_runner(self.services, self.rasa, now))
        self._others.append(services)
        return services.turns

    async def idle(self) -> None:
        """Until no turn is under way."""
        while self.services.turns.busy:
            await asyncio.sleep(0)

    async def close(self) -> None:
        self.rasa.open.set()
        self.rasa.down = False
        await self.client.aclose()
        for other in self._others:
            await other.turns.close()
        if self.services.wechat is not None:
            await self.services.wechat.close()
        await self.services.turns.close()
        await self.services.rasa.close()


@dataclass
class Caller:
    """Somebody with a token."""

    gateway: Gateway
    token: str
    conversation_id: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.gateway.client.get(path, headers=self.headers, params=params)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        if "files" not in more and "content" not in more:
            more["json"] = {} if body is None else body
        headers = self.headers | more.pop("headers", {})
        return await self.gateway.client.post(path, headers=headers, **more)

    async def post_message(
        self, text: str, message_id: str | None = None, files: list[str] | None = None
    ) -> httpx.Response:
        body: dict[str, Any] = {"text": text}
        if message_id is not None:
            body["message_id"] = message_id
        if files is not None:
            body["files"] = files
        return await self.post("/api/messages", body)

    async def say(self, text: str, message_id: str | None = None, files: list[str] | None = None) -> dict[str, Any]:
        """Post a message that must be answered."""
        answer = await self.post_message(text, message_id, files)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def history(self, after: int = 0) -> list[dict[str, Any]]:
        answer = await self.get("/api/messages", after=after)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def upload(self, name: str, content: bytes, mime: str = "application/octet-stream") -> httpx.Response:
        return await self.post("/api/files", files={"file": (name, content, mime)})

    async def file(self, name: str = "现场.png", content: bytes = PNG) -> str:
        answer = await self.upload(name, content)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["file_id"])

    async def bind(self, policy_no: str, phone: str) -> httpx.Response:
        """Both steps, on a demo database."""
        started = await self.post("/api/sessions/bind", {"policy_no": policy_no, "phone": phone})
        assert started.status_code == 202, started.text
        return await self.post("/api/sessions/bind/confirm", {"code": started.json()["demo_code"]})

    async def press(self, intent: str, **entities: str) -> dict[str, Any]:
        """Press a button that means this."""
        button = {"title": "按", "intent": intent, "entities": entities}
        self.gateway.rasa.script.append([said("?") | {"buttons": [button]}])
        token = (await self.say("选"))["messages"][0]["buttons"][0]["payload"]
        return await self.say(token)

    async def invite(self) -> str:
        """The token of a new invitation, out of the link that the dialogue gives."""
        self.gateway.rasa.plays["identity_invite"] = ["action_identity_invite"]
        answer = await self.press("identity_invite")
        return str(answer["messages"][0]["text"].split("#join=")[1].split('"')[0])

    async def join(self, token: str, phone: str = "13900000009") -> httpx.Response:
        """Use a colleague's invitation."""
        return await self.post("/api/sessions/bind/join", {"token": token, "name": "小李", "phone": phone})

    async def me(self) -> dict[str, Any]:
        body: dict[str, Any] = (await self.get("/api/sessions/me")).json()
        return body

    @asynccontextmanager
    async def events(self, last_event_id: int | str | None = None) -> AsyncIterator["Events"]:
        """The event stream, over plain ASGI: httpx's transport waits for the end of an answer."""
        headers = self.headers | ({} if last_event_id is None else {"Last-Event-ID": str(last_event_id)})
        stream = Events()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/api/events", "raw_path": b"/api/events", "query_string": b"", "root_path": "",
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            "client": ("127.0.0.1", 1), "server": ("test", 80),
        }  # fmt: skip
        task = asyncio.create_task(self.gateway.app(scope, stream.receive, stream.send))
        try:
            yield stream
        finally:
            stream.gone.set()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class Events:
    """Server-sent events as they come."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.status: int | None = None
        self.ended = asyncio.Event()
        self._sent = False
        self._chunks: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def receive(self) -> dict[str, Any]:
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        for block in message.get("body", b"").decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if lines:
                event = {"event": lines["event"], "data": json.loads(lines["data"])}
                self._chunks.put_nowait(event | ({"id": int(lines["id"])} if "id" in lines else {}))
        if not message.get("more_body", False):
            self.ended.set()

    async def next(self, kind: str | None = None) -> dict[str, Any]:
        """The next event (of this kind); a busy machine is not a fault of the gateway."""
        async with asyncio.timeout(20):
            while True:
                event = await self._chunks.get()
                if kind in {None, event["event"]}:
                    return event

    @property
    def waiting(self) -> int:
        return self._chunks.qsize()


def _runner(services: Services, rasa: FakeRasa, now: Any) -> TurnRunner:
    client = RasaClient("http://rasa", SECRET, rasa.client())
    return TurnRunner(services.db, client, services.clock, services.hub, now, services.calendar, poll_seconds=0.01)


def services_over(database: Database, rasa: FakeRasa, clock: Clock, data: Path, **more: Any) -> Services:
    """The application's parts over a database and a fake Rasa."""
    settings = Settings(data=data, turn_timeout_seconds=5.0, upload_limit_bytes=UPLOAD_LIMIT, **more)
    with database.read() as session:
        demo = is_demo(session)
    hub = Hub()
    client = RasaClient("http://rasa", SECRET, rasa.client())
    calendar = CalendarStore(settings.knowledge, settings.data)
    editions = read_editions(settings.knowledge, settings.data, clock.today, prove)
    use(editions)
    turns = TurnRunner(database, client, clock, hub, real_now, calendar, poll_seconds=0.01)
    dates, files = ComplaintDates(calendar, editions), FileStore(data / "files", UPLOAD_LIMIT)
    account = account_of(settings)
    wechat = account and build_wechat(
        account, db=database, turns=turns, hub=hub, clock=clock, files=files, dates=dates
    )  # fmt: skip
    return Services(
        settings=settings,
        db=database,
        clock=clock,
        hub=hub,
        rasa=client,
        turns=turns,
        calendar=calendar,
        dates=dates,
        codes=Codes(demo=demo),
        files=files,
        engine_secret=SECRET,
        demo=demo,
        wechat=wechat,
    )


@asynccontextmanager
async def opened(database: Database, clock: Clock, data: Path, **more: Any) -> AsyncIterator[Gateway]:
    """A running gateway, as warm as `anze serve` is. An error that nobody handled reaches the test."""
    is_emergency("")
    rasa = FakeRasa(SECRET)
    services = services_over(database, rasa, clock, data, **more)
    app = public_app(services)
    actions = httpx.AsyncClient(transport=httpx.ASGITransport(internal_app(services)), base_url="http://actions")
    rasa.act = _act(actions)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
    gateway = Gateway(services, rasa, app, client)
    try:
        yield gateway
    finally:
        await gateway.close()
        await actions.aclose()


def _act(client: httpx.AsyncClient) -> Any:
    """Calls the actions as Rasa does; a response is told by its name and fields."""

    async def act(turn: Turn, name: str) -> Answer:
        entities = turn["entities"]
        latest = {"text": turn["text"], "intent": {"name": turn["intent"]}, "entities": entities}
        tracker = {
            "sender_id": turn["turn_id"], "slots": turn["state"]["slots"], "latest_message": latest, "events": [],
            "latest_event_time": 0, "paused": False, "active_loop": {}, "latest_action_name": None,
            "followup_action": None,
        }  # fmt: skip
        body = {"next_action": name, "sender_id": turn["turn_id"], "tracker": tracker, "domain": {}, "version": "3.6"}
        answer = await client.post("/actions", json=body, headers={"Authorization": f"Bearer {SECRET}"})
        assert answer.status_code == 200, answer.text
        return [_spoken(response) for response in answer.json()["responses"]]

    return act


def _spoken(response: dict[str, Any]) -> dict[str, Any]:
    known = {"response", "template", "text", "buttons", "elements", "custom", "image", "attachment"}
    fields = {name: value for name, value in response.items() if name not in known}
    return {
        "text": json.dumps(fields, ensure_ascii=False, default=str),
        "buttons": [{"entities": {}} | button for button in response.get("buttons") or []],
        "custom": response.get("custom") or {},
        "response": response.get("response") or response.get("template"),
    }
