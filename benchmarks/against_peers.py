"""homeroom, Apollo Server and GraphQL Yoga over the same schema and data, in turns, each a single process.

python -m benchmarks.against_peers [--rounds N] [--seconds S] [--only NAME …]   (`make bench-peers` installs the others)
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks import pressure
from benchmarks.comparison import GROWN_UP, MODES
from benchmarks.report import write

PEERS = Path(__file__).parent / "peers"
NODE = ("apollo", "yoga", "yoga-jit", "apollo-cache", "yoga-cache")
ROWS = (
    "query ($n: Int!) { classes(n: $n) { id name code credits rating active startsOn enrolled teacher { id name } } }"
)
CASES: dict[str, tuple[dict[str, object], int]] = {
    "`{ viewer { role } }`": ({"query": "{ viewer { role } }"}, 16),
    "10 rows": ({"query": ROWS, "variables": {"n": 10}}, 16),
    "1,000 rows": ({"query": ROWS, "variables": {"n": 1000}}, 8),
}
FIRST_PORT = 8760


@dataclass
class Server:
    """One that answers. `taken` holds the loads of each case, `worked` the milliseconds of CPU that each request took.

    `peak` are the megabytes it held at its most.
    """

    name: str
    process: subprocess.Popen[str]
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    taken: dict[str, list[pressure.Load]] = field(default_factory=lambda: {case: [] for case in CASES})
    worked: dict[str, list[float]] = field(default_factory=lambda: {case: [] for case in CASES})
    peak: float = 0.0

    def ask(self, body: dict[str, object]) -> object:
        answer = httpx.post(self.url, json=body, headers=self.headers, timeout=30).json()
        if "errors" in answer:
            raise RuntimeError(f"{self.name}: {answer['errors']}")
        return answer["data"]

    def bear(self, case: str, seconds: float) -> None:
        """A load, and what it cost."""
        body, clients = CASES[case]
        before = self._worked()
        one = pressure.apply(self.url, body, self.headers, clients, seconds)
        self.taken[case].append(one)
        self.worked[case].append((self._worked() - before) * 1000 / max(1.0, one.rps * seconds))

    def _worked(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def weigh(self) -> None:
        """Ask the kernel."""
        told = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        self.peak = int(told.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def serving(name: str, port: int, folder: str) -> Iterator[Server]:
    """The server of that name as a process of its own, from its first answer on."""
    if name in NODE:
        command = ["node", "server.mjs", name, str(port)]
        process = subprocess.Popen(command, cwd=PEERS, env={**os.environ, "NODE_ENV": "production"}, text=True)
        headers = {}
    else:
        command = [sys.executable, "-m", "benchmarks.comparison", name, str(port), folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        headers = {"authorization": f"Bearer {process.stdout.readline().strip()}"}
    try:
        server = Server(name, process, f"http://127.0.0.1:{port}/graphql", headers)
        _await(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _await(server: Server) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            server.ask({"query": "{ viewer { role } }"})
        except httpx.TransportError:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise RuntimeError(f"{server.name} did not start") from None
            time.sleep(0.2)
        else:
            return


def measure(names: list[str], rounds: int, seconds: float) -> list[Server]:
    """Every server up at once, and one at a time under load."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        servers = [stack.enter_context(serving(name, FIRST_PORT + number, folder)) for number, name in enumerate(names)]
        for body, _ in CASES.values():
            first, *others = [server.ask(body) for server in servers]
            if any(other != first for other in others):
                raise RuntimeError(f"different answers to {body}")
        for turn in range(rounds):
            for case, (body, clients) in CASES.items():
                for server in servers[:: 1 if turn % 2 == 0 else -1]:
                    if turn == 0:
                        pressure.apply(server.url, body, server.headers, clients, 1)
                    server.bear(case, seconds)
        for server in servers:
            server.weigh()
        return servers


def rps(server: Server, case: str) -> float:
    return statistics.median(one.rps for one in server.taken[case])


def cpu(server: Server, case: str) -> float:
    return statistics.median(server.worked[case])


