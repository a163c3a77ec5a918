"""An SMS gateway for tests: a real HTTP server that refuses and answers late, and sends each message on once.

What the telephones saw is `seen`. As real gateways do it knows a repeat by its idempotency key.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from anze.channels.outbox.signing import SIGNATURE, TIMESTAMP, is_genuine
from anze.conversations.turns import real_now

KEY = "sms-secret"

type Answer = tuple[int, dict[str, Any], float]
"""Status, body, seconds until it is given."""


@dataclass
class FakeSms:
    """`behave(number, attempt)` says how a request is answered; a status of 2xx takes the message."""

    behave: Callable[[str, int], Answer] = lambda number, attempt: (202, {}, 0.0)
    seen: list[tuple[str, str]] = field(default_factory=list)
    """(number, text) of each message that reached a telephone"""
    requests: list[dict[str, Any]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Numbers that were refused for good"""
    url: str = ""
    _known: dict[str, str] = field(default_factory=dict)
    _attempts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, headers: Any, body: bytes) -> Answer:
        if not is_genuine(KEY, headers.get(TIMESTAMP), headers.get(SIGNATURE), body, real_now()):
            return 401, {"code": "signature"}, 0.0
        message = json.loads(body)
        key = headers.get("Idempotency-Key")
        assert key == message["id"]
        with self._lock:
            self.requests.append(message)
            if key in self._known:
                return 200, {"id": self._known[key]}, 0.0
            self._attempts[key] = self._attempts.get(key, 0) + 1
            status, told, seconds = self.behave(message["to"], self._attempts[key])
            if 200 <= status < 300:
                self._known[key] = f"sms-{len(self._known) + 1}"
                self.seen.append((message["to"], message["text"]))
                told = told | {"id": self._known[key]}
            elif 400 <= status < 500 and status != 429:
                self.refused.add(message["to"])
            return status, told, seconds


@contextmanager
def serving(sms: FakeSms) -> Iterator[FakeSms]:
    """The gateway on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, told, seconds = sms.take(self.headers, body)
            time.sleep(seconds)
            answer = json.dumps(told).encode()
            try:
                self.send_response(status)
                if "retry_after" in told:
                    self.send_header("Retry-After", str(told["retry_after"]))
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:  # whoever asked did not wait, or was killed
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    sms.url = f"http://127.0.0.1:{server.server_address[1]}/send"
    try:
        yield sms
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
