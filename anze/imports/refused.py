"""A file that cannot be read at all."""

from typing import Any

from anze.texts import text


class FileRefusedError(Exception):
    """`code` of texts/imports.yml under `file`, with its fields: what is the matter and what to do."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code, self.fields = code, fields

    @property
    def detail(self) -> str:
        return text(f"imports.file.{self.code}", **self.fields)
