"""Load on one address of this machine: wrk where it is installed, else a loop of our own."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second, the 95th percentile in milliseconds, and how many were not answered with 200."""

    rps: float
    p95: float
    failed: int


def apply(url: str, body: dict[str, object], headers: dict[str, str], clients: int, seconds: float) -> Load:
    """That many clients, each asking again as soon as it is answered."""
    sent = {"content-type": "application/json", "accept": "application/json", **headers}
    if shutil.which("wrk"):
        return _wrk(url, json.dumps(body), sent, clients, seconds)
    return asyncio.run(_loop(url, json.dumps(body).encode(), sent, clients, seconds))


def tool() -> str:
    return "wrk" if shutil.which("wrk") else "a loop of httpx"


_DONE = """
done = function(summary, latency, requests)
  io.write(string.format("p95 %d failed %d\\n", latency:percentile(95), summary.errors.status + summary.errors.timeout))
end
"""


def _wrk(url: str, body: str, headers: dict[str, str], clients: int, seconds: float) -> Load:
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(body)}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text("\n".join([*lines, _DONE]))
        command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "-s", str(script), url]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    rps = re.search(r"Requests/sec:\s+([\d.]+)", told)
    rest = re.search(r"p95 (\d+) failed (\d+)", told)
    if rps is None or rest is None:
        raise RuntimeError(told)
    return Load(float(rps[1]), int(rest[1]) / 1000, int(rest[2]))


async def _loop(url: str, body: bytes, headers: dict[str, str], clients: int, seconds: float) -> Load:
    taken: list[float] = []
    failed = 0
    end = time.perf_counter() + seconds

    async def client(http: httpx.AsyncClient) -> None:
        nonlocal failed
        while (start := time.perf_counter()) < end:
            answer = await http.post(url, content=body, headers=headers)
            taken.append((time.perf_counter() - start) * 1000)
            failed += answer.status_code != 200

    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=clients)) as http:
        await asyncio.gather(*(client(http) for _ in range(clients)))
    return Load(len(taken) / seconds, statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else 0.0, failed)
