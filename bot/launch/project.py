"""The files a model is made of, and the fingerprint that tells when they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BOT = Path(__file__).resolve().parents[1]
ROOT = BOT.parent
ENDPOINTS = BOT / "endpoints.yml"
CREDENTIALS = BOT / "credentials.yml"

_CODE = [BOT / "components", BOT / "dictionary", BOT / "audiences.yml", BOT / "free_text.yml", BOT / "uv.lock"]


@dataclass(frozen=True)
class Project:
    """What is trained: the pipeline, the domain folder, the data folder."""

    config: Path = ROOT / "config.yml"
    domain: Path = BOT / "domain"
    data: Path = ROOT / "data"

    def inputs(self) -> Iterator[Path]:
        """Every file that a model depends on, in a fixed order."""
        for source in (self.config, self.domain, self.data, *_CODE):
            if source.is_file():
                yield source
            else:
                yield from sorted(p for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts)

    def fingerprint(self, zh: str) -> str:
        """A hash over names and contents of the inputs and the kind of Chinese pipeline."""
        found = hashlib.sha256(zh.encode())
        for path in self.inputs():
            content = path.read_bytes()
            found.update(f"\0{path.name}\0{len(content)}\0".encode())
            found.update(content)
        return found.hexdigest()
