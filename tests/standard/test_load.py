"""The rows of the edition, and what the loader refuses."""

import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from anze.standard.answer import answer
from anze.standard.editions import load, read_editions
from anze.standard.load import KNOWLEDGE, Knowledge, KnowledgeError, glossary, load_edition
from anze.standard.search import search

DRAFT = KNOWLEDGE / "AQ9010.1" / "2025-07-draft"
MODALITIES = {
    "应": 84, "可以(选项)": 7, "不得": 7, "应(资料性)": 6, "可以": 4, "应当": 4, "应(定义)": 3, "应(条件)": 2,
    "参照": 2, "需(应)": 2, "适用(应)": 1, "参照(非强制)": 1, "有权(可以)": 1, "可以(方式)": 1,
}  # fmt: skip
FIGURES = {
    "4-8": (1, "times_per_policy_year"), "6.3-1": (10, "working_days"), "6.3-3": (20, "working_days"),
    "6.4-a": (15, "working_days"), "6.4-b": (30, "working_days"), "6.4-c.1": (30, "calendar_days"),
    "7.1-5": (1, "times_per_year"), "7.4-6": (5, "years"),
}  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "AQ9010.1" / "2025-07-draft"
    shutil.copytree(DRAFT, folder)
    return folder


def _spoil(file: Path, old: str, new: str) -> int:
    """Replace one line's text and return its line number."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_obligations() -> None:
    known = load()
    assert len(known.obligation) == len(known.obligations) == 125
    assert Counter(row.modality for row in known.obligations) == MODALITIES
    assert {row.id: (row.figure.count, row.figure.unit) for row in known.obligations if row.figure} == FIGURES


def test_every_quoted_text_is_in_the_draft() -> None:
    known = load()
    quoted = [
        *(p.text for p in known.passages),
        *(row.verbatim for row in known.obligations),
        *(line for fact in known.facts for line in fact.text),
        *(change.text for change in known.changes),
        *(line for pair in known.comparison for line in (*pair.heading_2019, *pair.heading_2025)),
        *(line for row in known.ambiguities for line in row.says),
    ]
    assert len(quoted) > 400
    assert [text for text in quoted if text not in known.source] == []


def test_changes_and_ambiguities_are_complete() -> None:
    known = load()
    assert sorted(change.number for change in known.changes) == list(range(21))
    assert [row.id for row in known.ambiguities] == [f"AMB-{number:02}" for number in range(1, 35)]
    assert len(known.comparison) == 13
    assert [item.letter for item in known.service_items] == list("abcdefg")
    assert [term.clause for term in known.terms] == [f"3.{number}" for number in range(1, 7)]


def test_every_obligation_has_an_answer() -> None:
    known = load()
    told = {name for guide in known.guides for name in guide.obligations}
    assert told == set(known.obligation)


def test_plain_sentences_hold_no_number_that_the_text_does_not_print() -> None:
    known = load()
    for guide in known.guides:
        printed = "".join(p.text for p in known.clauses_below(guide.clause))
        assert set(re.findall(r"\d+", guide.plain)) <= set(re.findall(r"\d+", printed + guide.clause)), guide.id
    for fact in known.facts:
        assert set(re.findall(r"\d+", fact.plain)) <= set(re.findall(r"\d+", "".join(fact.text))), fact.id


def test_glossary_clauses_exist() -> None:
    known = load()
    assert len(glossary()) > 40
    for entry in glossary():
        assert entry.clause is None or entry.clause in known.clauses, entry
        if entry.clause:
            assert entry.zh in known.source, entry
    assert len({entry.en for entry in glossary()}) == len(glossary())


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("clauses.yml", "应在15个工作日内将", "应在16个工作日内将", "not verbatim"),
        (
            "obligations/06.4-complaint.yml",
            '"情况复杂的，应在30个',
            '"情况复杂的，应于30个',
            "not verbatim in clause 6.4 b)",
        ),
        ("obligations/06.4-complaint.yml", '"6.4-b"', '"6.4-a"', "twice: 6.4-a"),
        ("obligations/06.4-complaint.yml", "count: 15", "count: 14", "14 is not in the verbatim text"),
        ("obligations/06.4-complaint.yml", "count: 15", "count: fifteen", "figure.count"),
        ("obligations/06.4-complaint.yml", "unit: working_days", "unit: fortnights", "figure.unit"),
        ("obligations/06.3-follow-up.yml", "actor: 保险机构", "agent: 保险机构", "actor"),
        ("obligations/06.3-follow-up.yml", "AMB-11", "AMB-99", "no such ambiguity: AMB-99"),
        ("terms.yml", 'clause: "3.1"', 'clause: "3.9"', "no such clause: 3.9"),
        ("answers.yml", '["6.4-a"]', '["6.4-z"]', "no such obligation: 6.4-z"),
        ("answers.yml", "also: [complaint_30", "also: [complaint_31", "no such answer: complaint_31"),
        ("facts.yml", "建议实施过渡期为6个月。", "建议实施过渡期为7个月。", "not verbatim"),
        ("changes.yml", "kind: 更改", "kind: 改变", "changes.1.kind"),
        ("edition.yml", "status: draft", "status: perhaps", "status"),
        ("edition.yml", "status: draft", "status: final", "a final text has in_force_from"),
        ("clocks/complaint.yml", "days: 15, unit: working", "days: 14, unit: working", "not a figure of clause 6.4 a)"),
        ("clocks/complaint.yml", "in_force: false", "in_force: true", "the edition is a draft"),
        ("clocks/service.yml", "days: 20", "days: 21", "not a figure of clause 6.3"),
        ("clocks/service.yml", "archive:", "archived:", "archive"),
        (
            "obligations/06.3-follow-up.yml",
            "working_days: 10}",
            "working_days: 9}",
            "follow_up: not the figure of 6.3-1",
        ),
    ],
)
def test_a_fault_names_file_and_line(copy: Path, file: str, old: str, new: str, complaint: str) -> None:
    line = _spoil(copy / file, old, new)
    with pytest.raises(KnowledgeError) as caught:
        load_edition(copy)
    path, number, message = re.match(r"(.+?):(\d+): (.*)", str(caught.value), re.S).groups()  # type: ignore[union-attr]
    assert Path(path) == copy / file
    assert complaint in message
    assert abs(int(number) - line) <= 4, f"{number} is not near {line}"


def test_broken_yaml_names_its_line(copy: Path) -> None:
    (copy / "terms.yml").write_text("- clause: [\n- zh: x\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"terms\.yml:\d+:"):
        load_edition(copy)


_LAW = """
  name: AQ 9010.1—2099
  in_force: true
  ordinary: {clause: "6.4", days: 12, unit: working, roll: false}
  complex: {clause: null, days: 24, unit: working, roll: false}
  extension: {clause: null, days: 12, unit: working, roll: false}
  pause: {clause: null}
  approvers: []
  approvers_of_head_office: []
