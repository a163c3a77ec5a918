"""bot/run.py from outside: train, stale, serve, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from launch import project as project_module
from launch.card import Card, card_of, read_card, sha256_of, staleness, write_card
from launch.project import Project
from tests.conftest import BOT, SECRET, TINY, free_port, run_py, tiny_project

SERVE_ENV = {"ANZE_ACTIONS_URL": "http://127.0.0.1:9/webhook", "ANZE_ENGINE_SECRET": SECRET}


@pytest.fixture
def copy(tmp_path: Path, model: Path) -> Path:
    """A model and its card that a test may spoil."""
    shutil.copy(card_of(model), tmp_path)
    return Path(shutil.copy(model, tmp_path))


def change_card(model: Path, **fields: object) -> None:
    content = json.loads(card_of(model).read_text("utf-8"))
    card_of(model).write_text(json.dumps({**content, **fields}), "utf-8")


def test_training_leaves_the_model_its_card_and_nothing_else(model: Path) -> None:
    assert sorted(p.name for p in model.parent.iterdir()) == ["anze.json", "anze.tar.gz"]
    card = read_card(model)
    assert card is not None
    assert card.rasa == "3.6.21"
    assert card.seconds > 0
    assert card.sha256 == sha256_of(model)


def test_a_fresh_model_is_not_stale(model: Path) -> None:
    fresh = run_py("stale", "--model", str(model), *tiny_project())
    assert (fresh.returncode, fresh.stdout) == (0, "")


def test_stale_says_why(copy: Path) -> None:
    other = run_py("stale", "--model", str(copy), *tiny_project()[:-1], str(TINY / "domain"))
    assert other.returncode == 1
    assert "changed" in other.stdout
    assert other.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda model: model.unlink(), "no model"),
        (lambda model: card_of(model).unlink(), "no card"),
        (lambda model: card_of(model).write_text("{"), "no card"),
        (lambda model: model.write_bytes(b"x"), "not the one"),
        (lambda model: change_card(model, zh="zh_core_web_sm"), "zh_core_web_sm"),
        (lambda model: change_card(model, fingerprint="x"), "changed"),
    ],
)
def test_every_reason_to_train_again(copy: Path, spoil: object, why: str) -> None:
    tiny = Project(TINY / "config.yml", TINY / "domain", TINY / "data")
    card = read_card(copy)
    assert card is not None
    assert staleness(copy, tiny, card.zh) is None
    spoil(copy)  # type: ignore[operator]
    assert why in (staleness(copy, tiny, card.zh) or "")


def test_every_input_moves_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    code = []
    for source in project_module._CODE:
        target = tmp_path / source.name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        code.append(target)
    monkeypatch.setattr(project_module, "_CODE", code)
    project = Project(tiny / "config.yml", tiny / "domain", tiny / "data")
    seen = {project.fingerprint("embedded"), project.fingerprint("zh_core_web_sm")}
    inputs = list(project.inputs())
    assert {"config.yml", "words.txt", "free_text.yml", "uv.lock", "channel.py", "rules.yml", "tiny.yml"} <= {
        p.name for p in inputs
    }
    for path in inputs:
        path.write_bytes(path.read_bytes() + b"\n")
        seen.add(project.fingerprint("embedded"))
    inputs[0].rename(inputs[0].with_name("renamed.yml"))
    seen.add(Project(tiny / "renamed.yml", project.domain, project.data).fingerprint("embedded"))
    assert len(seen) == len(inputs) + 3


def test_a_card_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    model = tmp_path / "anze.tar.gz"
    card = Card("f", "embedded", "2026-01-01T00:00:00+00:00", 1.0, "3.6.21", "0")
    write_card(model, card)
    assert read_card(model) == card
    assert [p.name for p in tmp_path.iterdir()] == ["anze.json"]


def test_a_failed_training_keeps_the_old_pair(copy: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(TINY / "data", broken)
    (broken / "more.yml").write_text(
        "rules:\n- rule: x\n  steps:\n  - intent: test_ask\n  - action: utter_nowhere\n", "utf-8"
    )
    before = (copy.read_bytes(), card_of(copy).read_text("utf-8"))
    project = ["--config", str(TINY / "config.yml"), "--domain", str(TINY / "domain"), "--data", str(broken)]
    assert run_py("train", "--out", str(copy.parent), *project).returncode != 0
    assert (copy.read_bytes(), card_of(copy).read_text("utf-8")) == before


def test_serving_without_settings_or_model_says_what_is_missing(model: Path, tmp_path: Path) -> None:
    no_settings = run_py("serve", "--port", "1", "--model", str(model), ANZE_ACTIONS_URL="", ANZE_ENGINE_SECRET="")
    assert no_settings.returncode == 2
    assert "ANZE_ACTIONS_URL and ANZE_ENGINE_SECRET" in no_settings.stderr
    no_model = run_py("serve", "--port", "1", "--model", str(tmp_path / "anze.tar.gz"), **SERVE_ENV)
    assert no_model.returncode == 1
    assert "no trained model" in no_model.stderr


def test_a_model_of_the_other_pipeline_is_refused(copy: Path) -> None:
    change_card(copy, zh="zh_core_web_sm")
    refused = run_py("serve", "--port", str(free_port()), "--model", str(copy), **SERVE_ENV)
    assert refused.returncode == 3
    assert refused.stderr.count("\n") == 1
    assert "zh_core_web_sm" in refused.stderr


def test_the_model_itself_knows_its_pipeline_whatever_the_card_says(copy: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    with tarfile.open(copy) as archive:
        archive.extractall(unpacked)
    metadata = unpacked / "metadata.json"
    content = metadata.read_text("utf-8")
    assert '"zh": "embedded"' in content
    metadata.write_text(content.replace('"zh": "embedded"', '"zh": "zh_core_web_sm"'), "utf-8")
    with tarfile.open(copy, "w:gz") as archive:
        for part in unpacked.iterdir():
            archive.add(part, part.name)
    refused = run_py("serve", "--port", str(free_port()), "--model", str(copy), **SERVE_ENV)
    assert refused.returncode == 3
    assert "trained with the Chinese pipeline 'zh_core_web_sm'" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_broken_model_ends_the_server(copy: Path) -> None:
    copy.write_bytes(b"no archive")
    ended = run_py("serve", "--port", str(free_port()), "--model", str(copy), **SERVE_ENV)
    assert ended.returncode == 1
    assert "cannot load" in ended.stderr


def test_a_taken_port_ends_the_server_and_says_so(model: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run_py("serve", "--port", str(port), "--model", str(model), **SERVE_ENV)
    assert ended.returncode != 0
    assert f"port {port} is taken" in ended.stderr


def test_a_killed_parent_leaves_no_orphan(model: Path, tmp_path: Path) -> None:
    """The parent dies of `kill -9` while the model is still being loaded, the worst moment."""
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n",
        "utf-8",
    )
    command = [sys.executable, str(BOT / "run.py"), "serve", "--port", str(free_port()), "--model", str(model)]
    with subprocess.Popen(
        [sys.executable, str(parent), *command], stdout=subprocess.PIPE, env={**os.environ, **SERVE_ENV}
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        time.sleep(6)
        assert Path(f"/proc/{child}").exists()
        process.kill()
    end = time.monotonic() + 25
    while time.monotonic() < end and _alive(child):
        time.sleep(0.1)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
