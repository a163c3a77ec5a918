"""The real application with the demo data, without Rasa: all that the console and its insured need."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from anze import services
from anze.app import public_app
from anze.clock import Clock
from tests.browser.provider_site import Site, settings_of

_NOBODY = "http://127.0.0.1:9"


@contextmanager
def serving(data: Path, clock: Clock) -> Iterator[Site]:
    """The application at a port of its own, with its lifespan: NiceGUI starts and ends with it."""
    parts = services.build(settings_of(data), rasa_url=_NOBODY, clock=clock)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = uvicorn.Server(uvicorn.Config(public_app(parts), log_level="warning", lifespan="on"))

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
