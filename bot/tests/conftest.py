"""One tiny trained model and one running server for all tests; nothing here depends on the real training data."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.action_server import ActionServer

BOT = Path(__file__).resolve().parents[1]
TINY = Path(__file__).parent / "tiny"
SECRET = "a-secret-of-the-tests"
_TURNS = count(1)

Reply = tuple[int, dict[str, Any]]


def run_py(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """One call of the launcher, to its end."""
    return subprocess.run(
        [sys.executable, str(BOT / "run.py"), *args],
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def tiny_project() -> list[str]:
    """The options of `train` and `stale` for the tests' own training set."""
    return ["--config", str(TINY / "config.yml"), "--domain", str(TINY / "domain"), "--data", str(TINY / "data")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Engine:
    """A running server as the gateway sees it."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def call(self, method: str, path: str, body: bytes | None = None, secret: str | None = SECRET) -> Reply:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, method=method)
        if secret is not None:
            request.add_header("Authorization", f"Bearer {secret}")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def post(self, body: Any, secret: str | None = SECRET) -> Reply:
        return self.call("POST", "/webhooks/anze/turn", json.dumps(body).encode(), secret)

    def turn(self, text: str = "", state: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """A turn that must succeed."""
        turn_id = fields.pop("turn_id", f"t{next(_TURNS)}")
        status, answer = self.post({"turn_id": turn_id, "text": text, "state": state or {}, **fields})
        assert status == 200, answer
        return answer

    def ready(self) -> Reply:
        return self.call("GET", "/webhooks/anze/ready", secret=None)


def start(model: Path, log: Path, actions: str, port: int | None = None) -> Engine:
    """Start a server whose standard input is a pipe of ours. Not yet ready."""
    port = port or free_port()
    env = {**os.environ, "ANZE_ACTIONS_URL": actions, "ANZE_ENGINE_SECRET": SECRET}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(BOT / "run.py"), "serve", "--port", str(port), "--model", str(model)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
        )
    return Engine(port, process, log)


def wait_ready(engine: Engine, seconds: float = 300) -> list[int]:
    """Wait for `ready` 200; the statuses seen on the way."""
    seen = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if engine.process.poll() is not None:
            raise AssertionError(f"server ended with {engine.process.returncode}: {engine.log.read_text()}")
        try:
            seen.append(engine.ready()[0])
        except OSError:
            time.sleep(0.2)
            continue
        if seen[-1] == 200:
            return seen
        time.sleep(0.1)
    raise AssertionError(f"not ready in {seconds} s: {engine.log.read_text()}")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models")
    trained = run_py("train", "--out", str(out), *tiny_project())
    assert trained.returncode == 0, trained.stderr
    return out / "anze.tar.gz"


@pytest.fixture(scope="session")
def actions() -> Iterator[ActionServer]:
    server = ActionServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def engine(model: Path, actions: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    running = start(model, tmp_path_factory.mktemp("log") / "engine.log", actions.url)
    try:
        running.statuses = wait_ready(running)  # type: ignore[attr-defined]
        yield running
    finally:
        assert running.process.stdin is not None
        running.process.stdin.close()
        assert running.process.wait(20) == 0, "an orderly stop when the parent closes the pipe"
