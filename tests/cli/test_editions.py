"""The editions of the standard for an operator: listed, compared, a broken one named."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from anze.services import build
from anze.settings import Settings
from anze.standard.load import KnowledgeError
from tests.cli.conftest import Anze, answer, refused
from tests.helpers.second_edition import CITE, DRAFT, FINAL, second_edition

FROM = date(2026, 12, 31)
"""After DEMO_NOW"""


def test_the_editions_are_listed_with_the_one_of_today(data: Path, anze: Anze) -> None:
    second_edition(data, FROM)
    rows = answer(anze("standard", "list", "--json"))["editions"]
    assert [(row["key"], row["current"], row["in_force_from"]) for row in rows] == [
        (DRAFT, True, None),
        (FINAL, False, "2026-12-31"),
    ]


def test_the_differences_clause_by_clause(data: Path, anze: Anze) -> None:
    second_edition(data, FROM)
    said = anze("standard", "diff").stdout
    for line in (
        "应在［删：15］［增：10］个工作日内将投诉事项",
        "数字：15个工作日 → 10个工作日",
        "义务：新增（应）：保险机构应在服务完成以后5个工作日内",
        "检查：不再检查：虚假服务",
        "共 4 条不同。",
    ):
        assert line in said
    assert answer(anze("standard", "diff", DRAFT, FINAL, "--json")) == answer(anze("standard", "diff", "--json"))
    assert "没有不同" in anze("standard", "diff", DRAFT, DRAFT).stdout


def test_what_cannot_be_compared_is_refused(data: Path, anze: Anze) -> None:
    refused(anze("standard", "diff"), "只载入了一个版本")
    second_edition(data, FROM)
    refused(anze("standard", "diff", DRAFT), "请写两个版本")
    refused(anze("standard", "diff", DRAFT, "AQ9010.1/1999"), "没有“AQ9010.1/1999”这个版本")
    refused(anze("clause", "6.4", "--edition", "AQ9010.1/1999"), "没有“AQ9010.1/1999”这个版本")


def test_a_clause_and_a_date_by_either_edition(data: Path, anze: Anze) -> None:
    second_edition(data, FROM)
    assert "15个工作日" in anze("clause", "6.4a").stdout
    assert (
        f"10个工作日内将投诉事项的处理决定反馈给投保人或被保险人；\n{CITE}"
        in anze("clause", "6.4a", "--edition", FINAL).stdout
    )
    for received, days in (("2026-12-30", "15 个工作日"), ("2026-12-31", "10 个工作日")):
        assert f"期限：{days}" in anze("due", "complaint", "--received", received).stdout


def test_a_broken_edition_is_named_and_the_old_one_goes_on(demo: Path, anze: Anze) -> None:
    (second_edition(demo, date(2026, 12, 1)) / "clocks" / "service.yml").unlink()
    listed = answer(anze("standard", "list", "--json"))
    assert [row["key"] for row in listed["editions"]] == [DRAFT]
    assert "clocks/service.yml:1: the file is missing" in listed["broken"][0]
    assert "15个工作日" in anze("clause", "6.4a").stdout
    assert any(one["rule"] == "follow_up" for one in answer(anze("obligations", "--json"))["items"])
    (finding,) = [one for one in json.loads(anze("doctor", "--json").stdout)["parts"] if one["part"] == "knowledge"]
    assert finding["state"] != "ok"
    assert "没有采用" in str(finding)


def test_the_start_is_refused_when_an_edition_under_which_cases_began_is_gone(demo: Path, anze: Anze) -> None:
    with closing(sqlite3.connect(demo / "anze.db")) as connection:
        connection.execute("UPDATE complaints SET edition = 'AQ9010.1/2099-made-up' WHERE id = 1")
        connection.commit()
    with pytest.raises(KnowledgeError, match=r"有 1 件投诉开始时适用的标准版本 AQ9010\.1/2099-made-up 现在没有载入"):
        build(Settings(), rasa_url="http://127.0.0.1:1")


def test_an_added_edition_is_in_the_backup(demo: Path, anze: Anze, tmp_path: Path) -> None:
    """A database whose cases began under it is of no use without it."""
    folder = second_edition(demo, FROM)
    kept = {file.relative_to(demo).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    answer(anze("backup", tmp_path / "kept.tar.gz", "--json"))
    shutil.rmtree(folder)
    answer(anze("restore", tmp_path / "kept.tar.gz", "--replace", "--json"))
    assert {name: (demo / name).read_bytes() for name in kept} == kept
    assert [row["key"] for row in answer(anze("standard", "list", "--json"))["editions"]] == [DRAFT, FINAL]


def test_the_duties_of_a_day_are_those_of_its_edition(demo: Path, anze: Anze) -> None:
    second_edition(demo, date(2026, 12, 1))
    for day, rule, other in (
        ("2026-11-30", "fake_service", "report_sent"),
        ("2026-12-01", "report_sent", "fake_service"),
    ):
        rules = {one["rule"] for one in answer(anze("obligations", "--as-of", day, "--json"))["items"]}
        assert rule in rules
        assert other not in rules
    refused(anze("obligations", "fake_service"), "fake_service")
    assert anze("obligations", "fake_service", "--edition", DRAFT).exit_code == 0