def table(servers: list[Server], rounds: int, seconds: float) -> str:
    cases = list(CASES)
    lines = [
        "All servers up at once, one process each, one at a time under load (16 clients, 8 for 1,000 rows;",
        f"{rounds} rounds of {seconds:g} s in turns, medians, the order turned round each time). Answers were found equal first.",
        f"Load average of the machine at the end: {os.getloadavg()[0]:.1f}.",
        "homeroom checks a token, looks the viewer up in its database and keeps a budget for each request; the others do not.",
        "Each cell: requests per second · 95th percentile in ms · CPU time of the server's process per request in ms, which is",
        "what to compare where other work shares the machine.",
        "",
        f"| server | {' | '.join(cases)} | peak MB |",
        f"|---|{'---|' * (len(cases) + 1)}",
    ]
    for server in servers:
        failed = sum(one.failed for loads in server.taken.values() for one in loads)
        cells = [
            f"{rps(server, case):,.0f} · {statistics.median(one.p95 for one in server.taken[case]):.1f} · {cpu(server, case):.3f}"
            for case in cases
        ]
        note = f" ({failed} failed)" if failed else ""
        lines.append(f"| {server.name}{note} | {' | '.join(cells)} | {server.peak:.0f} |")
    return "\n".join([*lines, "", *ratios({server.name: server for server in servers})])


ROWS_SHORT = """sampled by py-spy, its time goes into reading and checking 8 attributes of each row and into its dict (23 %),
  putting the loaded child in (16 %), handing 177 kB to the kernel (14 %), JSON (9 %), counting what the answer cost (6 %) and
  what every request costs. Less would take a compiled extension for the rows, or rows kept as JSON."""
TINY_SHORT = """sampled, nearly a third of its time goes into uvicorn (a fifth of it all into the two writes to the kernel that head and
  body take), a sixth into the executor, the rest into the token, the viewer, the database's version, the budget, metrics and the
  cost told. Less would take a server without ASGI."""
HIT_SHORT = """sampled by py-spy, a quarter of a hit is the kernel taking 177 kB, which no cache saves; about 50 µs are the token, the
  database's version, the budget, metrics and headers, the rest is uvicorn. Less would take a server without ASGI."""
# Who, beside whom, in which case; at least how many times as often; and why not, where a profile has been looked at.
WANTED: tuple[tuple[str, str, str, float, str], ...] = (
    ("homeroom", "yoga-jit", "1,000 rows", 1, ROWS_SHORT),
    ("homeroom", "apollo", "10 rows", 1, TINY_SHORT),
    ("homeroom", "apollo", "`{ viewer { role } }`", 1, TINY_SHORT),
    ("homeroom-cache", "yoga-cache", "1,000 rows", 10, HIT_SHORT),
    ("homeroom-cache", "homeroom", "1,000 rows", 0, ""),
    ("homeroom", "homeroom-library", "1,000 rows", 0, ""),
    ("homeroom-cache-grown-up", "homeroom-cache", "`{ viewer { role } }`", 0, ""),
)


def ratios(by_name: dict[str, Server]) -> list[str]:
    """What was promised, in the figures of this run."""
    return [
        _ratio(by_name[one], by_name[other], case, aim, why)
        for one, other, case, aim, why in WANTED
        if one in by_name and other in by_name
    ]


def _ratio(one: Server, other: Server, case: str, aim: float, why: str) -> str:
    often, worked = rps(one, case) / max(1e-9, rps(other, case)), cpu(other, case) / cpu(one, case)
    told = (
        f"- {case}: {one.name} answers {often:.2f} times as often as {other.name};"
        f" per request {other.name} takes {worked:.2f} times its CPU time"
    )
    return f"{told}. The aim is {aim:g}: {why}" if often < aim else told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    if shutil.which("node") is None or not (PEERS / "node_modules").is_dir():
        sys.exit("Type: make bench-peers (it installs the other servers; they need Node 20 or newer)")
    grown_up = all(name in os.environ for name in GROWN_UP)
    names = [name for name in (*MODES, *NODE) if grown_up or not name.endswith("grown-up")]
    servers = measure(options.only or names, options.rounds, options.seconds)
    command = f"python -m benchmarks.against_peers --rounds {options.rounds} --seconds {options.seconds:g}"
    write("peers", "Beside other servers", command, table(servers, options.rounds, options.seconds))


if __name__ == "__main__":
    main()
