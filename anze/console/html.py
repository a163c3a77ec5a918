"""Plain HTML elements by name, so that a screen reader finds tables, lists and headings; texts are escaped."""

from collections.abc import Iterable, Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement


def tag(name: str, text: str = "", classes: str = "", **attributes: Any) -> Element:
    """An element, with a text if it has one. Of attribute names underscores stand for hyphens."""
    element: Element = TextElement(tag=name, text=text) if text else ui.element(name)
    if classes:
        element.classes(classes)
    for key, value in attributes.items():
        element.props[key.rstrip("_").replace("_", "-")] = value
    return element


def section(title: str, *, open_: bool = True) -> Element:
    """A part of a page beneath its heading; one that is not open can be opened."""
    if open_:
        part = tag("section", classes="part")
        with part:
            tag("h2", title)
        return part
    part = tag("details", classes="part")
    with part:
        tag("summary", title)
    return part


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values; what is empty is left out."""
    with tag("dl", classes="facts"):
        for name, value in pairs:
            if value:
                with tag("div"):
                    tag("dt", name)
                    tag("dd", value, "said")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> None:
    """A table of texts; on a narrow screen each row becomes a card with its heads."""
    with tag("table", classes="grid"):
        if caption:
            tag("caption", caption, "sr")
        with tag("thead"), tag("tr"):
            for head in heads:
                tag("th", head, scope="col")
        with tag("tbody"):
            for row in rows:
                with tag("tr"):
                    for head, value in zip(heads, row, strict=True):
                        tag("td", value or "—", data_head=head)


def linked_table(heads: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]], caption: str = "") -> None:
    """A table whose first cell leads somewhere: (address, cells) for each row."""
    with tag("table", classes="grid"):
        if caption:
            tag("caption", caption, "sr")
        with tag("thead"), tag("tr"):
            for head in heads:
                tag("th", head, scope="col")
        with tag("tbody"):
            for href, (first, *rest) in rows:
                with tag("tr"):
                    with tag("td", data_head=heads[0]):
                        tag("a", first, href=href)
                    for head, value in zip(heads[1:], rest, strict=True):
                        tag("td", value or "—", data_head=head)
