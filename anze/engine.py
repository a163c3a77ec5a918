"""Rasa's environment seen from here: is the model fresh, train it, what is in there. Talks to bot/run.py only."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from anze.settings import ROOT

PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
RUN = ROOT / "bot" / "run.py"
MODEL = ROOT / "models" / "anze.tar.gz"
CARD = ROOT / "models" / "anze.json"

_INSPECT = """
import json, os, platform, sys
sys.path.insert(0, sys.argv[1])
import run
from components.language import present_kind
from importlib.metadata import version
from rasa.telemetry import is_telemetry_enabled
print(json.dumps({"python": platform.python_version(), "rasa": version("rasa"), "zh": present_kind(),
                  "telemetry": is_telemetry_enabled()}))
"""
"""Asked through `run`, because every use of Rasa goes through it and it is what turns the telemetry off."""


class EngineMissingError(Exception):
    """There is no environment in bot/.venv, or it cannot be used."""


def stale(model: Path = MODEL) -> str | None:
    """Why the model must be trained again, None when it is fresh. Raises EngineMissingError."""
    done = _run("stale", "--model", str(model))
    if done.returncode not in {0, 1}:
        raise EngineMissingError(done.stderr.strip())
    return done.stdout.strip() if done.returncode else None


def train() -> int:
    """Train, all its messages on stderr; the exit code. Raises EngineMissingError."""
    _present()
    # The training runs in our process group, so Ctrl-C ends it with us; the old model stays until a new one is whole.
    return subprocess.run([PYTHON, RUN, "train"], stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - our own program


def card(path: Path = CARD) -> dict[str, Any] | None:
    """What stands on the card beside the model, None without one."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def inspect() -> dict[str, Any]:
    """Versions, Chinese pipeline and telemetry of Rasa's environment. Raises EngineMissingError."""
    _present()
    environment = {key: value for key, value in os.environ.items() if key != "RASA_TELEMETRY_ENABLED"}
    done = subprocess.run(  # noqa: S603 - our own program
        [PYTHON, "-c", _INSPECT, RUN.parent],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EngineMissingError(done.stderr.strip().rsplit("\n", 1)[-1])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _present() -> None:
    if not PYTHON.exists():
        raise EngineMissingError(str(PYTHON))


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    _present()
    return subprocess.run(  # noqa: S603 - our own program
        [PYTHON, RUN, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
