"""What one edition's folder under knowledge/ holds. Frozen; every text marked verbatim is a substring of the source."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False)]
Unit = Literal["working_days", "calendar_days", "years", "times_per_policy_year", "times_per_year"]
Part = Literal[
    "text", "heading", "english", "source", "note", "label", "nature", "caption", "column", "row_number",
    "cover_title", "cover_mark", "cover_field", "section", "subsection", "opening", "sign_off",
]  # fmt: skip


Need = Literal["material", "record", "courseware", "photo", "sign_in", "report", "amount"]
"""What a line of Table B.1 asks to be kept: 资料 · 服务记录 · 课件 · 现场照片 · 签到表 · 服务报告 · 实际支出金额"""


class Row(BaseModel):
    """Parent of every row: unknown fields are refused, nothing is converted silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Edition(Row):
    """edition.yml. `cite` is how a citation names the text. Only a final text comes into force, on `in_force_from`."""

    key: Text
    standard: Text
    title: Text
    status: Literal["draft", "final"]
    dated: Text
    in_force_from: date | None = None
    cite: Text
    source: Text
    replaces: Text | None = None
    note: str = ""

    @property
    def is_final(self) -> bool:
        """Whether it may be called a rule; a draft is 参照."""
        return self.status == "final"

    @model_validator(mode="after")
    def _final_has_a_day(self) -> Self:
        if self.is_final != (self.in_force_from is not None):
            raise ValueError("a final text has in_force_from, a draft has none")
        return self


class Passage(Row):
    """One printed paragraph, heading, list item or table line, verbatim; files list them in printed order.

    Of a line of Table B.1: `needs` is what an archive must hold for it; of those that are `either` one is enough.
    """

    clause: Text
    text: Text
    part: Part = "text"
    code: str | None = None
    needs: tuple[Need, ...] = ()
    either: bool = False


class Term(Row):
    """A term of clause 3; `aliases` are other numbers that name it, `everyday` other words."""

    clause: Text
    zh: Text
    en: Text
    aliases: tuple[str, ...] = ()
    everyday: tuple[str, ...] = ()
    difference: str = ""


class ServiceItem(Row):
    """One of the items of clause 4; `yearly` items meet its yearly minimum, `archive` is the row of Table B.1."""

    letter: Text
    clause: Text
    name: Text
    everyday: tuple[str, ...]
    archive: str | None = None
    yearly: bool = False


