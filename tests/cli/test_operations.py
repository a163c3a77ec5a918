"""Backup and restore, the audit chain, the clock, training, the doctor, settings: as an operator types them."""

import hashlib
import json
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from anze import engine
from anze.doctor import checks
from anze.settings import ROOT
from tests.cli.conftest import Anze, Server, answer, refused


def beside_the_demos(names: list[str]) -> list[str]:
    """Files of a backup without the sample papers that the demo data bring along."""
    samples = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (ROOT / "anze" / "demo" / "files").iterdir()}
    return sorted(name for name in names if name.rpartition("/")[2] not in samples)


def dump(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "anze.db")) as connection:
        return list(connection.iterdump())


@pytest.fixture
def backup(demo: Path, anze: Anze, tmp_path: Path) -> Path:
    (demo / "files" / "ab").mkdir(parents=True)
    (demo / "files" / "ab" / "abcd").write_bytes(b"\x00evidence")
    (demo / "holidays").mkdir()
    (demo / "holidays" / "2027.yml").write_text("kept as it is", encoding="utf-8")
    (demo / "letters").mkdir()
    (demo / "letters" / "decision.docx").write_bytes(b"PK of ours")
    made = answer(anze("backup", tmp_path / "b.tar.gz", "--json"))
    ours = ["anze.db", "files/ab/abcd", "holidays/2027.yml", "letters/decision.docx"]
    assert beside_the_demos(made["files"]) == ours
    return tmp_path / "b.tar.gz"


def test_what_was_backed_up_comes_back(backup: Path, demo: Path, anze: Anze, monkeypatch: pytest.MonkeyPatch) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    elsewhere = demo.parent / "elsewhere"
    monkeypatch.setenv("ANZE_DATA", str(elsewhere))
    (demo / "holidays" / "2027.yml").unlink()  # a broken holiday file is no part of this
    restored = answer(anze("restore", backup, "--json"))
    assert (restored["current"], restored["chain_sound"]) == (True, True)
    assert dump(elsewhere) == dump(demo)
    assert (elsewhere / "files" / "ab" / "abcd").read_bytes() == b"\x00evidence"
    assert (elsewhere / "letters" / "decision.docx").read_bytes() == b"PK of ours"
    assert (elsewhere / "holidays" / "2027.yml").read_text(encoding="utf-8") == "kept as it is"


def test_a_database_with_data_is_replaced_only_when_that_is_said(backup: Path, demo: Path, anze: Anze) -> None:
    whole = dump(demo)
    with closing(sqlite3.connect(demo / "anze.db")) as connection, connection:
        connection.execute("UPDATE branches SET hotline = '1'")
    changed = dump(demo)
    refused(anze("restore", backup), "--replace")
    assert dump(demo) == changed
    # Somebody has the database open, as a running server does.
    with closing(sqlite3.connect(demo / "anze.db")) as other:
        other.execute("SELECT count(*) FROM branches").fetchone()
        answer(anze("restore", backup, "--replace", "--json"))
        assert other.execute("SELECT count(*) FROM branches WHERE hotline = '1'").fetchone() == (0,)
    assert dump(demo) == whole


def rewritten(backup: Path, change: Any) -> Path:
    """The backup with its members (name → bytes) changed."""
    with tarfile.open(backup) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    change(members)
    with tarfile.open(backup, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, BytesIO(content))
    return backup


