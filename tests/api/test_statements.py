"""No N+1 queries: a list of fifty rows takes as many statements as a list of one.

PostgreSQL itself counts them in its log, so that no statement is missed.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from app.api import ENDPOINTS
from app.api.booking_export import XLSX
from app.http.endpoints import Endpoint
from app.local.postgres import Cluster
from tests.support.application import Api, Caller, in_process
from tests.support.rows import add_booking, add_event, rows, value

STATEMENT = re.compile(r"LOG:  (?:execute \S+|statement|fastpath function call): ")

# The maximum of statements for: the session, the list, and what only a first page has.
LISTS = {
    "/api/events?limit=100": 2,
    "/api/events?limit=100&search=night": 2,
    "/api/events?limit=100&status=all": 2,
    "/api/categories": 2,
    "/api/bookings/user/{customer}?limit=100": 2,
    "/api/bookings/user/{customer}?limit=100&scope=upcoming": 2,
    "/api/bookings/user/{customer}?limit=100&scope=past": 2,
    "/api/bookings/event/{event}?limit=100": 2,
    "/api/bookings/event/{event}?limit=100&search=ana": 2,
    # An export has a transaction and a cursor, read 50 rows at a time.
    "/api/bookings/event/{event}.csv": 7,
    "/api/bookings/event/{event}.xlsx": 7,
    "/api/events/{event}/messages?limit=100": 2,
    "/api/events/{event}/history?limit=100": 2,
    "/api/notices?limit=100": 2,
    "/api/sessions": 2,
    "/api/tokens?limit=100": 2,
    "/api/users?limit=100": 2,
    "/api/users?limit=100&search=ana": 2,
    "/api/admin/events?limit=100": 3,
    "/api/admin/events?limit=100&sort=title": 3,
    "/api/admin/events?limit=100&sort=revenue&order=desc": 3,
    "/api/admin/events?limit=100&search=night": 3,
    "/api/admin/events/{event}/sales": 2,
    "/api/admin/integrity": 2,
    "/api/admin/events/{event}/integrity": 2,
    "/api/admin/activity?limit=100": 2,
    "/api/admin/activity?limit=100&event_id={event}": 2,
    "/api/mails?state=failing&limit=100": 3,
    "/api/webhooks": 2,
    "/api/webhooks/{webhook}/deliveries?limit=100": 3,
    "/api/webhooks/{webhook}/deliveries?limit=100&failing=true": 3,
}


class StatementCounter:
    """Counts the application's statements in the log of the server."""

    def __init__(self, log: Path) -> None:
        self._log = log

    async def of(self, caller: Caller, path: str) -> int:
        begin = self._log.stat().st_size
        response = await caller.get(path)
        assert response.status_code == 200, response.text
        with self._log.open(errors="replace") as log:
            log.seek(begin)
            return len(STATEMENT.findall(log.read()))


@pytest.fixture
def counter(
    cluster: Cluster, fresh_connection: psycopg.Connection, database_url: str
) -> StatementCounter:
    """Log every statement of new connections to this database."""
    del database_url
    name = fresh_connection.info.dbname
    cluster.psql(f"ALTER DATABASE \"{name}\" SET log_statement = 'all';")
    return StatementCounter(cluster.log)


@pytest.fixture
async def logged_api(
    counter: StatementCounter, database_url: str, superuser_url: str
) -> AsyncIterator[Api]:
    """The API over that database; the statements of the test itself are not logged."""
    del counter
    with psycopg.connect(
        superuser_url, autocommit=True, options="-c log_statement=none -c role=owner"
    ) as db:
        # The loops run statements of their own.
        async with in_process(database_url, BACKGROUND="false") as client:
            yield Api(client, db)


