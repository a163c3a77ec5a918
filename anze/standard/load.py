"""Read and check the standard's data: an edition's folder whole, every fault named with file and line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from anze.calendar.terms import ServiceTerms
from anze.calendar.terms import Term as Days
from anze.complaints.clocks import ClockLaw, ComplaintClocks
from anze.settings import ROOT
from anze.standard.models import (
    Ambiguity,
    Change,
    Check,
    Comparison,
    Edition,
    Fact,
    Gap,
    GlossaryEntry,
    Guide,
    Obligation,
    Passage,
    ServiceItem,
    SizeThresholds,
    Term,
)

KNOWLEDGE = ROOT / "knowledge"
_COMPLAINT, _SERVICE = "clocks/complaint.yml", "clocks/service.yml"
_REQUIRED = ("edition.yml", "clauses.yml", _COMPLAINT, _SERVICE)
_UNITS = {"working": "working_days", "calendar": "calendar_days"}
"""How the clocks and how the figures name the same unit"""
_PASSAGE_FILES = ("clauses.yml", "annex_a.yml", "annex_b.yml")


class KnowledgeError(Exception):
    """The data are wrong. The message names file, line and what is wrong."""


def _line(path: Path, where: tuple[int | str, ...]) -> int:
    """The line on which the YAML node at `where` begins (the nearest one that exists)."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    for step in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            found = [value for key, value in node.value if key.value == step]
            if not found:
                break
            node = found[0]
        else:
            break
    return node.start_mark.line + 1 if node else 1


def _fail(path: Path, where: tuple[int | str, ...], message: str) -> KnowledgeError:
    return KnowledgeError(f"{path}:{_line(path, where)}: {message}")


