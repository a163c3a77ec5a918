"""The pages of a letter as PDF: A4, Chinese by a font that every PDF reader brings along, so that none is shipped."""

import io
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageBreak, PageTemplate
from reportlab.platypus import Table as Grid

from anze.letters.pages import PAGE, PAGES, Look, Pages, Paragraph, Table
from anze.texts import text as say

_CHINESE, _WESTERN = "STSong-Light", "Times-Roman"
_LEADING, _LEADING_IN_TABLE = 1.5, 1.3
_PADDING = 4.0
_RULE = 0.6
_TWO_LINES = 40.0
_TALL = 300.0
"""A row of a table higher than this may be parted between two pages, any other stays whole; in points"""
_GAP = 12.0
"""Between head or foot and the text, in points"""
_NOT_FIRST = frozenset("，。、；：？！）】》〉」』〕％”’…—–～·,.;:?!)]}%")
"""No line begins with one of these, none ends with one of the next (行首、行尾禁则)."""
_NOT_LAST = frozenset("（【《〈「『〔“‘([{")
_UNITS = re.compile(r"[!-~\u00a1-\u02ff]+|.", re.DOTALL)
"""A Latin word or number, which stays whole where it can; any other character alone."""
_EXTENSION_A = range(0x3400, 0x4DB6)


def draw(pages: Pages, title: str, author: str) -> bytes:
    """The PDF's bytes, the same for the same pages."""
    left, right, top, bottom = pages.margins
    width = A4[0] - left - right
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, title=title, author=author, invariant=1)
    frame = Frame(left, bottom, width, A4[1] - top - bottom, 0, 0, 0, 0)

    def head(canvas: Canvas, _document: Any) -> None:
        _draw_head(canvas, pages, width)

    document.addPageTemplates([PageTemplate(frames=[frame], onPage=head)])
    story = list(_story(pages.blocks, width))

    class Numbered(_Numbered):
        def foot(self, page: int, count: int) -> None:
            _draw_foot(self, pages, width, page, count)

    document.build(story, canvasmaker=Numbered)
    return out.getvalue()


def _story(blocks: tuple[Paragraph | Table, ...], width: float) -> Iterator[Flowable]:
    """The blocks, with what is kept together: a heading is never left alone at the end of a page.

    reportlab's own keepWithNext moves the whole of a long paragraph to the next page.
    """
    made = [_Text(block) if isinstance(block, Paragraph) else _grid(block, width) for block in blocks]
    kept = [isinstance(block, Paragraph) and block.look.keep_next for block in blocks]
    for at, flowable in enumerate(made):
        block = blocks[at]
        if isinstance(block, Paragraph) and block.look.new_page:
            yield PageBreak()
        if kept[at] and not (at and kept[at - 1]):
            last = next((i for i in range(at, len(made)) if not kept[i]), len(made) - 1)
            whole = sum(_height(one, width) for one in made[at:last])
            yield CondPageBreak(whole + _beginning(blocks[last], made[last], width))
        yield flowable


def _beginning(block: Paragraph | Table, flowable: Flowable, width: float) -> float:
    """How much of it stands on the page with its heading: two lines, of a table the head and the first row."""
    height = _height(flowable, width)
    if isinstance(block, Paragraph):
        return min(height, _TWO_LINES)
    return min(float(sum(flowable._rowHeights[: block.heads + 1])), _TALL)


