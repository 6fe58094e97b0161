"""The sweep checks the whole database in slices, and stores the findings of each."""

import psycopg
import pytest

from tests.support.refusals import error_of
from tests.support.rows import add_booking, add_event, add_user, rows, sweep_all, value

NO_TRIGGERS = "ALTER TABLE events DISABLE TRIGGER USER; ALTER TABLE tickets DISABLE TRIGGER USER;"
POSITION = "SELECT area, next_id, events_checked, events_total FROM integrity_sweep"


def position(db: psycopg.Connection) -> tuple[object, ...]:
    (found,) = db.execute(POSITION).fetchall()
    return found


def wrong_events(db: psycopg.Connection) -> list[int]:
    found = rows(db, "SELECT event_id FROM integrity_findings ORDER BY event_id")
    return [row["event_id"] for row in found]


def test_a_pass_checks_events_then_tickets_users_and_words(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    events = [add_event(db) for _ in range(5)]
    add_booking(db, add_user(db), events[0], 3)
    before = value(db, "SELECT clock_timestamp()")

    seen: list[tuple[object, ...]] = []
    while not seen or seen[-1][0] is not None:
        db.execute("SELECT sweep_integrity(2)")
        seen.append(position(db))

    assert seen == [
        ("events", events[1] + 1, 2, 5),
        ("events", events[3] + 1, 4, 5),
        ("tickets", 0, 5, 5),
        ("users", 0, 5, 5),
        ("event_words", 0, 5, 5),
        (None, 0, 5, 5),
    ]
    (sweep,) = rows(db, "SELECT * FROM integrity_sweep")
    assert before < sweep["began_at"] < sweep["ended_at"] <= sweep["slice_at"]
    db.execute("SELECT sweep_integrity(2)")
    (again,) = rows(db, "SELECT * FROM integrity_sweep")
    assert (again["area"], again["events_checked"]) == ("events", 2)
    assert again["began_at"] > sweep["began_at"]
    assert again["ended_at"] == sweep["ended_at"]


def test_slices_of_tickets_and_users_are_ten_times_as_long(
    rolled_back: psycopg.Connection,
) -> None:
    add_booking(rolled_back, add_user(rolled_back), add_event(rolled_back), 30)
    for _ in range(19):
        add_user(rolled_back)

    # 1 + 0 events, 10 + 10 + 10 + 0 tickets, 10 + 10 + 0 users, all words.
    assert sweep_all(rolled_back, 1) == 2 + 4 + 3 + 1


def test_a_slice_ends_early_at_an_event_with_many_bookings(
    rolled_back: psycopg.Connection,
) -> None:
    db = rolled_back
    events = [add_event(db) for _ in range(4)]
    for _ in range(50):
        add_booking(db, add_user(db), events[1])

    db.execute("SELECT sweep_integrity(5)")

    assert position(db) == ("events", events[1] + 1, 2, 4)
    db.execute("SELECT sweep_integrity(5)")
    assert position(db) == ("tickets", 0, 4, 4)


@pytest.mark.leaves_contradictions
def test_a_slice_replaces_its_own_findings_only(
    rolled_back: psycopg.Connection,
) -> None:
    db = rolled_back
    events = [add_event(db) for _ in range(4)]
    db.execute(f"{NO_TRIGGERS} UPDATE events SET bookings_count = 0, revenue = 5".encode())
    sweep_all(db, 2)
    assert wrong_events(db) == events
    db.execute("UPDATE events SET revenue = 0")

    db.execute("SELECT sweep_integrity(2)")

    assert wrong_events(db) == events[2:]
    sweep_all(db, 2)
    assert wrong_events(db) == []


@pytest.mark.leaves_contradictions
def test_findings_without_an_event_are_replaced(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    add_event(db)
    db.execute("ALTER TABLE event_words DISABLE TRIGGER USER")
    db.execute("UPDATE event_words SET events_count = 7")
    for _ in range(2):
        sweep_all(db)
        assert value(db, "SELECT count(*) FROM integrity_findings") == 4
    db.execute("UPDATE event_words SET events_count = 1")

    sweep_all(db)

    assert value(db, "SELECT count(*) FROM integrity_findings") == 0


@pytest.mark.leaves_contradictions
def test_a_slice_keeps_a_thousand_findings_at_most(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute("ALTER TABLE event_words DISABLE TRIGGER USER")
    rolled_back.execute(
        "INSERT INTO event_words (word, events_count)"
        " SELECT 'word' || n, 1 FROM generate_series(1, 1001) AS n"
    )

    sweep_all(rolled_back)

    assert value(rolled_back, "SELECT count(*) FROM integrity_findings") == 1000


def test_two_sessions_never_check_a_slice_together(
    db: psycopg.Connection, database_url: str
) -> None:
    add_event(db)
    db.execute("SELECT sweep_integrity()")
    with psycopg.connect(database_url) as other:
        other.execute("SELECT sweep_integrity()")

        assert rows(db, "SELECT * FROM sweep_integrity()") == []

    (after,) = rows(db, "SELECT * FROM sweep_integrity()")
    assert after["area"] == "event_words"


@pytest.mark.parametrize("size", (0, -1, 1_000_001, None))
def test_an_invalid_slice_size_is_refused(
    rolled_back: psycopg.Connection, size: int | None
) -> None:
    refusal = error_of(rolled_back, "SELECT sweep_integrity(%s)", size)

    assert refusal.sqlstate == "22023"
    assert refusal.message_primary == "p_slice must be between 1 and 1,000,000"
