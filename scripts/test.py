"""Runs every test suite, each in its own environment, and closes with one line that counts all of them."""

# ruff: noqa: S314, S603, T201 - a script that reports; it reads only what pytest has just written

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.helpers import postgres  # noqa: E402 - the project's folder comes first

SUITES = {"bot": ROOT / "bot", "anze": ROOT}
"""Name → folder with its own .venv and its own pytest settings."""
SIDE_BY_SIDE = {"anze": ["-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup"]}
"""Suites that more than one worker runs; which tests stay together is told in tests/conftest.py."""
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 4 * 1024**3  # noqa: S108


@dataclass
class Count:
    """Tests of one suite, or of all."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Count") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


@contextmanager
def scratch() -> Iterator[None]:
    """A folder for everything that tests lay down; in memory where it fits, for thousands of databases are copied."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    with tempfile.TemporaryDirectory(prefix="anze-tests-", dir=MEMORY if roomy else None) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own account has to reach its data
        os.environ["TMPDIR"] = folder
        yield


def environment() -> tuple[dict[str, str], Count]:
    """The suites' environment. Without PostgreSQL the rest is tested on SQLite alone, and that counts as a failure."""
    try:
        postgres.binaries()
    except FileNotFoundError as error:
        if "ANZE_TEST_DATABASES" not in os.environ:
            print(f"FAILED {error}", flush=True)
            return {**os.environ, "ANZE_TEST_DATABASES": "sqlite"}, Count(failed=1)
    return dict(os.environ), Count()


def run(folder: Path, variables: dict[str, str], options: list[str]) -> Count:
    """One suite to its end. A suite that broke off counts one failure more than it could report."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        command = [folder / ".venv/bin/python", "-m", "pytest", f"--junitxml={report}", *options]
        code = subprocess.run(command, cwd=folder, env=variables, check=False).returncode
        found = counted(report)
    if code not in {0, 1} or (code == 1 and not found.failed):
        found.failed += 1
    return found


def counted(report: Path) -> Count:
    """The numbers of a JUnit report; nothing when the suite did not live to write one."""
    if not report.exists():
        return Count()
    found = Count()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        found.add(Count(total - skipped - failed, failed, skipped))
    return found


def main(options: list[str]) -> int:
    variables, total = environment()
    began = time.monotonic()
    for name, folder in SUITES.items():
        print(f"== {name}", flush=True)
        total.add(run(folder, variables, [*SIDE_BY_SIDE.get(name, []), *options]))
    print(f"== {time.monotonic() - began:.0f} s")
    if total.skipped:
        print(f"{total.skipped} skipped (named above)")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    try:
        with scratch():
            sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
