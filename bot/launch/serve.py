"""Runs Rasa on loopback: our channel, our tracker store, one model, no HTTP API."""

from __future__ import annotations

# First of all: on import it looks through every module that is loaded, and after Rasa's this takes six seconds more.
import skops.io  # noqa: F401  # isort: skip

import asyncio
import logging
import os
import socket
import sys
import time
from pathlib import Path

from rasa.core.channels.channel import register
from rasa.core.run import create_http_input_channels
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from sanic import Sanic

from components.agent import TurnAgent
from components.language import LanguageMismatchError
from launch.project import CREDENTIALS, ENDPOINTS

TURN_SECONDS = 600
"""How long Sanic lets a request run. The gateway waits for a turn without end; Rasa waits 300 s for an action."""

logger = logging.getLogger(__name__)


def serve(bound: socket.socket, model: Path, zh: str) -> int:
    """Serve until stopped; returns the exit code. `ready` says 503 until the model is in."""
    app = Sanic("anze-engine", configure_logging=False)
    app.config.RESPONSE_TIMEOUT = TURN_SECONDS
    app.config.REQUEST_MAX_SIZE = 1_000_000
    app.config.MOTD = False
    app.ctx.zh = zh
    app.ctx.exit_code = 0
    register(create_http_input_channels(None, str(CREDENTIALS)), app, route="/webhooks/")

    @app.listener("after_server_start")
    async def load(running: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        running.ctx.loading = loop.create_task(_load(running, model))

    app.run(sock=bound, workers=1, access_log=False, motd=False)
    return app.ctx.exit_code


async def _load(app: Sanic, model: Path) -> None:
    """Load in a thread, so that the port answers meanwhile; a model that cannot be loaded ends the process."""
    started = time.monotonic()
    try:
        agent = await asyncio.get_running_loop().run_in_executor(None, load_agent, model)
    except Exception as error:
        cause = _mismatch(error) or error
        print(f"anze-bot: cannot load {model}: {cause}", file=sys.stderr)
        app.ctx.exit_code = 3 if isinstance(cause, LanguageMismatchError) else 1
        app.stop()
        return
    app.ctx.agent = agent
    logger.info("ready with model %s in %.1f s, pid %s", agent.model_id, time.monotonic() - started, os.getpid())


def load_agent(model: Path) -> TurnAgent:
    """The agent with its model. Raises what the loading raises."""
    endpoints = AvailableEndpoints.read_endpoints(str(ENDPOINTS))
    agent = TurnAgent(
        generator=endpoints.nlg,
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        action_endpoint=endpoints.action,
    )
    agent.load_model(model)
    # The first text costs a second (the sentence encoder's weights); nobody should wait for it.
    asyncio.run(agent.parse_message("你好"))
    return agent


def _mismatch(error: BaseException | None) -> LanguageMismatchError | None:
    """Rasa's graph wraps what a component raises."""
    while error is not None:
        if isinstance(error, LanguageMismatchError):
            return error
        error = error.__cause__ or error.__context__
    return None
