"""What the commands share: refusing bad input in one Chinese line, reading days, saying a result."""

import json
from datetime import date
from typing import Any

import typer

from anze.clock import legal_date, parse_instant
from anze.texts import text

FIRST_YEAR, LAST_YEAR = 2000, 2100


class RefusedError(Exception):
    """Bad input: `key` of texts/cli.yml and its fields, or a ready line. The program ends with exit code 2."""

    def __init__(self, key: str | None = None, *, line: str | None = None, **fields: Any) -> None:
        super().__init__(line or text(f"cli.{key}", **fields))


def day(value: str) -> date:
    """A date, or the Shanghai date of an ISO instant. Raises RefusedError."""
    try:
        found = date.fromisoformat(value) if len(value) <= 10 else legal_date(parse_instant(value))
    except (ValueError, OverflowError) as error:
        raise RefusedError("not_a_day", value=value) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RefusedError("day_out_of_range", value=value, first=FIRST_YEAR, last=LAST_YEAR)
    return found


def say(data: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print a result: as one JSON object for programs, or as lines for people."""
    typer.echo(json.dumps(data, ensure_ascii=False) if as_json else "\n".join(lines))
