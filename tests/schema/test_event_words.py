"""event_words equals the words of active events after any writes, even concurrent ones."""

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest

from tests.support.event_edits import update
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import refused_change
from tests.support.rows import add_event, repair, rows


def words(db: psycopg.Connection) -> dict[str, int]:
    return {
        row["word"]: row["events_count"]
        for row in rows(db, "SELECT word, events_count FROM event_words")
    }


def truth(db: psycopg.Connection) -> dict[str, int]:
    """Count the words of active events again, without very long ones, which are never corrected."""
    counted = rows(
        db,
        "SELECT word, count(*) FROM events, unnest(search_words(title || ' ' || venue)) AS word"
        " WHERE status = 'active' AND char_length(word) <= 60 GROUP BY word",
    )
    return {row["word"]: row["count"] for row in counted}


def test_words_of_new_events_are_counted(rolled_back: psycopg.Connection) -> None:
    add_event(rolled_back, title="Jazz & Jazz: Café", venue="Café Größe")
    add_event(rolled_back, title="Jazz", venue="Hall")

    assert words(rolled_back) == {"jazz": 2, "cafe": 1, "grosse": 1, "hall": 1}


def test_one_statement_counts_many_events(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute(
        "INSERT INTO events (title, venue, date_time, time_zone, capacity, price)"
        " SELECT 'Show ' || n % 7, 'Hall ' || n % 3, now() + interval '1 day', 'UTC', 1, 1"
        " FROM generate_series(1, 100) AS n"
    )
    assert words(rolled_back) == truth(rolled_back)

    rolled_back.execute("UPDATE events SET title = 'Other' WHERE id % 2 = 0")
    rolled_back.execute("UPDATE events SET status = 'completed' WHERE id % 3 = 0")
    assert words(rolled_back) == truth(rolled_back)

    revive: LiteralString = "UPDATE events SET status = 'active' WHERE mod(id, 6) = 0"
    delete: LiteralString = "DELETE FROM events"
    assert refused_change(rolled_back, revive) == "a cancelled or completed event stays so"
    assert refused_change(rolled_back, delete) == "events are never deleted: cancel them"
    with repair(rolled_back):
        rolled_back.execute(revive)
        rolled_back.execute("DELETE FROM events WHERE id % 5 = 0")
    assert words(rolled_back) == truth(rolled_back)

    with repair(rolled_back):
        rolled_back.execute(delete)
    assert words(rolled_back) == {}


def test_words_of_a_past_event_are_removed(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, title="Jazz Night", venue="Hall")

    update(rolled_back, event_id, status="cancelled")

    assert words(rolled_back) == {}


def test_very_long_words_are_left_out(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, title="x" * 61 + " short", venue="Hall")
    assert words(rolled_back) == {"short": 1, "hall": 1}

    update(rolled_back, event_id, title="y" * 200)

    assert words(rolled_back) == {"hall": 1}


def test_an_edit_of_other_fields_keeps_the_words(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, title="Jazz Night", venue="Hall")
    before = rows(rolled_back, "SELECT ctid, * FROM event_words ORDER BY word")

    update(rolled_back, event_id, price=99, description="New")

    assert rows(rolled_back, "SELECT ctid, * FROM event_words ORDER BY word") == before


def test_two_edits_that_swap_words_do_not_deadlock(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
    first_id = add_event(db, title="Bravo Yankee", venue="Hall")
    second_id = add_event(db, title="Alpha Zulu", venue="Hall")

    def rename(event_id: int, title: str) -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE events SET title = %s WHERE id = %s",
                [title, event_id],
            )

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as other:
        # Delay both after their first words, so that each holds what the other needs.
        other.execute("SELECT FROM event_words WHERE word IN ('yankee', 'zulu') FOR UPDATE")
        renamings = [threads.submit(rename, first_id, "Alpha")]
        await_lock_waiters(db, count=1)
        renamings += [threads.submit(rename, second_id, "Bravo")]
        await_lock_waiters(db, count=2)
        other.rollback()

        for renaming in renamings:
            renaming.result()
    assert words(db) == truth(db)


def test_concurrent_edits_keep_the_words_correct(database_url: str, db: psycopg.Connection) -> None:
    raise_lock_timeout(db)
    titles = ["Alpha Bravo", "Bravo Charlie", "Charlie Alpha", "Delta Alpha", "Bravo Delta"]
    event_ids = [add_event(db, title=title, venue="Hall") for title in titles]

    def rename(number: int) -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            for step in range(40):
                update(connection, event_ids[number], title=titles[(number + step) % 5])

    with ThreadPoolExecutor() as threads:
        for _ in threads.map(rename, range(5)):
            pass

    assert words(db) == truth(db)


@pytest.mark.parametrize(
    "statement",
    (
        "INSERT INTO event_words (word, events_count) VALUES ('polka', 1)",
        "UPDATE event_words SET events_count = 2",
        "DELETE FROM event_words",
    ),
)
def test_words_are_written_by_triggers_only(
    rolled_back: psycopg.Connection, statement: LiteralString
) -> None:
    add_event(rolled_back)

    assert refused_change(rolled_back, statement) == "event_words is kept by triggers on events"
