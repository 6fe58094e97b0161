"""Fill the database with as much as is asked for: `python -m seeds.generate --events N`.

Everything is written by INSERT ... SELECT in chunks, under all constraints and triggers, each
chunk a transaction: an interrupted run leaves less behind, but nothing that contradicts itself.
The same seed gives the same titles, sales and dates, counted from today. Ids continue after the
existing rows, and ticket codes are never predictable. The log gets the lines that must agree with
the rows: about events that ended and bookings that were cancelled.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString, cast

import psycopg
from psycopg import Connection
from psycopg.rows import scalar_row

from app.settings import Settings
from seeds.progress import Progress

FOLDER = Path(__file__).parent / "generator"
CHUNK = 20_000
BOOKINGS_PER_USER = 5
# The statements that write a chunk of each, in order.
STATEMENTS = {
    "users": ("users",),
    "events": ("events", "ends"),
    "bookings": ("bookings", "admissions", "log"),
}
LARGEST_CAPACITY = 1_000_000
# Two generators at once would choose the same phone numbers.
ADVISORY_LOCK = 7_461_002
_LAST_PHONE: LiteralString = """
    SELECT coalesce(max(right(phone, 8)::integer), 0)
    FROM users
    WHERE phone BETWEEN '+4919900000000' AND '+4919999999999'
"""

Report = Callable[[str, int, int], None]


class GenerateError(Exception):
    """The request cannot be met; the message tells a person why."""


def generate(
    database_url: str,
    events: int,
    bookings: int,
    progress: Report | None = None,
    seed: int = 1,
) -> None:
    """Add this many events and bookings, and a user for every five bookings.

    Calls `progress` with the kind of rows, how many are written, and how many there will be. Raises
    GenerateError when no event can be large enough for the bookings of the most popular one.
    """
    if bookings and not events:
        raise GenerateError("Bookings need at least one event.")
    users = -(-bookings // BOOKINGS_PER_USER)
    amounts = {"users": users, "events": events, "bookings": bookings}
    with psycopg.connect(
        database_url, autocommit=True, prepare_threshold=None, row_factory=scalar_row
    ) as connection:
        _prepare(connection)
        parameters = {
            **_words(),
            **amounts,
            "salt": seed * 1000,
            # One now for all chunks, which take minutes: a booking may not be later than the
            # cancellation of its event.
            "as_of": _value(connection, "SELECT now()"),
            "last_phone": _value(connection, _LAST_PHONE),
        }
        _plan(connection, parameters)
        for what, total in amounts.items():
            _write(connection, what, total, parameters, progress)
        # The updates of counters left dead rows behind, and the planner needs statistics.
        connection.execute(
            "VACUUM (ANALYZE) users, events, bookings, tickets, activity, event_words"
        )


def _words() -> dict[str, object]:
    words: dict[str, object] = json.loads((FOLDER / "words.json").read_text(encoding="utf-8"))
    zone_of_city = cast("dict[str, str]", words.pop("zone_of_city"))
    return words | {"cities": list(zone_of_city), "time_zones": list(zone_of_city.values())}


def _prepare(connection: Connection[object]) -> None:
    connection.execute("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
    # A chunk that a crash loses is only generated data.
    connection.execute("SET synchronous_commit = off")
    # The rows a chunk needs lie together: do not read whole tables for it.
    connection.execute("SET random_page_cost = 1.1")
    connection.execute(_sql("setup"))


def _value(connection: Connection[object], query: LiteralString) -> object:
    return connection.execute(query).fetchone()


def _plan(connection: Connection[object], parameters: dict[str, object]) -> None:
    connection.execute(_sql("plan"), parameters)
    connection.execute("ANALYZE generated_event")
    query: LiteralString = "SELECT coalesce(max(demand), 0) FROM generated_event"
    largest = cast("int", _value(connection, query))
    if largest > LARGEST_CAPACITY:
        raise GenerateError(
            f"The most popular event would sell {largest:,} tickets, but no event has room for"
            f" more than {LARGEST_CAPACITY:,}. Ask for more events or fewer bookings."
        )


def _write(
    connection: Connection[object],
    what: str,
    total: int,
    parameters: dict[str, object],
    progress: Report | None,
) -> None:
    statements = [_sql(name) for name in STATEMENTS[what]]
    for first in range(1, total + 1, CHUNK):
        if progress and first == 1:
            progress(what, 0, total)
        last = min(first + CHUNK - 1, total)
        with connection.transaction():
            # Times in the past, and events that are over: that is an import.
            connection.execute("SELECT begin_repair('generated data')")
            for statement in statements:
                connection.execute(statement, parameters | {"from": first, "to": last})
        if progress:
            progress(what, last, total)


def _sql(name: str) -> bytes:
    return (FOLDER / f"{name}.sql").read_bytes()


def _number(text: str) -> int:
    if not text.replace("_", "").isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not a whole number")
    return int(text)


def main() -> None:
    """Fill the database of DATABASE_URL."""
    parser = argparse.ArgumentParser(
        prog="python -m seeds.generate", description="Fill the database with generated data."
    )
    parser.add_argument("--events", type=_number, default=1_000, help="default: 1,000")
    parser.add_argument("--bookings", type=_number, default=10_000, help="default: 10,000")
    parser.add_argument("--seed", type=_number, default=1, help="other numbers, other data")
    arguments = parser.parse_args()
    try:
        generate(
            Settings.load().database_url.get_secret_value(),
            arguments.events,
            arguments.bookings,
            Progress(),
            arguments.seed,
        )
    except GenerateError as error:
        sys.exit(str(error))
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        sys.exit(f"The database cannot be used: {error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. What was written stays, and is consistent.")


if __name__ == "__main__":
    main()
