"""A private PostgreSQL server of the installed binaries: temporary folder, loopback only, gone after the tests."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

MISSING = (
    "PostgreSQL's server programs are missing, and the tests run on it too: install the package "
    "postgresql (apt-get install postgresql), or set ANZE_TEST_DATABASES=sqlite for a quick local run"
)
_QUICK = {
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}
"""Nothing of this server outlives the tests, so nothing needs to be safe on the disk."""


def binaries() -> Path:
    """The folder with initdb and postgres, the newest version. Raises FileNotFoundError with what to install."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    if not folders:
        raise FileNotFoundError(MISSING)
    return max(folders, key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0)


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the account to switch to, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _end_with_the_tests() -> None:
    """In the server's process: when the tests are killed, Linux ends it too."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def server() -> Iterator[str]:
    """Runs a server; gives the address of its first database, `postgresql+psycopg://…/postgres`."""
    folder = binaries()
    account = _unprivileged()
    place = Path(tempfile.mkdtemp(prefix="anze-pg-"))
    if account is not None:
        shutil.chown(place, account)
    options: dict[str, Any] = {"cwd": place, "user": account, "extra_groups": [] if account else None}
    port = _free_port()
    process = None
    try:
        subprocess.run(
            [folder / "initdb", "-D", place / "data", "-U", "anze", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            check=True,
            stdout=subprocess.DEVNULL,
            **options,
        )
        settings = {
            **_QUICK,
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "logging_collector": "off",
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(
                [folder / "postgres", "-D", place / "data", *arguments],
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_the_tests,  # noqa: PLW1509 - no other thread runs yet
                **options,
            )
        address = f"127.0.0.1:{port}/postgres"
        _wait(process, f"postgresql://anze@{address}", place / "log")
        yield f"postgresql+psycopg://anze@{address}"
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # a fast shutdown: open sessions are ended
            process.wait(30)
        shutil.rmtree(place)


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        try:
            psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError:
            _pause(process)
        else:
            return
    raise RuntimeError(f"PostgreSQL does not answer:\n{log.read_text(errors='replace')}")


def _pause(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return
