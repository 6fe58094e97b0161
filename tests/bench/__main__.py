"""`make bench`: how fast bookings and pages are, as ratios to a constant of the same run."""

import os
import platform
import sys
from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import psycopg

from app.local.postgres import throw_away_cluster
from tests.bench.measuring import ROUNDS, Scenario, book, get, measure, table
from tests.bench.servers import PEOPLE, Served, add_event, database, person_ids, serving

RESULTS = Path(__file__).parent / "results.md"
SECONDS = 2.0
CONNECTIONS = (1, 8, 64, 256)


def main() -> None:
    """Measure, print the tables and write them to results.md."""
    with throw_away_cluster({"max_connections": "100"}, in_memory=False) as cluster:
        url = database(cluster, "bench", events=2000, bookings=20_000)
        hot = add_event(url, "The hot event", 1_000_000)
        spread = [add_event(url, f"Event number {number}", 100_000) for number in range(1000)]
        with psycopg.connect(url) as connection:
            people = person_ids(connection)
        sold_out = add_event(url, "The sold-out event", 1)
        _sell_out(url, sold_out)
        with serving(url) as on, serving(url, BATCHING="false") as off:
            scenarios = _scenarios(on, off, people, hot, spread, sold_out)
            measure(scenarios, SECONDS)
            memory = on.worker_megabytes()
        report = _report(scenarios, on, memory, _invariants(url))
    print(report)
    RESULTS.write_text(report)


def _sell_out(url: str, event_id: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT book_tickets((SELECT min(id) FROM users), %s, 1)", [event_id])


def _scenarios(
    on: Served, off: Served, people: Sequence[int], hot: int, spread: Sequence[int], sold_out: int
) -> list[Scenario]:
    hot_requests = [book(hot, person) for person in range(PEOPLE)]
    spread_requests = [book(event, person) for person, event in enumerate(spread)]
    scenarios = [
        Scenario(f"constant, {n} connections", on.port, [get("/healthz")], n) for n in CONNECTIONS
    ]
    both = []
    for served, suffix in ((on, ""), (off, ", batching off")):
        booked = partial(Scenario, keyed=True, expected="201", may_refuse=served is off)
        both.append(
            [
                *(
                    booked(
                        f"book one hot event, {n} connections{suffix}", served.port, hot_requests, n
                    )
                    for n in CONNECTIONS
                ),
                booked(f"book 1,000 events{suffix}", served.port, spread_requests),
                Scenario(f"list page{suffix}", served.port, [get("/api/events")]),
                Scenario(f"search{suffix}", served.port, [get("/api/events?search=event+number")]),
                Scenario(f"event page{suffix}", served.port, [get(f"/api/events/{hot}")]),
            ]
        )
    # Side by side, because it is their ratio that counts.
    scenarios += chain.from_iterable(zip(*both, strict=True))
    refused = [book(sold_out, person) for person in range(1, PEOPLE)]
    scenarios.append(Scenario("sold out", on.port, refused, keyed=True, expected="409"))
    mine = [get(f"/api/bookings/user/{user_id}", person) for person, user_id in enumerate(people)]
    scenarios.append(Scenario("my bookings", on.port, mine))
    return scenarios


def _invariants(url: str) -> str:
    with psycopg.connect(url) as connection:
        oversold = connection.execute(
            "SELECT count(*) FROM events WHERE tickets_sold > capacity"
        ).fetchone()
        violations = connection.execute("SELECT count(*) FROM integrity_violations").fetchone()
        bookings = connection.execute("SELECT count(*) FROM bookings").fetchone()
    assert oversold is not None
    assert violations is not None
    assert bookings is not None
    if oversold[0] or violations[0]:
        sys.exit(f"{oversold[0]} events oversold, {violations[0]} integrity violations")
    return f"Afterwards: {bookings[0]:,} bookings, 0 events oversold, 0 integrity violations."


def _report(scenarios: Sequence[Scenario], on: Served, memory: float, invariants: str) -> str:
    constants = {
        scenario.connections: scenario.median("per_second")
        for scenario in scenarios
        if scenario.name.startswith("constant")
    }
    rows = [["what", "requests/s", "of constant", "p50 ms", "p99 ms"]]
    rows += [
        [
            scenario.name,
            f"{scenario.median('per_second'):,.0f}",
            f"{scenario.median('per_second') / constants[scenario.connections]:.2f}",
            f"{scenario.median('p50_ms'):.1f}",
            f"{scenario.median('p99_ms'):.1f}",
        ]
        for scenario in scenarios
    ]
    return f"""# Benchmark

{_machine()} Commits durable (fsync on). Load from a separate process on the same cores.
64 connections where nothing else is said; medians of {ROUNDS} runs of {SECONDS:.0f} s.

{table(rows)}

{invariants}
Start to ready: {on.start_seconds:.1f} s. Memory of a worker after the run: {memory:.0f} MB.
"""


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()},"
        f" Python {platform.python_version()}."
    )


if __name__ == "__main__":
    main()
