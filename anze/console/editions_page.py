"""The editions of the standard (标准版本): which one is in force, and two of them compared clause by clause."""

from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from anze.console.frame import colleague, frame
from anze.console.html import section, table, tag
from anze.console.visit import Visit
from anze.console.words import say
from anze.errors import DomainError
from anze.standard.comparing import compared, listed, meant
from anze.standard.editions import editions
from anze.standard.load import Knowledge, KnowledgeError
from anze.texts import text

_MARKS = {"gone": "del", "new": "ins"}
"""Struck through and underlined: to be told apart without colour"""


async def build(visit: Visit) -> None:
    """The page; `old` and `new` of its address name the two. Raises SignedOutError; obligation_edition, 404."""
    given, here = visit.request.query_params, editions()
    try:
        pair = meant(here, given.get("old") or None, given.get("new") or None)
    except KnowledgeError as error:
        raise DomainError("obligation_edition", 404) from error
    who = await visit.read(colleague)
    with frame(visit, who, "duties", say("editions.title")):
        with tag("p", classes="chips"):
            tag("a", say("duties.back"), href="/staff/duties")
        heads = [say(f"editions.column.{name}") for name in ("cite", "key", "standing")]
        table(heads, [(row["cite"], row["key"], row["words"]) for row in listed(here)], say("editions.title"))
        if here.broken:
            tag("p", say("editions.broken", count=len(here.broken)), "soft")
        if pair is None:
            tag("p", say("editions.one_only"), "soft")
            return
        _choice(visit, *pair)
        _differences(compared(*pair))


def _choice(visit: Visit, old: Knowledge, new: Knowledge) -> None:
    names = {key: known.edition.cite for key, known in editions().by_key.items()}
    with tag("div", classes="filters", role="search"):
        before = ui.select(names, label=say("editions.old"), value=old.edition.key).props("outlined dense")
        after = ui.select(names, label=say("editions.new"), value=new.edition.key).props("outlined dense")

    async def again() -> None:
        visit.go(f"/editions?{urlencode({'old': before.value, 'new': after.value})}")

    for one in (before, after):
        one.on_value_change(visit.on(again))


def _differences(rows: list[dict[str, Any]]) -> None:
    tag("p", text("editions.cli.count", count=len(rows)) if rows else text("editions.cli.same"), "understood")
    if rows:
        with tag("p", classes="soft"):
            tag("span", say("editions.how"))
            for kind in _MARKS:
                _piece({"kind": kind, "text": text(f"editions.sign.{kind}")})
    for row in rows:
        _clause(row)


def _clause(row: dict[str, Any]) -> None:
    part = section(f"{row['name']} {row['heading']}".strip())
    part.props["data-clause"] = row["clause"]
    with part:
        with tag("p", classes="chips"):
            tag("span", row["kind_words"], "chip")
        if row["kind"] != "kept":
            with tag("p", classes="said"):
                for piece in row["pieces"]:
                    _piece(piece)
        for name in ("numbers", "duties", "checks"):
            if row[name]:
                tag("h3", text(f"editions.{name}"))
                with tag("ul", classes="plain-list"):
                    for line in row[name]:
                        tag("li", line)


def _piece(piece: dict[str, str]) -> None:
    if piece["kind"] == "same":
        tag("span", piece["text"])
        return
    with tag(_MARKS[piece["kind"]]):
        tag("span", text(f"editions.sign.{piece['kind']}"), "sr")
        tag("span", piece["text"])
