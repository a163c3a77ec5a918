"""Letters are filled from Word files that a clerk edits: {{placeholders}}, and table rows that repeat for each item."""

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml.etree import LxmlError

from anze.errors import DomainError
from anze.letters.form import Content
from anze.texts import text as say

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}|｛｛|｝｝")
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_T, _R, _P, _BR, _TR, _TBL, _BODY = (qn(f"w:{name}") for name in ("t", "r", "p", "br", "tr", "tbl", "body"))
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
type Element = Any


@dataclass(frozen=True)
class Template:
    """The bytes of a Word file, and its name for messages."""

    name: str
    content: bytes


class Templates:
    """The operator's own file `letters/<name>.docx` in the data folder, else the one that is shipped."""

    def __init__(self, knowledge: Path, data: Path) -> None:
        self._folders = (data / "letters", knowledge / "letters")

    def of(self, name: str) -> Template:
        """The template of a form (its name). Raises DomainError letter_template when it cannot be read."""
        name = f"{name}.docx"
        own, shipped = (folder / name for folder in self._folders)
        try:
            return Template(f"letters/{name}", (own if own.exists() else shipped).read_bytes())
        except OSError as error:
            raise refused(f"letters/{name}", "unreadable") from error

    def own(self) -> list[str]:
        """Names of the operator's own files that are in use."""
        return sorted(file.name for file in self._folders[1].glob("*.docx") if (self._folders[0] / file.name).exists())


def refused(file: str, why: str, /, **fields: Any) -> DomainError:
    """The error that names a template's fault."""
    return DomainError("letter_template", 409, file=file, why=say(f"letters.template.{why}", **fields))


def opened(template: Template) -> Word:
    """The template as a document. Raises DomainError letter_template."""
    try:
        return Document(io.BytesIO(template.content))
    except (OpcError, LxmlError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, NotImplementedError,
            EOFError, OSError, zlib.error) as error:  # fmt: skip
        raise refused(template.name, "unreadable") from error


def filled(template: Template, content: Content) -> Word:
    """The template with every value in its place; a value is text, whatever stands in it.

    Raises DomainError letter_template that names the file and its fault: unreadable, a placeholder that is unknown,
    misplaced, broken, or missing although a letter of this kind must have it.
    """
    word = opened(template)
    parts = [part._element for part in (word, *_around(word))]
    _check(template, content, parts)
    # Rows are repeated before anything is filled in, and each paragraph is filled once: a value is never read again.
    scopes: dict[Element, dict[str, str]] = {}
    for part in parts:
        for row in list(part.iter(_TR)):
            if group := _group(row):
                _repeat(row, [_scope(group, item) for item in content.rows[group]], scopes)
    for part in parts:
        for paragraph in list(part.iter(_P)):
            row = next(paragraph.iterancestors(_TR), None)
            _fill(paragraph, content.fields | scopes.get(row, {}))
    return word


def packed(word: Word) -> bytes:
    """The document's bytes, the same for the same document: no time of writing is in them."""
    written = io.BytesIO()
    word.save(written)
    out = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()


def clean(value: str) -> str:
    """A value as a document can hold it: one kind of line end, no character that XML forbids."""
    return _NO_XML.sub("", value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def _around(word: Word) -> Iterator[Any]:
    """Headers and footers that the document has of its own."""
    for section in word.sections:
        for part in (section.header, section.footer):
            if not part.is_linked_to_previous:
                yield part


def _said(paragraph: Element) -> str:
    return "".join(node.text or "" for node in _texts(paragraph))


def _texts(paragraph: Element) -> list[Element]:
    """The text nodes of a paragraph, not those of another one inside it (a text box)."""
    return [node for node in paragraph.iter(_T) if next(node.iterancestors(_P)) is paragraph]


def _names(element: Element) -> list[str]:
    return [name for paragraph in element.iter(_P) for name in _PLACEHOLDER.findall(_said(paragraph))]


def _group(row: Element) -> str | None:
    """The group of a row that repeats: `remedies` of {{remedies.name}}."""
    return next((name.partition(".")[0] for name in _names(row) if "." in name), None)


def _check(template: Template, content: Content, parts: list[Element]) -> None:
    found = [name for part in parts for name in _names(part)]
    for name in found:
        if name not in content.names:
            raise refused(template.name, "unknown", name=f"{{{{{name}}}}}")
    for paragraph in (paragraph for part in parts for paragraph in part.iter(_P)):
        said = _said(paragraph)
        if _BRACES.search(_PLACEHOLDER.sub("", said)):
            raise refused(template.name, "broken", text=said[:40])
        if next(paragraph.iterancestors(_TR), None) is None:
            for name in _names(paragraph):
                if "." in name:
                    raise refused(template.name, "misplaced", name=f"{{{{{name}}}}}")
    for row in (row for part in parts for row in part.iter(_TR)):
        groups = list(dict.fromkeys(name.partition(".")[0] for name in _names(row) if "." in name))
        if len(groups) > 1:
            raise refused(template.name, "two_groups", one=groups[0], other=groups[1])
    if missing := [name for name in content.form.required if name not in found]:
        raise refused(template.name, "missing", names="、".join(f"{{{{{name}}}}}" for name in missing))


def _scope(group: str, item: dict[str, str]) -> dict[str, str]:
    return {f"{group}.{name}": value for name, value in item.items()}


def _repeat(row: Element, items: list[dict[str, str]], scopes: dict[Element, dict[str, str]]) -> None:
    """One copy of the row for each item; a table that has nothing to repeat goes, head and all."""
    table = next(row.iterancestors(_TBL))
    for item in items:
        copied = copy.deepcopy(row)
        row.addprevious(copied)
        scopes[copied] = item
    table.remove(row)
    if not items:
        table.getparent().remove(table)


def _fill(paragraph: Element, values: dict[str, str]) -> None:
    said = _said(paragraph)
    found = list(_PLACEHOLDER.finditer(said))
    if not found:
        return
    alone = said.strip() == found[0].group() and paragraph.getparent().tag == _BODY
    if not alone:
        _replace(paragraph, [(match.span(), clean(values[match.group(1)])) for match in found])
        return
    # Each line of a long text is a paragraph like the template's, so that indents hold; no text, no paragraph.
    for line in clean(values[found[0].group(1)]).split("\n"):
        if line.strip():
            copied = copy.deepcopy(paragraph)
            paragraph.addprevious(copied)
            _replace(copied, [(found[0].span(), line)])
    paragraph.getparent().remove(paragraph)


def _replace(paragraph: Element, values: list[tuple[tuple[int, int], str]]) -> None:
    """Put values over spans of the paragraph's text; Word may have cut a placeholder into several runs."""
    for (start, end), value in reversed(values):
        at = 0
        for node in _texts(paragraph):
            text = node.text or ""
            first, last = max(start - at, 0), min(end - at, len(text))
            if first < last:
                put = value if start >= at else ""
                node.text = text[:first] + put + text[last:]
                node.set(_SPACE, "preserve")
            at += len(text)
    for node in _texts(paragraph):
        _break_lines(node)


def _break_lines(node: Element) -> None:
    """Line ends inside one text node become breaks of the line."""
    first, *rest = (node.text or "").split("\n")
    if not rest:
        return
    node.text = first
    for line in reversed(rest):
        text = copy.deepcopy(node)
        text.text = line
        node.addnext(text)
        node.addnext(node.makeelement(_BR))
