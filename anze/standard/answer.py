"""Answer a question about the standard: what it says, with the verbatim quote and the clause; or that it says nothing.

Pure: the same question and edition give the same answer. No number is ever made up: a figure comes from the row of the
clause that prints it, every other sentence from texts/standard.yml or the edition's own plain sentences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from anze.standard.asked import Asked, Quantity, Stated, fits, read
from anze.standard.editions import load
from anze.standard.load import Knowledge, parent
from anze.standard.lookup import Reference, references, text_of
from anze.standard.models import Change, Fact, Figure, Gap, Guide, ServiceItem, Term
from anze.standard.search import Target, plain, quote, searcher
from anze.texts import text

Kind = Literal["found", "silent", "none", "definition", "citation", "list", "comparison", "premise"]
_NEAR = 0.9
"""A target this near to the best one may still be the one that holds the number asked for."""
_GAP_BONUS = 1.05
"""A gap wins a near tie: better to say that the text is silent than to cite a clause about something else."""
_OPEN_WORDS: dict[Quantity, tuple[str, ...]] = {
    "days": ("及时", "提前", "约定好", "合同约定"),
    "times": ("约定",),
    "money": ("年度预算目标", "据实", "实际支出金额"),
    "count": ("相匹配",),
}
"""Words by which the standard leaves a day or a quantity open (AMB-16, AMB-20, AMB-32)."""
_MONEY_WORDS = ("费", "金额", "支出")
"""A clause without any of these says nothing about money and is not named for it."""


@dataclass(frozen=True)
class Citation:
    """`clause` as printed, `text` verbatim, `version` how the text is cited."""

    clause: str
    text: str
    version: str


@dataclass(frozen=True)
class Answer:
    """`lead` one or two short sentences, `quote` verbatim, `note` what we decided where the text is open.

    `figure` only when the standard prints a number that answers the question; `about` names the answer, fact or gap.
    """

    kind: Kind
    lead: str
    quote: str = ""
    citations: tuple[Citation, ...] = ()
    figure: Figure | None = None
    note: str = ""
    about: str = ""

    @property
    def response(self) -> Literal["found", "silent", "nothing"]:
        """Which of the bot's three responses fits: there is something to quote, a gap beside a clause, or nothing."""
        if self.kind == "none":
            return "nothing"
        return "silent" if self.kind == "silent" else "found"

    @property
    def fields(self) -> dict[str, str]:
        """What the bot's named response needs: lead, quote, clause (with how to cite it), note."""
        names = "、".join(dict.fromkeys(citation.clause for citation in self.citations))
        version = self.citations[0].version if self.citations else ""
        return {"lead": self.lead, "quote": self.quote, "clause": f"{version} {names}".strip(), "note": self.note}


def figure_text(figure: Figure) -> str:
    """A figure in Chinese, such as 15个工作日 or 每个保单年度至少1次."""
    return text(f"standard.figure.{figure.unit}", count=figure.count)


def clause_name(clause: str) -> str:
    """A clause as people read it: 第6章, 6.4 a), 附录B."""
    return text("standard.clause.chapter", number=clause) if clause.isdigit() else clause


