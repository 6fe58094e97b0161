"""A large season, written in seconds by set-based statements, for searches and plans."""

import json
from pathlib import Path

import psycopg
from psycopg import sql

from app.local.paths import ROOT

EVENTS = 100_000
FILL = Path(__file__).parent / "large_database.sql"

FIDDLE = "O\N{RIGHT SINGLE QUOTATION MARK}Flahertigan & Sons: Fiddle Night"
# The events that searches look for. No other event has one of these words. The columns: title,
# venue, days from today, status.
SPECIAL: list[tuple[str, str, int, str]] = [
    ("Café Zéphyrine Sessions", "Villa Grenadine", 10, "active"),
    ("Björkgården: Cornucopia", "Harpsichord Hall, Reykjavík", 11, "active"),
    (FIDDLE, "The Quays", 12, "active"),
    ("Straßenmusik am Dom", "Plätze der Altstadt", 13, "active"),
    ("100% Vinylette", "Plattenkeller", 14, "active"),
    ("1000 Vinylette Lamps", "Plattenkeller", 9, "active"),
    ("snake_case Meetup", "Hackerhaus", 15, "active"),
    ("snakeXcase Meetup", "Hackerhaus", 8, "active"),
    ("AC\\DC Tributary", "Thunderdome", 16, "active"),
    ("Die Zauberflöte", "Staatsoper Unterm Zirkus", 17, "active"),
    ("Tchaikovskyana Marathon", "Steinwayhaus", 18, "active"),
    ("Kraftwerkzeug in Concert", "Autobahnhof", 19, "active"),
    ("Zydeco Ball", "Bayouside", 20, "active"),
    ("Bix Trio", "Birdhaus", 21, "active"),
    ("Dvořák: Rusalka", "Národní divadlo", 22, "active"),
    ("Ludovico Einaudiani", "Teatro Sistinella", 23, "active"),
    ("東京 Jazzu Night", "Shibuyaza", 24, "active"),
    ("Quokka Parade", "Zoo", 40, "active"),
    ("Late Quokka Parade", "Zoo", 30, "active"),
    ("Superquokka Show", "Zoo", 25, "active"),
    ("Dinner", "Quokka Hall", 26, "active"),
    ("Quokka Farewell", "Zoo", 27, "cancelled"),
    ("Quokka Memories", "Zoo", 28, "completed"),
    ("Quokka of Yesterday", "Zoo", -5, "active"),
]


def fill(db: psycopg.Connection) -> None:
    """Write all rows, and analyze them."""
    words = json.loads((ROOT / "seeds" / "generator" / "words.json").read_text())
    lists = {name: found for name, found in words.items() if isinstance(found, list)}
    db.execute("CREATE TEMPORARY TABLE words AS SELECT 1 AS only")
    for name, found in lists.items():
        column = sql.Identifier(name)
        db.execute(sql.SQL("ALTER TABLE words ADD {} text[]").format(column))
        db.execute(sql.SQL("UPDATE words SET {} = %s").format(column), [found])
    # Filling a trigram index row by row takes longer than building it.
    index = db.execute("SELECT pg_get_indexdef('events_search'::regclass)").fetchone()
    assert index is not None
    db.execute("DROP INDEX events_search")
    db.execute(FILL.read_bytes())
    db.cursor().executemany(
        "INSERT INTO events"
        " (title, venue, date_time, time_zone, capacity, price, created_at, status)"
        " VALUES (%s, %s, now() + make_interval(days => %s), 'Europe/Berlin', 100, 20,"
        " now() - interval '1 year', %s)",
        SPECIAL,
    )
    db.execute(index[0])
    db.execute("DROP TABLE words")
    db.execute("ANALYZE")
