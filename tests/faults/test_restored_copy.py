"""A dump is restored into another cluster: nothing is sent twice, and nothing is lost."""

import http.server
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.local.paths import ROOT
from app.local.postgres import throw_away_cluster
from tests.faults.postbox import Postbox, mail_server
from tests.support.databases import OWNER
from tests.support.dumps import dump
from tests.support.programs import run_program
from tests.support.rows import add_event, add_user, book, in_days, rows, value

SECONDS = 60


class Receiver(http.server.ThreadingHTTPServer):
    """Takes every webhook, and keeps its id."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ids: list[str] = []


class Handler(http.server.BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.ids.append(self.headers["webhook-id"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@contextmanager
def loops(database_url: str, smtp_url: str, log: Path) -> Iterator[None]:
    """Run the loops that tell people, as a process of their own."""
    variables = {
        **os.environ,
        "DATABASE_URL": database_url,
        "SMTP_URL": smtp_url,
        "WEBHOOK_PRIVATE_ADDRESSES": "true",
    }
    command = [sys.executable, "-m", "app.background"]
    with (
        log.open("ab") as output,
        subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def restore(database_url: str, url: str, folder: Path) -> None:
    dump(database_url, "-Fc", "-f", str(folder / "dump"))
    restored = run_program("pg_restore", url, "--exit-on-error", str(folder / "dump"))
    assert restored.returncode == 0, restored.stderr


def wait_until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_copy_in_another_cluster_tells_once_what_the_original_had_not_told(
    database_url: str, db: psycopg.Connection, receiver: Receiver, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    user_id = add_user(db, email="ada@example.org", email_verified_at=in_days(-1))
    event_id = add_event(db)
    db.execute(
        "INSERT INTO webhook_endpoints (url, secret, types)"
        " VALUES (%s, sha256('secret'), '{booking.confirmed}')",
        [f"http://127.0.0.1:{receiver.server_port}/"],
    )
    postbox = Postbox()
    # In the other cluster, transaction ids begin below those in the restored rows.
    with mail_server(postbox) as smtp_url, throw_away_cluster() as other:
        book(db, user_id, event_id, 1)
        with loops(database_url, smtp_url, log):
            wait_until(lambda: (postbox.received, len(receiver.ids)) == (1, 1))
            wait_until(lambda: unsent(db) == (0, 0))
        # Written down, but not sent. Then one that is not even read.
        book(db, user_id, event_id, 1)
        db.execute("SELECT fan_out_facts()")
        book(db, user_id, event_id, 1)

        for role in (f"{OWNER} LOGIN CREATEROLE", "ticketing_api", "ticketing_reader"):
            other.psql(f"CREATE ROLE {role};")
        other.psql(f"GRANT ticketing_api, ticketing_reader TO {OWNER} WITH ADMIN OPTION;")
        other.psql(f"CREATE DATABASE copy OWNER {OWNER};")
        restore(database_url, other.url("copy"), tmp_path)
        url = other.url("copy", OWNER)
        with psycopg.connect(url, autocommit=True) as copy:
            with loops(url, smtp_url, log):
                wait_until(lambda: "facts are paused" in log.read_text())
                book(copy, user_id, event_id, 1)
                time.sleep(4)  # each loop looks every one or two seconds
                assert (postbox.received, len(receiver.ids)) == (1, 1)

                # As app/running.md says.
                assert value(copy, "SELECT resume_facts()") == 1
                wait_until(lambda: (postbox.received, len(receiver.ids)) == (4, 4))
                wait_until(lambda: unsent(copy) == (0, 0))
                time.sleep(2)
            bookings = rows(copy, "SELECT id FROM bookings ORDER BY id")
    assert postbox.received == 4
    assert len(set(postbox.ids["ada@example.org"])) == 4
    assert sorted(receiver.ids) == sorted(f"fact_booking_{row['id']}" for row in bookings)


def unsent(db: psycopg.Connection) -> tuple[int, int]:
    """Return how many mails and deliveries wait."""
    return (
        value(db, "SELECT count(*) FROM mails WHERE next_attempt_at IS NOT NULL"),
        value(db, "SELECT count(*) FROM webhook_deliveries WHERE next_attempt_at IS NOT NULL"),
    )
