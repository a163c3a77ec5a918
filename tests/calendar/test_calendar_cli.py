"""`anze workday`, `anze calendar load`, `anze due` as a user types them."""

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from anze.cli import app

type Anze = Callable[..., Result]


@pytest.fixture
def anze(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Anze:
    monkeypatch.setenv("ANZE_DATA", str(tmp_path))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("start", "n", "due", "provisional"),
    [
        ("2026-02-10", 15, "2026-03-09", False),
        ("2026-11-23", 30, "2026-12-31", True),
        ("2026-10-08T23:59+08:00", 15, "2026-10-28", False),
        ("2026-10-08T16:01Z", 15, "2026-10-29", False),
        ("2026-02-24", -1, "2026-02-14", False),
        ("2026-02-10", 0, "2026-02-10", False),
    ],
)
def test_workday_add(anze: Anze, start: str, n: int, due: str, provisional: bool) -> None:
    assert answer(anze("workday", "add", start, n, "--json")) == {"date": due, "provisional": provisional}


def test_workday_add_in_words(anze: Anze) -> None:
    assert anze("workday", "add", "2026-02-10", 15).stdout == "2026-03-09\n"
    assert "暂定" in anze("workday", "add", "2026-11-23", 30).stdout


def test_due_complaint(anze: Anze) -> None:
    found = answer(anze("due", "complaint", "--received", "2026-02-10", "--json"))
    assert (found["date"], found["provisional"], found["working_to"]) == ("2026-03-09", False, "2026-02-25")
    assert found["second"]["date"] == "2026-02-25"
    assert [day["number"] for day in found["counted"]] == list(range(1, 16))
    assert [day["date"] for day in found["counted"] if day["makeup"]] == ["2026-02-14", "2026-02-28"]
    assert [day["date"] for day in found["left_out"]][-3:] == ["2026-03-01", "2026-03-07", "2026-03-08"]
    assert any("2月15日至2月23日（春节）" in line for line in found["explanation"])


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("--received 2026-08-24 --complex", "2026-10-10"),
        ("--received 2026-08-24 --extended", "2026-11-09"),
        ("--received 2026-07-20 --complex --extended --pause 2026-08-12..2026-08-24 --told 2026-08-14", "2026-10-08"),
        ("--received 2026-02-10 --pause 2026-02-25..2026-03-04", "2026-03-17"),
        ("--received 2026-02-10 --pause 2026-02-25..2026-03-04 --told -", "2026-03-09"),
        (
            "--received 2026-02-10 --pause 2026-02-25..2026-03-04 --pause 2026-03-05..2026-03-06 --told 2026-02-27",
            "2026-03-16",
        ),
        (
            "--received 2026-02-10 --pause 2026-02-25..2026-03-04 --told -"
            " --pause 2026-03-05..2026-03-06 --told 2026-03-05",
            "2026-03-10",
        ),
        ("--received 2026-02-10 --pause 2026-02-25..", None),
        ("--received 2026-02-10 --outside-standard", "2026-02-25"),
        ("--received 2026-11-23 --complex", "2026-12-31"),
    ],
)
def test_due_complaint_with_its_facts(anze: Anze, words: str, due: str | None) -> None:
    found = answer(anze("due", "complaint", *words.split(), "--json"))
    assert found["date"] == due
    assert found["stopped"] == (due is None)


