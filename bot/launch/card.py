"""The card beside a trained model: `models/anze.json`. Says what the model was made of, and whether it still fits."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from launch.project import Project

MODEL = "anze.tar.gz"
CARD = "anze.json"


@dataclass(frozen=True)
class Card:
    """`fingerprint` of the inputs, `zh` kind, `trained_at` ISO UTC, `seconds` of training, `sha256` of the model."""

    fingerprint: str
    zh: str
    trained_at: str
    seconds: float
    rasa: str
    sha256: str


def card_of(model: Path) -> Path:
    """Where the card of a model file lies."""
    return model.with_name(CARD if model.name == MODEL else model.name.removesuffix(".tar.gz") + ".json")


def write_card(model: Path, card: Card) -> None:
    """Write the card in one step: it is there whole or not at all."""
    path = card_of(model)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(asdict(card), indent=2) + "\n", "utf-8")
    draft.replace(path)


def read_card(model: Path) -> Card | None:
    """The card, or None when there is none that can be read."""
    try:
        return Card(**json.loads(card_of(model).read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def sha256_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def staleness(model: Path, project: Project, zh: str) -> str | None:
    """Why the model must be trained again, in a few words; None when it is fresh."""
    if not model.is_file():
        return f"no model at {model}"
    card = read_card(model)
    if card is None:
        return f"no card beside the model: {card_of(model)}"
    if card.zh != zh:
        return f"trained with the Chinese pipeline '{card.zh}', this environment has '{zh}'"
    if card.fingerprint != project.fingerprint(zh):
        return "configuration, domain, data, dictionary or components changed since the model was trained"
    if card.sha256 != sha256_of(model):
        return "the model file is not the one its card describes"
    return None
