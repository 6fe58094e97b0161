"""Add the demo season, unless it is there: `python -m seeds.demo`."""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row

from app.data.passwords import hash_password
from app.settings import Settings
from seeds.accounts import DEMO_ACCOUNTS

SEASON = sorted((Path(__file__).parent / "season").glob("*.sql"))


def seed(database_url: str) -> tuple[int, int]:
    """Add the season in one transaction; return how many events and bookings were added."""
    with psycopg.connect(database_url) as connection:
        return add_season(connection)


def add_season(connection: Connection[Any]) -> tuple[int, int]:
    """Add the season in the transaction of this connection."""
    accounts = [
        {
            "name": account["name"],
            "phone": account["phone"],
            "role": account["role"],
            "password_hash": hash_password(account["password"]),
        }
        for account in DEMO_ACCOUNTS
    ]
    cursor = connection.cursor(row_factory=tuple_row)
    # The SQL reads these: hashes are made here, so that none stands in a file.
    cursor.execute(
        "SELECT set_config('season.accounts', %s, true),"
        " set_config('season.unknown_password_hash', %s, true)",
        (json.dumps(accounts), hash_password(secrets.token_urlsafe())),
    )
    people, *rest = SEASON
    cursor.execute(people.read_bytes())
    if not cursor.execute("SELECT true FROM season_user").fetchone():
        return 0, 0
    for file in rest:
        cursor.execute(file.read_bytes())
    added = cursor.execute(
        "SELECT (SELECT count(*) FROM season_event),"
        " (SELECT count(*) FROM bookings WHERE event_id IN (SELECT id FROM season_event))"
    ).fetchone()
    return added or (0, 0)


def main() -> None:
    """Seed the database of DATABASE_URL."""
    settings = Settings.load()
    if not settings.demo:
        sys.exit(
            "The passwords of the demo accounts are public, and two of them are admins."
            " If this database is for a demo, set DEMO=1."
        )
    try:
        events, bookings = seed(settings.database_url.get_secret_value())
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        sys.exit(f"The database cannot be used: {error}")
    if events:
        print(f"Added a season of {events} events and {bookings:,} bookings.")
    else:
        print("The demo season is there already; nothing was added.")


if __name__ == "__main__":
    main()