def fill(api: Api, admin: Caller, number: int) -> dict[str, int]:
    """Add this many rows to every list, and return the ids for the paths."""
    ana = api.customer()
    event = add_event(api.db)
    webhook: int = value(
        api.db,
        "INSERT INTO webhook_endpoints (url, secret)"
        " VALUES ('https://hooks.example.org/', %s) RETURNING id",
        bytes(32),
    )
    for _ in range(number):
        other = add_event(api.db)
        add_booking(api.db, ana.id, other, 2)
        add_booking(api.db, api.customer().id, event, 2)
        add_booking(api.db, ana.id, event, status="cancelled", cancelled_at="infinity")
        api.db.execute(
            "INSERT INTO activity (actor_id, action, event_id) VALUES (%s, 'event-edited', %s)",
            (admin.id, event),
        )
        api.db.execute(
            "INSERT INTO event_messages (event_id, actor_id, idempotency_key, text, people)"
            " VALUES (%s, %s, %s, 'Bring a coat.', 1)",
            (event, admin.id, f"key-{other}"),
        )
        api.db.execute(
            "INSERT INTO notices (user_id, kind, event_id, matter)"
            " VALUES (%s, 'event-changed', %s, %s)",
            (admin.id, event, f"activity/{other}"),
        )
        api.db.execute("UPDATE events SET venue = 'Hall ' || version WHERE id = %s", [event])
        api.db.execute(
            "INSERT INTO mails (user_id, address, purpose, attempts, last_error)"
            " VALUES (%s, 'ana@example.org', 'password-reset', 1, 'SMTPConnectError')",
            [ana.id],
        )
        api.db.execute(
            "INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body, attempts,"
            " last_error) VALUES (%s, 'booking', %s, 'booking.confirmed', '{}', 1, 'it failed')",
            [webhook, other],
        )
    return {"customer": ana.id, "event": event, "webhook": webhook}


async def test_a_list_of_fifty_takes_as_many_statements_as_one(
    logged_api: Api, counter: StatementCounter
) -> None:
    admin = logged_api.admin()
    few = fill(logged_api, admin, 1)
    for path in LISTS:
        await admin.get(path.format_map(few))  # A new connection first asks for types.
    counted = {path: await counter.of(admin, path.format_map(few)) for path in LISTS}
    many = fill(logged_api, admin, 50)
    assert {path: await counter.of(admin, path.format_map(many)) for path in LISTS} == counted
    assert {path for path in LISTS if counted[path] > LISTS[path]} == set()
    # The counter does count.
    assert all(counted.values())
    long = await admin.read(f"/api/bookings/user/{many['customer']}?limit=100")
    assert (len(long["items"]), len(long["items"][0]["tickets"])) == (100, 1)


async def test_every_list_is_counted() -> None:
    def is_list(endpoint: Endpoint) -> bool:
        output = endpoint.output
        return endpoint.media_type in {"text/csv", XLSX} or (
            endpoint.method == "GET" and output is not None and "items" in output.model_fields
        )

    lists = {f"/api{endpoint.path}" for endpoint in ENDPOINTS if is_list(endpoint)}
    counted = {re.sub(r"\{\w+\}", "{id}", path.partition("?")[0]) for path in LISTS}
    assert counted == lists


async def test_a_single_resource_takes_one_statement_after_the_session(
    logged_api: Api, counter: StatementCounter
) -> None:
    admin = logged_api.admin()
    event = add_event(logged_api.db)
    booking = add_booking(logged_api.db, admin.id, event, 5)
    code = rows(logged_api.db, "SELECT ticket_code FROM tickets")[0]["ticket_code"]
    for path in (
        f"/api/bookings/{booking}",
        f"/api/tickets/{code}",
        f"/api/admin/events/{event}",
        f"/api/events/{event}",
    ):
        await admin.get(path)
        caller, most = (logged_api.anonymous, 1) if path.startswith("/api/events") else (admin, 2)
        assert await counter.of(caller, path) == most, path
    assert await counter.of(logged_api.anonymous, "/api/config") == 0
    assert await counter.of(logged_api.anonymous, "/api/sessions/current") == 0
