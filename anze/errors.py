"""Errors that a user may see: a stable code, an HTTP status, a Chinese sentence from texts/errors.yml."""

from typing import Any

from anze.texts import text


class DomainError(Exception):
    """A refusal that is nobody's bug. `code` is stable, `fields` fill the sentence in texts/errors.yml."""

    def __init__(self, code: str, status: int = 422, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.fields = fields

    @property
    def detail(self) -> str:
        """What happened and what to do next, in Chinese."""
        return text(f"errors.{self.code}", **self.fields)
