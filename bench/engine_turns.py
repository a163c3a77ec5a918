"""What a turn costs in Rasa's server alone.

    bot/.venv/bin/python bench/engine_turns.py --model models/anze.tar.gz --text 你好 --intent complaint_status

Starts a server with the model and an action server that answers at once; prints milliseconds at turn 10, 100 and 300 of
one conversation, resident memory before and after, and the time to start.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bot"))

from tests.action_server import ActionServer, said

from tests.conftest import SECRET, Engine, start, wait_ready

AT = (10, 100, 300)
WINDOW = 20


class Willing(ActionServer):
    """Answers every action at once."""

    def answer(self, call: dict[str, Any]) -> tuple[int, Any]:
        self.calls.clear()
        return 200, said(text="好的")


def resident_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) // 1024


def timed(engine: Engine, turn: dict[str, Any]) -> dict[str, list[float]]:
    """Milliseconds of the turns around each of `AT`, the state carried from turn to turn."""
    connection = http.client.HTTPConnection("127.0.0.1", engine.port)
    state: dict[str, Any] = {}
    taken = []
    for number in range(max(AT) + WINDOW):
        body = json.dumps({"turn_id": f"b{number}", "state": state, **turn})
        started = time.perf_counter()
        connection.request("POST", "/webhooks/anze/turn", body, {"Authorization": f"Bearer {SECRET}"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        taken.append((time.perf_counter() - started) * 1000)
        assert response.status == 200, answer
        state = answer["state"]
    return {str(at): taken[at : at + WINDOW] for at in AT}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model", type=Path, required=True)
    arguments.add_argument("--text", default="你好")
    arguments.add_argument("--intent", required=True, help="an intent whose rule calls an action")
    args = arguments.parse_args()
    actions = Willing()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        engine = start(args.model, Path(folder) / "log", actions.url)
        try:
            wait_ready(engine)
            print(f"start {time.monotonic() - began:.1f} s, resident {resident_mb(engine.process.pid)} MB")
            turns = {"text, no action": {"text": args.text}, "button, action": {"text": "", "intent": args.intent}}
            for name, turn in turns.items():
                for at, taken in timed(engine, turn).items():
                    p95 = statistics.quantiles(taken, n=20)[-1]
                    print(f"{name}: turn {at:>3}  p50 {statistics.median(taken):5.1f} ms  p95 {p95:5.1f} ms")
            print(f"resident after {resident_mb(engine.process.pid)} MB")
        finally:
            assert engine.process.stdin is not None
            engine.process.stdin.close()
            engine.process.wait(20)
            actions.close()


if __name__ == "__main__":
    main()
