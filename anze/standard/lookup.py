"""Find the clause that a person names: 6.4 a), 6.4a, 六点四, 第六章, 附录B, 表B.1 d), 图A.1, 编制说明3.4, a heading."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from anze.standard.load import Knowledge, parent

_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
_ITEM = r"(?:\s*(?:第|的)?\s*\(?\s*([a-g])\s*(?:\)|项|款|条|(?![a-z0-9])))?"
_NOTES = re.compile(r"附录\s*a?\s*的?\s*填写说明|(?<![a-z])a\s*\.\s*3(?!\d)")
_FIGURE_A = re.compile(r"图\s*a\s*\.?\s*([12])(?!\d)")
_ANNEX_PART = re.compile(r"(?<![a-z])a\s*\.\s*([12])(?!\d)")
_TABLE = re.compile(r"(?:附[录件]\s*b\s*)?的?\s*(?:表\s*b(?:\s*\.?\s*1)?|(?<![a-z])b\s*\.?\s*1)(?!\d)" + _ITEM)
_ANNEX = re.compile(r"(?:附[录件])\s*([a-z])(?![a-z])" + _ITEM)
_CHAPTER = re.compile(r"第\s*([1-9]\d?)\s*[章条](?:\s*第?\s*([1-9])\s*[节条])?" + _ITEM)
_UNITS = r"[%％\d万亿元块米吨倍天日月年小个次人岁级度版kg]"
_DECIMAL = re.compile(
    r"(?<![\d.a-z])(?:第\s*)?([1-9]\d?)\s*[.．点]\s*([1-9]\d?)(?![.]\d)(?!\s*" + _UNITS + r")\s*(?:[条节章])?" + _ITEM
)
_BARE_ITEM = re.compile(r"(?<![\d.a-z第])([1-9])\s*\(?\s*([a-g])\s*\)?(?![a-z0-9])")
_BARE = re.compile(r"([1-9])")
_SPOKEN = re.compile(r"([一二三四五六七八九])\s*点\s*([一二三四五六七八九])(?![十刻分半])")
_ORDINAL = re.compile(r"(第\s*)([一二三四五六七八九])(\s*[章条节])")


@dataclass(frozen=True)
class Reference:
    """A clause named in a text: how it was written, as a canonical name, the clause it means (None: there is none),
    and the clauses that the drafting notes give the same number (AMB-02)."""

    written: str
    name: str
    clause: str | None
    also: tuple[str, ...] = ()


def _plain(text: str) -> str:
    """NFKC, lower case, spoken and ordinal Chinese digits as Arabic ones."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = _SPOKEN.sub(lambda m: f"{m[1]}.{m[2]}".translate(_DIGITS), text)
    return _ORDINAL.sub(lambda m: m[1] + m[2].translate(_DIGITS) + m[3], text)


def _named(text: str, *, bare: bool) -> list[tuple[str, str]]:
    """(as written, clause id) for every reference in a plain text; what is read once is blanked out."""
    found: list[tuple[int, str, str]] = []

    def take(pattern: re.Pattern[str], build: Callable[[re.Match[str]], str]) -> None:
        nonlocal text
        for match in list(pattern.finditer(text)):
            name = build(match)
            found.append((match.start(), match[0].strip(), name))
            text = text[: match.start()] + "\0" * len(match[0]) + text[match.end() :]

    def item(clause: str, letter: str | None) -> str:
        return f"{clause} {letter})" if letter else clause

    take(_NOTES, lambda _: "附录A 填写说明")
    take(_FIGURE_A, lambda m: f"附录A 图A.{m[1]}")
    take(_TABLE, lambda m: item("附录B 表B.1", m[1]))
    take(_ANNEX_PART, lambda m: f"附录A A.{m[1]}")
    take(_ANNEX, lambda m: item("附录B 表B.1", m[2]) if m[1] == "b" and m[2] else f"附录{m[1].upper()}")
    take(_CHAPTER, lambda m: item(f"{m[1]}.{m[2]}" if m[2] else m[1], m[3]))
    take(_DECIMAL, lambda m: item(f"{m[1]}.{m[2]}", m[3]))
    take(_BARE_ITEM, lambda m: item(m[1], m[2]))
    if bare and _BARE.fullmatch(text.strip()):
        found.append((0, text.strip(), text.strip()))
    return [(written, name) for _, written, name in sorted(found)]


def _aliases(known: Knowledge, number: str) -> tuple[str, ...]:
    return tuple(term.clause for term in known.terms if number in term.aliases)


def _resolve(known: Knowledge, text: str, *, bare: bool) -> list[Reference]:
    plain = _plain(text)
    notes = "编制说明" in plain
    found = []
    for written, name in _named(plain, bare=bare):
        readings = _aliases(known, name)
        own = name if name in known.clauses else None
        order = [*readings, own] if notes and readings else [own, *readings]
        clauses = [clause for clause in order if clause]
        found.append(Reference(written, name, clauses[0] if clauses else None, tuple(clauses[1:])))
    return found


def references(known: Knowledge, text: str) -> list[Reference]:
    """Every clause that a sentence names, in order. Bare numbers, amounts, dates and years are not references."""
    return _resolve(known, text, bare=False)


def clause(known: Knowledge, name: str) -> Reference:
    """The clause that `name` means; also a bare chapter number, a canonical id or a printed heading or term."""
    name = name.strip()
    if name in known.clauses:
        return Reference(name, name, name, _aliases(known, name))
    found = _resolve(known, name, bare=True)
    if found:
        return found[0]
    wanted = unicodedata.normalize("NFKC", name)
    for passage in known.passages:
        if passage.part == "heading" and passage.text == wanted:
            return Reference(name, passage.clause, passage.clause)
    for term in known.terms:
        if wanted in term.everyday:
            return Reference(name, term.clause, term.clause)
    return Reference(name, name, None)


def text_of(known: Knowledge, clause_id: str) -> str:
    """The printed text of one clause, its own paragraphs only; headings stand when there is nothing else."""
    own = known.clauses.get(clause_id, ())
    body = [p.text for p in own if p.part not in {"heading", "english", "label", "nature"}]
    return "\n".join(body or [p.text for p in own])


def chapter(clause_id: str) -> str:
    """The top of a clause: 6.4 a) → 6; 附录B 表B.1 d) → 附录B."""
    while above := parent(clause_id):
        clause_id = above
    return clause_id