def _parse(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise KnowledgeError(f"{path}:{mark.line + 1 if mark else 1}: {error}") from error


def _tuples(value: Any) -> Any:
    """YAML lists as tuples, which is what frozen rows hold."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value


def _one[M: BaseModel](path: Path, model: type[M], value: Any, at: tuple[int | str, ...] = ()) -> M:
    try:
        return model.model_validate(_tuples(value))
    except ValidationError as error:
        first = error.errors()[0]
        where = (*at, *first["loc"])
        name = ".".join(str(step) for step in where)
        raise _fail(path, where, f"{model.__name__} {name}: {first['msg']}") from error


def _rows[M: BaseModel](path: Path, model: type[M], section: str | None = None) -> tuple[M, ...]:
    """All rows of a file, in order; a file that an edition does not have is an empty one."""
    if not path.exists():
        return ()
    data = _parse(path)
    at: tuple[int | str, ...] = ()
    if section is not None:
        if not isinstance(data, Mapping) or section not in data:
            raise _fail(path, (), f"section {section} is missing")
        data, at = data[section], (section,)
    if not isinstance(data, list):
        raise _fail(path, at, "a list of rows is expected")
    return tuple(_one(path, model, row, (*at, number)) for number, row in enumerate(data))


@dataclass(frozen=True, eq=False)
class Knowledge:
    """One edition, checked. Tuples keep the order of print; lookups by id are built once."""

    edition: Edition
    source: str
    passages: tuple[Passage, ...]
    terms: tuple[Term, ...]
    service_items: tuple[ServiceItem, ...]
    obligations: tuple[Obligation, ...]
    guides: tuple[Guide, ...]
    facts: tuple[Fact, ...]
    gaps: tuple[Gap, ...]
    changes: tuple[Change, ...]
    comparison: tuple[Comparison, ...]
    ambiguities: tuple[Ambiguity, ...]
    size_thresholds: SizeThresholds | None
    complaint: ComplaintClocks
    service: ServiceTerms

    @cached_property
    def clauses(self) -> dict[str, tuple[Passage, ...]]:
        """Passages by clause, both in printed order."""
        found: dict[str, list[Passage]] = {}
        for passage in self.passages:
            found.setdefault(passage.clause, []).append(passage)
        return {clause: tuple(passages) for clause, passages in found.items()}

    @cached_property
    def obligation(self) -> dict[str, Obligation]:
        return {row.id: row for row in self.obligations}

    @cached_property
    def checked(self) -> dict[str, Obligation]:
        """The duty that each check belongs to, by the check's key."""
        return {check.key: row for row in self.obligations for check in row.checks}

    @cached_property
    def check(self) -> dict[str, Check]:
        return {check.key: check for row in self.obligations for check in row.checks}

    @cached_property
    def guide(self) -> dict[str, Guide]:
        return {row.id: row for row in self.guides}

    @cached_property
    def ambiguity(self) -> dict[str, Ambiguity]:
        return {row.id: row for row in self.ambiguities}

    def heading(self, clause: str) -> str:
        """The printed heading of a clause or of the clause above it; empty when there is none."""
        while clause:
            for passage in self.clauses.get(clause, ()):
                if passage.part == "heading":
                    return passage.text
            clause = parent(clause)
        return ""

    def children(self, clause: str) -> tuple[str, ...]:
        """Ids of the clauses right below one, in printed order."""
        return tuple(name for name in self.clauses if parent(name) == clause)

    def archive_items(self, letter: str) -> tuple[Passage, ...]:
        """The lines of Table B.1 for one service item; their `code` is the letter and the line's number."""
        return tuple(p for p in self.passages if p.code is not None and p.code.startswith(letter))

    def plan_template(self, part: str) -> tuple[str, ...]:
        """The words of Annex A's template of one part: cover_field, section, subsection, column, opening, sign_off."""
        return tuple(p.text for p in self.clauses_below("附录A") if p.part == part)

    def below(self, clause: str) -> tuple[str, ...]:
        """Ids of all clauses below one, at any depth, in printed order."""
        return tuple(name for name in self.clauses if is_below(name, clause))

    def clauses_below(self, clause: str) -> tuple[Passage, ...]:
        """Every passage of a clause and of all below it, in printed order."""
        names = {clause, *self.below(clause)}
        return tuple(p for p in self.passages if p.clause in names)


def parent(clause: str) -> str:
    """The clause above: 6.4 a) → 6.4 → 6 → ''; 附录B 表B.1 a) → 附录B 表B.1 → 附录B → ''."""
    if " " in clause:
        return clause.rpartition(" ")[0]
    return clause.rpartition(".")[0]


def is_below(clause: str, above: str) -> bool:
    """Whether `clause` lies somewhere below `above`."""
    while clause := parent(clause):
        if clause == above:
            return True
    return False


class _Checker:
    """Cross-checks of one edition's rows; each failure is named with its file and line."""

    def __init__(self, folder: Path, known: Knowledge) -> None:
        self.folder, self.known = folder, known
        self.clauses = set(known.clauses)
        self._checks: set[str] = set()

    def refuse(self, file: str, where: tuple[int | str, ...], message: str) -> None:
        raise _fail(self.folder / file, where, message)

    def quoted(self, file: str, where: tuple[int | str, ...], texts: Iterable[str]) -> None:
        for text in texts:
            if text not in self.known.source:
                self.refuse(file, where, f"not verbatim in {self.known.edition.source}: {text}")

    def clause(self, file: str, where: tuple[int | str, ...], clause: str | None) -> None:
        if clause is not None and clause not in self.clauses:
            self.refuse(file, where, f"no such clause: {clause}")

    def unique(self, file: str, names: Iterable[str]) -> None:
        seen: set[str] = set()
        for number, name in enumerate(names):
            if name in seen:
                self.refuse(file, (number,), f"twice: {name}")
            seen.add(name)

    def obligations(self, file: str, rows: tuple[Obligation, ...]) -> None:
        for number, row in enumerate(rows):
            self.clause(file, (number, "clause"), row.clause)
            home = self.known.clauses_below(row.clause)
            if not any(row.verbatim in passage.text for passage in home):
                self.refuse(file, (number, "verbatim"), f"{row.id}: not verbatim in clause {row.clause}")
            if row.figure and str(row.figure.count) not in row.verbatim:
                self.refuse(file, (number, "figure"), f"{row.id}: {row.figure.count} is not in the verbatim text")
            for check_no, check in enumerate(row.checks):
                if _contradicts(row, check):
                    self.refuse(file, (number, "checks", check_no, "due"), f"{check.key}: not the figure of {row.id}")
                if check.key in self._checks:
                    self.refuse(file, (number, "checks", check_no, "key"), f"twice: {check.key}")
                self._checks.add(check.key)
            for name in row.ambiguities:
                if name not in self.known.ambiguity:
                    self.refuse(file, (number, "ambiguities"), f"{row.id}: no such ambiguity: {name}")

    def passages(self) -> None:
        for file in _PASSAGE_FILES:
            for number, passage in enumerate(_rows(self.folder / file, Passage)):
                self.quoted(file, (number, "text"), [passage.text])

    def names(self) -> None:
        for number, term in enumerate(self.known.terms):
            self.clause("terms.yml", (number, "clause"), term.clause)
            self.quoted("terms.yml", (number,), [term.zh, term.en])
        for number, item in enumerate(self.known.service_items):
            self.clause("service_items.yml", (number, "clause"), item.clause)
            self.clause("service_items.yml", (number, "archive"), item.archive)
            self.quoted("service_items.yml", (number, "name"), [item.name])

    def answers(self) -> None:
        known = self.known
        self.unique("answers.yml", (guide.id for guide in known.guides))
        for number, guide in enumerate(known.guides):
            self.clause("answers.yml", (number, "clause"), guide.clause)
            for name in guide.obligations:
                if name not in known.obligation:
                    self.refuse("answers.yml", (number, "obligations"), f"no such obligation: {name}")
            for name in guide.also:
                if name not in known.guide:
                    self.refuse("answers.yml", (number, "also"), f"no such answer: {name}")
            if guide.needs and not any(guide.id in other.also for other in known.guides):
                self.refuse("answers.yml", (number, "needs"), f"{guide.id} is in nobody's also")
        self.unique("facts.yml", (fact.id for fact in known.facts))
        for number, fact in enumerate(known.facts):
            self.quoted("facts.yml", (number, "text"), fact.text)
        for number, gap in enumerate(known.gaps):
            if gap.near is not None and gap.near not in known.guide:
                self.refuse("not_covered.yml", (number, "near"), f"no such answer: {gap.near}")

    def changes(self) -> None:
        for number, change in enumerate(self.known.changes):
            self.quoted("changes.yml", ("changes", number, "text"), [change.text])
            self.clause("changes.yml", ("changes", number, "clause"), change.clause)
        for number, pair in enumerate(self.known.comparison):
            lines = (*pair.heading_2019, *pair.heading_2025, *([pair.reason] if pair.reason else []))
            self.quoted("changes.yml", ("comparison", number), lines)
            for clause in pair.clauses:
                self.clause("changes.yml", ("comparison", number, "clauses"), clause)

    def ambiguities(self) -> None:
        self.unique("ambiguities.yml", (row.id for row in self.known.ambiguities))
        for number, row in enumerate(self.known.ambiguities):
            self.quoted("ambiguities.yml", (number, "says"), row.says)

    def clocks(self) -> None:
        """A clock counts what the text prints: its terms stand as a figure at their clause."""
        law = self.known.complaint.standard
        if law.in_force != self.known.edition.is_final:
            self.refuse(_COMPLAINT, ("standard", "in_force"), f"the edition is a {self.known.edition.status}")
        for name, days in _terms(law).items():
            self._term(_COMPLAINT, ("standard", name), days)
        self.clause(_COMPLAINT, ("standard", "pause"), law.pause.clause)
        for name in ("follow_up", "archive"):
            self._term(_SERVICE, (name,), getattr(self.known.service, name))

    def _term(self, file: str, where: tuple[str, ...], days: Days) -> None:
        self.clause(file, where, days.clause)
        if days.clause is None:
            return
        printed = {(row.figure.count, row.figure.unit) for row in self.known.obligations
                   if row.figure and row.clause == days.clause}  # fmt: skip
        if (days.days, _UNITS[days.unit]) not in printed:
            self.refuse(file, where, f"{days.days} {days.unit} days are not a figure of clause {days.clause}")


def _contradicts(row: Obligation, check: Check) -> bool:
    """Whether a check counts another number of days than its duty prints."""
    if row.figure is None or check.due is None or check.due.internal:
        return False
    counted = {"working_days": check.due.working_days, "calendar_days": check.due.days}.get(row.figure.unit)
    return counted is not None and counted != row.figure.count


def _terms(law: ClockLaw) -> dict[str, Days]:
    return {"ordinary": law.ordinary, "complex": law.complex, "extension": law.extension}


def _edition(folder: Path) -> Edition:
    path = folder / "edition.yml"
    edition = _one(path, Edition, _parse(path))
    if edition.key != f"{folder.parent.name}/{folder.name}":
        raise _fail(path, ("key",), f"the key must be the folder's: {folder.parent.name}/{folder.name}")
    return edition


def load_edition(folder: Path) -> Knowledge:
    """Read one edition's folder and check it. Raises KnowledgeError with file and line."""
    for name in _REQUIRED:
        if not (folder / name).exists():
            raise KnowledgeError(f"{folder / name}:1: the file is missing")
    edition = _edition(folder)
    text_file = folder / edition.source
    if not text_file.exists():
        raise _fail(folder / "edition.yml", ("source",), f"the file is missing: {edition.source}")
    duties = {file.name: _rows(file, Obligation) for file in sorted((folder / "obligations").glob("*.yml"))}
    sizes = folder / "size_thresholds.yml"
    changed = folder / "changes.yml"
    known = Knowledge(
        edition=edition,
        source=text_file.read_text(encoding="utf-8"),
        passages=tuple(p for file in _PASSAGE_FILES for p in _rows(folder / file, Passage)),
        terms=_rows(folder / "terms.yml", Term),
        service_items=_rows(folder / "service_items.yml", ServiceItem),
        obligations=tuple(row for rows in duties.values() for row in rows),
        guides=_rows(folder / "answers.yml", Guide),
        facts=_rows(folder / "facts.yml", Fact),
        gaps=_rows(folder / "not_covered.yml", Gap),
        changes=_rows(changed, Change, "changes"),
        comparison=_rows(changed, Comparison, "comparison"),
        ambiguities=_rows(folder / "ambiguities.yml", Ambiguity),
        size_thresholds=_one(sizes, SizeThresholds, _parse(sizes)) if sizes.exists() else None,
        complaint=_one(folder / _COMPLAINT, ComplaintClocks, _parse(folder / _COMPLAINT)),
        service=_one(folder / _SERVICE, ServiceTerms, _parse(folder / _SERVICE)),
    )
    check = _Checker(folder, known)
    check.passages()
    seen: dict[str, str] = {}
    for name, rows in duties.items():
        check.obligations(f"obligations/{name}", rows)
        for number, row in enumerate(rows):
            if row.id in seen:
                check.refuse(f"obligations/{name}", (number, "id"), f"twice: {row.id}, first in {seen[row.id]}")
            seen[row.id] = name
    check.names()
    check.answers()
    check.changes()
    check.ambiguities()
    check.clocks()
    return known


@cache
def everyday_words(root: Path = KNOWLEDGE) -> dict[str, tuple[str, ...]]:
    """knowledge/everyday.yml: a standard word → the words people use for it."""
    path = root / "everyday.yml"
    if not path.exists():
        return {}
    data = _parse(path)
    for word, said in data.items() if isinstance(data, dict) else [("", None)]:
        if not isinstance(word, str) or not isinstance(said, list) or not all(isinstance(item, str) for item in said):
            raise _fail(path, (word,), "a standard word with a list of everyday words is expected")
    return {word: tuple(said) for word, said in data.items()}


@cache
def glossary(root: Path = KNOWLEDGE) -> tuple[GlossaryEntry, ...]:
    """knowledge/glossary.yml: English ↔ Chinese ↔ clause ↔ where used."""
    return _rows(root / "glossary.yml", GlossaryEntry)