class Answerer:
    """Answers from one edition."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self._search = searcher(known)
        self._by_guide = {target.row.id: target for target in self._search.targets if isinstance(target.row, Guide)}

    def answer(self, question: str) -> Answer:
        asked = read(question)
        changes = self._changes_in(asked) if asked.compares or asked.old else []
        if changes and (asked.compares or not asked.why):
            return self._changed(changes)
        if asked.compares and not asked.why:
            return self._all_changes()
        named = references(self.known, asked.text)
        if named:
            return self._named(asked, named)
        if asked.define and (defined := self._definition(asked.define)):
            return defined
        if asked.contrasts and len(terms := self._terms_in(asked.text)) > 1:
            return _joined("definition", [self._defined(term) for term in terms])
        ranked = self._search.rank(asked.topic)
        return self._ranked(asked, ranked) if ranked else Answer("none", text("standard.lead.none"))

    # What was asked for by number.

    def _named(self, asked: Asked, named: list[Reference]) -> Answer:
        meant = [reference for reference in named if reference.clause]
        if not meant:
            gone = [change for change in self.known.changes if change.clause_2019 == named[0].name]
            if gone:
                return self._changed(gone)
            return Answer("none", text("standard.lead.no_clause", written=named[0].name))
        if asked.quantity or asked.stated:
            above = [reference.clause for reference in meant]
            inside = [
                (score, target)
                for score, target in self._search.rank(asked.topic)
                if any(f"{target.clause} ".startswith((f"{name} ", f"{name}.")) for name in above)
            ]
            if inside:
                return self._ranked(asked, inside)
        answers = [self._clause(reference, self._item(asked, reference.clause or "")) for reference in meant]
        return answers[0] if len(answers) == 1 else _joined("citation", answers)

    def _clause(self, reference: Reference, item: str | None = None) -> Answer:
        clause = item or reference.clause or ""
        known = self.known
        below = known.children(clause)
        heading = "".join(p.text for p in known.clauses[clause] if p.part == "heading").rstrip("。")
        cited = [clause, *(name for child in below for name in (child, *known.children(child)))]
        lines = self._listed(clause)
        if clause.isdigit() and below and not below[0].endswith(")"):
            parts = "、".join(f"{name} {known.heading(name)}" for name in below)
            lead = text("standard.lead.chapter", clause=clause_name(clause), heading=heading, parts=parts)
            lines = [known.heading(name) for name in below]
        elif heading:
            nature = "".join(p.text for p in known.clauses[clause] if p.part == "nature")
            lead = text("standard.lead.clause", clause=clause_name(clause), heading=heading, nature=nature)
        else:
            lead = text("standard.lead.clause_bare", clause=clause_name(clause))
        for other in reference.also:
            lead += text("standard.lead.also_numbered", term=known.heading(other), clause=other)
        citations = (*self._cite(cited), *self._cite(reference.also))
        return Answer("citation", lead, "\n".join(lines), citations, about=clause)

    # Definitions.

    def _definition(self, name: str) -> Answer | None:
        wanted = plain(name)
        named: tuple[Term | ServiceItem, ...] = (*self.known.terms, *self.known.service_items)
        for row in named:
            names = (row.zh if isinstance(row, Term) else row.name, *row.everyday)
            if wanted in {plain(known_name) for known_name in names}:
                return self._defined(row)
        return None

    def _terms_in(self, said: str) -> list[Term]:
        return [term for term in self.known.terms if any(name in said for name in (term.zh, *term.everyday))]

    def _defined(self, row: Term | ServiceItem) -> Answer:
        guides = [target for target in self._by_guide.values() if target.clause == row.clause]
        guide = guides[0].row if guides else None
        name = row.zh if isinstance(row, Term) else row.name
        if isinstance(guide, Guide):
            lead = text(f"standard.lead.{'found' if isinstance(row, Term) else 'item'}", term=name, plain=guide.plain)
        else:
            lead = text("standard.lead.definition_bare", clause=row.clause, term=name)
        note = row.difference if isinstance(row, Term) else ""
        body = text_of(self.known, row.clause)
        return Answer("definition", lead, body, self._cite([row.clause]), note=note, about=row.clause)

    # What search finds.

    def _ranked(self, asked: Asked, ranked: list[tuple[float, Target]]) -> Answer:
        gaps = [(score, target) for score, target in ranked if target.kind == "gap"]
        rest = [(score, target) for score, target in ranked if target.kind != "gap"]
        if gaps and (not rest or gaps[0][0] * _GAP_BONUS >= rest[0][0]):
            rivals = [one for one in rest if one[0] >= _NEAR * gaps[0][0]]
            if not self._has_number(asked, rivals):
                return self._gap(gaps[0][1])
        near = [target for score, target in rest if score >= _NEAR * rest[0][0]]
        best = self._narrowed(asked, near[0])
        if isinstance(best.row, Fact):
            return self._found(best)
        return self._numbered(asked, [best, *near[1:]]) or self._worded(asked, best)

    def _numbered(self, asked: Asked, near: list[Target]) -> Answer | None:
        """The answer to a question that asks for a number or states one."""
        best = near[0]
        if not (asked.stated or asked.quantity):
            return None
        if self._excepted(asked, best):
            return self._silent("times" if self._prints("times", best) else "days", best)
        if asked.stated:
            return self._premise(asked.stated, near)
        return self._number(asked.quantity, near) if asked.quantity else None

    def _worded(self, asked: Asked, best: Target) -> Answer:
        is_list = isinstance(best.row, Guide) and best.row.list and asked.wants_list
        return self._list(best) if is_list else self._found(best)

    def _prints(self, quantity: Quantity, target: Target) -> bool:
        return any(fits(quantity, figure.unit) for figure in self._figures(target))

    def _excepted(self, asked: Asked, target: Target) -> bool:
        """Whether the question is about somebody for whom the clause's number does not hold."""
        row = target.row
        return isinstance(row, Guide) and any(word in asked.text for word in row.unless)

    def _has_number(self, asked: Asked, ranked: list[tuple[float, Target]]) -> bool:
        """Whether the best of these prints a number of the kind that is asked for or stated."""
        kinds = {asked.quantity} if asked.quantity else {said.quantity for said in asked.stated}
        return bool(ranked) and any(self._prints(kind, ranked[0][1]) for kind in kinds)

    def _narrowed(self, asked: Asked, target: Target) -> Target:
        """A list gives way to the one item that the question names; an exception to its rule unless it is named."""
        row = target.row
        if not isinstance(row, Guide):
            return target
        if row.needs and not any(word in asked.text for word in row.needs):
            return next(one for one in self._by_guide.values() if target in self._also(one))
        item = self._item(asked, target.clause) if row.list else None
        return next((one for one in self._by_guide.values() if one.clause == item), target)

    def _item(self, asked: Asked, clause: str) -> str | None:
        """The clause below `clause` of the service item that the question names by any of its names."""
        said = plain(asked.text)
        named = [
            (len(plain(name)), below)
            for item in self.known.service_items
            for name in (item.name, *item.everyday)
            for below in (item.clause, item.archive)
            if below and below.startswith(f"{clause} ") and plain(name) in said
        ]
        return max(named)[1] if named else None

    def _found(self, target: Target, *, more: bool = False) -> Answer:
        row = target.row
        if isinstance(row, Fact):
            citation = Citation(row.clause, "\n".join(row.text), self.known.edition.cite)
            return Answer("found", row.plain, citation.text, (citation,), about=row.id)
        targets = [target, *(self._also(target) if more else ())]
        plains = [one.row.plain for one in targets if isinstance(one.row, Guide)]
        lead = "".join(plains) or text("standard.lead.bare", clause=clause_name(target.clause))
        duties = [name for one in targets for name in one.obligations]
        return Answer(
            "found",
            lead,
            self._quote(targets),
            (*self._cite_targets(targets), *self._note_sources(duties, more=more)),
            figure=self._figures(target)[0] if self._figures(target) else None,
            note=self._note(duties) if more else "",
            about=row.id if isinstance(row, Guide) else target.clause,
        )

    def _number(self, quantity: Quantity, near: list[Target]) -> Answer:
        for target in near:
            if self._prints(quantity, target):
                return self._found(target, more=True)
        return self._silent(quantity, near[0])

    def _silent(self, quantity: Quantity, target: Target) -> Answer:
        said = self._quote([target])
        lead = text(f"standard.lead.silent_{quantity}")
        if quantity == "money" and not any(word in said for word in _MONEY_WORDS):
            return Answer("silent", lead)
        words = [word for word in _OPEN_WORDS[quantity] if word in said]
        clause = clause_name(target.clause)
        if isinstance(target.row, Guide) and target.row.unless:
            lead = text("standard.lead.silent_except", silent=lead, plain=target.row.plain)
        elif words:
            lead = text("standard.lead.silent_words", silent=lead, clause=clause, word=words[0])
        else:
            lead = text("standard.lead.silent_near", silent=lead, clause=clause)
        about = target.row.id if isinstance(target.row, Guide) else target.clause
        return Answer("silent", lead, said, self._cite_targets([target]), about=about)

    def _premise(self, stated: tuple[Stated, ...], near: list[Target]) -> Answer:
        for target in near:
            own = self._figures(target)
            others = [figure for one in self._also(target) for figure in self._figures(one)]
            for said in stated:
                if any(fits(said.quantity, figure.unit) for figure in own):
                    return self._checked(said, target, own, others)
        answer = self._silent("days", near[0])
        return Answer(
            "premise", text("standard.lead.premise_silent"), answer.quote, answer.citations, about=answer.about
        )

    def _checked(self, said: Stated, target: Target, own: list[Figure], others: list[Figure]) -> Answer:
        found = self._found(target, more=True)
        equal = [figure for figure in own if figure.count == said.count]
        if any(said.has_unit(figure.unit) for figure in equal):
            lead = text("standard.lead.premise_right", figure=figure_text(equal[0]))
        elif equal and said.quantity == "days":
            lead = text("standard.lead.premise_unit", figure=figure_text(equal[0]))
        elif any(
            figure.count == said.count and said.has_unit(own[0].unit) and figure.unit == own[0].unit
            for figure in others
        ):
            lead = text("standard.lead.premise_depends", plain=found.lead)
            return Answer("premise", lead, found.quote, found.citations, own[0], found.note, found.about)
        else:
            lead = text("standard.lead.premise_wrong", figure=figure_text(own[0]))
        lead += "".join(one.row.plain for one in self._also(target) if isinstance(one.row, Guide))
        return Answer("premise", lead, found.quote, found.citations, own[0], found.note, found.about)

    def _list(self, target: Target) -> Answer:
        assert isinstance(target.row, Guide)
        lead = text("standard.lead.list", plain=target.row.plain, clause=clause_name(target.clause))
        citations = self._cite([target.clause, *self._below(target.clause)])
        return Answer("list", lead, "\n".join(self._listed(target.clause)), citations, about=target.row.id)

    def _listed(self, clause: str) -> list[str]:
        """The clause's own text, then every item below it, marked with its letter or its service type."""
        items = [f"{self._label(name)}{text_of(self.known, name)}" for name in self._below(clause)]
        own = [p.text for p in self.known.clauses[clause] if p.part == "text"]
        rest = [text_of(self.known, name) for name in self.known.children(clause)]
        return [*own, *items] or rest or [text_of(self.known, clause)]

    def _below(self, clause: str) -> Iterable[str]:
        for name in self.known.children(clause):
            if name.endswith(")"):
                yield name
            yield from self._below(name)

    def _label(self, clause: str) -> str:
        """The item's letter, or the service type of a row of Table B.1, before its lines."""
        heading = "".join(p.text for p in self.known.clauses[clause] if p.part == "heading")
        return f"{heading}：" if heading else f"{clause.rpartition(' ')[2]} "

    def _gap(self, target: Target) -> Answer:
        gap = target.row
        assert isinstance(gap, Gap)
        if gap.topic is None:
            return Answer("none", text("standard.lead.none"), about=gap.id)
        lead = text("standard.lead.gap", topic=gap.topic, advice=gap.advice)
        if gap.near is None:
            return Answer("none", lead, about=gap.id)
        near = self._by_guide[gap.near]
        return Answer("silent", lead, self._quote([near]), self._cite_targets([near]), about=gap.id)

    # What changed.

    def _changes_in(self, asked: Asked) -> list[Change]:
        """The changes that a question names, by topic (the longest one) or by clause."""
        known = self.known
        named = {parent_or_self(r.clause) for r in references(known, asked.text) if r.clause}
        scored = [
            (max((len(topic) for topic in change.topics if topic in asked.text), default=0), change)
            for change in known.changes
        ]
        best = max((score for score, _ in scored), default=0)
        return [change for score, change in scored if (score == best > 0) or (change.clause in named)]

    def _all_changes(self) -> Answer:
        if not self.known.changes:
            return Answer("none", text("standard.lead.comparison_none"))
        lines = "\n".join(change.text for change in self.known.changes)
        return Answer(
            "comparison",
            text("standard.lead.comparison_all"),
            lines,
            self._cite_changes(self.known.changes),
            note=text("standard.lead.comparison_limits"),
        )

    def _changed(self, chosen: list[Change]) -> Answer:
        """What is known of some changes: the printed lines, the reasons, the clauses as they are now."""
        known = self.known
        topic = "、".join(dict.fromkeys(known.heading(c.clause or "") or c.topics[0] for c in chosen))
        clauses = [change.clause for change in chosen if change.clause]
        reasons = dict.fromkeys(
            row.reason for row in known.comparison if row.reason and any(name in row.clauses for name in clauses)
        )
        note = text("standard.lead.comparison_limits")
        note += "".join(text("standard.reason", reason=reason) for reason in reasons)
        return Answer(
            "comparison",
            text("standard.lead.comparison", topic=topic),
            "\n".join(change.text for change in chosen),
            (*self._cite_changes(chosen), *self._cite(clauses)),
            note=note,
        )

    def _cite_changes(self, changes: Iterable[Change]) -> tuple[Citation, ...]:
        """One citation for each place that prints some of the changes."""
        places: dict[str, list[str]] = {}
        for change in changes:
            places.setdefault(change.place, []).append(change.text)
        return tuple(Citation(place, "\n".join(lines), self.known.edition.cite) for place, lines in places.items())

    # Pieces.

    def _also(self, target: Target) -> list[Target]:
        row = target.row
        return [self._by_guide[name] for name in row.also] if isinstance(row, Guide) else []

    def _figures(self, target: Target) -> list[Figure]:
        return [figure for name in target.obligations if (figure := self.known.obligation[name].figure)]

    def _quote(self, targets: Iterable[Target]) -> str:
        return "\n".join(dict.fromkeys(line for target in targets for line in quote(self.known, target)))

    def _note(self, duties: list[str]) -> str:
        """Our decisions that shape the answer: those of the first duty with a figure, in the order of its row."""
        rows = [self.known.obligation[name] for name in duties if self.known.obligation[name].figure]
        names = rows[0].ambiguities if rows else ()
        return "".join(self.known.ambiguity[name].shown for name in names)

    def _note_sources(self, duties: list[str], *, more: bool) -> tuple[Citation, ...]:
        """The printed reference behind a note that names another rule (the second clock, AMB-24)."""
        if not more:
            return ()
        rows = [self.known.obligation[name] for name in duties if self.known.obligation[name].figure]
        names = rows[0].ambiguities if rows else ()
        others = [name for name in names if "第3号" in self.known.ambiguity[name].shown]
        return tuple(
            Citation("参考文献", said, self.known.edition.cite)
            for name in others
            for said in self.known.ambiguity[name].says
        )

    def _cite_targets(self, targets: Iterable[Target]) -> tuple[Citation, ...]:
        """The whole printed clauses around what is quoted."""
        known = self.known
        named = [
            [known.obligation[duty].clause for duty in target.obligations] or [target.clause] for target in targets
        ]
        return self._cite(name for names in named for name in names)

    def _cite(self, clauses: Iterable[str]) -> tuple[Citation, ...]:
        return tuple(
            Citation(name, body, self.known.edition.cite)
            for name in dict.fromkeys(clauses)
            if (body := text_of(self.known, name))
        )


def _joined(kind: Kind, answers: list[Answer]) -> Answer:
    """Several answers as one, in their order."""
    return Answer(
        kind,
        "".join(answer.lead for answer in answers),
        "\n".join(answer.quote for answer in answers),
        tuple(citation for answer in answers for citation in answer.citations),
        note="".join(answer.note for answer in answers),
    )


def parent_or_self(clause: str) -> str:
    """The clause that the list of changes speaks of: 6.4 for 6.4 a)."""
    return parent(clause) if clause.endswith(")") else clause


def answer(question: str, known: Knowledge | None = None) -> Answer:
    """Answer a question about the standard from one edition (the current one unless given). Never invents a number."""
    return Answerer(known or load()).answer(question)
