"""Trains the model and puts it in place in one step."""

from __future__ import annotations

import logging
import tempfile
import time
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import yaml
from rasa.model_training import train as rasa_train
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog

from components.language import present_kind
from launch.card import CARD, MODEL, Card, sha256_of, write_card
from launch.project import Project


class TrainingFailedError(Exception):
    """Rasa did not make a model; its own messages say why."""


def train(project: Project, out: Path) -> Path:
    """Train into `out`: the model, then its card. The old pair serves until the new one is whole.

    Raises TrainingFailedError.
    """
    zh = present_kind()
    fingerprint = project.fingerprint(zh)
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".training-") as work:
        draft = _train(_with_kind(project.config, zh, Path(work)), project, Path(work))
        card = Card(
            fingerprint=fingerprint,
            zh=zh,
            trained_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - started, 1),
            rasa=version("rasa"),
            sha256=sha256_of(draft),
        )
        model = out / MODEL
        # Without a card the model counts as stale: a stop between the two steps is mended by the next start.
        (out / CARD).unlink(missing_ok=True)
        draft.replace(model)
        write_card(model, card)
    return model


def _with_kind(config: Path, zh: str, work: Path) -> Path:
    """The configuration with the kind of Chinese pipeline in it, so that the model itself carries the kind."""
    content = yaml.safe_load(config.read_text("utf-8"))
    for component in content["pipeline"]:
        if component["name"].endswith(".SpacyNLP"):
            component["zh"] = zh
    written = work / "config.yml"
    written.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return written


def _train(config: Path, project: Project, work: Path) -> Path:
    # Training reads no person's text, so Rasa may say in full what it does and what it warns of.
    configure_logging_and_warnings(logging.INFO)
    configure_structlog(logging.INFO)

    result = rasa_train(
        domain=str(project.domain),
        config=str(config),
        training_files=[str(project.data)],
        output=str(work),
        fixed_model_name=MODEL,
    )
    if result.model is None or result.code != 0:
        raise TrainingFailedError(f"rasa ended with code {result.code}")
    return Path(result.model)
