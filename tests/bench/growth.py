"""`make bench-growth`: what a thousand times as many events and bookings cost."""

import json
import os
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import psycopg

from app.local.postgres import throw_away_cluster
from tests.bench.measuring import Scenario, book, get, measure, table
from tests.bench.servers import PEOPLE, Served, add_event, database, person_ids, serving

RESULTS = Path(__file__).parent / "results-growth.md"
SECONDS = 2.0
SMALL = 1_000
LARGE = int(os.environ.get("LARGE", "1_000_000"))


def main() -> None:
    """Measure both sizes in one run, print the table and write it to results-growth.md."""
    with throw_away_cluster(in_memory=False) as cluster:
        urls = [database(cluster, f"size_{size}", size, size) for size in (SMALL, LARGE)]
        with serving(urls[0]) as small, serving(urls[1]) as large:
            pairs = [_scenarios(small, urls[0]), _scenarios(large, urls[1])]
            flat = [list(pair) for pair in zip(*pairs, strict=True)]
            measure([scenario for pair in flat for scenario in pair], SECONDS)
        violations = [_violations(url) for url in urls]
    if any(violations):
        sys.exit(f"integrity violations: {violations}")
    report = _report(flat)
    print(report)
    RESULTS.write_text(report)


def _scenarios(served: Served, url: str) -> list[Scenario]:
    spread = [add_event(url, f"Event number {number}", 100_000) for number in range(1000)]
    with psycopg.connect(url) as connection:
        people = person_ids(connection)
        busiest = connection.execute(
            "SELECT id FROM events ORDER BY bookings_count DESC LIMIT 1"
        ).fetchone()
    assert busiest is not None
    bookings = [book(event, person) for person, event in enumerate(spread)]
    mine = [get(f"/api/bookings/user/{user_id}", person) for person, user_id in enumerate(people)]
    one = 1
    return [
        Scenario("book 1,000 events", served.port, bookings, keyed=True, expected="201"),
        Scenario("list page", served.port, [get("/api/events")]),
        Scenario("event page", served.port, [get(f"/api/events/{busiest[0]}")]),
        Scenario("my bookings", served.port, mine[:PEOPLE]),
        Scenario("admin list by date, page 2", served.port, [_second_page(served)]),
        Scenario("admin list with totals", served.port, [get("/api/admin/events", 0)], one),
        Scenario(
            "admin list by revenue", served.port, [get("/api/admin/events?sort=revenue", 0)], one
        ),
        Scenario("search", served.port, [get("/api/events?search=event+number")], one),
        Scenario("search, one letter", served.port, [get("/api/events?search=e")], one),
        Scenario("search, mistyped", served.port, [get("/api/events?search=evnet+nubmer")], one),
    ]


def _second_page(served: Served) -> str:
    """Return a page of the admin's list without totals, which only the first page has."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{served.port}/api/admin/events", headers={"Cookie": "session=person-0"}
    )
    with urllib.request.urlopen(request) as answer:
        cursor = json.load(answer)["next_cursor"]
    return get(f"/api/admin/events?cursor={cursor}", 0)


def _violations(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM integrity_violations").fetchone()
    assert row is not None
    found: int = row[0]
    return found


def _report(pairs: Sequence[Sequence[Scenario]]) -> str:
    rows = [["what", f"p50 ms, {SMALL:,}", f"p50 ms, {LARGE:,}", "requests/s, large of small"]]
    rows += [
        [
            f"{small.name}, {small.connections} connections",
            f"{small.median('p50_ms'):.1f}",
            f"{large.median('p50_ms'):.1f}",
            f"{large.median('per_second') / small.median('per_second'):.2f}",
        ]
        for small, large in pairs
    ]
    return f"""# Growth

{SMALL:,} events and bookings against {LARGE:,} of each, in one run.

{table(rows)}
"""


if __name__ == "__main__":
    main()
