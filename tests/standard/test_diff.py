"""Two editions clause by clause, without a screen."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.standard.comparing import compared, meant, note
from anze.standard.diff import Piece, diff, pieces
from anze.standard.editions import Editions, read_editions
from anze.standard.load import KNOWLEDGE, KnowledgeError
from tests.helpers.second_edition import CITE, DRAFT, FINAL, second_edition

FROM = date(2026, 12, 1)
WORDS = st.text(alphabet="应在15个工作日内答复。1 0", max_size=24)


@pytest.fixture
def two(tmp_path: Path) -> Editions:
    second_edition(tmp_path, FROM)
    return read_editions(KNOWLEDGE, tmp_path, lambda: date(2026, 11, 23))


def test_only_what_differs_is_told_in_printed_order(two: Editions) -> None:
    found = compared(two.get(DRAFT), two.get(FINAL))
    assert [(one["clause"], one["kind"]) for one in found] == [
        ("6.3", "changed"), ("6.4 a)", "changed"), ("6.5", "added"), ("9.2 d)", "removed"),
    ]  # fmt: skip
    assert found[0]["checks"] == ["服务后10个工作日内回访 → 服务后15个工作日内回访"]
    assert found[1]["numbers"] == ["15个工作日 → 10个工作日"]
    assert found[2]["checks"] == ["新增检查：服务报告送达"]
    assert found[3]["checks"] == ["不再检查：虚假服务"]
    assert [len(one["duties"]) for one in found] == [0, 0, 1, 1]


def test_the_other_way_round_is_the_mirror(two: Editions) -> None:
    there, back = diff(two.get(DRAFT), two.get(FINAL)), diff(two.get(FINAL), two.get(DRAFT))
    mirrored = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {one.clause: mirrored[one.kind] for one in there} == {one.clause: one.kind for one in back}


def test_an_edition_does_not_differ_from_itself(two: Editions) -> None:
    assert diff(two.get(DRAFT), two.get(DRAFT)) == ()


def test_a_number_is_changed_whole() -> None:
    assert pieces("应在15个工作日", "应在10个工作日") == (
        Piece("same", "应在"), Piece("gone", "15"), Piece("new", "10"), Piece("same", "个工作日"),
    )  # fmt: skip


@given(WORDS, WORDS)
def test_the_pieces_make_both_texts_again(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(one.text for one in found if one.kind != "new") == old
    assert "".join(one.text for one in found if one.kind != "gone") == new


def test_without_names_the_last_two_are_meant(two: Editions) -> None:
    pair = meant(two, None, None)
    assert pair is not None
    assert [known.edition.key for known in pair] == [DRAFT, FINAL]
    assert meant(read_editions(KNOWLEDGE, None, two.today), None, None) is None
    with pytest.raises(KnowledgeError):
        meant(two, DRAFT, "AQ9010.1/1999")


def test_a_line_says_that_another_edition_has_it_otherwise(two: Editions) -> None:
    draft, final = two.get(DRAFT), two.get(FINAL)
    assert note(two, draft, ["6.4 a)"]) == f"{CITE}从2026-12-01起施行，6.4 a)的写法和现在不同。"
    assert note(two, draft, ["6.4 b)", "参考文献"]) == ""
    later = read_editions(KNOWLEDGE, None, lambda: FROM)
    assert note(later, later.get(DRAFT), ["6.4 a)"]) == ""
    assert "按那一版开始的事不变" in note(two, final, ["6.4 a)"])
    assert len(note(two, draft, ["6.3", "6.4 a)", "9.2 d)"])) < 60
