"""No reminder is lost or said twice when the process that says it is killed; judged by what the recipients saw."""

from pathlib import Path

from tests.helpers.reminder_kills import kills_at_each_step, random_kills

KILLS = 20
"""`python -m bench.reminder_kills --kills 500` does the same for longer."""


def test_killed_at_each_step(tmp_path: Path) -> None:
    verdict = kills_at_each_step(tmp_path)
    assert (verdict.lost, verdict.doubled) == ([], [])
    assert verdict.calls > 0, "some numbers are refused for good"
    assert verdict.repeats > 0, "what was sent before a death was sent again under its key"


def test_killed_at_random_instants(tmp_path: Path) -> None:
    verdict = random_kills(tmp_path, KILLS, seed=2026)
    assert (verdict.lost, verdict.doubled) == ([], [])
    assert verdict.messages + verdict.sms + verdict.calls == verdict.reminders