"""
TINY = {
    "clocks/complaint.yml": f'rule_version: "1"\nstandard:{_LAW}second:{_LAW}review:{_LAW}',
    "clocks/service.yml": """
rule_version: "1"
follow_up: {clause: null, days: 5, unit: working, roll: false}
archive: {clause: null, days: 9, unit: working, roll: false}
""",
    "edition.yml": """
key: AQ9010.1/2099-final
standard: AQ 9010.1
title: 试验版
status: final
dated: "2099-01"
in_force_from: 2099-01-01
cite: AQ 9010.1—2099
source: text.txt
""",
    "text.txt": "投诉处理\n应在12个工作日内答复。\n回访\n应及时回访被保险人。\n",
    "clauses.yml": """
- {clause: "6.4", part: heading, text: 投诉处理}
- {clause: "6.4", text: 应在12个工作日内答复。}
- {clause: "6.3", part: heading, text: 回访}
- {clause: "6.3", text: 应及时回访被保险人。}
""",
    "obligations/all.yml": """
- id: "6.4-1"
  clause: "6.4"
  verbatim: 应在12个工作日内答复
  actor: 保险机构
  beneficiary: 投保人
  modality: 应
  trigger: null
  deadline: 12 working days
  figure: {count: 12, unit: working_days, from: complaint_received}
  condition: null
  evidence: null
  data: []
  staff_questions: []
  insured_questions: [投诉几天答复]
""",
}


@pytest.fixture
def tiny(tmp_path: Path) -> Knowledge:
    shutil.copytree(DRAFT, tmp_path / "AQ9010.1" / "2025-07-draft")
    for name, content in TINY.items():
        path = tmp_path / "AQ9010.1" / "2099-final" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.lstrip(), encoding="utf-8")
    return read_editions(tmp_path, None, lambda: date(2099, 1, 1)).on(date(2099, 1, 1))


def test_a_second_edition_is_a_folder_and_no_code(tiny: Knowledge) -> None:
    assert tiny.edition.key == "AQ9010.1/2099-final"
    found = answer("投诉几天答复", tiny)
    assert found.kind == "found"
    assert found.figure
    assert (found.figure.count, found.citations[0].version) == (12, "AQ 9010.1—2099")
    assert [hit.clause for hit in search("回访被保险人", 1, tiny)] == ["6.3"]
    assert load().edition.key == "AQ9010.1/2025-07-draft"


def test_an_edition_must_say_its_own_key(tiny: Knowledge, tmp_path: Path) -> None:
    folder = tmp_path / "AQ9010.1" / "2098-wrong"
    shutil.copytree(tmp_path / "AQ9010.1" / "2099-final", folder)
    with pytest.raises(KnowledgeError, match=r"edition\.yml:1: the key must be the folder's: AQ9010\.1/2098-wrong"):
        load_edition(folder)


def test_an_unknown_edition_is_refused() -> None:
    with pytest.raises(KnowledgeError, match=r"no edition AQ9010\.1/1999; there are: AQ9010\.1/2025-07-draft"):
        load("AQ9010.1/1999")
