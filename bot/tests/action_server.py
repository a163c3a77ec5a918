"""A small action server in a thread: answers as the SDK would, remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Result = dict[str, Any]


def said(**response: Any) -> Result:
    """What `dispatcher.utter_message(**response)` makes of it."""
    blank: dict[str, Any] = {
        "text": None, "buttons": [], "elements": [], "custom": {}, "template": response.get("response"),
        "response": None, "image": None, "attachment": None,
    }  # fmt: skip
    return {"events": [], "responses": [{**blank, **response}]}


class ActionServer:
    """`calls` holds the bodies received; `finished` the sender ids whose slow action ran to its end."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.authorization: list[str | None] = []
        self.finished: list[str] = []
        self.started = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def last(self) -> dict[str, Any]:
        return self.calls[-1]

    def answer(self, call: dict[str, Any]) -> tuple[int, Any]:
        """Status and body for one call."""
        actions: dict[str, Callable[[dict[str, Any]], tuple[int, Any]]] = {
            "action_ask": lambda _: (200, said(response="utter_standard_answer", custom={"data": {"kind": "x"}})),
            "action_filed": lambda _: (200, said(response="utter_complaint_filed", number="TS1")),
            "action_hole": lambda _: (200, said(response="utter_complaint_filed")),
            "action_nowhere": lambda _: (200, said(response="utter_complaint_elsewhere")),
            "action_break": lambda call: (500, {"error": call["tracker"]["latest_message"]["text"]}),
            "action_fallback_ask": lambda _: (200, said(response="utter_fallback_ask")),
            "action_circle": lambda _: (
                200,
                {"events": [{"event": "followup", "name": "action_circle"}], "responses": []},
            ),
            "action_malformed": lambda call: (200, {"events": call["tracker"]["latest_message"]["text"]}),
            "action_slow": self._slow,
        }
        return actions[call["next_action"]](call)

    def _slow(self, call: dict[str, Any]) -> tuple[int, Any]:
        self.started.set()
        time.sleep(1.0)
        self.finished.append(call["sender_id"])
        return 200, said(response="utter_standard_answer")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.calls.append(call)
                server.authorization.append(self.headers.get("authorization"))
                status, body = server.answer(call)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler
