"""Two editions side by side: which one is in force on a day, and what becomes of a broken one."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from anze.obligations.proving import prove
from anze.standard.editions import Editions, read_editions
from anze.standard.load import KNOWLEDGE, KnowledgeError
from tests.helpers.second_edition import DRAFT, FINAL, second_edition

FROM = date(2026, 12, 1)


def read(added: Path) -> Editions:
    return read_editions(KNOWLEDGE, added, lambda: FROM, prove)


def test_the_draft_is_gone_by_until_the_day_on_which_the_final_text_is_in_force(tmp_path: Path) -> None:
    second_edition(tmp_path, FROM)
    found = read(tmp_path)
    assert found.broken == ()
    assert list(found.by_key) == [DRAFT, FINAL]
    for day, key in ((date(2020, 1, 1), DRAFT), (FROM - timedelta(days=1), DRAFT), (FROM, FINAL)):
        assert found.on(day).edition.key == key
    assert [found.get(key).complaint.standard.ordinary.days for key in (DRAFT, FINAL)] == [15, 10]


def test_of_two_final_texts_each_is_in_force_until_the_next(tmp_path: Path) -> None:
    second_edition(tmp_path, FROM + timedelta(days=400), "AQ9010.1/2100-later")
    second_edition(tmp_path, FROM)
    found = read(tmp_path)
    assert [known.edition.key for _, known in found.periods] == [DRAFT, FINAL, "AQ9010.1/2100-later"]
    assert found.on(FROM + timedelta(days=399)).edition.key == FINAL
    assert found.on(FROM + timedelta(days=400)).edition.key == "AQ9010.1/2100-later"


def test_a_broken_added_edition_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    folder = second_edition(tmp_path, FROM)
    clauses = folder / "clauses.yml"
    clauses.write_text(clauses.read_text(encoding="utf-8").replace("15个工作日", "99个工作日"), encoding="utf-8")
    found = read(tmp_path)
    (line,) = found.broken
    assert line.startswith(f"{clauses}:")
    assert "not verbatim" in line
    assert found.on(FROM).edition.key == DRAFT


def test_a_check_of_a_fact_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = second_edition(tmp_path, FROM) / "obligations" / "06.5-report.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("archived_on", "moon_phase"), encoding="utf-8")
    found = read(tmp_path)
    assert found.broken == (f"{FINAL}: report_sent: service has no fact moon_phase",)
    assert found.on(FROM).edition.key == DRAFT


@pytest.mark.parametrize("missing", ["clocks/complaint.yml", "clauses.yml", "draft.txt"])
def test_an_added_edition_is_whole_or_left_out(tmp_path: Path, missing: str) -> None:
    (second_edition(tmp_path, FROM) / missing).unlink()
    found = read(tmp_path)
    assert "missing" in found.broken[0]
    assert list(found.by_key) == [DRAFT]


def test_an_edition_without_its_head_is_not_there_yet(tmp_path: Path) -> None:
    (second_edition(tmp_path, FROM) / "edition.yml").unlink()
    assert list(read(tmp_path).by_key) == [DRAFT]


def test_a_shipped_edition_cannot_be_laid_over(tmp_path: Path) -> None:
    second_edition(tmp_path, FROM, DRAFT)
    found = read(tmp_path)
    assert "there is an edition AQ9010.1/2025-07-draft already" in found.broken[0]
    assert found.get(DRAFT).complaint.standard.ordinary.days == 15


def test_two_final_texts_from_one_day_are_refused(tmp_path: Path) -> None:
    second_edition(tmp_path, FROM)
    second_edition(tmp_path, FROM, "AQ9010.1/2100-same-day")
    found = read(tmp_path)
    assert "in force from the same day" in found.broken[0]
    assert list(found.by_key) == [DRAFT, FINAL]


def test_a_broken_shipped_edition_stops_the_start(tmp_path: Path) -> None:
    (second_edition(tmp_path, FROM) / "clauses.yml").unlink()
    with pytest.raises(KnowledgeError, match="missing"):
        read_editions(tmp_path, None, lambda: FROM)


def test_only_the_draft_is_shipped() -> None:
    assert [file.parent.name for file in KNOWLEDGE.glob("*/*/edition.yml")] == ["2025-07-draft"]
