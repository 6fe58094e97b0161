"""The seed from which an event's poster is drawn."""

import psycopg
import pytest

from app.operations import migrations
from tests.support.event_edits import event, update
from tests.support.rows import add_event, rows, value

ADDED = "0041_add_poster_seed"


def test_a_new_event_gets_a_seed_by_chance(rolled_back: psycopg.Connection) -> None:
    for _ in range(200):
        add_event(rolled_back)

    seeds = [row["poster_seed"] for row in rows(rolled_back, "SELECT poster_seed FROM events")]

    assert len(set(seeds)) == 200
    # All integers are in use, not only those of one sign or the small ones.
    assert min(seeds) < -(2**30)
    assert max(seeds) > 2**30


def test_a_corrected_title_keeps_the_seed(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, title="Macbeht")
    seed = event(rolled_back, event_id)["poster_seed"]

    update(rolled_back, event_id, title="Macbeth")

    assert event(rolled_back, event_id)["poster_seed"] == seed


@pytest.mark.steps_through_migrations
def test_events_keep_the_posters_they_had_before_the_column(database_url: str) -> None:
    while migrations.roll_back(database_url) != ADDED:
        pass
    with psycopg.connect(database_url, autocommit=True) as db:
        for number, title in enumerate(("Macbeth", "Größe & Maß 🎭"), 1):
            assert add_event(db, title=title) == number
        present = rows(db, "SELECT * FROM events_as_of(now()) ORDER BY id")

        migrations.apply(database_url)

        # frontend/src/app/ui/poster-art.spec.ts has the poster of the first.
        assert [row["poster_seed"] for row in rows(db, "TABLE events ORDER BY id")] == [
            1380490812,
            fnv_1a("2:Größe & Maß 🎭"),
        ]
        # The filling is no edit, and the history is as complete as before.
        assert value(db, "SELECT max(version) FROM events") == 1
        past = rows(db, "SELECT * FROM events_as_of(now()) ORDER BY id")
        assert past == rows(db, "SELECT * FROM events ORDER BY id")
        assert [row["title"] for row in past] == [row["title"] for row in present]


def fnv_1a(text: str) -> int:
    """Return the 32-bit FNV-1a hash as an integer with a sign."""
    value_of_hash = 0x811C9DC5
    for octet in text.encode():
        value_of_hash = ((value_of_hash ^ octet) * 0x01000193) % 2**32
    return (value_of_hash + 2**31) % 2**32 - 2**31
