"""A file that was made to be downloaded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Made:
    name: str
    mime: str
    content: bytes
