"""A filled Word document as the PDF draws it: paragraphs and tables with all their words. What cannot be drawn is
refused, so that both forms of a letter say the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree

from anze.letters.template import refused
from anze.texts import text as say

PAGE, PAGES = "\ufdd0", "\ufdd1"
"""In the text of a head or foot: the number of the page, the number of pages. No text holds these characters."""
_FIELDS = {"PAGE": PAGE, "NUMPAGES": PAGES}
_DEFAULT_SIZE = 12.0
_NOTHING = {"bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd"}
_MARKS = {"t": None, "tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_IN_RUN = {*_MARKS, "rPr", "lastRenderedPageBreak", "softHyphen", "fldChar", "instrText"}
_HIDING = {"numPr", "vanish", "gridSpan", "vMerge"}
type Element = Any
type Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Look:
    """How a paragraph stands; lengths in points."""

    size: float
    align: Align = "left"
    first: float = 0
    left: float = 0
    before: float = 0
    after: float = 0
    keep_next: bool = False
    new_page: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Words with their line ends."""

    text: str
    look: Look


@dataclass(frozen=True)
class Table:
    """Rows of cells, each with its paragraphs. `widths`: shares of the text's width, together 1."""

    widths: tuple[float, ...]
    rows: tuple[tuple[tuple[Paragraph, ...], ...], ...]
    heads: int
    """So many first rows are said again on each page"""


@dataclass(frozen=True)
class Pages:
    """The whole letter; `margins` in points: left, right, top, bottom."""

    blocks: tuple[Paragraph | Table, ...]
    head: tuple[Paragraph, ...]
    foot: tuple[Paragraph, ...]
    margins: tuple[float, float, float, float]

    @property
    def words(self) -> str:
        """All words of the body, block by block."""
        return "\n".join(_words(self.blocks))


