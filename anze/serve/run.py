"""`anze serve`: the application and its Rasa, up together and down together."""

import asyncio
import contextlib
import logging
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import typer
import uvicorn

from anze import commands, migrate
from anze.app import internal_app, public_app, readiness
from anze.clock import parse_instant
from anze.conversations.emergency import is_emergency
from anze.conversations.turns import real_now
from anze.db import Database, make_engine
from anze.serve.clock_file import follow
from anze.serve.exporting import export_last
from anze.serve.rasa_process import BOT_PYTHON, RasaProcess
from anze.serve.sweep import scheduler
from anze.services import Services, build
from anze.settings import ROOT, Settings
from anze.standard.usecases import warm_up
from anze.texts import text

MODEL = ROOT / "models" / "anze.tar.gz"


class CannotStartError(Exception):
    """Something is missing; the message is one Chinese line that says what."""


class _Server(uvicorn.Server):
    """Signals are handled once, by `serve`."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own is an untyped generator
        yield


@dataclass(frozen=True)
class _Listener:
    server: _Server
    socket: socket.socket

    async def run(self) -> None:
        await self.server.serve([self.socket])


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises CannotStartError for a port that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it each answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise CannotStartError(text("serve.port_taken", host=host, port=port)) from error
    return listening


def _free_port() -> int:
    with listen("127.0.0.1", 0) as probe:
        port: int = probe.getsockname()[1]
        return port


def _listener(app: object, listening: socket.socket, log_level: str) -> _Listener:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # any ASGI application
        log_level=log_level.lower(),
        access_log=False,
        timeout_graceful_shutdown=5,
        # Longer than clients and proxies keep an idle connection (httpx 5 s, nginx 60 s): whoever closes first must
        # not be the server, or a request that is on its way is lost with the connection.
        timeout_keep_alive=75,
        server_header=False,
        date_header=True,
    )
    return _Listener(_Server(config), listening)


def check(settings: Settings, model: Path = MODEL) -> None:
    """What must be there before anything starts. Raises CannotStartError."""
    if settings.rasa_url is None and not BOT_PYTHON.exists():
        raise CannotStartError(text("serve.no_bot_environment"))
    if settings.rasa_url is None and not model.exists():
        raise CannotStartError(text("serve.no_model"))


def prepare_database(settings: Settings) -> None:
    """Migrate, and on the first start of a demo load its data."""
    from anze.conversations.files import FileStore  # noqa: PLC0415
    from anze.demo.load import load as load_demo  # noqa: PLC0415 - only a demo needs it
    from anze.demo.papers import keep as keep_papers  # noqa: PLC0415
    from anze.demo.sources import sources  # noqa: PLC0415

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        migrate.upgrade(engine)
        if settings.demo:
            now = parse_instant(settings.now) if settings.now else real_now()
            with Database(engine).write() as session:
                load_demo(session, now, sources(settings))
            keep_papers(FileStore(settings.files, settings.upload_limit_bytes))
    finally:
        engine.dispose()


async def serve(settings: Settings, model: Path = MODEL, *, as_json: bool = False) -> None:
    """Run until SIGINT or SIGTERM."""
    check(settings, model)
    with listen(settings.host, settings.port) as public, listen("127.0.0.1", 0) as internal:
        prepare_database(settings)
        rasa_url = settings.rasa_url or f"http://127.0.0.1:{_free_port()}"
        services = build(settings, rasa_url=rasa_url)
        actions_url = f"http://127.0.0.1:{internal.getsockname()[1]}/actions"
        child = None
        if settings.rasa_url is None:
            child = RasaProcess(int(rasa_url.rsplit(":", 1)[1]), model, actions_url, services.engine_secret)
        listeners = [
            _listener(public_app(services), public, settings.log_level),
            _listener(internal_app(services), internal, settings.log_level),
        ]
        await _run(services, listeners, child, settings, as_json=as_json)


async def _run(
    services: Services, listeners: list[_Listener], child: RasaProcess | None, settings: Settings, *, as_json: bool
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    jobs = scheduler(services)
    jobs.start()
    tasks = [asyncio.create_task(listener.run()) for listener in listeners]
    tasks.append(asyncio.create_task(_announce(services, settings, as_json=as_json)))
    if services.demo:
        tasks.append(asyncio.create_task(follow(settings.data, services.clock)))
    if child is not None:
        tasks.append(asyncio.create_task(child.keep_alive()))
    await asyncio.to_thread(_warm_up)
    try:
        await ended.wait()
    finally:
        typer.echo(text("serve.stopping"), err=True)
        jobs.shutdown(wait=False)
        for listener in listeners:
            listener.server.should_exit = True
        await asyncio.wait(tasks[: len(listeners)], timeout=8)
        await services.turns.close()
        await export_last(services)
        await services.close()
        if child is not None:
            await child.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _warm_up() -> None:
    """What is built once is built before somebody waits for it, within a transaction at that."""
    is_emergency("")
    warm_up()


async def _announce(services: Services, settings: Settings, *, as_json: bool) -> None:
    """Say where it is once everything is ready."""
    while not all(part["ready"] for part in (await readiness(services)).values()):
        await asyncio.sleep(0.3)
    await services.turns.resume()
    key = "serve.ready_demo" if services.demo else "serve.ready"
    line = text(key, host=settings.host, port=settings.port)
    commands.say({"ready": True, "url": f"http://{settings.host}:{settings.port}", "demo": services.demo}, [line],
                 as_json=as_json)  # fmt: skip


def main(settings: Settings, *, as_json: bool = False) -> None:
    """Entry of the command. Raises CannotStartError."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("alembic", "apscheduler", "bm25s", "httpx", "rasa_sdk"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    asyncio.run(serve(settings, as_json=as_json))
