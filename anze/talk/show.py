"""Messages of the contract as text for a terminal."""

from typing import Any

from rich.cells import cell_len

from anze.texts import text


def lines_of(message: dict[str, Any], first_number: int = 1) -> list[str]:
    """A message with its facts, table, citations, files and numbered buttons."""
    lines = message["text"].split("\n") if message.get("text") else []
    for row in (message.get("data") or {}).get("rows", []):
        lines.append("  " + text("talk.fact", **row))
    if table := message.get("table"):
        lines += _table(table["columns"], table["rows"])
    for cited in message.get("citations") or []:
        lines.append("  " + text("talk.citation", clause=cited["clause"], text=cited["text"], version=cited["version"]))
    lines += ["  " + text("talk.file", name=file["name"]) for file in message.get("files") or []]
    for number, button in enumerate(message.get("buttons") or [], first_number):
        lines.append("  " + text("talk.button", number=number, title=button["title"]))
    return lines


def _table(columns: list[str], rows: list[list[Any]]) -> list[str]:
    """Columns one under the other; a Chinese character takes two places."""
    cells = [[str(cell) for cell in row] for row in [columns, *rows]]
    widths = [max(cell_len(row[at]) for row in cells) for at in range(len(columns))]
    return [
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
