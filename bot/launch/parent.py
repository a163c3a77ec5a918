"""Ends this process when the one that started it is gone, however that one ended."""

from __future__ import annotations

import logging
import os
import signal
import stat
import sys
import threading
import time

GRACE = 5.0
"""Seconds for an orderly stop before the hard one."""

logger = logging.getLogger(__name__)


def follow_parent() -> None:
    """When standard input is a pipe, stop at its end: only the parent holds the other side, so even a `kill -9` of it
    closes it. A terminal or /dev/null is not followed."""
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=_wait, name="parent", daemon=True).start()


def _wait() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    logger.warning("the parent process is gone, stopping")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
