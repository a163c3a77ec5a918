"""The report of an import as a workbook: what it was, what is wrong cell by cell, what moved. No cell is a formula."""

from collections.abc import Iterable, Sequence
from typing import Any

from anze.imports.made import Made
from anze.texts import text
from anze.workbook import MIME, Sheet, workbook

FAULT = ("sheet", "line", "column", "found", "words", "advice")
MOVED = ("column", "found", "words")


def say(key: str, **fields: object) -> str:
    return text(f"imports.report.{key}", **fields)


def report(view: dict[str, Any], faults: Iterable[dict[str, Any]], moved: Iterable[dict[str, Any]]) -> Made:
    """`view` as of an import, lines as of usecases.notes."""
    tables = {
        "summary": [list(line) for line in summary(view)],
        "faults": [[say(f"fault.{name}") for name in FAULT], *_lines(faults, FAULT)],
        "moved": [[say(f"moved.{name}") for name in MOVED], *_lines(moved, MOVED)],
    }
    widths = {"summary": (18, 60), "faults": (14, 8, 24, 30, 46, 46), "moved": (16, 24, 60)}
    sheets = (
        Sheet(say(f"sheet.{name}"), lines, widths=widths[name], heads=name != "summary", frozen=name != "summary")
        for name, lines in tables.items()
    )
    return Made(say("name", id=view["id"], name=view["name"]), MIME, workbook(sheets))


def state_words(state: str) -> str:
    return text(f"imports.state.{state}")


def _lines(rows: Iterable[dict[str, Any]], names: Sequence[str]) -> list[list[str]]:
    return [["" if row[name] is None else str(row[name]) for name in names] for row in rows]


def summary(view: dict[str, Any]) -> list[tuple[str, str]]:
    """The import in names and values, for the report and for the page."""
    counts = view["counts"] or {}
    pairs = [
        ("state", state_words(view["state"])),
        ("problem", view["problem"] or ""),
        ("kind", view["name"]),
        ("file", view["file_name"]),
        ("sha256", view["file_sha256"]),
        ("since", view["since"] or ""),
        ("who", view["who"]),
        ("branch", view["branch"]),
        ("partial", text("imports.partial") if view["partial"] else ""),
    ]
    pairs += [(name, str(counts[name])) for name in ("new", "changed", "same", "refused") if name in counts]
    pairs += [(name, str(counts[name])) for name in ("faults", "older") if counts.get(name)]
    if counts.get("ignored"):
        pairs.append(("ignored", "、".join(counts["ignored"])))
    found = [(say(f"field.{name}"), value) for name, value in pairs if value]
    return found + [(text(f"imports.what.{what}"), str(count)) for what, count in (view["moved"] or {}).items()]
