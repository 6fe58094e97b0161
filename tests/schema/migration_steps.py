"""Helpers that add migrations, and a used database to apply them to."""

from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from app.operations import migrations
from tests.support.rows import add_event, add_user, book

TABLES = (
    "users",
    "events",
    "bookings",
    "tickets",
    "sessions",
    "sign_in_failures",
    "activity",
    "event_words",
)


def add_migration(folder: Path, name: str, step: str, rollback: str) -> str:
    """Add a migration as `make migration` does, and return its name."""
    files = migrations.begin(name, folder)
    for path, text in zip(files, (step, rollback), strict=True):
        path.write_text(path.read_text() + text)
    migrations.seal(folder)
    return files[0].stem


def fill(url: str) -> None:
    """Add rows to every table."""
    with psycopg.connect(url, autocommit=True) as db:
        customer_id, admin_id = add_user(db), add_user(db, role="admin")
        event_id = add_event(db, title="Größe & Maß", capacity=9)
        booking = book(db, customer_id, event_id, 3, "key")
        book(db, customer_id, event_id, 2)
        cancelled = book(db, customer_id, event_id, 1)
        db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], customer_id])
        db.execute("SELECT check_in_ticket(%s, NULL, %s)", [booking["ticket_codes"][0], admin_id])
        db.execute("SELECT begin_sign_in('+4930123456', '::1')")
        db.execute(
            "INSERT INTO sessions (token_hash, user_id) VALUES (sha256('a'), %s)", [customer_id]
        )


def content(url: str) -> dict[str, list[dict[str, object]]]:
    """Return the rows of the tables of the first release."""
    with psycopg.connect(url, row_factory=dict_row) as db:
        return {
            table: db.execute(
                sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(table))
            ).fetchall()
            for table in TABLES
        }
