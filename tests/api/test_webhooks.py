"""Webhooks: what a receiver gets, what counts as an answer, and which addresses are refused."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import psycopg
import pytest
from standardwebhooks import Webhook

from app.addresses import is_public
from app.background import webhook_requests, webhooks
from app.data.database import Database
from tests.support.locks import await_true
from tests.support.rows import add_event, add_user, book, rows

SECRET, OLD = b"n" * 32, b"o" * 32
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Receiver:
    """A server that answers each request with the same bytes. None: it hangs."""

    answer: bytes | None
    url: str = ""
    stays_open: bool = False
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((headers, body))
        if self.answer is None:
            await reader.read()
        else:
            writer.write(self.answer)
        if self.stays_open:
            await reader.read()
        writer.close()


@asynccontextmanager
async def receiving(answer: bytes | None, *, stays_open: bool = False) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer, stays_open=stays_open)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.connect(database_url) as connected:
        yield connected


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(webhooks, "DRAIN_SECONDS", 0.1)


def add_endpoint(db: psycopg.Connection, url: str, types: Sequence[str] = ()) -> None:
    db.execute(
        "INSERT INTO webhook_endpoints (url, types, secret, previous_secret, previous_until)"
        " VALUES (%s, %s::text[], %s, %s, now() + interval '1 day')",
        [url, list(types), SECRET, OLD],
    )


def tell(db: psycopg.Connection) -> None:
    add_event(db)
    db.execute("SELECT fan_out_facts()")


async def until(db: psycopg.Connection, condition: str) -> None:
    query = f"SELECT count(*) > 0 FROM webhook_deliveries WHERE {condition}"
    await asyncio.to_thread(await_true, db, query)


def last(db: psycopg.Connection) -> tuple[object, object]:
    (row,) = rows(db, "SELECT last_status, last_error FROM webhook_deliveries")
    return row["last_status"], row["last_error"]


async def test_a_message_has_signatures_that_the_reference_library_verifies(
    database: Database, db: psycopg.Connection
) -> None:
    async with receiving(OK) as receiver:
        add_endpoint(db, receiver.url)
        tell(db)
        async with webhooks.sending(database, private_addresses=True):
            await until(db, "delivered_at IS NOT NULL")
    ((headers, body),) = receiver.requests
    for secret in (SECRET, OLD):
        Webhook("whsec_" + b64encode(secret).decode()).verify(body, headers)
    assert headers["webhook-id"].startswith("fact_activity_")


@pytest.mark.parametrize(
    ("answer", "status"),
    (
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nno\x00", 500),
        (b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", 302),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", 410),
        (b"", None),
    ),
)
async def test_any_other_answer_is_recorded_and_not_followed(
    database: Database, db: psycopg.Connection, answer: bytes, status: int | None
) -> None:
    async with receiving(answer) as receiver:
        add_endpoint(db, receiver.url)
        tell(db)
        async with webhooks.sending(database, private_addresses=True):
            await until(db, "last_error IS NOT NULL")
    assert last(db)[0] == status
    assert len(receiver.requests) == 1


async def test_an_answer_is_not_waited_for_longer_than_the_limit(
    database: Database, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert webhook_requests.ATTEMPT_SECONDS == 15
    monkeypatch.setattr(webhook_requests, "ATTEMPT_SECONDS", 0.2)
    async with receiving(None) as receiver:
        add_endpoint(db, receiver.url)
        tell(db)
        async with webhooks.sending(database, private_addresses=True):
            await until(db, "last_error IS NOT NULL")
    assert last(db) == (None, "The receiver did not answer in time.")


async def test_only_the_beginning_of_an_answer_is_read(
    database: Database, db: psycopg.Connection
) -> None:
    # A client that reads everything would wait for the rest, which never comes.
    head = b"HTTP/1.1 500 Oops\r\nContent-Length: 1000000000\r\n\r\n"
    async with receiving(head + b"a" * 5_000, stays_open=True) as receiver:
        add_endpoint(db, receiver.url)
        tell(db)
        async with webhooks.sending(database, private_addresses=True):
            await until(db, "last_error IS NOT NULL")
    assert last(db) == (500, f"The receiver answered 500. It said: {'a' * 1_000}")


@pytest.mark.parametrize(
    ("retry_after", "minutes"),
    (
        ("3600", 60),
        ("{in_two_hours}", 120),
        ("99999999999", 24 * 60),
        ("soon", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ),
)
async def test_the_next_attempt_comes_when_the_receiver_asks_for_it(
    database: Database, db: psycopg.Connection, retry_after: str, minutes: int
) -> None:
    in_two_hours = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    asked = retry_after.format(in_two_hours=in_two_hours)
    head = f"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: {asked}\r\n\r\n"
    async with receiving(head.encode()) as receiver:
        add_endpoint(db, receiver.url)
        tell(db)
        async with webhooks.sending(database, private_addresses=True):
            await until(db, "last_error IS NOT NULL")
    (row,) = rows(db, "SELECT next_attempt_at - now() AS wait FROM webhook_deliveries")
    assert timedelta(minutes=-1) < row["wait"] - timedelta(minutes=minutes) < timedelta(minutes=1)


async def test_a_redirect_is_not_followed(database: Database, db: psycopg.Connection) -> None:
    async with receiving(OK) as other:
        head = f"HTTP/1.1 307 Moved\r\nContent-Length: 0\r\nLocation: {other.url}\r\n\r\n"
        async with receiving(head.encode()) as receiver:
            add_endpoint(db, receiver.url)
            tell(db)
            async with webhooks.sending(database, private_addresses=True):
                await until(db, "last_error IS NOT NULL")
    assert last(db)[0] == 307
    assert (len(receiver.requests), other.requests) == (1, [])


async def test_a_gateway_for_text_messages_gets_what_customers_are_told(
    database: Database, db: psycopg.Connection
) -> None:
    customer, event_id = add_user(db, phone="+4930222222"), add_event(db)
    async with receiving(OK) as gateway, receiving(OK) as follower:
        add_endpoint(db, gateway.url, ["customer.notice"])
        add_endpoint(db, follower.url)
        booking = book(db, customer, event_id, 2)
        db.execute("SELECT fan_out_facts()")
        async with webhooks.sending(database, private_addresses=True):
            await asyncio.to_thread(
                await_true, db, "SELECT bool_and(delivered_at IS NOT NULL) FROM webhook_deliveries"
            )
    ((headers, body),) = gateway.requests
    Webhook("whsec_" + b64encode(SECRET).decode()).verify(body, headers)
    message = json.loads(body)
    assert message["type"] == "customer.notice"
    assert message["data"]["phone"] == "+4930222222"
    assert message["data"]["booking_id"] == booking["id"]
    assert message["data"]["text"].startswith(f"Booking {booking['id']} is confirmed: 2 tickets")
    # Nobody else gets it, nor a phone number.
    told = b"".join(body for _, body in follower.requests)
    assert b"booking.confirmed" in told
    assert b"customer.notice" not in told
    assert b"+4930222222" not in told


async def test_an_endpoint_that_hangs_delays_no_other(
    database: Database, db: psycopg.Connection
) -> None:
    async with receiving(None) as hanging, receiving(OK) as quick_one:
        add_endpoint(db, hanging.url)
        add_endpoint(db, quick_one.url)
        tell(db)
        async with webhooks.sending(database, private_addresses=True):
            await until(db, "delivered_at IS NOT NULL")
    # What was cut off by the shutdown is due again after its lease.
    (left,) = rows(db, "SELECT endpoint_id FROM webhook_deliveries WHERE delivered_at IS NULL")
    assert left["endpoint_id"] == 1


async def test_a_private_address_is_refused(database: Database, db: psycopg.Connection) -> None:
    async with receiving(OK) as receiver:
        add_endpoint(db, receiver.url)
        tell(db)
        async with webhooks.sending(database, private_addresses=False):
            await until(db, "last_error IS NOT NULL")
    assert last(db) == (None, "The name of the receiver stands for no public address.")
    assert receiver.requests == []


@pytest.mark.parametrize(
    "address",
    (
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ),
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ("8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"))
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)
