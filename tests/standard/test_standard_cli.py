"""anze clause, anze search: as typed."""

import json

import pytest
from typer.testing import CliRunner

from anze.commands import RefusedError
from anze.standard.cli import clause, search


def test_clause_json() -> None:
    found = json.loads(CliRunner().invoke(clause, ["6.4a", "--json"]).stdout)
    assert found["clause"] == "6.4 a)"
    assert found["text"] == "应在15个工作日内将投诉事项的处理决定反馈给投保人或被保险人；"
    assert found["version"] == "参照 AQ 9010.1（征求意见稿，2025年7月）"
    assert found["edition"] == "AQ9010.1/2025-07-draft"


def test_clause_holds_all_below_it() -> None:
    found = json.loads(CliRunner().invoke(clause, ["第六章", "--json"]).stdout)
    names = [part["clause"] for part in found["parts"]]
    assert names == ["6", "6.1", "6.2", "6.3", "6.4", *(f"6.4 {letter})" for letter in "abcde")]
    assert "15个工作日" in found["text"]


def test_clause_for_people() -> None:
    shown = CliRunner().invoke(clause, ["3.3"]).stdout
    assert shown.startswith("3.3 被保险人")
    assert "投保人" in shown


def test_an_unknown_clause_is_refused() -> None:
    with pytest.raises(RefusedError, match="没有“12”这一条"):
        CliRunner().invoke(clause, ["12"], catch_exceptions=False)


def test_search() -> None:
    found = json.loads(CliRunner().invoke(search, ["回访要几天", "--json", "--limit", "2"]).stdout)
    assert found["hits"][0]["clause"] == "6.3"
    assert found["hits"][0]["obligation_id"] == "6.3-1"
    assert len(found["hits"]) <= 2


def test_search_without_a_result() -> None:
    run = CliRunner().invoke(search, ["今晚吃火锅还是烧烤"])
    assert (run.exit_code, run.stdout) == (0, "标准没有规定这一点。\n")
