"""`anze when` as other programs call it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anze.texts import all_texts

ROOT = Path(__file__).parents[2]


def anze(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("anze"), "when", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "America/New_York", **environment},
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("下周三", ("date", "2026-12-02", "2026-12-02")),
        ("明天下午三点半", ("datetime", "2026-11-24T15:30:00+08:00", "2026-11-24T15:30:00+08:00")),
        ("3号到5号", ("range", "2026-12-03", "2026-12-05")),
        ("3个工作日后", ("date", "2026-11-26", "2026-11-26")),
        ("15个工作日", ("duration", None, None)),
        ("第3次", ("none", None, None)),
    ],
)
def test_json(text: str, expected: tuple) -> None:
    done = anze(text, "--now", "2026-11-23T10:00:00+08:00", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["kind"], answer["start"], answer["end"]) == expected


def test_now_without_a_zone_is_shanghai_time_and_another_zone_is_converted() -> None:
    answers = [anze("今天", "--now", now, "--json").stdout for now in ("2026-11-23T23:30", "2026-11-23T15:30Z")]
    assert [json.loads(answer)["start"] for answer in answers] == ["2026-11-23"] * 2
    assert json.loads(anze("今天", "--now", "2026-11-23T16:30Z", "--json").stdout)["start"] == "2026-11-24"


def test_a_choice_is_said_with_its_alternatives() -> None:
    done = anze("下周三或者周四", "--now", "2026-11-23T10:00")
    assert done.stdout.splitlines()[0] == "2026-12-02"
    assert "2026-12-03" in done.stdout


@pytest.mark.parametrize("now", ["gestern", "", "1800-01-01", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_wrong_now_is_refused_in_one_line(now: str) -> None:
    done = anze("明天", "--now", now, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "2026-11-23T10:00+08:00" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_every_reason_has_a_sentence() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "anze/calendar/when").glob("*.py"))
    known = {key.rpartition(".")[2] for key in all_texts() if key.startswith("calendar.when.reasons.")}
    assert all(f'"{reason}"' in source for reason in known)
    for code in source.split('fault="')[1:] + source.split('reason="')[1:]:
        assert code.partition('"')[0] in known