def _height(flowable: Flowable, width: float) -> float:
    _, height = flowable.wrap(width, A4[1])
    return float(flowable.getSpaceBefore() + height + flowable.getSpaceAfter())


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab is untyped
    """Holds the pages back until their number is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: list[dict[str, Any]] = []

    def foot(self, page: int, count: int) -> None:
        raise NotImplementedError

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, held in enumerate(self._held, start=1):
            self.__dict__.update(held)
            self.foot(number, len(self._held))
            super().showPage()
        super().save()


def _draw_head(canvas: Canvas, pages: Pages, width: float) -> None:
    """From the top margin upwards, with a line under it."""
    left, _, top, _ = pages.margins
    y = A4[1] - top + _GAP
    if any(one.text.strip() for one in pages.head):
        canvas.setLineWidth(_RULE)
        canvas.line(left, y, left + width, y)
    for paragraph in reversed(pages.head):
        text = _Text(paragraph)
        _, height = text.wrap(width, A4[1])
        text.drawOn(canvas, left, y + _PADDING)
        y += height


def _draw_foot(canvas: Canvas, pages: Pages, width: float, page: int, count: int) -> None:
    """From the bottom margin downwards. A template without page numbers gets them all the same."""
    left, _, _, bottom = pages.margins
    foot = pages.foot
    if not any(PAGE in one.text for one in foot):
        numbers = say("letters.page", page=PAGE, pages=PAGES)
        foot = (*(one for one in foot if one.text.strip()), Paragraph(numbers, Look(9, "center")))
    y = bottom - _GAP
    for one in foot:
        text = _Text(Paragraph(one.text.replace(PAGE, str(page)).replace(PAGES, str(count)), one.look))
        _, height = text.wrap(width, A4[1])
        y -= height
        text.drawOn(canvas, left, y)


def _grid(table: Table, width: float) -> Flowable:
    """A ruled table; a row that is too long for a page goes on on the next."""
    cells = [[[_Text(one, _LEADING_IN_TABLE) for one in cell] for cell in row] for row in table.rows]
    ruled = [
        ("GRID", (0, 0), (-1, -1), _RULE, "black"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *((f"{side}PADDING", (0, 0), (-1, -1), _PADDING) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
    ]
    widths = [share * width for share in table.widths]

    def laid(*, parted: bool) -> Flowable:
        return Grid(cells, colWidths=widths, repeatRows=table.heads, style=ruled, splitInRow=parted,
                    spaceBefore=_PADDING, spaceAfter=_PADDING)  # fmt: skip

    grid = laid(parted=False)
    grid.wrap(width, A4[1])
    return laid(parted=True) if max(grid._rowHeights, default=0) > _TALL else grid


class _Text(Flowable):  # type: ignore[misc]  # reportlab is untyped
    """One paragraph, broken into lines by the rules of Chinese text; it can be parted between any two lines.

    reportlab's own paragraph reads markup out of the text and lets a line begin with a comma.
    """

    def __init__(self, paragraph: Paragraph, leading: float = _LEADING, lines: list[str] | None = None) -> None:
        super().__init__()
        self._paragraph, self._leading = paragraph, leading
        self._lines = lines
        look = paragraph.look
        self.spaceBefore, self.spaceAfter = look.before, look.after
        self._first = look.first if lines is None else 0.0

    @property
    def _step(self) -> float:
        return self._paragraph.look.size * self._leading

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        look = self._paragraph.look
        if self._lines is None:
            self._lines = list(broken(self._paragraph.text, look.size, width - look.left, self._first))
        self.width, self.height = width, self._step * len(self._lines)
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        lines = self._lines or []
        fit = int(height / self._step + 1e-6)
        if fit < 1 or fit >= len(lines):
            return []
        parts = [_Text(self._paragraph, self._leading, some) for some in (lines[:fit], lines[fit:])]
        parts[0]._first = self._first
        parts[0].spaceAfter = parts[1].spaceBefore = 0
        return parts

    def draw(self) -> None:
        look = self._paragraph.look
        y = self.height - self._step + (self._step - look.size) / 2 + 0.15 * look.size
        for number, line in enumerate(self._lines or []):
            room = self.width - look.left - (self._first if number == 0 else 0.0)
            spare = {"left": 0.0, "center": 0.5, "right": 1.0}[look.align] * (room - _width(line, look.size))
            x = self.width - room + max(spare, 0.0)
            for font, part in _pieces(line):
                self.canv.setFont(font, look.size)
                self.canv.drawString(x, y, part)
                x += pdfmetrics.stringWidth(part, font, look.size)
            y -= self._step


def broken(text: str, size: float, width: float, first: float = 0) -> Iterator[str]:
    """The lines of a text at `size` points in a width; the first one is `first` points shorter."""
    for paragraph in printable(text).split("\n"):
        room, line, used = width - first, "", 0.0
        for chunk in _chunks(paragraph):
            wide = _width(chunk, size)
            if used + wide <= room:
                line, used = line + chunk, used + wide
                continue
            if line.strip():
                yield line.rstrip()
                line, used, room = "", 0.0, width
            for character in chunk.lstrip() if wide <= room else chunk:
                wide = _width(character, size)
                if used + wide > room and line:
                    yield line
                    line, used, room = "", 0.0, width
                line, used = line + character, used + wide
        first = 0
        yield line.rstrip()


def _chunks(text: str) -> Iterator[str]:
    """What may not be parted: a word, a character with the marks that cling to it."""
    chunk = ""
    for unit in _UNITS.findall(text):
        if chunk and (unit[0] in _NOT_FIRST or chunk[-1] in _NOT_LAST):
            chunk += unit
        else:
            if chunk:
                yield chunk
            chunk = unit
    if chunk:
        yield chunk


def printable(text: str) -> str:
    """The text as the PDF can show it: a character that its fonts do not have stands there by its number."""
    shown = []
    for character in text:
        if character == "\n" or _font(character) is not None:
            shown.append(character)
        elif unicodedata.category(character) not in {"Cc", "Cf", "Mn"}:
            shown.append(say("letters.unprintable", code=f"{ord(character):04X}"))
    return "".join(shown)


@cache
def _font(character: str) -> str | None:
    """The font that has a character. Adobe-GB1 holds GBK and extension A for certain."""
    if ord(character) in _EXTENSION_A:
        return _CHINESE
    for font, encoding in ((_CHINESE, "gbk"), (_WESTERN, "cp1252")):
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            continue
        return font if character.isprintable() else None
    return None


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    """Runs of one font."""
    font, piece = _CHINESE, ""
    for character in line:
        own = _font(character) or _CHINESE
        if own != font and piece:
            yield font, piece
            piece = ""
        font, piece = own, piece + character
    if piece:
        yield font, piece


def _width(text: str, size: float) -> float:
    _fonts()
    return sum(float(pdfmetrics.stringWidth(piece, font, size)) for font, piece in _pieces(text))
