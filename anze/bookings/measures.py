"""What is done in a service item: knowledge/service_measures.yml, checked when it is read."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter

from anze.settings import ROOT

FILE = ROOT / "knowledge" / "service_measures.yml"
_Text = Annotated[str, StringConstraints(min_length=4, max_length=120, strip_whitespace=True)]


class Measures(BaseModel):
    """服务措施 of an item, and what the insured gets ready for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: Literal["a", "b", "c", "d", "e", "f", "g"]
    statutory: bool = False
    measures: _Text
    prepare: _Text


def read(file: Path) -> dict[tuple[str, bool], Measures]:
    """The rows by (item, statutory). Raises ValueError for a malformed row, one that is there twice or is missing."""
    rows = TypeAdapter(list[Measures]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    found: dict[tuple[str, bool], Measures] = {(row.item, row.statutory): row for row in rows}
    if len(found) != len(rows) or not {(letter, False) for letter in "abcdefg"} <= found.keys():
        raise ValueError(f"{file.name}: each item once, and all of a to g")
    return found


@cache
def _rows() -> dict[tuple[str, bool], Measures]:
    return read(FILE)


def measures_for(item: str, *, statutory: bool = False) -> Measures:
    """The row of an item."""
    return _rows().get((item, statutory)) or _rows()[item, False]
