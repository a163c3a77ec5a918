"""An operator's folder with the demo in it, and a server on a real port behind which a fake Rasa sits."""

import asyncio
import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from anze.app import public_app
from anze.channels.rasa import RasaClient
from anze.cli import app
from anze.conversations.turns import TurnRunner, real_now
from anze.serve.clock_file import follow
from anze.services import Services, build
from anze.settings import Settings
from tests.helpers.fake_rasa import FakeRasa

type Anze = Callable[..., Result]

DEMO_NOW = "2026-12-21T10:00+08:00"
"""A Monday before the end of the published calendar, so that open complaints have provisional dates."""


def answer(result: Result) -> dict[str, Any]:
    """What a command that must succeed printed with --json."""
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refused(result: Result, says: str) -> None:
    """One Chinese line on stderr, exit code 2."""
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert says in result.stderr
    assert "Traceback" not in result.output


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder that the settings name."""
    monkeypatch.setenv("ANZE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ANZE_NOW", DEMO_NOW)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "data"


@pytest.fixture
def anze(data: Path) -> Anze:
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo database, loaded once."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ANZE_DATA", str(folder))
        environment.setenv("ANZE_NOW", DEMO_NOW)
        environment.delenv("DATABASE_URL", raising=False)
        for words in (["db", "upgrade", "--json"], ["demo", "load", "--json"]):
            answer(CliRunner().invoke(app, words))
    with closing(sqlite3.connect(folder / "anze.db")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return folder / "anze.db"


@pytest.fixture
def demo(data: Path, demo_file: Path) -> Path:
    """The data folder with the demo database and its files in it."""
    data.mkdir()
    shutil.copyfile(demo_file, data / "anze.db")
    shutil.copytree(demo_file.parent / "files", data / "files")
    return data


@dataclass
class Server:
    """What runs, and the fake Rasa behind it."""

    url: str
    services: Services
    rasa: FakeRasa
    loop: asyncio.AbstractEventLoop

    def wake(self, conversation_id: str) -> None:
        """Say that something happened in a conversation, as the server's own writers do."""
        self.loop.call_soon_threadsafe(self.services.hub.wake, conversation_id)


@pytest.fixture
def server(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A running application on the demo database."""
    rasa = FakeRasa("secret")
    built = build(Settings(), rasa_url="http://127.0.0.1:1", engine_secret="secret")
    client = RasaClient("http://127.0.0.1:1", "secret", rasa.client())
    turns = TurnRunner(built.db, client, built.clock, built.hub, real_now, built.calendar)
    services = replace(built, rasa=client, turns=turns)
    running = uvicorn.Server(
        uvicorn.Config(public_app(services), port=0, log_level="warning", timeout_graceful_shutdown=1)
    )

    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        clock = asyncio.create_task(follow(demo, services.clock))
        await running.serve()
        clock.cancel()
        await services.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("ANZE_PORT", str(port))
    yield Server(f"http://127.0.0.1:{port}", services, rasa, loops[0])
    running.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
