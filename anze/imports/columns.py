"""What can be imported: the kinds and their columns, as knowledge/imports.yml has them."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from anze.errors import DomainError
from anze.settings import ROOT

KNOWLEDGE = ROOT / "knowledge"
Value = Literal[
    "text", "code", "uscc", "phone", "day", "whole", "money", "yes_no", "choice", "letters", "codes", "names"
]
_BRACKETS = re.compile(r"\([^()]*\)$")
_LIMITED = frozenset({"text", "code", "names"})


def plain(title: str) -> str:
    """A head as it is compared: width, spaces, capitals, a star and a remark in brackets make no other."""
    text = "".join(unicodedata.normalize("NFKC", title).split()).strip("*＊").casefold()
    return _BRACKETS.sub("", text).strip("*")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Column(_Row):
    """One column. `choices`: what is written → what is kept."""

    name: str
    title: str
    also: tuple[str, ...] = Field(default=(), strict=False)
    needed: bool = False
    value: Value
    most: int | None = None
    min: int = 0
    max: int = 10**9
    choices: dict[str, str] = {}
    example: str

    @model_validator(mode="after")
    def _fits_its_value(self) -> Self:
        if (self.value == "choice") != bool(self.choices):
            raise ValueError(f"{self.name}: a choice has choices, nothing else has")
        if (self.value in _LIMITED) != (self.most is not None):
            raise ValueError(f"{self.name}: {self.value} and `most` do not go together")
        return self

    @property
    def heads(self) -> set[str]:
        """Every head that means this column."""
        return {plain(head) for head in (self.name, self.title, *self.also)}


class KindTable(_Row):
    """One kind: its columns, and those by which a row is known."""

    name: str
    explain: str
    whole: bool = False
    """All rows or none, whoever imports"""
    key: tuple[str, ...] = Field(strict=False)
    columns: tuple[Column, ...] = Field(strict=False)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @model_validator(mode="after")
    def _heads_are_clear(self) -> Self:
        heads = [head for column in self.columns for head in column.heads]
        if twice := {head for head in heads if heads.count(head) > 1}:
            raise ValueError(f"{self.name}: a head means two columns: {sorted(twice)}")
        needed = {column.name for column in self.columns if column.needed}
        if not set(self.key) <= needed:
            raise ValueError(f"{self.name}: a key column is needed in every row")
        return self


class Table(_Row):
    """The whole file."""

    version: str
    kinds: dict[str, KindTable]
    changed_on: Column
    """In any kind: when the core system changed the row; `--since` reads what is not older"""

    @model_validator(mode="after")
    def _changed_on_is_no_other(self) -> Self:
        for kind in self.kinds.values():
            if any(column.heads & self.changed_on.heads for column in kind.columns):
                raise ValueError(f"{kind.name}: {self.changed_on.title} is the head of another column")
        return self

    def kind(self, name: str) -> KindTable:
        """Raises DomainError import_kind for a kind that there is none of."""
        if name not in self.kinds:
            raise DomainError("import_kind", 422, kinds="、".join(self.kinds))
        return self.kinds[name]


class ColumnsError(Exception):
    """The file of columns cannot be used."""


@cache
def table(knowledge: Path = KNOWLEDGE) -> Table:
    """The kinds. Raises ColumnsError for a malformed file."""
    path = knowledge / "imports.yml"
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Table.model_validate(raw)
    except (ValidationError, yaml.YAMLError) as error:
        raise ColumnsError(f"{path}: {error}") from error
