"""The real application with the demo data, without Rasa: all that the provider's page needs, started in a moment."""

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import uvicorn

from anze import services
from anze.app import public_app
from anze.clock import Clock
from anze.db import Database
from anze.settings import Settings

NOBODY = "http://127.0.0.1:9"
"""Where no Rasa listens."""


@dataclass
class Site:
    """`url` of the application, `db` its database."""

    url: str
    db: Database
    services: services.Services


def settings_of(data: Path, **more: Any) -> Settings:
    return Settings(data=data, database_url=f"sqlite:///{data / 'anze.db'}", **more)


def demo_data(demo_file: Path, data: Path) -> Path:
    """A data folder with a copy of the demo database."""
    data.mkdir()
    shutil.copyfile(demo_file, data / "anze.db")
    return data


@contextmanager
def served(parts: services.Services, *, lifespan: Literal["on", "off"]) -> Iterator[Site]:
    """The application of these parts at a port of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = uvicorn.Server(uvicorn.Config(public_app(parts), log_level="warning", lifespan=lifespan))

    async def serve() -> None:
        await server.serve(sockets=[listener])
        await parts.close()

    # A loop of its own: Playwright keeps one running in the test's thread.
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", parts.db, parts)
    finally:
        server.should_exit = True
        thread.join(30)
    assert not thread.is_alive(), "the server did not end"


@contextmanager
def running(template: Path, data: Path, now: datetime, **more: Any) -> Iterator[Site]:
    """The application over a copy of the template; `more`: settings."""
    shutil.copytree(template, data)
    with served(services.build(settings_of(data, **more), rasa_url=NOBODY, clock=Clock(now)), lifespan="off") as site:
        yield site