def test_due_complaint_in_words(anze: Anze) -> None:
    lines = anze("due", "complaint", "--received", "2026-02-10").stdout
    assert "最迟：2026年3月9日（周一）" in lines
    assert lines.endswith("我们按监管要求争取在2月25日前答复，标准规定的最迟日是3月9日。\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("workday add 2026-02-30 3", "不是有效的日期"),
        ("workday add 明天 3", "不是有效的日期"),
        ("workday add 2026-02-10T25:00 3", "不是有效的日期"),
        ("workday add 9999-12-31 3", "超出范围"),
        ("workday add 2026-02-10 999999999", "超出范围"),
        ("workday add 2026-02-10 三", "参数 N"),
        ("workday add 2026-02-10 1 2", "写法不对"),
        ("workday add 2026-02-10", "缺少参数 N"),
        ("workday", ""),
        ("workdays", "写法不对"),
        ("due complaint", "缺少参数 --received"),
        ("due complaint --received 2026-02-10 --urgent", "没有选项 --urgent"),
        ("due complaint --received 2026-02-10 --pause 2026-02-11", "暂停期间"),
        ("due complaint --received 2026-02-10 --pause ..2026-02-11", "暂停期间"),
        ("due complaint --received 2026-02-10 --pause 2026-02-11..2026-02-10", "早于开始"),
        ("due complaint --received 2026-02-10 --pause 2026-02-11..x", "不是有效的日期"),
        ("due complaint --received 2026-02-10 --told 2026-02-11", "--told 有 1 个"),
        ("calendar load no-such-file.yml", "读不到文件"),
    ],
)
def test_bad_input_is_one_chinese_line_and_exit_code_2(anze: Anze, words: str, says: str) -> None:
    result = anze(*words.split())
    assert result.exit_code == 2
    assert says in result.stderr
    if says:
        assert result.stderr.count("\n") == 1
        assert "Traceback" not in result.output


def notice(tmp_path: Path, **changes: Any) -> Path:
    off = [date(2027, 2, 5) + timedelta(days=n) for n in range(9)] + [date(2027, 10, n) for n in range(1, 8)]
    content = {"year": 2027, "notice": "国办发明电〔2026〕1号", "off_days": [date(2027, 1, 1), *off]}
    file = tmp_path / "notice.yml"
    file.write_text(
        yaml.safe_dump(content | {"makeup_workdays": [date(2027, 2, 20)]} | changes, allow_unicode=True),
        encoding="utf-8",
    )
    return file


def test_calendar_load_makes_provisional_dates_firm(anze: Anze, tmp_path: Path) -> None:
    file = notice(tmp_path)
    dry = answer(anze("calendar", "load", file, "--dry-run", "--json"))
    assert (dry["year"], dry["off_days"], dry["makeup_workdays"], dry["file"]) == (2027, 17, 1, None)
    assert dry["notice"] == "国办发明电〔2026〕1号"
    assert "2027-02-20" in dry["changed"]
    assert "2027-02-06" not in dry["changed"], "a Saturday was not worked before either"
    assert answer(anze("workday", "add", "2026-11-23", 30, "--json"))["provisional"]

    loaded = answer(anze("calendar", "load", file, "--json"))
    assert Path(loaded["file"]) == tmp_path / "holidays" / "2027.yml"
    assert answer(anze("workday", "add", "2026-11-23", 30, "--json")) == {"date": "2027-01-05", "provisional": False}


def test_calendar_load_refuses_a_wrong_file_and_writes_nothing(anze: Anze, tmp_path: Path) -> None:
    result = anze("calendar", "load", notice(tmp_path, makeup_workdays=[date(2027, 2, 19)]))
    assert result.exit_code == 2
    assert "2027-02-19 不是周六或周日" in result.stderr
    assert not (tmp_path / "holidays").exists()


def test_a_broken_added_file_is_said_in_words(anze: Anze, tmp_path: Path) -> None:
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "2027.yml").write_text("year: 2027\n", encoding="utf-8")
    result = anze("due", "complaint", "--received", "2026-02-10")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "2027.yml" in result.stderr


def test_workday_loads_neither_database_nor_web() -> None:
    import subprocess

    code = (
        "import sys; from anze.cli import app\n"
        "try: app(['workday', 'add', '2026-02-10', '15'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'sqlalchemy', 'fastapi', 'apscheduler', 'rasa_sdk'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["2026-03-09", "[]"]
