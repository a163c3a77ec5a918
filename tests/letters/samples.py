"""Contents of letters without a database, and what can be read back out of both forms."""

import io
from pathlib import Path
from typing import Any

import pypdf
from docx import Document
from docx.document import Document as Word

from anze.letters.content import FORMS
from anze.letters.form import Content
from anze.letters.models import LetterKind
from anze.letters.template import Template, Templates
from anze.settings import Settings

NOWHERE = Path("/nonexistent")
WAY = {
    "name": "申请核查",
    "where": "江苏省分公司（上一级）",
    "phone": "025-95500",
    "until": "收到决定之日起30日内",
    "bring": "处理决定、理由和材料",
}
_COMMON = {
    "number": "TS202611230001",
    "branch": "南京市分公司",
    "hotline": "025-88880000",
    "addressee": "南京红星化工厂",
    "form": "投诉",
    "received": "2026-11-23（周一）",
    "date": "2026年11月26日",
}


def decision(ways: list[dict[str, str]] | None = None, clauses: int = 1, **fields: str) -> Content:
    """The content of a decision letter."""
    quoted = [{"clause": "6.4 e)", "text": "原文一条", "source": "参照 AQ 9010.1（征求意见稿，2025年7月）"}] * clauses
    return Content(
        FORMS[LetterKind.DECISION],
        _COMMON
        | {
            "title": "处理决定告知书",
            "decided": "2026-11-25（周三）",
            "rule": "参照 AQ 9010.1（征求意见稿，2025年7月） 6.4 e)",
            "findings": "核实了派单记录。",
            "basis": "服务合同第三条。",
            "reasons": "漏排了人员。",
            "outcome": "重新安排排查。",
            "clauses_title": "附：引用的条文" if clauses else "",
        }
        | fields,
        {"remedies": [WAY] if ways is None else ways, "clauses": quoted},
    )


def shipped(kind: LetterKind = LetterKind.DECISION) -> Template:
    return Templates(Settings().knowledge, NOWHERE).of(kind)


def changed(change: Any, kind: LetterKind = LetterKind.DECISION) -> Template:
    """The shipped template after somebody has edited it: `change(document)`."""
    word = Document(io.BytesIO(shipped(kind).content))
    change(word)
    return saved(word)


def saved(word: Word) -> Template:
    out = io.BytesIO()
    word.save(out)
    return Template("letters/decision.docx", out.getvalue())


def word_lines(content: bytes) -> list[str]:
    """Paragraphs of the body in their order, those of tables where the tables stand."""
    word = Document(io.BytesIO(content))
    return [paragraph.text for part in word.iter_inner_content() for paragraph in _paragraphs(part)]


def _paragraphs(part: Any) -> list[Any]:
    if not hasattr(part, "rows"):
        return [part]
    return [paragraph for row in part.rows for cell in row.cells for paragraph in cell.paragraphs]


def pdf_pages(content: bytes) -> list[str]:
    """The text of each page, without blanks: where a line ends is the page's business."""
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def pdf_text(content: bytes) -> str:
    return "".join(pdf_pages(content))


def body(content: bytes, head: str = _COMMON["branch"]) -> str:
    """The text of all pages, without the head and foot of each."""
    pages = pdf_pages(content)
    count = len(pages)
    return "".join(
        page.removeprefix(head).removesuffix(f"第{number}页，共{count}页") for number, page in enumerate(pages, start=1)
    )


def squeezed(text: str) -> str:
    return "".join(text.split())
