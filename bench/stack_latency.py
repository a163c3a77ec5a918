"""What a message costs through the whole stack, beside a bare Rasa parse of the same texts in the same run.

    .venv/bin/python -m bench.stack_latency [--messages 1000]

One user talks to `anze serve` (demo database, SQLite). Prints milliseconds (p50, p95) of mixed turns, of the same turn
around a person's 10th and last message, and of `POST /model/parse` of a stock Rasa server with the same model; and the
two ratios. Run it on a quiet machine; quote the ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from anze.settings import ROOT
from tests.helpers.stack import free_port, running, trained_model

TEXTS = (
    "你好",
    "投诉要几天答复",
    "我的投诉到哪一步了",
    "隐患排查多久做一次",
    "谢谢",
    "你能做什么",
    "服务费能不能退给我们",
)
WINDOW = 20
ROUNDS = 20


def milliseconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def figures(samples: list[float]) -> dict[str, float]:
    ordered = sorted(samples)
    return {"p50": round(statistics.median(ordered), 1), "p95": round(ordered[int(len(ordered) * 0.95)], 1)}


def through_the_stack(messages: int) -> dict[str, dict[str, float]]:
    """Mixed turns first, then one greeting after the other in the same conversation."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), "2026-11-23T10:00+08:00") as stack,
        httpx.Client(base_url=stack.url, timeout=60, trust_env=False) as client,
    ):
        client.headers["Authorization"] = f"Bearer {client.post('/api/sessions', json={}).json()['token']}"

        def say(text: str) -> None:
            client.post("/api/messages", json={"text": text}).raise_for_status()

        for text in TEXTS:
            say(text)
        mixed = [milliseconds(lambda t=text: say(t)) for _ in range(ROUNDS) for text in TEXTS]  # type: ignore[misc]
        token = client.post("/api/sessions", json={}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        same = [milliseconds(lambda: say("你好")) for _ in range(messages + WINDOW // 2)]
    return {
        "mixed": figures(mixed),
        "around_10": figures(same[:WINDOW]),
        f"around_{messages}": figures(same[-WINDOW:]),
    }


def bare_parse() -> dict[str, float]:
    """A stock Rasa server with the same model, asked to parse only."""
    port = free_port()
    python = ROOT / "bot" / ".venv" / "bin" / "python"
    command = [python, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "--enable-api", "-m", trained_model()]
    environment = os.environ | {
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONPATH": str(ROOT / "bot"),
        "LOG_LEVEL": "ERROR",
    }
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.yml")
        empty.write_text("rest:\n", encoding="utf-8")
        command += ["--credentials", empty, "--endpoints", empty]
        server = subprocess.Popen(  # the endpoints file is read as YAML without entries
            [str(part) for part in command],
            env=environment,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return _parse_all(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(30)


def _parse_all(url: str) -> dict[str, float]:
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        deadline = time.monotonic() + 180
        while True:
            try:
                if client.get("/status").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError("the stock Rasa did not start")
            time.sleep(0.5)

        def parse(text: str) -> None:
            client.post("/model/parse", json={"text": text}).raise_for_status()

        for text in TEXTS:
            parse(text)
        return figures([milliseconds(lambda t=text: parse(t)) for _ in range(ROUNDS) for text in TEXTS])  # type: ignore[misc]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--messages", type=int, default=1000)
    messages: int = arguments.parse_args().messages
    result: dict[str, Any] = through_the_stack(messages)
    result["bare_parse"] = bare_parse()
    result["stack_to_parse"] = round(result["mixed"]["p50"] / result["bare_parse"]["p50"], 2)
    result["last_to_10th"] = round(result[f"around_{messages}"]["p50"] / result["around_10"]["p50"], 2)
    print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