def renamed(members: dict[str, bytes], old: str, new: str) -> None:
    members[new] = members.pop(old)
    manifest = json.loads(members["manifest.json"])
    manifest["files"][new] = manifest["files"].pop(old)
    members["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.update({"files/ab/abcd": b"\x00Evidence"}),
        lambda members: members.update({"anze.db": members["anze.db"][:-1] + b"?"}),
        lambda members: members.pop("files/ab/abcd"),
        lambda members: members.update({"files/more": b"x"}),
        lambda members: renamed(members, "files/ab/abcd", "../outside"),
        lambda members: renamed(members, "files/ab/abcd", "/tmp/outside"),
        lambda members: renamed(members, "files/ab/abcd", "models/anze.tar.gz"),
    ],
)
def test_an_altered_backup_changes_nothing(
    backup: Path, demo: Path, anze: Anze, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANZE_DATA", str(demo.parent / "elsewhere"))
    refused(anze("restore", rewritten(backup, change)), "什么都没有改")
    assert not (demo.parent / "elsewhere").exists()
    assert not (demo.parent / "outside").exists()


def test_other_things_are_no_backup(demo: Path, anze: Anze, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("x")
    refused(anze("restore", tmp_path / "text"), "不是 anze 的备份")
    with tarfile.open(tmp_path / "other.tgz", "w:gz") as archive:
        archive.add(tmp_path / "text", "manifest.json")
    refused(anze("restore", tmp_path / "other.tgz"), "不是 anze 的备份")
    refused(anze("restore", tmp_path / "none"), "读不到备份")
    refused(anze("backup", tmp_path / "no" / "folder.tgz"), "写不了")


def test_without_a_database_there_is_nothing_to_back_up(anze: Anze, data: Path, tmp_path: Path) -> None:
    refused(anze("backup", tmp_path / "b.tgz"), "没有东西可备份")
    assert not data.exists()


def test_postgresql_is_backed_up_by_its_own_programs(
    postgresql_server: str, anze: Anze, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    import psycopg

    address = postgresql_server.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute("CREATE DATABASE backed_up")
    monkeypatch.setenv("DATABASE_URL", address.replace("/postgres", "/backed_up"))
    answer(anze("db", "upgrade", "--json"))
    answer(anze("demo", "load", "--json"))
    made = answer(anze("backup", tmp_path / "b.tgz", "--json"))
    assert (made["engine"], beside_the_demos(made["files"])) == ("postgresql", ["anze.dump"])
    with psycopg.connect(address.replace("/postgres", "/backed_up")) as connection:
        connection.execute("UPDATE branches SET hotline = '1'")
    restored = answer(anze("restore", tmp_path / "b.tgz", "--replace", "--json"))
    assert (restored["current"], restored["chain_sound"]) == (True, True)
    with psycopg.connect(address.replace("/postgres", "/backed_up")) as connection:
        assert connection.execute("SELECT count(*) FROM branches WHERE hotline = '1'").fetchone() == (0,)
    monkeypatch.delenv("DATABASE_URL")
    refused(anze("restore", tmp_path / "b.tgz"), "来自 postgresql")
    monkeypatch.setenv("DATABASE_URL", address.replace("/postgres", "/backed_up"))
    monkeypatch.setenv("PATH", str(tmp_path))
    refused(anze("backup", tmp_path / "c.tgz"), "postgresql-client")


def test_an_altered_record_is_found(demo: Path, anze: Anze) -> None:
    sound = answer(anze("audit", "verify", "--json"))
    assert (sound["ok"], sound["problems"]) == (True, [])
    assert sound["events"] > 100
    with closing(sqlite3.connect(demo / "anze.db")) as connection, connection:
        triggers = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit_events SET actor = 'staff:9' WHERE seq = 7")
    found = anze("audit", "verify", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["problems"] == [{"fault": "changed", "first": 7, "last": 7}]
    assert "第 7 到 7 条：内容被改过" in anze("audit", "verify").stdout


def test_the_clock_of_a_running_demo_goes_forward_only(server: Server, anze: Anze) -> None:
    moved = answer(anze("clock", "set", "2026-12-28T09:00", "--json"))
    assert moved["now"].startswith("2026-12-28T09:00")
    assert server.services.clock.today().isoformat() == "2026-12-28"
    refused(anze("clock", "set", "2026-12-24T09:00"), "只能往前走")
    refused(anze("clock", "set", "明天"), "不是有效的时刻")


def test_the_clock_needs_a_running_demo(anze: Anze, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(anze("clock", "set", "2026-12-28"), "anze db upgrade")
    answer(anze("db", "upgrade", "--json"))
    refused(anze("clock", "set", "2026-12-28"), "只能用在演示数据库")
    answer(anze("demo", "load", "--json"))
    monkeypatch.setattr("anze.serve.clock_file.ask.__defaults__", (0.2,))
    refused(anze("clock", "set", "2026-12-28"), "没有正在运行的演示程序")
    assert not (data / "clock").exists()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ANZE_PORT", "eight", "ANZE_PORT"),
        ("ANZE_NOW", "tomorrow", "不是有效的时刻"),
        ("DATABASE_URL", "no such thing", "连不上数据库"),
        ("DATABASE_URL", "postgresql://anze@127.0.0.1:1/anze?connect_timeout=2", "连不上数据库"),
        ("ANZE_DATA", "/proc/no", "连不上数据库"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_before_anything_starts(
    anze: Anze, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    refused(anze("serve"), says)


def test_now_is_for_the_demo_only(anze: Anze, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANZE_RASA_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ANZE_PORT", "0")
    refused(anze("serve"), "ANZE_NOW")


def test_a_taken_port_is_named(server: Server, anze: Anze, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANZE_RASA_URL", "http://127.0.0.1:1")
    refused(anze("serve"), "已被占用")


def test_training_happens_when_it_is_needed(anze: Anze, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[str] = []
    monkeypatch.setattr(engine, "train", lambda: trained.append("once") or 0)
    monkeypatch.setattr(engine, "stale", lambda: None)
    assert answer(anze("train", "--json"))["trained"] is False
    assert trained == []
    assert anze("train", "--force").exit_code == 0
    monkeypatch.setattr(engine, "stale", lambda: "no model")
    assert anze("train").exit_code == 0
    assert trained == ["once", "once"]
    monkeypatch.setattr(engine, "train", lambda: 1)
    assert anze("train").exit_code == 1


def test_the_engine_tells_about_itself(tmp_path: Path) -> None:
    found = engine.inspect()
    assert (found["telemetry"], found["rasa"], found["python"][:5]) == (False, "3.6.21", "3.10.")
    assert "no model" in str(engine.stale(tmp_path / "none.tar.gz"))


def test_the_doctor_looks_at_the_real_thing(server: Server, anze: Anze, data: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(engine, "stale", lambda: None)
    monkeypatch.setattr(engine, "MODEL", ROOT / "README.md")
    monkeypatch.setattr(checks, "UV", data / "no-uv")
    healthy = answer(anze("doctor", "--json"))
    states = {part["part"]: part["state"] for part in healthy["parts"]}
    assert {name for name, state in states.items() if state == "warning"} == {
        "environment",
        "bot_environment",
        "calendar",
        "channels",
    }, "no uv here, few covered days are left at the end of 2026, neither SMS nor mail is set up"
    assert set(states.values()) == {"well", "warning"}
    assert next(part for part in healthy["parts"] if part["part"] == "port")["note"].endswith("一切就绪")

    monkeypatch.setattr(engine, "stale", lambda: "the data changed")
    (data / "holidays").mkdir()
    (data / "holidays" / "2027.yml").write_text("year: 2027\n", encoding="utf-8")
    (data / "letters").mkdir()
    (data / "letters" / "decision.docx").write_bytes(b"no Word file")
    server.rasa.down = True
    with closing(sqlite3.connect(data / "anze.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    ill = anze("doctor", "--json")
    assert ill.exit_code == 1
    wrong = {part["part"]: part for part in json.loads(ill.stdout)["parts"] if part["state"] == "wrong"}
    assert set(wrong) == {"model", "calendar", "letters", "database", "port"}
    assert "letters/decision.docx" in wrong["letters"]["note"]
    assert (wrong["model"]["why"], wrong["database"]["revision"]) == ("the data changed", "0000")
    assert "rasa" in wrong["port"]["parts"]
    assert "✗ 模型" in anze("doctor").stdout


def test_the_installed_command_answers_and_refuses() -> None:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        program = Path(sys.executable).with_name("anze")
        return subprocess.run([program, *words], capture_output=True, text=True, check=False)

    helped = run("--help")
    assert helped.returncode == 0
    for name in ("serve", "say", "chat", "train", "doctor", "clock", "audit", "backup", "restore", "calendar"):
        assert name in helped.stdout
    unknown = run("servee")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