def _words(blocks: tuple[Paragraph | Table, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (one.text for row in block.rows for cell in row for one in cell)


def read(word: Word, name: str) -> Pages:
    """The document's pages. Raises DomainError letter_template for what the PDF could not show; `name`: the file's."""
    if len(word.sections) > 1:
        raise _refusal(name, "body", "sections")
    section = word.sections[0]
    if section.different_first_page_header_footer or word.settings.odd_and_even_pages_header_footer:
        raise _refusal(name, "head", "pages")
    reader = _Reader(name, word)
    # Reading python-docx's header makes one where there is none: only what is there is read.
    head, foot = (
        () if part.is_linked_to_previous else reader.paragraphs(where, part)
        for where, part in (("head", section.header), ("foot", section.footer))
    )
    margins = (section.left_margin, section.right_margin, section.top_margin, section.bottom_margin)
    left, right, top, bottom = (float(margin.pt) if margin is not None else 72.0 for margin in margins)
    return Pages(tuple(reader.blocks(word)), head, foot, (left, right, top, bottom))


def _refusal(file: str, where: str, what: str, /, **fields: str) -> Exception:
    return refused(
        file,
        "element",
        where=say(f"letters.template.where.{where}"),
        what=say(f"letters.template.what.{what}", **fields),
    )


class _Reader:
    """Walks one document; whatever it does not know is refused by name."""

    def __init__(self, name: str, word: Word) -> None:
        self._name = name
        self._word = word
        default = word.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:sz')}")
        self._size = int(default.get(qn("w:val"))) / 2 if default is not None else _DEFAULT_SIZE
        self._where = "body"

    def blocks(self, word: Word) -> Iterator[Paragraph | Table]:
        self._where = "body"
        for element in word.element.body:
            match _tag(element):
                case "p":
                    yield self._paragraph(WordParagraph(element, word))
                case "tbl":
                    yield self._table(WordTable(element, word))
                case "sectPr":
                    pass
                case other if other not in _NOTHING:
                    raise self._unknown(other)

    def paragraphs(self, where: str, part: Any) -> tuple[Paragraph, ...]:
        self._where = where
        found = []
        for element in part._element:
            if _tag(element) != "p":
                raise self._unknown(_tag(element))
            found.append(self._paragraph(WordParagraph(element, part)))
        return tuple(found)

    def _unknown(self, tag: str) -> Exception:
        try:
            return _refusal(self._name, self._where, tag)
        except KeyError:  # an element that has no Chinese name here: its own
            return _refusal(self._name, self._where, "other", name=tag)

    def _paragraph(self, paragraph: WordParagraph) -> Paragraph:
        element = paragraph._p
        for hidden in element.iter(*(qn(f"w:{name}") for name in _HIDING)):
            raise self._unknown(_tag(hidden))
        for style in _styles(paragraph):
            if style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None:
                raise self._unknown("numPr")
        text = "".join(self._words(element))
        return Paragraph(text, self._look(paragraph))

    def _words(self, paragraph: Element) -> Iterator[str]:
        """The words of a paragraph; of a field only the number of the page, in a head or foot."""
        code: list[str] | None = None
        result = False
        for run in self._runs(paragraph):
            if isinstance(run, str):
                yield run
                continue
            for child in run:
                tag = _tag(child)
                if tag not in _IN_RUN:
                    raise self._unknown(tag)
                kind = child.get(qn("w:fldCharType")) if tag == "fldChar" else None
                if kind == "begin":
                    code, result = [], False
                elif kind in {"separate", "end"} and code is not None and not result:
                    yield self._field("".join(code))
                    result = True
                if kind == "end":
                    code, result = None, False
                elif tag == "instrText" and code is not None and not result:
                    code.append(child.text or "")
                elif tag in _MARKS and code is None:
                    yield child.text or "" if tag == "t" else str(_MARKS[tag])

    def _runs(self, paragraph: Element) -> Iterator[Element | str]:
        for child in paragraph:
            match _tag(child):
                case "r":
                    yield child
                case "hyperlink":
                    yield from self._runs(child)
                case "fldSimple":
                    yield self._field(child.get(qn("w:instr")) or "")
                case other if other not in {"pPr", *_NOTHING}:
                    raise self._unknown(other)

    def _field(self, code: str) -> str:
        name = (code.split() or [""])[0].upper()
        if self._where == "body" or name not in _FIELDS:
            raise _refusal(self._name, self._where, "field", name=name)
        return _FIELDS[name]

    def _look(self, paragraph: WordParagraph) -> Look:
        aligned = _inherited(paragraph, lambda form: form.alignment)
        names: dict[Any, Align] = {WD_ALIGN_PARAGRAPH.CENTER: "center", WD_ALIGN_PARAGRAPH.RIGHT: "right"}

        def points(get: Callable[[Any], Any]) -> float:
            length = _inherited(paragraph, get)
            return 0.0 if length is None else float(length.pt)

        own = next((float(run.font.size.pt) for run in paragraph.runs if run.font.size is not None), None)
        styled = next((float(s.font.size.pt) for s in _styles(paragraph) if s.font.size is not None), None)
        return Look(
            size=own or styled or self._size,
            align=names.get(aligned, "left"),
            first=points(lambda form: form.first_line_indent),
            left=points(lambda form: form.left_indent),
            before=points(lambda form: form.space_before),
            after=points(lambda form: form.space_after),
            keep_next=bool(_inherited(paragraph, lambda form: form.keep_with_next)),
            new_page=bool(_inherited(paragraph, lambda form: form.page_break_before)),
        )

    def _table(self, table: WordTable) -> Table:
        grid = [int(column.get(qn("w:w")) or 0) for column in table._tbl.tblGrid]
        rows, heads = [], 0
        for row in table._tbl.tr_lst:
            cells = [child for child in row if _tag(child) not in {"trPr", "tblPrEx", *_NOTHING}]
            rows.append(tuple(self._cell(cell, table) for cell in cells))
            if heads == len(rows) - 1 and row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None:
                heads += 1
        columns = max(len(row) for row in rows) if rows else 0
        widths = grid if len(grid) == columns and all(grid) else [1] * columns
        whole = [row + ((),) * (columns - len(row)) for row in rows]
        return Table(tuple(width / sum(widths) for width in widths), tuple(whole), heads)

    def _cell(self, cell: Element, table: WordTable) -> tuple[Paragraph, ...]:
        if _tag(cell) != "tc":
            raise self._unknown(_tag(cell))
        found = []
        for child in cell:
            match _tag(child):
                case "p":
                    paragraph = self._paragraph(WordParagraph(child, table))
                    found.append(replace(paragraph, look=replace(paragraph.look, keep_next=False)))
                case "tcPr":
                    for merged in child.iter(*(qn(f"w:{name}") for name in _HIDING)):
                        raise self._unknown(_tag(merged))
                case other if other not in _NOTHING:
                    raise self._unknown(other)
        return tuple(found)


def _tag(element: Element) -> str:
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else "other"


def _styles(paragraph: WordParagraph) -> Iterator[Any]:
    style = paragraph.style
    while style is not None:
        yield style
        style = style.base_style


def _inherited(paragraph: WordParagraph, get: Callable[[Any], Any]) -> Any:
    """A property of the paragraph itself or of the nearest style that sets it."""
    forms = (paragraph.paragraph_format, *(style.paragraph_format for style in _styles(paragraph)))
    return next((value for form in forms if (value := get(form)) is not None), None)
