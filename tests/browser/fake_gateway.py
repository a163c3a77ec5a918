"""The gateway's web contract without its application, for what the real one does only on bad days.

It keeps conversations in memory, answers with what a test has laid down, loses requests on demand and records what
arrived. It knows nothing of the domain: a test that needs true answers runs against `page_server`.
"""

import asyncio
import hashlib
import json
import socket
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, UploadFile
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

PAGE = Path(__file__).parents[2] / "anze" / "channels" / "web" / "page"
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
PRIVACY = {
    "version": "2026-11",
    "title": "隐私说明",
    "text": "我们只为处理您的投诉和服务使用您提供的姓名、电话和对话内容，按规定保存，不用于营销。\n"
    "您可以随时要求查看或更正。",
}
BRANCH = {"name": "南京市分公司", "hotline": "025-8888-0001", "hours": "工作日 8:30–17:30"}

type Json = dict[str, Any]


@dataclass
class Conversation:
    messages: list[Json] = field(default_factory=list)
    answers: dict[str, Json] = field(default_factory=dict)
    consented: str | None = None
    bound: bool = False
    acting_for: Json | None = None
    handoff: str = "bot"


class Gateway:
    """What a test sets (`replies`, `demo`, `delay`, `lose`, `insureds`, `invitation`); what it reads (`received` …)."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Json]] = {}
        self.demo: str | None = None
        self.delay = 0.0
        self.lose: list[str] = []
        self.insureds = [{"id": "1", "name": "南京鼎安化工有限公司"}]
        self.received: list[Json] = []
        self.consents: list[str] = []
        self.reads: list[int] = []
        self.uploads: dict[str, tuple[bytes, str]] = {}
        self.sessions: dict[str, Conversation] = {}
        self.listeners: list[asyncio.Queue[tuple[str, Json]]] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.invitation: str | None = "invitation-1_A"
        self.joins: list[Json] = []
        self.requests: list[Json] = []
        self.open = True
        self._ids = 0

    def message(self, direction: str, text: str, **fields: Any) -> Json:
        self._ids += 1
        now = self.demo or datetime.now(UTC).isoformat()
        return {"id": self._ids, "direction": direction, "at": now, "text": text, "buttons": [], "citations": []} | {
            "files": [],
            **fields,
        }

    def push(self, text: str = "", **fields: Any) -> None:
        """A message that nobody asked for, to every conversation and open stream."""
        message = self.message("out", text, pushed=True, **fields)
        for conversation in self.sessions.values():
            conversation.messages.append(message)
        self.emit("message", message)

    def state(self, handoff: str, typing: bool = False) -> None:
        for conversation in self.sessions.values():
            conversation.handoff = handoff
        self.emit("state", {"handoff": handoff, "typing": typing})

    def emit(self, event: str, data: Json) -> None:
        assert self.loop is not None
        for queue in list(self.listeners):
            self.loop.call_soon_threadsafe(queue.put_nowait, (event, data))

    def add_history(self, *messages: Json) -> None:
        for conversation in self.sessions.values():
            conversation.messages.extend(messages)


def problem(status: int, code: str, detail: str) -> JSONResponse:
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def build(gateway: Gateway) -> FastAPI:  # noqa: PLR0915 — one contract, one place
    app = FastAPI()

    @app.middleware("http")
    async def edge(request: Request, call_next: Any) -> Response:
        path = f"{request.method} {request.url.path}"
        if not path.split()[1].startswith("/api/"):
            response: Response = await call_next(request)
            response.headers.update(PAGE_HEADERS)
            return response
        if "before " + path in gateway.lose:
            gateway.lose.remove("before " + path)
            return problem(503, "unavailable", "系统正忙，请稍后再试。")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if path != "POST /api/sessions" and token not in gateway.sessions:
            return problem(401, "session_unknown", "会话已失效。")
        request.state.conversation = gateway.sessions.get(token)
        done: Response = await call_next(request)
        if "after " + path in gateway.lose:
            gateway.lose.remove("after " + path)
            return problem(502, "gateway", "网关没有收到答复。")
        return done

    def demo() -> Json:
        return {"demo": {"now": gateway.demo}} if gateway.demo else {}

    @app.post("/api/sessions", status_code=201)
    async def open_session() -> Json:
        gateway.loop = asyncio.get_running_loop()
        token = uuid.uuid4().hex
        gateway.sessions[token] = Conversation()
        return {"token": token, "conversation_id": token[:8], "privacy": PRIVACY, "branch": BRANCH} | demo()

    @app.post("/api/sessions/consent", status_code=204)
    async def consent(request: Request) -> None:
        request.state.conversation.consented = (await request.json())["version"]
        gateway.consents.append(request.state.conversation.consented)

    @app.get("/api/sessions/me")
    async def me(request: Request) -> Json:
        own: Conversation = request.state.conversation
        person = {"name": "张敏", "phone_masked": "138****0001"} if own.bound else None
        insureds = gateway.insureds if own.bound else []
        return {
            "bound": own.bound,
            "person": person,
            "acting_for": own.acting_for,
            "insureds": insureds,
            "branch": BRANCH,
            "handoff": own.handoff,
            "consented": bool(own.consented),
        } | demo()

    @app.post("/api/sessions/read", status_code=204)
    async def read(request: Request) -> None:
        gateway.reads.append((await request.json())["message_id"])

    @app.post("/api/sessions/acting-for")
    async def act_for(request: Request) -> Json:
        wanted = (await request.json())["insured_id"]
        request.state.conversation.acting_for = next(i for i in gateway.insureds if i["id"] == wanted)
        return {}

    @app.post("/api/sessions/bind", status_code=202)
    async def bind(request: Request) -> Json:
        assert set(await request.json()) == {"policy_no", "phone"}
        return {"demo_code": "246810"}

    @app.post("/api/sessions/bind/confirm")
    async def confirm(request: Request) -> Any:
        if (await request.json())["code"] != "246810":
            return problem(422, "bind_code_wrong", "验证码不对，请核对后再填。")
        request.state.conversation.bound = True
        request.state.conversation.acting_for = gateway.insureds[0]
        return {"insured": gateway.insureds[0]["name"], "policies": ["AZ2026000001"]}

    @app.post("/api/sessions/bind/join")
    async def join(request: Request) -> Any:
        body = await request.json()
        gateway.joins.append(body)
        if body["token"] != gateway.invitation:
            return problem(422, "invitation_void", "这个邀请链接已用过或过期了，请让主联系人重新发一个。")
        gateway.invitation = None
        request.state.conversation.bound = True
        request.state.conversation.acting_for = gateway.insureds[0]
        return {"insured": gateway.insureds[0]["name"]}

    @app.post("/api/sessions/bind/request", status_code=202)
    async def request_right(request: Request) -> Json:
        gateway.requests.append(await request.json())
        return {}

    @app.post("/api/messages")
    async def post(request: Request) -> Any:
        own: Conversation = request.state.conversation
        body = await request.json()
        gateway.received.append(body)
        if body["text"] == "拒收":
            return problem(422, "message_refused", "这条消息不能处理，请改一改再发。")
        if body["message_id"] in own.answers:
            return own.answers[body["message_id"]]
        files = [
            {
                "file_id": file_id,
                "name": gateway.uploads[file_id][1],
                "mime": mime(gateway.uploads[file_id][1]),
                "size": 1,
            }
            for file_id in body.get("files", [])
        ]
        stored = gateway.message("in", body["text"], message_id=body["message_id"], files=files)
        own.messages.append(stored)
        gateway.emit("message", stored)
        if gateway.delay:
            await asyncio.sleep(gateway.delay)
        replies = gateway.replies.get(body["text"], [{"text": f"收到：{body['text']}"}])
        messages = [gateway.message("out", **({"text": ""} | reply)) for reply in replies]
        own.messages.extend(messages)
        answer = {
            "topic": "chitchat",
            "understood": {"intent": "chitchat_greet", "confidence": 1.0},
            "messages": messages,
        }
        own.answers[body["message_id"]] = answer
        return answer

    @app.get("/api/messages")
    async def history(request: Request, after: int = 0) -> Json:
        items = [message for message in request.state.conversation.messages if message["id"] > after]
        return {"items": items, "last": items[-1]["id"] if items else after}

    @app.get("/api/events")
    async def events(request: Request) -> StreamingResponse:
        own: Conversation = request.state.conversation
        after = int(request.headers.get("last-event-id", "0"))
        queue: asyncio.Queue[tuple[str, Json]] = asyncio.Queue()
        for missed in own.messages:
            if missed["id"] > after:
                queue.put_nowait(("message", missed))
        gateway.listeners.append(queue)

        async def stream() -> AsyncIterator[str]:
            try:
                yield ": open\n\n"
                while gateway.open:
                    try:
                        event, data = await asyncio.wait_for(queue.get(), 0.2)
                    except TimeoutError:
                        yield ": still here\n\n"
                        continue
                    identity = f"id: {data['id']}\n" if "id" in data else ""
                    yield f"{identity}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
            finally:
                gateway.listeners.remove(queue)

        return StreamingResponse(stream(), media_type="text/event-stream")

    @app.post("/api/files", status_code=201)
    async def upload(file: UploadFile) -> Json:
        content = await file.read()
        file_id = uuid.uuid4().hex
        gateway.uploads[file_id] = (content, file.filename or "")
        return {"file_id": file_id, "sha256": hashlib.sha256(content).hexdigest()}

    @app.get("/api/files/{file_id}")
    async def download(file_id: str) -> Response:
        content, name = gateway.uploads[file_id]
        return Response(content, media_type=mime(name))

    app.mount("/", StaticFiles(directory=PAGE, html=True))
    return app


def mime(name: str) -> str:
    return "image/png" if name.endswith(".png") else "application/pdf"


@contextmanager
def running() -> Iterator[tuple[Gateway, str]]:
    """The gateway on a free port of this machine, and its address."""
    gateway = Gateway()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        config = uvicorn.Config(build(gateway), log_level="error", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield gateway, f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            gateway.open = False
            server.should_exit = True
            thread.join(10)
