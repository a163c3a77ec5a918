"""Kills the workers that say and send reminders at random instants, and counts what was lost or doubled.

    .venv/bin/python -m bench.reminder_kills --kills 500 [--seed 1]

Two worker processes on one SQLite file; a gateway that refuses 10 % and answers 10 % too late. Ends with 1 when
anything was lost or doubled.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.helpers.reminder_kills import kills_at_each_step, random_kills


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--kills", type=int, default=500)
    arguments.add_argument("--seed", type=int, default=1)
    args = arguments.parse_args()
    bad = 0
    for name, trial in (
        ("each step", kills_at_each_step),
        ("random", lambda folder: random_kills(folder, args.kills, args.seed)),
    ):
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            found = trial(Path(folder))
        print(
            f"{name}: {found.kills} kills, {found.reminders} reminders in {time.monotonic() - began:.0f} s: "
            f"{found.messages} in talks, {found.sms} by SMS ({found.repeats} requests repeated), {found.calls} calls; "
            f"{len(found.lost)} lost, {len(found.doubled)} doubled"
        )
        bad += len(found.lost) + len(found.doubled)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
