"""Many guests are told of a rescheduling while the process that tells them is killed."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app.local import ports
from tests.faults.postbox import Postbox, mail_server
from tests.support.rows import add_event, rows, value
from tests.support.servers import ServerProcess, start_server

# With BATCH mails in each of two processes, so many may be on their way when they are killed.
ON_THEIR_WAY = 40
SECONDS = 300


def add_guests(db: psycopg.Connection, event_id: int, count: int) -> None:
    """Add guests with a ticket each. One in ten has an address that is not verified."""
    db.execute(
        "INSERT INTO users (name, phone)"
        " SELECT 'Guest ' || n, '+4915' || 100000000 + n FROM generate_series(1, %s) AS n",
        [count],
    )
    db.execute(
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " SELECT users.id, events.id, 1, price, price, users.id FROM users, events"
        " WHERE users.name LIKE 'Guest %%' AND events.id = %s",
        [event_id],
    )
    # They are not mailed that they have booked, because they have no address yet.
    db.execute("SELECT fan_out_facts(%s)", [2 * count])
    db.execute(
        "UPDATE users SET email = 'guest-' || id || '@example.org',"
        " email_verified_at = CASE WHEN mod(id, 10) > 0 THEN now() END WHERE name LIKE 'Guest %'"
    )


@contextmanager
def running(database_url: str, folder: Path, smtp_url: str) -> Iterator[ServerProcess]:
    """Run the API with two processes; when leaving, kill them."""
    settings = {"PORT": str(ports.choose()), "WORKERS": "2", "SMTP_URL": smtp_url}
    server = start_server(database_url, folder / "api.log", settings)
    try:
        yield server
    finally:
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()


def test_guests_of_a_rescheduled_event_are_told_once_each_though_the_api_is_killed(
    database_url: str,
    db: psycopg.Connection,
    tmp_path: Path,
    minutes: float,
    add_to_summary: Callable[[str], None],
) -> None:
    guests = 10_000 if minutes else 300
    event_id = add_event(db, capacity=guests)
    add_guests(db, event_id, guests)
    with_mail = value(db, "SELECT count(*) FROM users WHERE email_verified_at IS NOT NULL")
    db.execute("UPDATE events SET date_time = date_time + interval '3 days'")
    postbox = Postbox()
    started = time.monotonic()
    with mail_server(postbox) as smtp_url:
        # Killed while the notices are written: then the cursors are locked.
        with running(database_url, tmp_path, smtp_url):
            wait_until(
                lambda: value(
                    db,
                    "SELECT count(*) < 2 FROM ("
                    "SELECT source FROM fact_cursors FOR UPDATE SKIP LOCKED) AS free",
                )
            )
        # Killed in the middle of the mails.
        with running(database_url, tmp_path, smtp_url):
            wait_until(lambda: postbox.received > with_mail / 3)
        assert value(db, "SELECT count(*) FROM mails WHERE next_attempt_at IS NOT NULL") > 0
        # The time of their claims is over.
        db.execute("UPDATE mails SET next_attempt_at = now() WHERE next_attempt_at > now()")
        with running(database_url, tmp_path, smtp_url):
            wait_until(
                lambda: (
                    not value(db, "SELECT count(*) FROM mails WHERE next_attempt_at IS NOT NULL")
                )
            )
    seconds = time.monotonic() - started
    add_to_summary(
        f"{guests} guests told of a rescheduling, {with_mail} by mail, in {seconds:.0f} s"
    )

    told = rows(db, "SELECT count(*) AS notices, count(DISTINCT user_id) AS people FROM notices")
    assert told == [{"notices": guests, "people": guests}]
    assert value(db, "SELECT count(*) FROM mails WHERE sent_at IS NOT NULL") == with_mail
    assert len(postbox.ids) == with_mail
    assert all(len(set(ids)) == 1 for ids in postbox.ids.values())
    assert len({ids[0] for ids in postbox.ids.values()}) == with_mail
    # The mails that were on their way are sent again, with the same Message-ID.
    assert postbox.received <= with_mail + ON_THEIR_WAY


def wait_until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)
