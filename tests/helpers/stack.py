"""The real thing for tests: `anze serve` with its own Rasa, database and data folder, in a process of its own."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from anze.serve import clock_file
from anze.serve.rasa_process import BOT_PYTHON
from anze.serve.run import MODEL
from anze.settings import ROOT, Settings

READY_SECONDS = 300
STOP_SECONDS = 30
TRAIN_SECONDS = 20 * 60
_START = "import sys; from pathlib import Path; from anze.serve import run; from anze.settings import Settings; "
_SERVE = _START + "run.main(Settings())"
_SERVE_OTHER = _START + "import asyncio; asyncio.run(run.serve(Settings(), Path(sys.argv[1])))"


def trained_model() -> Path:
    """The project's model, trained first when it is missing or stale; one training at a time on this machine.

    ANZE_TEST_MODEL names another one, for quick tries while dialogues are written.
    """
    if other := os.environ.get("ANZE_TEST_MODEL"):
        return Path(other)
    MODEL.parent.mkdir(exist_ok=True)
    with (MODEL.parent / ".training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _bot("stale", "--model", str(MODEL)).returncode:
            trained = _bot("train", "--out", str(MODEL.parent))
            assert trained.returncode == 0, trained.stderr[-3000:]
    return MODEL


def _bot(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false"}
    command = [str(BOT_PYTHON), str(ROOT / "bot" / "run.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TRAIN_SECONDS, check=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Stack:
    """A running application. `log` is what it and its Rasa printed."""

    def __init__(self, data: Path, now: str, more: dict[str, str] | None = None) -> None:
        """`more`: further settings."""
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "serve.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._now = now
        self._more = more or {}

    @property
    def settings(self) -> Settings:
        return Settings(data=self.data, port=self.port)

    def start(self) -> None:
        """Start and wait until it is ready."""
        model = trained_model()
        self.data.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANZE_")}
        environment |= {
            "ANZE_DATA": str(self.data),
            "ANZE_PORT": str(self.port),
            "ANZE_DEMO": "1",
            "ANZE_NOW": self._now,
            "RASA_TELEMETRY_ENABLED": "false",
        }
        environment.pop("DATABASE_URL", None)
        environment |= self._more
        code = [_SERVE] if model == MODEL else [_SERVE_OTHER, str(model)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", *code], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self.wait_ready()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Until /readyz answers 200."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, f"the stack ended by itself:\n{self.tail()}"
            if self.is_ready():
                return
            time.sleep(0.3)
        raise AssertionError(f"not ready in {seconds:.0f} s:\n{self.tail()}")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; gives the exit code. Whatever is left of it after the wait is killed."""
        process, self.process = self.process, None
        assert process is not None
        process.send_signal(how)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"did not end {STOP_SECONDS} s after {how.name}:\n{self.tail()}") from None

    def rasa_pids(self) -> list[int]:
        """Rasas whose application is this one, told by the data folder in their environment."""
        mark = f"ANZE_DATA={self.data}".encode()
        return [
            pid
            for pid, command, environment in _processes()
            if b"run.py\0serve" in command and mark in environment.split(b"\0")
        ]

    def move_clock(self, iso: str) -> None:
        """Move the demo clock forward and wait until the application has taken it."""
        clock_file.write(self.data, iso)
        deadline = time.monotonic() + 10
        while (self.data / clock_file.NAME).exists():
            assert time.monotonic() < deadline, f"the clock did not move:\n{self.tail()}"
            time.sleep(0.05)


def _processes() -> Iterator[tuple[int, bytes, bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                yield int(entry.name), (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            except OSError:  # it ended meanwhile, or is not ours
                continue


@contextmanager
def running(data: Path, now: str, how: signal.Signals = signal.SIGTERM) -> Iterator[Stack]:
    """A started stack; ended cleanly afterwards by this signal, with nothing left of it."""
    stack = Stack(data, now)
    try:
        stack.start()
        yield stack
    finally:
        if stack.process is not None:
            code = stack.end(how)
            assert code == 0, f"ended with {code}:\n{stack.tail()}"
            assert stack.rasa_pids() == [], "a Rasa is left behind"
