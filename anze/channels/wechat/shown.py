"""A message of ours as a text for WeChat: buttons numbered, a table as lines, clauses as a short line. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from anze.channels.wechat.parts import MOST_BYTES, size
from anze.texts import text as say

MOST_ROWS, MOST_BUTTONS = 6, 20
_NOTHING = "—"
_FIRST_SENTENCE = re.compile(r"[^。！？\n]*[。！？]?")
_NUMBER = re.compile(r"(?:选|第|按|回复?)?\s*([0-9]{1,2}|[一二三四五六七八九十])\s*(?:[.、。)]|个|项|号|条)?")
_CHINESE = "一二三四五六七八九十"


def words(view: dict[str, Any], url: str) -> str:
    """`view` is what conversations.views gives; `url` opens the page signed in."""
    lines = [str(view["text"]).strip()]
    lines += _card((view.get("data") or {}).get("rows"))
    if table := view.get("table"):
        lines += _table(table, url)
    clauses = list(dict.fromkeys(str(one["clause"]) for one in view.get("citations", []) if one.get("clause")))
    if clauses:
        lines.append(say("wechat.clauses", clauses="、".join(clauses)))
    lines += [say("wechat.file", name=file["name"], url=url) for file in view.get("files", [])]
    lines += _buttons([str(button["title"]) for button in view.get("buttons", [])])
    return "\n".join(line for line in lines if line)


def notice(view: dict[str, Any], url: str) -> str:
    """What is pushed: one message. A long one, or one with a file, is its first sentence and where the rest is."""
    whole = words(view, url)
    if size(whole) <= MOST_BYTES and not view.get("files"):
        return whole
    found = _FIRST_SENTENCE.match(str(view["text"]).strip())
    first = found.group().strip() if found else ""
    return say("wechat.notice", first=first, url=url)


def is_numbered(titles: Sequence[str]) -> bool:
    """Whether buttons get numbers: not when a title begins with one of its own (5 分)."""
    return bool(titles) and not any(title[:1].isdigit() for title in titles)


def number_in(typed: str) -> int | None:
    """2, 第2个, 选二 → 2. `typed` is normalised; None: it is something else."""
    found = _NUMBER.fullmatch(typed)
    if found is None:
        return None
    said = found.group(1)
    return _CHINESE.index(said) + 1 if said in _CHINESE else int(said)


def _card(rows: Any) -> list[str]:
    """What is to be checked before it is done: a booking, a complaint, a decision in its parts."""
    lines = []
    for row in rows if isinstance(rows, list) else []:
        note = say("wechat.note", note=row["note"]) if row.get("note") else ""
        lines.append(say("wechat.fact", label=row["label"], value=row.get("value") or _NOTHING) + note)
    return lines


def _buttons(titles: list[str]) -> list[str]:
    if not titles:
        return []
    if not is_numbered(titles):
        return [say("wechat.choose_words", titles=" / ".join(titles))]
    lines = [f"{number} {title}" for number, title in enumerate(titles[:MOST_BUTTONS], 1)]
    return [*lines, say("wechat.choose_one" if len(lines) == 1 else "wechat.choose")]


def _table(table: dict[str, Any], url: str) -> list[str]:
    columns, rows = table["columns"], table["rows"]
    named = [
        [f"{column}：{cell}" for column, cell in zip(columns, row, strict=False) if cell not in {"", _NOTHING, None}]
        for row in rows[:MOST_ROWS]
    ]
    lines = [say("wechat.row", cells="，".join(cells)) for cells in named]
    return [*lines, say("wechat.rows_more", total=len(rows), url=url)] if len(rows) > MOST_ROWS else lines
