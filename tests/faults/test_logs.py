"""PostgreSQL's log of failing requests has no phone, code, token or password.

tests/api/test_logs.py checks the log of the API. After all tests of this suite both logs are
searched, too.
"""

from contextlib import suppress

import psycopg

from app.local.postgres import Cluster
from tests.faults import logs
from tests.faults.api_server import ApiServer
from tests.faults.client import Client
from tests.faults.seeded_database import DATABASE, SeededDatabase
from tests.support.bodies import PASSWORD, new_phone
from tests.support.locks import locked, row_of
from tests.support.people import add_person


async def test_failed_requests_leave_no_secret_in_the_database_log(
    seeded: SeededDatabase, api_server: ApiServer, durable_cluster: Cluster
) -> None:
    begun = durable_cluster.log.stat().st_size
    with seeded.database() as db:
        admin = add_person(db, role="admin")
    customer = seeded.customers[0]

    async with Client(api_server.port, admin.token) as client, Client(api_server.port) as stranger:
        booking = (await client.book(seeded.small_events[0], 2, "of-the-log")).content
        code = booking["tickets"][0]["ticket_code"]
        check_in = f"/api/tickets/{code}/check-in"
        account = {"name": "Ana", "phone": customer.phone, "password": PASSWORD}
        refused = [
            await stranger.send("POST", "/api/users", account),
            await client.send("POST", check_in, {"event_id": seeded.big_event}),
            await client.book(seeded.small_events[0], 1, "of-the-log"),
        ]
        assert (await client.send("POST", check_in, {})).status == 200
        refused += [
            await client.send("POST", check_in, {}),
            await client.cancel(booking["id"]),
        ]
        async with locked(seeded.url, row_of(seeded.small_events[0])):
            refused.append(await client.book(seeded.small_events[0], 1, "of-the-locked"))
            refused.append(await client.send("POST", check_in, {}))

    assert [answer.status for answer in refused] == [409, 409, 422, 409, 409, 503, 503]
    written = durable_cluster.log.read_bytes()[begun:].decode()
    assert written.count("ERROR") >= len(refused) - 1, "the failures left nothing to look at"
    with seeded.database() as db:
        secrets = {code, admin.token, "of-the-log", *logs.secrets_of(db, seeded.customers)}
    logs.assert_silent(durable_cluster.log, secrets)


def test_a_log_with_error_details_would_be_noticed(
    seeded: SeededDatabase, durable_cluster: Cluster
) -> None:
    """Show that the search finds a secret, with an unused phone number."""
    phone = new_phone()
    with psycopg.connect(durable_cluster.url(DATABASE), autocommit=True) as superuser:
        superuser.execute("SET log_error_verbosity = 'default'")
        superuser.execute("CREATE TEMPORARY TABLE numbers (phone text UNIQUE)")
        superuser.execute("INSERT INTO numbers VALUES (%s)", (phone,))
        with suppress(psycopg.errors.UniqueViolation):
            superuser.execute("INSERT INTO numbers VALUES (%s)", (phone,))
    assert logs.told_by(durable_cluster.log, [phone]) == [phone]
