"""Scenarios, and their figures as ratios to a constant measured in the same run."""

import json
import secrets
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tests.bench.load import Measured, Plan

WARM_UP_SECONDS = 0.5
ROUNDS = 5


@dataclass
class Scenario:
    """One line of the table.

    `may_refuse`: answers that the server is too busy are part of the measurement.
    """

    name: str
    port: int
    requests: Sequence[str]
    connections: int = 64
    keyed: bool = False
    expected: str = "200"
    may_refuse: bool = False
    rounds: list[Measured] = field(default_factory=list)

    def median(self, figure: str) -> float:
        """Return the median over the rounds."""
        figures: list[float] = [getattr(measured, figure) for measured in self.rounds]
        return statistics.median(figures)


def get(path: str, person: int | None = None) -> str:
    """Return the bytes of a GET request."""
    cookie = "" if person is None else f"Cookie: session=person-{person}\r\n"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}\r\n"


def book(event_id: int, person: int) -> str:
    """Return a booking of one ticket; the load fills in its key."""
    body = json.dumps({"event_id": event_id, "quantity": 1})
    return (
        "POST /api/bookings HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: session=person-{person}\r\nIdempotency-Key: #KEY#\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def measure(scenarios: Sequence[Scenario], seconds: float) -> None:
    """Run all scenarios several times, forwards and backwards, so that disturbances affect all."""
    for number in range(ROUNDS):
        for scenario in scenarios if number % 2 == 0 else reversed(scenarios):
            print(f"\r\033[Kround {number + 1}/{ROUNDS}: {scenario.name}", end="", file=sys.stderr)
            scenario.rounds.append(_run(scenario, seconds))
    print("\r\033[K", end="", file=sys.stderr)


def _run(scenario: Scenario, seconds: float) -> Measured:
    plan = Plan(
        host="127.0.0.1",
        port=scenario.port,
        connections=scenario.connections,
        seconds=seconds,
        warm_up_seconds=WARM_UP_SECONDS,
        requests=list(scenario.requests),
        key=secrets.token_hex(6) if scenario.keyed else "",
    )
    finished = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        check=True,
    )
    measured = Measured(**json.loads(finished.stdout))
    allowed = {scenario.expected, "503"} if scenario.may_refuse else {scenario.expected}
    if not measured.statuses.keys() <= allowed:
        raise RuntimeError(f"{scenario.name}: answers were {measured.statuses}")
    # A refusal is fast, and sells nothing.
    measured.per_second = measured.statuses.get(scenario.expected, 0) / seconds
    return measured


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows, the first of them headings, as a Markdown table."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