class Figure(Row):
    """A number that the clause prints. `start` says what it is counted from (may rest on one of our defaults)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    count: int = Field(gt=0)
    unit: Unit
    start: Text = Field(alias="from")


Value = str | int | bool
Wanted = dict[str, Value | tuple[Value, ...]]
"""Facts with the values that are meant; `present` and `absent` stand for whether there is one."""


class Due(Row):
    """The last day of a duty: the fact `by`, or so many days after the fact `after`. `internal`: 内部目标, not law."""

    by: Text | None = None
    after: Text | None = None
    working_days: int | None = Field(default=None, gt=0)
    days: int | None = Field(default=None, gt=0)
    internal: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "Due":
        terms = [term for term in (self.working_days, self.days) if term is not None]
        if (self.by is None) == (self.after is None) or len(terms) != (self.after is not None):
            raise ValueError("either `by`, or `after` with `working_days` or `days`")
        return self


class Ahead(Row):
    """How long before its last day a duty counts as 即将到期; our choice."""

    working_days: int | None = Field(default=None, ge=0)
    days: int | None = Field(default=None, ge=0)


class CheckPart(Row):
    """A group into which the subjects fall, the first that fits. `asked`: what "还没做" asks for."""

    key: Text
    name: Text
    when: Wanted = {}
    words: tuple[Text, ...] = ()
    """How it is asked for"""
    asked: bool = False


class Check(Row):
    """How a duty is checked against the database; compiled to SQL by anze/obligations, and nothing else is needed.

    `subject` is a relation of anze/obligations/relations; one that is not there answers 数据未接入. `applies`: else
    不适用; `unknown`: 无法判断. `done` is a fact, a day or a truth; `proof` must be there too and `claimed` alone is
    缺证据. `breach`: what is late for good.
    """

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Text
    words: tuple[Text, ...]
    weak: bool = False
    """Its words name it only where no other duty is named"""
    undone: Text
    """How a subject is called whose duty is not fulfilled, e.g. 还没回访"""
    subject: Text
    items: tuple[Text, ...] = ()
    """Service items that the duty is about by itself; naming them is no filter"""
    implies: tuple[Text, ...] = ()
    """Statuses that naming the duty says already (超期的重大隐患没上报)"""
    applies: Wanted = {}
    unknown: Wanted = {}
    done: Text
    claimed: Text | None = None
    proof: tuple[Text, ...] = ()
    due: Due | None = None
    ahead: Ahead | None = None
    breach: Wanted = {}
    parts: tuple[CheckPart, ...] = ()
    remind: Literal["insured", "branch"] = "branch"
    """Who is told when a list of it is to be reminded"""

    standing: Literal["weekly", "monthly"] | None = None
    """How often branches are reminded by the program of what presses"""

    @property
    def called(self) -> tuple[str, ...]:
        """Everything that names it."""
        return (*self.words, self.undone, self.name)


class Obligation(Row):
    """One duty, permission or prohibition: who must do what for whom, when, with which proof."""

    id: Text
    clause: Text
    verbatim: Text
    actor: Text
    beneficiary: Text
    modality: Text
    trigger: str | None
    deadline: str | None
    figure: Figure | None
    condition: str | None
    evidence: str | None
    data: tuple[str, ...]
    staff_questions: tuple[str, ...]
    insured_questions: tuple[str, ...]
    ambiguities: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


class Guide(Row):
    """One answer: the plain sentence for a clause, the rows that prove it, how people ask for it.

    `list`: it answers "which ones are there" and names every item below its clause. `needs`: an exception to the answer
    that has it in `also`; it stands alone only when the question holds one of these words. `unless`: the number does
    not hold for a question with one of these.
    """

    id: Text
    clause: Text
    obligations: tuple[str, ...]
    plain: Text
    asks: tuple[str, ...]
    also: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    list: bool = False


class Fact(Row):
    """What foreword, introduction, references or drafting notes tell; `clause` names the place, `text` is verbatim."""

    id: Text
    clause: Text
    text: tuple[str, ...]
    plain: Text
    asks: tuple[str, ...]


class Gap(Row):
    """What people ask and the text does not rule; `near` is an answer worth quoting, `advice` what to do."""

    id: Text
    topic: str | None
    near: str | None
    asks: tuple[str, ...]
    advice: str = ""


class Change(Row):
    """One line of the list of changes against the edition before, verbatim; `place` says where it is printed."""

    number: int
    text: Text
    place: Text
    kind: Literal["更改", "删除", "增加"]
    clause: str | None
    clause_2019: str | None
    topics: tuple[str, ...]


class Comparison(Row):
    """One row of the drafting notes' comparison table; lines verbatim."""

    heading_2019: tuple[str, ...]
    heading_2025: tuple[str, ...]
    clauses: tuple[str, ...]
    reason: str | None


class Ambiguity(Row):
    """A gap or defect of the text and the default that this product follows; `shown` is told to the user."""

    id: Text
    name: Text
    issue: Text
    says: tuple[str, ...]
    default: Text
    shown: str = ""


class Limits(Row):
    """Lower limits of one size class, in the file's units; every limit given must be met."""

    employees: int | None = None
    revenue: int | None = None
    assets: int | None = None


class SizeSector(Row):
    name: Text
    covers: str = ""
    large: Limits
    medium: Limits
    small: Limits


class SizeThresholds(Row):
    """Where the standard says 大中型: size classes from another rule, to be verified against its text."""

    source: Text
    to_verify: bool
    status: Text
    units: dict[str, str]
    sectors: tuple[SizeSector, ...]


class GlossaryEntry(Row):
    """English name in the code ↔ Chinese word ↔ clause ↔ where it is used."""

    en: Text
    zh: Text
    clause: str | None
    used_in: tuple[str, ...]
