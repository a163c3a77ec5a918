"""`anze db upgrade` and `anze demo load`, as an operator types them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anze.cli import app
from anze.migrate import head


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("ANZE_DATA", str(folder))
    monkeypatch.setenv("ANZE_NOW", "2026-11-23T10:00+08:00")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return folder


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.output


def test_an_empty_folder_becomes_a_demo(data: Path) -> None:
    code, said = run("db", "upgrade", "--json")
    assert (code, json.loads(said)) == (0, {"revision": head(), "before": None})
    code, said = run("demo", "load", "--json")
    assert (code, json.loads(said)) == (0, {"loaded": True, "today": "2026-11-23"})
    with closing(sqlite3.connect(data / "anze.db")) as connection:
        assert connection.execute("SELECT count(*) FROM policies").fetchone() == (500,)

    assert run("db", "upgrade") == (0, f"数据库已是当前版本 {head()}，没有改动。\n")
    assert run("demo", "load") == (0, "演示数据已经在库里了，没有改动。\n")


def test_the_demo_needs_the_tables_first(data: Path) -> None:
    assert run("demo", "load") == (2, "数据库还不是当前版本，请先运行 anze db upgrade。\n")


def test_the_demo_is_refused_beside_other_data(data: Path) -> None:
    run("db", "upgrade")
    with closing(sqlite3.connect(data / "anze.db")) as connection, connection:
        connection.execute("INSERT INTO persons (name, phone, created_at) VALUES ('甲', '1', '2026-01-01 00:00:00')")
    code, said = run("demo", "load")
    assert (code, said.count("\n")) == (2, 1)
    assert "空的数据库" in said


def test_a_database_that_cannot_be_reached_is_said_in_one_line(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://anze@127.0.0.1:1/anze?connect_timeout=2")
    code, said = run("db", "upgrade")
    assert (code, said.count("\n")) == (2, 1)
    assert "DATABASE_URL" in said
