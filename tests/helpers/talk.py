"""One person's talk over HTTP, with all that was said, for a failure to show."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_NUMBER = re.compile(r"TS\d{11}")
_CODE = re.compile(r"演示库直接显示：(\d{6})")


@dataclass
class Reply:
    """What came back to one message: the contract's answer."""

    topic: str
    intent: str | None
    confidence: float
    messages: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.messages)

    @property
    def buttons(self) -> list[str]:
        return [button["title"] for message in self.messages for button in message["buttons"]]

    @property
    def citations(self) -> list[str]:
        return [citation["clause"] for message in self.messages for citation in message["citations"]]

    @property
    def data(self) -> dict[str, Any]:
        return {key: value for message in self.messages for key, value in (message.get("data") or {}).items()}


@dataclass
class Talk:
    """A signed-in conversation."""

    client: httpx.Client
    token: str
    conversation_id: str = ""
    transcript: list[str] = field(default_factory=list)
    offered: dict[str, str] = field(default_factory=dict)
    """Title → payload of every button seen, the newest of each title."""
    known: dict[str, str] = field(default_factory=dict)
    """What was learnt on the way: the last `number` and `demo_code`."""
    sent: int = 0
    last_id: int = 0

    @classmethod
    def visitor(cls, client: httpx.Client) -> "Talk":
        opened = client.post("/api/sessions", json={})
        assert opened.status_code == 201, opened.text
        body = opened.json()
        talk = cls(client, body["token"], body["conversation_id"])
        talk.news()
        return talk

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def call(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return self.client.request(method, path, headers=self._headers(), **sent)

    def bind(self, policy_no: str, phone: str) -> dict[str, Any]:
        """By the page's own way."""
        sent = self.call("POST", "/api/sessions/bind", json={"policy_no": policy_no, "phone": phone})
        assert sent.status_code == 202, sent.text
        bound = self.call("POST", "/api/sessions/bind/confirm", json={"code": sent.json()["demo_code"]})
        assert bound.status_code == 200, bound.text
        result: dict[str, Any] = bound.json()
        return result

    def say(self, text: str, files: list[str] | None = None, message_id: str | None = None) -> Reply:
        """Send words or a button's payload."""
        body = {"text": text, "files": files or [], "message_id": message_id or uuid4().hex}
        answer = self.call("POST", "/api/messages", json=body)
        self.sent += 1
        self.transcript.append(f"> {text} {files or ''}")
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        found = answer.json()
        understood = found["understood"]
        reply = Reply(found["topic"], understood["intent"], understood["confidence"], found["messages"])
        self.transcript.append(f"    [{reply.topic} · {reply.intent} {reply.confidence:.2f}]")
        self._heard(reply.messages)
        return reply

    def press(self, title: str) -> Reply:
        """Press the newest button with these words (or words that contain them)."""
        fitting = [seen for seen in self.offered if title in seen]
        assert fitting, f"no button {title!r} was offered, only {list(self.offered)}"
        exact = title if title in fitting else fitting[-1]
        self.transcript.append(f"> (button {exact})")
        return self.say(self.offered[exact])

    def upload(self, name: str) -> str:
        kind = {".jpg": "image/jpeg"}[Path(name).suffix]
        answer = self.call("POST", "/api/files", files={"file": (name, JPEG + name.encode(), kind)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["file_id"])

    def news(self) -> list[dict[str, Any]]:
        """What was pushed since the last look."""
        answer = self.call("GET", "/api/messages", params={"after": self.last_id})
        assert answer.status_code == 200, answer.text
        items = [item for item in answer.json()["items"] if item["id"] > self.last_id and item["direction"] == "out"]
        self._heard(items)
        return items

    def _heard(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            self.last_id = max(self.last_id, message["id"])
            buttons = [button["title"] for button in message["buttons"]]
            extra = [f"{name}={message[name]}" for name in ("data", "table") if message.get(name)]
            cited = [citation["clause"] for citation in message["citations"]]
            self.transcript.append(f"    < {message['text']} {buttons or ''} {cited or ''} {' '.join(extra)}".rstrip())
            for button in message["buttons"]:
                self.offered.pop(button["title"], None)
                self.offered[button["title"]] = button["payload"]
            if code := _CODE.search(message["text"]):
                self.known["demo_code"] = code[1]
                self.known["wrong_code"] = "000000" if code[1] != "000000" else "000001"
            if number := _NUMBER.search(str(message.get("data") or "") or message["text"]) or _NUMBER.search(
                message["text"]
            ):
                self.known["number"] = number[0]

    def shown(self) -> str:
        return "\n".join(self.transcript)
