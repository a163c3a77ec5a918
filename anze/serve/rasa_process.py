"""Rasa as a child process: started, watched, restarted with back-off, ended with its parent."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from pathlib import Path

from anze.settings import ROOT

log = logging.getLogger(__name__)

BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
_FIRST_WAIT, _LONGEST_WAIT, _STEADY_SECONDS = 1.0, 30.0, 60.0
_STOP_SECONDS = 10.0


class RasaProcess:
    """Keeps one Rasa alive. The child ends by itself when its standard input closes, so kill -9 leaves no orphan."""

    def __init__(self, port: int, model: Path, actions_url: str, secret: str) -> None:
        self._command = [
            str(BOT_PYTHON),
            str(ROOT / "bot" / "run.py"),
            "serve",
            "--port",
            str(port),
            "--model",
            str(model),
        ]
        self._environment = os.environ | {
            "ANZE_ACTIONS_URL": actions_url,
            "ANZE_ENGINE_SECRET": secret,
            "RASA_TELEMETRY_ENABLED": "false",
        }
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Of the child that runs now."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def keep_alive(self) -> None:
        """Start the child again whenever it ends, until stop()."""
        wait = _FIRST_WAIT
        while not self._stopping:
            began = time.monotonic()
            self._child = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, stdin=asyncio.subprocess.PIPE, start_new_session=True
            )
            code = await self._child.wait()
            if self._stopping:
                return
            wait = _FIRST_WAIT if time.monotonic() - began > _STEADY_SECONDS else wait
            log.error("Rasa ended with code %s, starting it again in %.0f s", code, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def stop(self) -> None:
        """End the child and wait for it."""
        self._stopping = True
        child = self._child
        if child is None or child.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), _STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
