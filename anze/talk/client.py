"""A talk with the running server over HTTP, as any program would have it (the contract in docs/design.md)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from anze.texts import text

VISITOR = "visitor"
EVENTS_SECONDS = 60.0
"""Longer than the server's heartbeat, so that a stream that fell silent is noticed."""


class RefusedByServerError(Exception):
    """The server said no; the message is its Chinese sentence, `code` its stable name."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


class UnreachableError(Exception):
    """Nobody answers at this address, or what answers is not anze."""


@dataclass(frozen=True)
class User:
    """Who speaks: a visitor, somebody with a policy and the phone on file, or a staff login."""

    name: str

    @property
    def policy(self) -> tuple[str, str] | None:
        """(policy number, phone), None for the two other kinds."""
        number, _, phone = self.name.partition(":")
        return (number, phone) if phone else None

    @property
    def visitor(self) -> bool:
        return self.name == VISITOR


class Talk:
    """One user's conversation. The token is kept in the data folder, so that a later call goes on with it."""

    def __init__(
        self,
        url: str,
        user: User,
        sessions: Path,
        *,
        password: str,
        ask_code: Callable[[], str],
        client: httpx.Client | None = None,
    ) -> None:
        self._client = client or httpx.Client(base_url=url, timeout=httpx.Timeout(60, connect=3), trust_env=False)
        self._user = user
        self._password = password
        self._ask_code = ask_code
        self._sessions = sessions
        self._key = f"{url} {user.name}"
        self._token: str | None = None

    def sign_in(self, *, anew: bool = False) -> None:
        """Go on with the last conversation of this user, or begin one. Raises RefusedByServerError."""
        self._token = None if anew else self._kept().get(self._key)
        if self._token is not None and self._still_good():
            return
        self._token = self._begin()
        self._keep(self._token)

    def send(self, words: str) -> dict[str, Any]:
        """One message; the contract's answer."""
        return self._call("POST", "/api/messages", {"text": words})

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        """Messages of both directions with a greater id."""
        items: list[dict[str, Any]] = self._call("GET", f"/api/messages?after={after}")["items"]
        return items

    def pushed(self) -> Iterator[dict[str, Any]]:
        """Messages that are pushed from now on, as they come; ends when the connection does."""
        try:
            with self._client.stream("GET", "/api/events", headers=self._headers(), timeout=EVENTS_SECONDS) as stream:
                kind = ""
                for line in stream.iter_lines():
                    if line.startswith("event: "):
                        kind = line.removeprefix("event: ")
                    elif line.startswith("data: ") and kind == "message":
                        yield json.loads(line.removeprefix("data: "))
        except httpx.TransportError:
            return

    def close(self) -> None:
        self._client.close()

    def _still_good(self) -> bool:
        try:
            self._call("GET", "/api/sessions/me")
        except RefusedByServerError as refused:
            if refused.status != 401:
                raise
            return False
        return True

    def _begin(self) -> str:
        if not self._user.visitor and self._user.policy is None:
            body = {"username": self._user.name, "password": self._password}
            return str(self._call("POST", "/api/staff/login", body)["token"])
        self._token = str(self._call("POST", "/api/sessions", {})["token"])
        if self._user.policy is not None:
            number, phone = self._user.policy
            sent = self._call("POST", "/api/sessions/bind", {"policy_no": number, "phone": phone})
            # Only the demo shows the code in its answer; elsewhere it comes to the phone.
            code = sent.get("demo_code") or self._ask_code()
            self._call("POST", "/api/sessions/bind/confirm", {"code": code})
        return self._token

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, json=body, headers=self._headers())
            found = answer.json() if answer.content else {}
        except UnicodeEncodeError as error:
            raise RefusedByServerError(400, "text_not_unicode", text("errors.text_not_unicode")) from error
        except (httpx.TransportError, httpx.InvalidURL, ValueError) as error:
            raise UnreachableError(str(error)) from error
        if answer.is_error or not isinstance(found, dict):
            if not isinstance(found, dict) or "detail" not in found or "code" not in found:
                raise UnreachableError(f"status {answer.status_code}")
            raise RefusedByServerError(answer.status_code, found["code"], found["detail"])
        return found

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _kept(self) -> dict[str, str]:
        try:
            kept: dict[str, str] = json.loads(self._sessions.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return kept

    def _keep(self, token: str) -> None:
        self._sessions.parent.mkdir(parents=True, exist_ok=True)
        draft = self._sessions.with_name(f"{self._sessions.name}.tmp")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self._kept() | {self._key: token}, indent=1), encoding="utf-8")
        draft.replace(self._sessions)
