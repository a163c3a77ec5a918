"""`anze staff add|reset|list`: the first administrator of a real database, from nothing to signed in."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Anze, answer, refused

HOME = ("--branch", "某某财产保险股份有限公司", "--hotline", "95500")


@pytest.fixture
def real(data: Path, anze: Anze, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with its tables and nothing in them."""
    monkeypatch.delenv("ANZE_NOW")
    answer(anze("db", "upgrade", "--json"))
    return data


def ask(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "anze.db")) as connection:
        return connection.execute(query).fetchall()


def test_the_first_administrator_founds_the_head_office(real: Path, anze: Anze) -> None:
    refused(anze("staff", "add", "root", "--name", "张三"), "--hotline")
    refused(anze("staff", "add", "root", "--name", "张三", "--branch", "某某财产保险股份有限公司"), "--hotline")
    refused(anze("staff", "add", "root", "--name", "张三", "--branch", "长" * 101, "--hotline", "95500"), "100")
    assert ask(real, "SELECT count(*) FROM branches") == [(0,)]
    made = answer(anze("staff", "add", "root", "--name", "张三", *HOME, "--json"))
    assert (made["role"], made["branch"]["name"], made["must_change"]) == ("admin", HOME[1], True)
    assert ask(real, "SELECT path, level, hotline FROM branches") == [("/1/", "head", "95500")]
    said = anze("staff", "add", "anna", "--name", "李四", "--role", "intake")
    assert said.exit_code == 0, said.output
    assert "投诉处理员" in said.output
    assert re.search(r"一次性密码：\S{4}(-\S{4}){3}（", said.output)
    kinds = [kind for (kind,) in ask(real, "SELECT kind FROM audit_events ORDER BY seq")]
    assert kinds == ["branch.founded", "staff.added", "staff.added"]
    assert ask(real, "SELECT DISTINCT actor FROM audit_events") == [("operator",)]
    assert answer(anze("audit", "verify", "--json"))["ok"] is True


def test_list_and_reset(real: Path, anze: Anze) -> None:
    assert anze("staff", "list").output == "没有用户。\n"
    first = answer(anze("staff", "add", "root", "--name", "张三", *HOME, "--json"))["password"]
    assert anze("staff", "list").output == f"root  张三  管理员  {HOME[1]}  待改密码\n"
    assert [row["username"] for row in answer(anze("staff", "list", "--json"))["items"]] == ["root"]
    (before,) = ask(real, "SELECT password_hash FROM staff")
    second = answer(anze("staff", "reset", "root", "--json"))["password"]
    assert second != first
    assert ask(real, "SELECT password_hash FROM staff") != [before]
    assert all(secret not in json.dumps(ask(real, "SELECT * FROM audit_events")) for secret in (first, second, "张三"))
    assert anze("staff", "list", "--gone").output == "没有用户。\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "root", "--name", "李四"), "已经有人用了"),
        (("add", "x", "--name", "李四"), "用户名"),
        (("add", "anna", "--name", "李四", "--role", "boss"), "intake、service"),
        (("add", "anna", "--name", "李四", "--branch", "火星分公司"), "火星分公司"),
        (("add", "anna", "--name", "李四", "--role", "provider"), "服务机构"),
        (("add", "anna", "--name", "李四", "--role", "provider", "--provider", "没有的"), "没有的"),
        (("add", "anna", "--name", "  "), "姓名"),
        (("add", "anna", "--name", "长" * 61), "姓名"),
        (("add", "anna", "--name", "李四", "--phone", "电话"), "手机"),
        (("add", "anna"), "--name"),
        (("reset", "ghost"), "没有找到"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_in_one_line(real: Path, anze: Anze, words: tuple[str, ...], says: str) -> None:
    answer(anze("staff", "add", "root", "--name", "张三", *HOME, "--json"))
    refused(anze("staff", *words), says)
    assert ask(real, "SELECT username FROM staff") == [("root",)]


def test_a_real_database_knows_no_other_time(real: Path, anze: Anze, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANZE_NOW", "2026-11-23T10:00+08:00")
    refused(anze("staff", "add", "root", "--name", "张三", *HOME), "ANZE_NOW")


def test_demo_logins_are_not_reset(demo: Path, anze: Anze) -> None:
    refused(anze("staff", "reset", "admin"), "演示")
