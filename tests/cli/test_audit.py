"""`anze audit verify` and `anze audit export`, as an auditor types them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Anze, answer, refused


def rows(demo: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(demo / "anze.db")) as connection, connection:
        return connection.execute(statement).fetchall()


def tampered(demo: Path, statement: str) -> None:
    """By somebody with all rights: the triggers are gone."""
    with closing(sqlite3.connect(demo / "anze.db")) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount


def found(anze: Anze, *words: object) -> dict[str, Any]:
    result = anze("audit", "verify", "--json", *words)
    assert result.exit_code == 1, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["ok"] is False
    return report


def test_what_was_never_exported_is_not_called_intact(demo: Path, anze: Anze) -> None:
    report = answer(anze("audit", "verify", "--json"))
    events = report["events"]
    assert report["unanchored"] == {"count": events, "first": 1, "last": events}
    assert (report["ok"], report["anchored_to"], report["anchored_at"]) == (True, 0, None)
    said = anze("audit", "verify").stdout
    assert f"第 1 到 {events} 条（共 {events} 条）尚未锚定" in said
    assert "完好" not in said


def test_an_export_anchors_what_there_is(demo: Path, anze: Anze) -> None:
    made = answer(anze("audit", "export", "--json"))
    assert Path(made["path"]) == demo / "audit-heads" / "heads.jsonl"
    report = answer(anze("audit", "verify", "--json"))
    assert (report["anchored_to"], report["unanchored"]["count"]) == (report["events"], 0)
    assert report["sealed"]["checked"] > 100
    assert report["files"]["checked"] == 3
    said = anze("audit", "verify").stdout
    assert f"截至 2026-12-21 10:00 的 {report['events']} 条记录完好" in said
    assert "尚未锚定" not in said
    assert answer(anze("audit", "export", "--json"))["line"] == 2


def test_heads_go_where_the_setting_says(
    demo: Path, anze: Anze, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANZE_AUDIT_HEADS", str(tmp_path / "elsewhere"))
    answer(anze("audit", "export", "--json"))
    assert (tmp_path / "elsewhere" / "heads.jsonl").exists()
    assert not (demo / "audit-heads").exists()
    assert answer(anze("audit", "verify", "--json"))["anchored_to"] > 0
    (tmp_path / "file").touch()
    monkeypatch.setenv("ANZE_AUDIT_HEADS", str(tmp_path / "file"))
    refused(anze("audit", "export"), "写不了锚点文件")


def test_a_rewritten_chain_is_found_by_a_copy_of_the_heads(demo: Path, anze: Anze, tmp_path: Path) -> None:
    answer(anze("audit", "export", "--json"))
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes((demo / "audit-heads" / "heads.jsonl").read_bytes())
    tampered(demo, "DELETE FROM audit_events WHERE seq > 100")
    tampered(
        demo,
        "UPDATE audit_head SET seq = 100, sha256 = (SELECT sha256 FROM audit_events WHERE seq = 100)",
    )
    (demo / "audit-heads" / "heads.jsonl").unlink()
    assert [one["fault"] for one in found(anze)["heads"]["problems"]] == ["absent"]
    report = found(anze, "--heads", copy)
    assert report["problems"] == []
    assert [(one["fault"], one["first"]) for one in report["heads"]["problems"]] == [("cut", 101)]
    assert "导出锚点时还在，现在没有了" in anze("audit", "verify", "--heads", copy).stdout
    refused(anze("audit", "verify", "--heads", tmp_path / "none"), "没有这个锚点文件")


def test_a_lost_file_of_heads_is_said(demo: Path, anze: Anze) -> None:
    answer(anze("audit", "export", "--json"))
    (demo / "audit-heads" / "heads.jsonl").unlink()
    assert found(anze)["heads"]["problems"] == [{"fault": "absent", "first": 1, "last": 1}]
    assert "不见了，数据库记得有 1 行" in anze("audit", "verify").stdout


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE statements SET text = '很满意' WHERE id = 3", "statement"),
        ("DELETE FROM statements WHERE id = 3", "statement"),
        ("UPDATE decisions SET reasons = '无' WHERE id = 1", "decision_reasons"),
        ("UPDATE decisions SET outcome = CAST(x'ff' AS TEXT) WHERE id = 1", "decision_outcome"),
    ],
)
def test_changed_words_are_found_in_a_whole_chain(demo: Path, anze: Anze, statement: str, what: str) -> None:
    tampered(demo, statement)
    report = found(anze)
    assert report["problems"] == []
    assert what in {one["what"] for one in report["sealed"]["problems"]}
    assert "complaint:" in anze("audit", "verify").stdout


def test_a_changed_or_missing_file_is_found(demo: Path, anze: Anze) -> None:
    first, second, third = sorted(path for path in (demo / "files").rglob("*") if path.is_file())
    first.write_bytes(first.read_bytes() + b"x")
    second.unlink()
    tampered(demo, f"UPDATE files SET size = size + 1 WHERE sha256 = '{third.name}'")
    problems = found(anze)["files"]["problems"]
    assert [(one["fault"], one["sha256"]) for one in problems] == [
        ("changed", first.name),
        ("missing", second.name),
        ("size", third.name),
    ]
    assert all(one["files"] for one in problems)
    assert "文件不见了" in anze("audit", "verify").stdout
    skipped = answer(anze("audit", "verify", "--no-files", "--json"))
    assert skipped["files"] == {"checked": None, "problems": []}
    assert "没有核对附件" in anze("audit", "verify", "--no-files").stdout


def test_a_digest_that_is_none_leads_to_no_file(demo: Path, anze: Anze) -> None:
    tampered(demo, "UPDATE files SET sha256 = '../../../../etc/passwd' WHERE id = (SELECT min(id) FROM files)")
    assert "nameless" in {one["fault"] for one in found(anze)["files"]["problems"]}


def test_a_restored_backup_is_said_with_its_reason(demo: Path, anze: Anze, tmp_path: Path) -> None:
    refused(anze("audit", "export", "--after-restore", " "), "请写明恢复备份的原因")
    answer(anze("audit", "export", "--json"))
    refused(anze("audit", "export", "--after-restore", "换机器"), "不需要 --after-restore")
    answer(anze("backup", tmp_path / "b.tgz", "--json"))
    rows(
        demo,
        "INSERT INTO audit_events SELECT 5000, at, kind, subject, actor, body, previous_sha256, 'x' FROM audit_events "
        "WHERE seq = 1",
    )
    rows(demo, "UPDATE audit_head SET seq = 5000, sha256 = 'x'")
    answer(anze("audit", "export", "--json"))
    answer(anze("restore", tmp_path / "b.tgz", "--replace", "--json"))
    assert [one["fault"] for one in found(anze)["heads"]["problems"]] == ["cut"]
    assert "--after-restore" in anze("audit", "export").stdout
    said = answer(anze("audit", "export", "--after-restore", "换机器", "--json"))
    assert said["void"] == [2]
    assert answer(anze("audit", "verify", "--json"))["heads"]["restored"][0]["reason"] == "换机器"
    assert "恢复过备份（换机器），1 个锚点作废" in anze("audit", "verify").stdout


def test_a_backup_brings_its_heads_to_a_new_machine(
    demo: Path, anze: Anze, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(anze("audit", "export", "--json"))
    answer(anze("backup", tmp_path / "b.tgz", "--json"))
    monkeypatch.setenv("ANZE_DATA", str(tmp_path / "new"))
    answer(anze("restore", tmp_path / "b.tgz", "--json"))
    report = answer(anze("audit", "verify", "--json"))
    assert (report["anchored_to"], report["unanchored"]["count"]) == (report["events"], 0)
    answer(anze("audit", "export", "--json"))
    answer(anze("restore", tmp_path / "b.tgz", "--replace", "--json"))
    assert len((tmp_path / "new" / "audit-heads" / "heads.jsonl").read_bytes().splitlines()) == 2
